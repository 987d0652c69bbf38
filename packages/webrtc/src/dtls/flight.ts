import { concatBytes, readUint16 } from "../base/bytes.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { Queue } from "../base/queue.ts";
import { HANDSHAKE_HEADER_BYTES, writeHandshakeHeader } from "./messages/handshake-message.ts";
import { CONTENT_TYPE } from "./record/record-header.ts";
import { PROTECTED_EPOCH } from "./record/record-protection.ts";
import type { RecordWriter } from "./record/record-writer.ts";

/**
 * First retransmission timeout. RFC 6347 §4.2.4.1 says 1 s unless more is known; here ICE has just
 * measured the path and found it alive, and each lost packet of a handshake is felt by a person who
 * waits (RFC 9147 §5.8.2 lets such uses go lower).
 */
const INITIAL_TIMEOUT_MS = 400;
/** RFC 6347 §4.2.4.1. */
const MAX_TIMEOUT_MS = 60_000;
/** A flight is sent again for the peer's sake at most this often, so that two sides cannot feed each other. */
const MIN_RESEND_GAP_MS = 50;
/** After so many timeouts the path may be swallowing large datagrams (RFC 6347 §4.1.1.1). */
const TIMEOUTS_BEFORE_SMALL = 2;
/** What every IPv4 host accepts (576), without IP and UDP headers. */
const SMALL_DATAGRAM_BYTES = 548;
/** A smaller rest of a datagram is not worth a fragment. */
const MIN_FRAGMENT_BYTES = 64;
const CHANGE_CIPHER_SPEC = new Uint8Array([1]);

/** A unit of a flight: a handshake message with its header and epoch, or ChangeCipherSpec. */
export type FlightItem =
  | { readonly kind: "message"; readonly epoch: number; readonly bytes: Uint8Array }
  | { readonly kind: "changeCipherSpec" };

/** Messages that go out together and are repeated together (RFC 6347 §4.2.4). */
export type Flight = {
  readonly items: readonly FlightItem[];
  /** False if the peer asks again by itself: a cookie, or the end of the handshake. */
  readonly isRepeatedOnTimeout: boolean;
};

/** Sends flights, cut to datagrams, and repeats the last one until the peer has answered. */
export class FlightSender {
  readonly #writer: RecordWriter;
  readonly #transmits: Queue<Uint8Array>;
  readonly #maxDatagramBytes: number;
  #flight: Flight | undefined;
  #timeoutMs = INITIAL_TIMEOUT_MS;
  #timeoutCount = 0;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #nextTimeoutAtMs = NEVER_AT_MS;
  #writeEpoch = 0;
  #resentFlights = 0;

  constructor(writer: RecordWriter, transmits: Queue<Uint8Array>, maxDatagramBytes: number) {
    this.#writer = writer;
    this.#transmits = transmits;
    this.#maxDatagramBytes = maxDatagramBytes;
  }

  get nextTimeoutAtMs(): number {
    return this.#nextTimeoutAtMs;
  }

  /** The epoch in which the peer expects us to speak: 1 once ChangeCipherSpec has been sent. */
  get writeEpoch(): number {
    return this.#writeEpoch;
  }

  /** How often a flight was sent again, for whatever reason. */
  get resentFlights(): number {
    return this.#resentFlights;
  }

