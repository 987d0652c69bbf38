import {
  PPID_BINARY,
  PPID_BINARY_EMPTY,
  PPID_BINARY_PARTIAL,
  PPID_STRING,
  PPID_STRING_EMPTY,
  PPID_STRING_PARTIAL,
} from "./ppid.ts";
import type { Channel } from "./channel.ts";
import type { PartialMessages } from "./partial-messages.ts";
import type { ChannelCommand } from "./channel-events.ts";

const NO_BYTES = new Uint8Array(0);
/** SCTP cannot carry nothing; the receiver ignores the byte (RFC 8831 §6.6). */
const PLACEHOLDER = new Uint8Array(1);

/** What a message on an open channel came to. */
export type Reading = "unknown" | "incomplete" | "tooLarge" | Uint8Array;

/** True for the kinds of message whose bytes are UTF-8 text. */
export function isTextPpid(ppid: number): boolean {
  return ppid === PPID_STRING || ppid === PPID_STRING_EMPTY || ppid === PPID_STRING_PARTIAL;
}

/**
 * The payload that the application gets for one SCTP message (RFC 8831 §6.6); "tooLarge" if that,
 * whole or with its parts, has more than `maxBytes`.
 */
export function readUserMessage(
  channel: Channel,
  ppid: number,
  payload: Uint8Array,
  partials: PartialMessages,
  maxBytes: number,
): Reading {
  if (channel.partBytes + payload.byteLength > maxBytes) return "tooLarge";
  switch (ppid) {
    case PPID_STRING:
    case PPID_BINARY:
      return channel.parts.length === 0 ? payload : partials.finish(channel, payload);
    case PPID_STRING_EMPTY:
    case PPID_BINARY_EMPTY:
      return NO_BYTES;
    case PPID_STRING_PARTIAL:
    case PPID_BINARY_PARTIAL:
      if (!channel.canFragment) return payload;
      partials.add(channel, payload);
      return "incomplete";
    default:
      return "unknown";
  }
}

/** The command that sends one message of the application, an empty one included. */
export function userMessageCommand(
  channel: Channel,
  isText: boolean,
  data: Uint8Array,
): ChannelCommand & { readonly kind: "send" } {
  const isEmpty = data.byteLength === 0;
  const payload = isEmpty ? PLACEHOLDER : data;
  const ppid = isText
    ? isEmpty
      ? PPID_STRING_EMPTY
      : PPID_STRING
    : isEmpty
      ? PPID_BINARY_EMPTY
      : PPID_BINARY;
  const isUnordered = !channel.mustSendOrdered;
  const streamId = channel.streamId!;
  const { maxRetransmits, maxLifetimeMs } = channel.properties;
  if (maxRetransmits !== undefined) {
    return { kind: "send", streamId, ppid, payload, isUnordered, maxRetransmits };
  }
  if (maxLifetimeMs !== undefined) {
    return { kind: "send", streamId, ppid, payload, isUnordered, lifetimeMs: maxLifetimeMs };
  }
  return { kind: "send", streamId, ppid, payload, isUnordered };
}
