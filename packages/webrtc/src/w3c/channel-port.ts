import type { ProtocolFailure } from "../base/errors.ts";

/** All that an `RTCDataChannel` can do to the connection below it. */
export interface ChannelPort {
  /** Largest message that the peer accepts; may change with a new description. Infinity: no limit. */
  readonly maxMessageBytes: number;
  /** What one channel may have waiting (`[[MaxBufferSize]]` of the W3C). */
  readonly maxBufferedBytes: number;
  /**
   * Queues one message; `payload` does not change any more. False, with nothing queued, if there is
   * no room now: `noteSendable` is called when there is.
   */
  send(kind: "text" | "binary", payload: Uint8Array): boolean;
  /** Starts the closing procedure, behind all that was sent. */
  close(): void;
  /**
   * While paused, no message of this channel is delivered: it waits below, and the peer is told of a
   * smaller receive window. Without this method a channel that nobody reads grows without bound.
   */
  setReceivePaused?(isPaused: boolean): void;
}

/** What is known of a channel when its object is made. */
export type ChannelDescription = {
  readonly label: string;
  readonly ordered: boolean;
  readonly maxPacketLifeTime: number | null;
  readonly maxRetransmits: number | null;
  readonly protocol: string;
  readonly negotiated: boolean;
  readonly id: number | null;
  /** The peer has created it: an `announceOpen` will come for certain. */
  readonly isFromPeer: boolean;
};

/**
 * What the connection tells one channel. The methods may be called at any time; what they fire is fired
 * from tasks of its own, in the order of the calls: `open`, messages, `closing`, `close`.
 */
export interface ChannelControl {
  /** The stream is known; the attribute changes at once. */
  assignId(id: number): void;
  /** "Announcing a data channel instance": open without an event yet. Called from within a task. */
  markOpen(): void;
  /** "Announcing a data channel as open": queues the `open` event; messages follow it. */
  announceOpen(): void;
  /** A message has come; `payload` belongs to the channel from here on. */
  deliver(isText: boolean, payload: Uint8Array): void;
  /** `bytes` of the application's data have left the send queue. */
  noteSent(bytes: number): void;
  /** There is room again after `send` of the port was refused. */
  noteSendable(): void;
  /** The closing procedure was started, and not by `close()`. */
  noteClosing(): void;
  /** "Announcing a data channel as closed"; with a failure, an `error` event comes first. */
  noteClosed(failure?: ProtocolFailure): void;
  /** The underlying data transport could not be created. */
  noteFailedToOpen(failure: ProtocolFailure): void;
  /** The connection was closed by the application: the state changes at once, and nothing is fired. */
  closeAbruptly(): void;
}
