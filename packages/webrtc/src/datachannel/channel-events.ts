import type { ProtocolFailure } from "../base/errors.ts";

declare const channelKeyBrand: unique symbol;

/** Names one channel of a table and of those that succeed it; never used twice. */
export type ChannelKey = number & { readonly [channelKeyBrand]: true };

/** What both ends know about a channel. */
export type ChannelProperties = {
  readonly label: string;
  readonly protocol: string;
  readonly isOrdered: boolean;
  /** At most one of the two limits is there; without one the channel is reliable. */
  readonly maxRetransmits?: number | undefined;
  readonly maxLifetimeMs?: number | undefined;
};

/** What the application asks for when it creates a channel. */
export type ChannelInit = ChannelProperties & {
  /** The peer's application creates the same channel by itself; nothing is announced to it. */
  readonly isNegotiated: boolean;
  /** 0 to 65534. Needed for a negotiated channel, ignored for the others. */
  readonly streamId?: number | undefined;
};

/** What the owner hands to SCTP. */
export type ChannelCommand =
  | {
      readonly kind: "send";
      readonly streamId: number;
      readonly ppid: number;
      /** Must not change any more. */
      readonly payload: Uint8Array;
      readonly isUnordered: boolean;
      readonly maxRetransmits?: number;
      readonly lifetimeMs?: number;
    }
  | { readonly kind: "resetStream"; readonly streamId: number };

/**
 * What the owner is told. Events of one channel are in order, but for `sent` and `sendable`, which a
 * pause in reading does not hold up; `closed` or `failedToOpen` is its last.
 */
export type ChannelEvent =
  /** A channel that was created before the DTLS role was known has its stream now. */
  | { readonly kind: "idAssigned"; readonly key: ChannelKey; readonly streamId: number }
  /** A channel that was created here can send. */
  | { readonly kind: "opened"; readonly key: ChannelKey }
  /** The peer created a channel; it can send already, no `opened` follows. */
  | {
      readonly kind: "announced";
      readonly key: ChannelKey;
      readonly streamId: number;
      readonly properties: ChannelProperties;
    }
  | {
      readonly kind: "message";
      readonly key: ChannelKey;
      readonly isText: boolean;
      readonly payload: Uint8Array;
    }
  /** `bytes` of the application's data have left the send queue. */
  | { readonly kind: "sent"; readonly key: ChannelKey; readonly bytes: number }
  /** After `send` returned false for this channel: there is room again. */
  | { readonly kind: "sendable"; readonly key: ChannelKey }
  /** The channel is going to close, and not because of `close`. */
  | { readonly kind: "closing"; readonly key: ChannelKey }
  | { readonly kind: "closed"; readonly key: ChannelKey; readonly failure?: ProtocolFailure }
  /** There is no stream for this channel: it never was open. */
  | { readonly kind: "failedToOpen"; readonly key: ChannelKey; readonly failure: ProtocolFailure };
