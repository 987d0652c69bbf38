import type { Channel, ChannelState } from "./channel.ts";
import type { ChannelKey } from "./channel-events.ts";

/** One channel as W3C `RTCDataChannelStats` shows it. */
export type ChannelStatistics = {
  readonly key: ChannelKey;
  readonly label: string;
  readonly protocol: string;
  /** Absent while the channel has no stream. */
  readonly streamId: number | undefined;
  readonly state: "connecting" | "open" | "closing" | "closed";
  readonly messagesSent: number;
  /** Payload of the application's messages. */
  readonly bytesSent: number;
  readonly messagesReceived: number;
  readonly bytesReceived: number;
};

/** Channels that are remembered after their end, and what their labels and protocols may weigh. */
const MAX_ENDED_CHANNELS = 256;
const MAX_ENDED_TEXT_LENGTH = 64 * 1024;

const STATE_NAMES: Readonly<Record<ChannelState, ChannelStatistics["state"]>> = {
  waiting: "connecting",
  open: "open",
  closing: "closing",
  closed: "closed",
  refused: "closed",
};

/** A snapshot. */
export function channelStatisticsOf(channel: Channel): ChannelStatistics {
  const { key, properties, streamId, state, counters } = channel;
  const { label, protocol } = properties;
  return { key, label, protocol, streamId, state: STATE_NAMES[state], ...counters };
}

/**
 * What the tables of one connection have seen, one after another: W3C `RTCPeerConnectionStats`, and the
 * last words of channels that are gone. webrtc-stats names no end for the statistics of a channel
 * ("Lifetime considerations for monitored objects"); a connection that opens channels without end must
 * not grow by that, so the oldest are forgotten.
 */
export class ChannelHistory {
  /** Channels that have been open at some time. */
  openedChannels = 0;
  /** Of those, the ones that are not any more. */
  closedChannels = 0;
  #ended: ChannelStatistics[] = [];
  #textLength = 0;

  /** The latest, oldest first. */
  get ended(): readonly ChannelStatistics[] {
    return this.#ended;
  }

  /** The channel has reached its last state. */
  noteEnded(channel: Channel): void {
    const statistics = channelStatisticsOf(channel);
    this.#ended.push(statistics);
    this.#textLength += textLengthOf(statistics);
    while (this.#ended.length > MAX_ENDED_CHANNELS || this.#textLength > MAX_ENDED_TEXT_LENGTH) {
      this.#textLength -= textLengthOf(this.#ended.shift()!);
    }
  }
}

function textLengthOf({ label, protocol }: ChannelStatistics): number {
  return label.length + protocol.length;
}
