/** A source of randomness that is handed in, so that a run can be replayed from a seed. */
export interface Random {
  /** A new array of `byteCount` random bytes. */
  bytes(byteCount: number): Uint8Array<ArrayBuffer>;
  /** Uniform over 0 to 2^32 - 1. */
  uint32(): number;
  /** Uniform over [0, 1). */
  fraction(): number;
  /** `byteCount` random bytes in lower-case hexadecimal. */
  hex(byteCount: number): string;
}

/**
 * A repeatable source for tests and simulations: the "sfc32" generator. Never for a real connection,
 * since whoever sees a few of its numbers knows all that follow.
 */
export class SeededRandom implements Random {
  #a = 0x9e37_79b9;
  #b = 0x243f_6a88;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#c = seed >>> 0;
    for (let round = 0; round < 15; round++) this.uint32();
  }

  uint32(): number {
    const result = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = (this.#b ^ (this.#b >>> 9)) >>> 0;
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) >>> 0;
    return result;
  }

  fraction(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  bytes(byteCount: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(byteCount);
    for (let index = 0; index < byteCount; index++) bytes[index] = this.uint32() & 0xff;
    return bytes;
  }

  hex(byteCount: number): string {
    let text = "";
    for (const byte of this.bytes(byteCount)) text += byte.toString(16).padStart(2, "0");
    return text;
  }
}
