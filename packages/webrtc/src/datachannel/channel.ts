import { encodeUtf8 } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";
import { Queue } from "../base/queue.ts";
import { SentBytes } from "./sent-bytes.ts";
import { MAX_STREAMS } from "./stream-ids.ts";
import type { ProtocolFailure } from "../base/errors.ts";
import type { ChannelEvent, ChannelInit, ChannelKey, ChannelProperties } from "./channel-events.ts";

const MAX_TEXT_BYTES = 0xffff;
const MAX_QUOTED_LENGTH = 64;
/** Control and format characters: they act on a terminal or a log instead of being seen there. */
const ACTING_CHARACTERS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * `waiting` for the association, then `open`, `closing` while the two directions of the stream are
 * reset, then `closed`. A `refused` channel is one of the peer's that was never announced: it only
 * keeps its stream occupied until that has been reset (RFC 8832 §6).
 */
export type ChannelState = "waiting" | "open" | "closing" | "closed" | "refused";

/** Who made a channel: this side with an OPEN or by agreement of the applications, or the peer. */
export type ChannelOrigin = "local" | "negotiated" | "peer";

/** What the application has sent and got on one channel. */
export type ChannelCounters = {
  messagesSent: number;
  bytesSent: number;
  messagesReceived: number;
  bytesReceived: number;
};

/** What a table knows about one channel. The table alone reads and changes it. */
export class Channel {
  readonly key: ChannelKey;
  readonly properties: ChannelProperties;
  readonly origin: ChannelOrigin;
  readonly sentBytes = new SentBytes();
  readonly counters: ChannelCounters = {
    messagesSent: 0,
    bytesSent: 0,
    messagesReceived: 0,
    bytesReceived: 0,
  };
  state: ChannelState = "waiting";
  streamId: number | undefined;
  /**
   * User messages stay ordered until the peer has been heard on the stream, so that none can
   * overtake the OPEN (RFC 8832 §6).
   */
  mustSendOrdered: boolean;
  /** This side has asked SCTP to reset its direction. */
  isResetRequested = false;
  isOutgoingReset = false;
  isIncomingReset = false;
  /** Answers to resets of the stream's former channels that are still to come. */
  staleResetAnswers = 0;
  /** Why this side closes the channel, if it is not because the application wants it. */
  failure: ProtocolFailure | undefined;
  /** `send` was refused for want of room. */
  isStarved = false;
  isPaused = false;
  /** Events that wait for the application to read on. */
  readonly held = new Queue<ChannelEvent>();
  /** Parts of a message in the deprecated fragmentation; `PartialMessages` keeps the account. */
  parts: Uint8Array[] = [];
  partBytes = 0;

  constructor(key: ChannelKey, properties: ChannelProperties, origin: ChannelOrigin) {
    this.key = key;
    this.properties = properties;
    this.origin = origin;
    // Only the sender of an OPEN has something that must not be overtaken.
    this.mustSendOrdered = properties.isOrdered || origin === "local";
  }

  /** The label as a message for people may have it: the peer chose it. */
  get quotedLabel(): string {
    const { label } = this.properties;
    const isLong = label.length > MAX_QUOTED_LENGTH;
    const text = JSON.stringify(isLong ? `${label.slice(0, MAX_QUOTED_LENGTH)}…` : label);
    return text.replace(
      ACTING_CHARACTERS,
      (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
    );
  }

  /** The peer was heard on the stream, so it knows the channel. */
  noteHeard(): void {
    this.mustSendOrdered = this.properties.isOrdered;
  }

  /** A message in parts cannot be put together on other channels: they may lose or reorder parts. */
  get canFragment(): boolean {
    const { isOrdered, maxRetransmits, maxLifetimeMs } = this.properties;
    return isOrdered && maxRetransmits === undefined && maxLifetimeMs === undefined;
  }

  /**
   * The peer has reset its direction of its own channel, and this side has asked for the other: for a
   * peer that has seen the request the stream is free, even if its answer has not come back here.
   */
  get isOverForPeer(): boolean {
    return this.origin === "peer" && this.isIncomingReset && this.isResetRequested;
  }
}

/** Throws {@link UsageError} `ERR_RANGE` for what the peer could not be told (RFC 8832 §5.1). */
export function checkChannelInit(init: ChannelInit): void {
  for (const text of [init.label, init.protocol]) {
    // A UTF-16 code unit is at least one byte: what is too long already needs no encoding.
    if (text.length > MAX_TEXT_BYTES || encodeUtf8(text).byteLength > MAX_TEXT_BYTES) {
      throw new UsageError("ERR_RANGE", "label and protocol may have 65535 bytes each");
    }
  }
  if (init.maxRetransmits !== undefined && init.maxLifetimeMs !== undefined) {
    throw new UsageError("ERR_RANGE", "retransmissions and lifetime cannot both be limited");
  }
  if (init.isNegotiated && !isStreamId(init.streamId)) {
    throw new UsageError("ERR_RANGE", "a negotiated channel needs a stream id from 0 to 65534");
  }
}

function isStreamId(value: number | undefined): boolean {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value < MAX_STREAMS;
}
