import { MAX_STREAMS } from "./stream-ids.ts";

/** Bounds of one table. A peer that wants more than its share is refused, channel by channel. */
export type ChannelTableOptions = {
  /** Channels that exist at the same time, of both sides together. */
  readonly maxChannels: number;
  /** Channels of the peer that exist at the same time. Chromium opens at most 1024 itself. */
  readonly maxPeerChannels: number;
  /** UTF-8 bytes of all labels and protocols of the peer's channels together. */
  readonly maxPeerTextBytes: number;
  /**
   * Largest message that is taken: what this side has announced as `a=max-message-size`. Firefox
   * holds its peers to it, libwebrtc does not; here it bounds what a peer can make one message cost.
   */
  readonly maxMessageBytes: number;
  /**
   * What may wait in SCTP's send queue, all channels together, some overhead for each message
   * included. SCTP itself must accept more: OPEN and ACK, and one message into an empty queue, are
   * sent beyond this limit.
   */
  readonly maxBufferedBytes: number;
  /**
   * What may wait here, all channels together: messages for applications that have paused reading,
   * and parts of messages in the deprecated fragmentation.
   */
  readonly maxHeldBytes: number;
};

/** Nothing here is of an RFC: the numbers are what an ordinary application never notices. */
export const DEFAULT_CHANNEL_TABLE_OPTIONS: ChannelTableOptions = {
  maxChannels: MAX_STREAMS,
  maxPeerChannels: 4096,
  maxPeerTextBytes: 4 * 1024 * 1024,
  maxMessageBytes: 256 * 1024,
  maxBufferedBytes: 16 * 1024 * 1024,
  maxHeldBytes: 64 * 1024 * 1024,
};

/** What the peer did that was not acted upon. Grows only. */
export type ChannelTableCounters = {
  /** Messages on streams without an open channel, or of an unknown kind. */
  droppedMessages: number;
  /** DCEP messages that do not parse or do not fit the state of their stream. */
  badControlMessages: number;
  /** Channels of the peer that were not accepted. */
  refusedChannels: number;
};
