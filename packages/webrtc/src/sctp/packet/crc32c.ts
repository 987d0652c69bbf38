/** Castagnoli's polynomial with its bits reversed (RFC 9260 §A). */
const REVERSED_POLYNOMIAL = 0x82f6_3b78;
/** Slices of 256 entries each: slice `n` carries a byte over `n` further bytes. */
const SLICES = 16;
const TABLE = buildTable();

function buildTable(): Int32Array {
  const table = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ REVERSED_POLYNOMIAL : remainder >>> 1;
    }
    table[byte] = remainder;
  }
  for (let index = 256; index < table.length; index++) {
    const previous = table[index - 256]!;
    table[index] = (previous >>> 8) ^ table[previous & 0xff]!;
  }
  return table;
}

/**
 * The CRC32c of an SCTP packet, computed as if its checksum field (bytes 8 to 11) were zero
 * (RFC 9260 §6.8, §A). `bytes[start]` is the first byte of the common header; at least its 12 bytes
 * are there. The result goes on the wire least significant byte first.
 */
export function packetChecksum(bytes: Uint8Array, start: number, end: number): number {
  let remainder = update(-1, bytes, start, start + 8);
  // Four zero bytes in place of the checksum field: one step of slicing by four.
  remainder =
    TABLE[768 + (remainder & 0xff)]! ^
    TABLE[512 + ((remainder >>> 8) & 0xff)]! ^
    TABLE[256 + ((remainder >>> 16) & 0xff)]! ^
    TABLE[remainder >>> 24]!;
  return ~update(remainder, bytes, start + 12, end) >>> 0;
}

/** The CRC32c of `bytes` (RFC 9260 §A), unsigned. */
export function crc32c(bytes: Uint8Array): number {
  return ~update(-1, bytes, 0, bytes.byteLength) >>> 0;
}

/** Slicing by 16: sixteen independent look-ups a round keep the processor's load ports busy. */
function update(remainder: number, bytes: Uint8Array, start: number, end: number): number {
  const table = TABLE;
  let offset = start;
  for (const last = end - 15; offset < last; offset += 16) {
    remainder =
      table[3840 + (bytes[offset]! ^ (remainder & 0xff))]! ^
      table[3584 + (bytes[offset + 1]! ^ ((remainder >>> 8) & 0xff))]! ^
      table[3328 + (bytes[offset + 2]! ^ ((remainder >>> 16) & 0xff))]! ^
      table[3072 + (bytes[offset + 3]! ^ (remainder >>> 24))]! ^
      table[2816 + bytes[offset + 4]!]! ^
      table[2560 + bytes[offset + 5]!]! ^
      table[2304 + bytes[offset + 6]!]! ^
      table[2048 + bytes[offset + 7]!]! ^
      table[1792 + bytes[offset + 8]!]! ^
      table[1536 + bytes[offset + 9]!]! ^
      table[1280 + bytes[offset + 10]!]! ^
      table[1024 + bytes[offset + 11]!]! ^
      table[768 + bytes[offset + 12]!]! ^
      table[512 + bytes[offset + 13]!]! ^
      table[256 + bytes[offset + 14]!]! ^
      table[bytes[offset + 15]!]!;
  }
  for (; offset < end; offset++) {
    remainder = (remainder >>> 8) ^ table[(remainder ^ bytes[offset]!) & 0xff]!;
  }
  return remainder;
}
