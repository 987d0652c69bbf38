import { concatBytes, readUint16, readUint24 } from "../base/bytes.ts";
import { WireFormatError, type SpecRef } from "../base/errors.ts";

/**
 * Reads the presentation language of TLS (RFC 5246 §4) from front to back. Every method throws
 * {@link WireFormatError} when the bytes run out or a length is outside its bounds. Returned arrays
 * are views. For handshake messages only: records of data are read at offsets.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #spec: SpecRef;
  #offset = 0;

  /** `spec` is the section to name in errors. */
  constructor(bytes: Uint8Array, spec: SpecRef) {
    this.#bytes = bytes;
    this.#spec = spec;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.byteLength;
  }

  uint8(): number {
    return this.#bytes[this.#advance(1)]!;
  }

  uint16(): number {
    return readUint16(this.#bytes, this.#advance(2));
  }

  uint24(): number {
    return readUint24(this.#bytes, this.#advance(3));
  }

  bytes(byteCount: number): Uint8Array {
    const offset = this.#advance(byteCount);
    return this.#bytes.subarray(offset, offset + byteCount);
  }

  /** `opaque<min..max>` whose length takes one byte. */
  vector8(minBytes: number, maxBytes = 0xff): Uint8Array {
    return this.#vector(this.uint8(), minBytes, maxBytes);
  }

  /** `opaque<min..max>` whose length takes two bytes. */
  vector16(minBytes: number, maxBytes = 0xffff): Uint8Array {
    return this.#vector(this.uint16(), minBytes, maxBytes);
  }

  /** `opaque<min..max>` whose length takes three bytes. */
  vector24(minBytes: number, maxBytes = 0xff_ffff): Uint8Array {
    return this.#vector(this.uint24(), minBytes, maxBytes);
  }

  /** A vector of 16-bit numbers with a 16-bit length. */
  uint16Vector16(minBytes: number, maxBytes = 0xfffe): number[] {
    return this.#splitUint16(this.vector16(minBytes, maxBytes));
  }

  /** A vector of 16-bit numbers with an 8-bit length. */
  uint16Vector8(minBytes: number, maxBytes = 0xfe): number[] {
    return this.#splitUint16(this.vector8(minBytes, maxBytes));
  }

  /** Throws if bytes are left. */
  expectEnd(): void {
    if (this.isAtEnd) return;
    const left = this.#bytes.byteLength - this.#offset;
    throw new WireFormatError(this.#spec, `${left} bytes too many`);
  }

  #vector(byteCount: number, minBytes: number, maxBytes: number): Uint8Array {
    if (byteCount < minBytes || byteCount > maxBytes) {
      throw new WireFormatError(this.#spec, `a vector cannot have ${byteCount} bytes here`);
    }
    return this.bytes(byteCount);
  }

  #splitUint16(bytes: Uint8Array): number[] {
    if (bytes.byteLength % 2 !== 0) {
      throw new WireFormatError(this.#spec, "a list of 16-bit numbers has an odd length");
    }
    const numbers: number[] = [];
    for (let offset = 0; offset < bytes.byteLength; offset += 2) {
      numbers.push(readUint16(bytes, offset));
    }
    return numbers;
  }

  #advance(byteCount: number): number {
    const offset = this.#offset;
    if (offset + byteCount > this.#bytes.byteLength) {
      throw new WireFormatError(this.#spec, `ends after ${this.#bytes.byteLength} bytes`);
    }
    this.#offset = offset + byteCount;
    return offset;
  }
}

/** Numbers as bytes, each of 16 bits, big-endian. */
export function uint16Bytes(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  values.forEach((value, index) => {
    bytes[index * 2] = value >>> 8;
    bytes[index * 2 + 1] = value;
  });
  return bytes;
}

/** Numbers as bytes, each of 8 bits. */
export function uint8Bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

/** A vector: the parts behind their length in one byte. */
export function vector8(...parts: Uint8Array[]): Uint8Array {
  const content = concatBytes(parts);
  return concatBytes([uint8Bytes(content.byteLength), content]);
}

/** A vector: the parts behind their length in two bytes. */
export function vector16(...parts: Uint8Array[]): Uint8Array {
  const content = concatBytes(parts);
  return concatBytes([uint16Bytes(content.byteLength), content]);
}

/** A vector: the parts behind their length in three bytes. */
export function vector24(...parts: Uint8Array[]): Uint8Array {
  const content = concatBytes(parts);
  return concatBytes([
    uint8Bytes(content.byteLength >>> 16),
    uint16Bytes(content.byteLength & 0xffff),
    content,
  ]);
}