  /**
   * Replaces the flight before, which the peer has answered. The timeout stays where it was if that
   * one had to be repeated (RFC 6347 §4.2.4.1).
   */
  send(flight: Flight, nowMs: number): void {
    if (this.#timeoutCount === 0) this.#timeoutMs = INITIAL_TIMEOUT_MS;
    this.#timeoutCount = 0;
    this.#flight = flight;
    if (flight.items.some((item) => item.kind === "changeCipherSpec")) {
      this.#writeEpoch = PROTECTED_EPOCH;
    }
    this.#transmit(flight, nowMs);
  }

  /** Sends the flight again if its time has come, and waits twice as long for the next time. */
  handleTimeout(nowMs: number): void {
    if (nowMs < this.#nextTimeoutAtMs || !this.#flight) return;
    this.#timeoutMs = Math.min(this.#timeoutMs * 2, MAX_TIMEOUT_MS);
    this.#timeoutCount++;
    this.#resentFlights++;
    this.#transmit(this.#flight, nowMs);
  }

  /** The peer repeats the flight that ours answered, so ours was lost. */
  resend(nowMs: number): void {
    if (!this.#flight || nowMs - this.#sentAtMs < MIN_RESEND_GAP_MS) return;
    this.#resentFlights++;
    this.#transmit(this.#flight, nowMs);
  }

  /** The path works again: what waits for an answer is sent at once, with the patience of the beginning. */
  hasten(nowMs: number): void {
    if (this.#nextTimeoutAtMs === NEVER_AT_MS) return;
    this.#timeoutMs = INITIAL_TIMEOUT_MS;
    this.#nextTimeoutAtMs = Math.min(this.#nextTimeoutAtMs, nowMs + this.#timeoutMs);
    this.resend(nowMs);
  }

  /** The peer has everything; nothing will be repeated. */
  stop(): void {
    this.#flight = undefined;
    this.#nextTimeoutAtMs = NEVER_AT_MS;
  }

  #transmit(flight: Flight, nowMs: number): void {
    const maxBytes =
      this.#timeoutCount >= TIMEOUTS_BEFORE_SMALL
        ? Math.min(this.#maxDatagramBytes, SMALL_DATAGRAM_BYTES)
        : this.#maxDatagramBytes;
    const packer = new DatagramPacker(this.#writer, this.#transmits, maxBytes);
    for (const item of flight.items) {
      if (item.kind === "message") packer.addMessage(item.epoch, item.bytes);
      else packer.addRecord(0, CONTENT_TYPE.changeCipherSpec, CHANGE_CIPHER_SPEC);
    }
    packer.flush();
    this.#sentAtMs = nowMs;
    this.#nextTimeoutAtMs = flight.isRepeatedOnTimeout ? nowMs + this.#timeoutMs : NEVER_AT_MS;
  }
}

/** Fills datagrams with records, cutting messages where a datagram ends. */
class DatagramPacker {
  readonly #writer: RecordWriter;
  readonly #transmits: Queue<Uint8Array>;
  readonly #maxBytes: number;
  #records: Uint8Array[] = [];
  #usedBytes = 0;

  constructor(writer: RecordWriter, transmits: Queue<Uint8Array>, maxBytes: number) {
    this.#writer = writer;
    this.#transmits = transmits;
    this.#maxBytes = maxBytes;
  }

  addMessage(epoch: number, message: Uint8Array): void {
    const overheadBytes = this.#writer.overheadBytes(epoch) + HANDSHAKE_HEADER_BYTES;
    const body = message.subarray(HANDSHAKE_HEADER_BYTES);
    let offset = 0;
    for (;;) {
      const leftBytes = body.byteLength - offset;
      const roomBytes = this.#maxBytes - this.#usedBytes - overheadBytes;
      if (this.#usedBytes > 0 && roomBytes < Math.min(leftBytes, MIN_FRAGMENT_BYTES)) {
        this.flush();
        continue;
      }
      const takenBytes = Math.min(leftBytes, Math.max(roomBytes, 1));
      this.addRecord(epoch, CONTENT_TYPE.handshake, fragmentOf(message, offset, takenBytes));
      offset += takenBytes;
      if (offset === body.byteLength) return; // Checked last: an empty message is a fragment too.
    }
  }

  addRecord(epoch: number, type: number, payload: Uint8Array): void {
    if (this.#usedBytes + this.#writer.overheadBytes(epoch) + payload.byteLength > this.#maxBytes) {
      this.flush();
    }
    const record = this.#writer.write(epoch, type, payload);
    if (!record) return;
    this.#records.push(record);
    this.#usedBytes += record.byteLength;
  }

  flush(): void {
    if (this.#records.length === 0) return;
    this.#transmits.push(concatBytes(this.#records));
    this.#records = [];
    this.#usedBytes = 0;
  }
}

function fragmentOf(message: Uint8Array, offset: number, byteCount: number): Uint8Array {
  const fragment = new Uint8Array(HANDSHAKE_HEADER_BYTES + byteCount);
  writeHandshakeHeader(fragment, {
    type: message[0]!,
    messageBytes: message.byteLength - HANDSHAKE_HEADER_BYTES,
    sequence: readUint16(message, 4),
    fragmentOffset: offset,
    fragmentBytes: byteCount,
  });
  const start = HANDSHAKE_HEADER_BYTES + offset;
  fragment.set(message.subarray(start, start + byteCount), HANDSHAKE_HEADER_BYTES);
  return fragment;
}
