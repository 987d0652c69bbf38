/** 96 random bits as 24 hexadecimal digits: enough for an id that nobody guesses. */
export function randomId(): string {
  let text = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(12))) {
    text += byte.toString(16).padStart(2, "0");
  }
  return text;
}
