const SLAB_BYTES = 32 * 1024;
/** Larger records get an array of their own: few of them fit a slab, and the call matters less. */
const MAX_SHARED_BYTES = SLAB_BYTES / 8;

let slab = new Uint8Array(SLAB_BYTES);
let usedBytes = 0;

/**
 * Room for one outgoing record. A fresh array per record costs as much as a sixth of its encryption,
 * so that records are cut from shared slabs. No piece is handed out twice; a slab is freed when the
 * last record in it is. Shared by all connections, since most are idle.
 */
export function takeRecordBytes(byteCount: number): Uint8Array {
  if (byteCount > MAX_SHARED_BYTES) return new Uint8Array(byteCount);
  if (usedBytes + byteCount > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    usedBytes = 0;
  }
  const start = usedBytes;
  usedBytes += byteCount;
  return slab.subarray(start, usedBytes);
}
