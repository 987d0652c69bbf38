import { PallasError } from "../base/errors.ts";

/** Longest piece of the document that an error repeats, in characters. */
const MAX_QUOTED_LENGTH = 120;
/** Control and formatting characters: what moves a cursor, breaks a line or turns its direction. */
const ACTING_CHARACTERS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text is not a session description. Says where, what stands there and what should. */
export class SdpSyntaxError extends PallasError {
  override readonly name = "SdpSyntaxError";
  readonly code = "ERR_SDP_SYNTAX";
  /** Counted from 1; 0 when the description was built by a program and never was text. */
  readonly lineNumber: number;
  /** The offending line without its line break, shortened; control characters are made visible. */
  readonly line: string;
  /** What would have been right, in words. */
  readonly expected: string;

  constructor(lineNumber: number, line: string, expected: string) {
    const quoted = quoteLine(line);
    super(`SDP line ${lineNumber}: expected ${expected}, got "${quoted}"`);
    this.lineNumber = lineNumber;
    this.line = quoted;
    this.expected = expected;
  }
}

/** `line` as it may be shown to a person: short, and without characters that act on a terminal. */
export function quoteLine(line: string): string {
  const shortened = line.length > MAX_QUOTED_LENGTH ? `${line.slice(0, MAX_QUOTED_LENGTH)}…` : line;
  return shortened.replace(
    ACTING_CHARACTERS,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
}
