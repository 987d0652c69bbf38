import { writeUint16 } from "../../base/bytes.ts";
import type { Aead, CryptoPort } from "../../crypto/crypto-port.ts";
import type { CipherSuite } from "../cipher-suite.ts";
import type { TrafficKey } from "../key-schedule-12.ts";
import { DTLS_1_2 } from "../protocol-version.ts";
import {
  MAX_PLAINTEXT_BYTES,
  RECORD_HEADER_BYTES,
  readRecordSequence,
  writeRecordHeader,
} from "./record-header.ts";
import { takeRecordBytes } from "./record-slab.ts";
import { ReplayWindow } from "./replay-window.ts";

const NONCE_BYTES = 12;
const ADDITIONAL_DATA_BYTES = 13;
const TAG_BYTES = 16;
/** The one protected epoch of a connection that never renegotiates. */
export const PROTECTED_EPOCH = 1;

/** Why a protected record was not opened. */
export type RecordRefusal = "replayed" | "unauthenticated" | "oversized";

/** Bytes that protection adds to a payload: header, explicit nonce, tag. */
export function recordOverheadBytesOf(suite: CipherSuite): number {
  return RECORD_HEADER_BYTES + suite.explicitNonceBytes + TAG_BYTES;
}

/**
 * Protects outgoing records of epoch 1 (RFC 5246 §6.2.3.3, RFC 6347 §4.1.2.1). The nonce is epoch and
 * sequence number, which never repeat under one key: on the wire for GCM (RFC 5288 §3), exclusive-or'd
 * into the derived one for ChaCha20-Poly1305 (RFC 7905 §2). Nonce and additional data are reused.
 */
export class RecordSealer {
  readonly #aead: Aead;
  readonly #iv: Uint8Array;
  readonly #explicitNonceBytes: number;
  readonly #nonce = new Uint8Array(NONCE_BYTES);
  readonly #additionalData = new Uint8Array(ADDITIONAL_DATA_BYTES);
  readonly #lastSequence: number;
  #nextSequence = 0;

  /** `maxRecords`: how many may be sealed with this key. */
  constructor(crypto: CryptoPort, suite: CipherSuite, key: TrafficKey, maxRecords: number) {
    this.#aead = crypto.aead(suite.aead, key.key);
    this.#iv = key.iv;
    this.#nonce.set(key.iv);
    this.#explicitNonceBytes = suite.explicitNonceBytes;
    this.#lastSequence = maxRecords - 1;
  }

  /** True if no number is left: this key must never seal again. */
  get isExhausted(): boolean {
    return this.#nextSequence > this.#lastSequence;
  }

  /** One record around `plaintext`. Not to be called when {@link isExhausted}. */
  seal(type: number, plaintext: Uint8Array): Uint8Array {
    const plaintextBytes = plaintext.byteLength;
    const explicitNonceBytes = this.#explicitNonceBytes;
    const payloadBytes = explicitNonceBytes + plaintextBytes + TAG_BYTES;
    const record = takeRecordBytes(RECORD_HEADER_BYTES + payloadBytes);
    writeRecordHeader(record, type, DTLS_1_2, PROTECTED_EPOCH, this.#nextSequence++, payloadBytes);
    copyBytes(record, 3, record, RECORD_HEADER_BYTES, explicitNonceBytes);
    fillNonce(this.#nonce, this.#iv, record, 3, explicitNonceBytes);
    fillAdditionalData(this.#additionalData, record, 0, plaintextBytes);
    this.#aead.sealInto(
      this.#nonce,
      this.#additionalData,
      plaintext,
      record,
      RECORD_HEADER_BYTES + explicitNonceBytes,
    );
    return record;
  }
}

/** Opens incoming records of epoch 1, each at most once. */
export class RecordOpener {
  readonly #aead: Aead;
  readonly #iv: Uint8Array;
  readonly #explicitNonceBytes: number;
  readonly #nonce = new Uint8Array(NONCE_BYTES);
  readonly #additionalData = new Uint8Array(ADDITIONAL_DATA_BYTES);
  readonly #window = new ReplayWindow();

  constructor(crypto: CryptoPort, suite: CipherSuite, key: TrafficKey) {
    this.#aead = crypto.aead(suite.aead, key.key);
    this.#iv = key.iv;
    this.#nonce.set(key.iv);
    this.#explicitNonceBytes = suite.explicitNonceBytes;
  }

  /** The plaintext of the record in `bytes` from `start` to `end`, in an array of its own. */
  open(bytes: Uint8Array, start: number, end: number): Uint8Array | RecordRefusal {
    const sequence = readRecordSequence(bytes, start);
    if (!this.#window.isFresh(sequence)) return "replayed";
    const explicitNonceBytes = this.#explicitNonceBytes;
    const sealedStart = start + RECORD_HEADER_BYTES + explicitNonceBytes;
    const plaintextBytes = end - sealedStart - TAG_BYTES;
    if (plaintextBytes < 0) return "unauthenticated";
    if (plaintextBytes > MAX_PLAINTEXT_BYTES) return "oversized";
    const nonceStart = explicitNonceBytes === 0 ? start + 3 : start + RECORD_HEADER_BYTES;
    fillNonce(this.#nonce, this.#iv, bytes, nonceStart, explicitNonceBytes);
    fillAdditionalData(this.#additionalData, bytes, start, plaintextBytes);
    const sealed = bytes.subarray(sealedStart, end);
    const plaintext = this.#aead.open(this.#nonce, this.#additionalData, sealed);
    if (plaintext === undefined) return "unauthenticated";
    this.#window.markSeen(sequence);
    return plaintext;
  }
}

/** `source[at..at+8]` is the explicit nonce, or epoch and sequence number when there is none. */
function fillNonce(
  nonce: Uint8Array,
  iv: Uint8Array,
  source: Uint8Array,
  at: number,
  explicitNonceBytes: number,
): void {
  if (explicitNonceBytes !== 0) {
    copyBytes(source, at, nonce, NONCE_BYTES - explicitNonceBytes, explicitNonceBytes);
    return;
  }
  for (let index = 0; index < 8; index++) nonce[4 + index] = iv[4 + index]! ^ source[at + index]!;
}

/** Epoch and sequence, type, version, plaintext length (RFC 5246 §6.2.3.3). */
function fillAdditionalData(
  target: Uint8Array,
  record: Uint8Array,
  start: number,
  plaintextBytes: number,
): void {
  copyBytes(record, start + 3, target, 0, 8);
  copyBytes(record, start, target, 8, 3);
  writeUint16(target, 11, plaintextBytes);
}

/** A loop, since `set` and `copyWithin` cost more than eight bytes are worth. */
function copyBytes(
  source: Uint8Array,
  sourceStart: number,
  target: Uint8Array,
  targetStart: number,
  byteCount: number,
): void {
  for (let index = 0; index < byteCount; index++) {
    target[targetStart + index] = source[sourceStart + index]!;
  }
}
