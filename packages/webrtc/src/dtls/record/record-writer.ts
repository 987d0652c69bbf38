import { RECORD_HEADER_BYTES, writeRecordHeader } from "./record-header.ts";
import { DTLS_1_0, DTLS_1_2 } from "../protocol-version.ts";
import { PROTECTED_EPOCH, type RecordSealer } from "./record-protection.ts";

/** Makes outgoing records: plain in epoch 0, sealed in epoch 1. */
export class RecordWriter {
  #sealer: RecordSealer | undefined;
  #sealedOverheadBytes = 0;
  #nextPlainSequence = 0;
  #plainVersion = DTLS_1_0;

  /** What seals epoch 1, if its keys are known. */
  get sealer(): RecordSealer | undefined {
    return this.#sealer;
  }

  /** From now on records of epoch 1 can be written, each `overheadBytes` larger than its payload. */
  installSealer(sealer: RecordSealer, overheadBytes: number): void {
    this.#sealer = sealer;
    this.#sealedOverheadBytes = overheadBytes;
  }

  /**
   * Both sides know the version now. Before that, plain records say DTLS 1.0, which old peers need
   * to see in a first flight (RFC 6347 §4.1, RFC 5246 appendix E.1).
   */
  useNegotiatedVersion(): void {
    this.#plainVersion = DTLS_1_2;
  }

  /** Bytes that a record of `epoch` adds to its payload. */
  overheadBytes(epoch: number): number {
    return epoch === PROTECTED_EPOCH ? this.#sealedOverheadBytes : RECORD_HEADER_BYTES;
  }

  /** One record; `undefined` if the epoch's keys are not known or used up. */
  write(epoch: number, type: number, payload: Uint8Array): Uint8Array | undefined {
    if (epoch === PROTECTED_EPOCH) {
      if (!this.#sealer || this.#sealer.isExhausted) return undefined;
      return this.#sealer.seal(type, payload);
    }
    const record = new Uint8Array(RECORD_HEADER_BYTES + payload.byteLength);
    const sequence = this.#nextPlainSequence++;
    writeRecordHeader(record, type, this.#plainVersion, 0, sequence, payload.byteLength);
    record.set(payload, RECORD_HEADER_BYTES);
    return record;
  }
}
