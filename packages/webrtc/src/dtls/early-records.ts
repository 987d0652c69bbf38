const MAX_RECORDS = 16;
const MAX_BYTES = 20_000;

/** Records that overtook the messages which make their keys (RFC 6347 §4.1): a few are kept. */
export class EarlyRecords {
  #records: Uint8Array[] = [];
  #bytes = 0;

  /** Copies the record in `bytes` from `start` to `end`; false if there is no room. */
  keep(bytes: Uint8Array, start: number, end: number): boolean {
    const recordBytes = end - start;
    if (this.#records.length === MAX_RECORDS || this.#bytes + recordBytes > MAX_BYTES) return false;
    this.#records.push(new Uint8Array(bytes.subarray(start, end)));
    this.#bytes += recordBytes;
    return true;
  }

  /** Takes all out, in the order in which they came. */
  takeAll(): readonly Uint8Array[] {
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    return records;
  }
}
