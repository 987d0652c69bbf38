import type { Tsn } from "../../base/serial-number.ts";
import { toTsn } from "../../base/serial-number.ts";
import type { OutgoingStream } from "./outgoing-stream.ts";

/** What the application wants to have sent. */
export type MessageToSend = {
  readonly streamId: number;
  readonly ppid: number;
  /** Kept by reference until it was sent and acknowledged: the caller does not change it. */
  readonly payload: Uint8Array;
  readonly isUnordered: boolean;
  /** RFC 7496 §4.2: after so many retransmissions of a fragment the message is given up. */
  readonly maxRetransmits?: number | undefined;
  /** RFC 3758 §4.1: the message is given up when it is older than this. */
  readonly lifetimeMs?: number | undefined;
};

/** A message on its way out, with what the sender has to remember of it. */
export class OutgoingMessage {
  readonly stream: OutgoingStream;
  readonly ppid: number;
  readonly payload: Uint8Array;
  readonly isUnordered: boolean;
  readonly maxRetransmits: number;
  readonly expiresAtMs: number;
  /** Stream sequence number or message identifier; assigned with the first fragment. */
  sequence = 0;
  /** Payload bytes that have been given a TSN. */
  sentBytes = 0;
  fragmentCount = 0;
  /** TSNs of the first and the latest fragment; of no meaning before the first. */
  firstTsn: Tsn = toTsn(0);
  lastTsn: Tsn = toTsn(0);
  isAbandoned = false;

  constructor(stream: OutgoingStream, message: MessageToSend, nowMs: number) {
    this.stream = stream;
    this.ppid = message.ppid;
    this.payload = message.payload;
    this.isUnordered = message.isUnordered;
    this.maxRetransmits = message.maxRetransmits ?? Number.POSITIVE_INFINITY;
    this.expiresAtMs = nowMs + (message.lifetimeMs ?? Number.POSITIVE_INFINITY);
  }

  /** True once all of the payload has been given TSNs. */
  get isFullySent(): boolean {
    return this.sentBytes === this.payload.byteLength;
  }
}
