/**
 * The same bytes as a plain `Uint8Array`. A `Buffer` must not leave this folder: its `slice` does not
 * copy, which whoever was promised a `Uint8Array` relies on.
 */
export function plainView(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
