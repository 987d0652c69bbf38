import { concatBytes } from "../base/bytes.ts";

/** What was seen in use had parts of 16 KiB; a flood of tiny parts would cost far more than its bytes. */
const MAX_PARTS = 16_384;

/**
 * Puts together messages in the fragmentation of old Firefox versions: parts under a PPID of their
 * own, then the last one under the usual PPID. RFC 8831 §6.6 keeps the numbers and deprecates the use.
 */
export class PartialMessage {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** False, and the parts are gone, if the message would be larger than `maxBytes` or has too many. */
  add(part: Uint8Array, maxBytes: number): boolean {
    this.#bytes += part.byteLength;
    if (this.#bytes > maxBytes || this.#parts.length >= MAX_PARTS) {
      this.clear();
      return false;
    }
    this.#parts.push(part);
    return true;
  }

  /** The whole message; nothing is kept. */
  finish(lastPart: Uint8Array): Uint8Array {
    const whole = concatBytes([...this.#parts, lastPart]);
    this.clear();
    return whole;
  }

  clear(): void {
    this.#parts = [];
    this.#bytes = 0;
  }
}
