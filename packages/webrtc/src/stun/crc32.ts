const REVERSED_POLYNOMIAL = 0xedb8_8320;

const TABLE = makeTable();

/** The CRC-32 of ITU V.42 (and of Ethernet and zip) over `bytes` up to `end`. */
export function crc32(bytes: Uint8Array, end = bytes.byteLength): number {
  let remainder = 0xffff_ffff;
  for (let index = 0; index < end; index++) {
    remainder = TABLE[(remainder ^ bytes[index]!) & 0xff]! ^ (remainder >>> 8);
  }
  return (remainder ^ 0xffff_ffff) >>> 0;
}

function makeTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < table.length; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? REVERSED_POLYNOMIAL : 0);
    }
    table[byte] = remainder;
  }
  return table;
}
