import {
  decodeUtf8,
  encodeUtf8,
  readUint16,
  readUint32,
  writeUint16,
  writeUint32,
} from "../base/bytes.ts";
import { UsageError, WireFormatError } from "../base/errors.ts";

const SPEC = "RFC 8832 §5.1";
const HEADER_BYTES = 12;
const MAX_TEXT_BYTES = 0xffff;
const UNORDERED_BIT = 0x80;
const RELIABLE = 0x00;
const LIMITED_RETRANSMITS = 0x01;
const LIMITED_LIFETIME = 0x02;

/** The first byte of a DATA_CHANNEL_OPEN message. */
export const MESSAGE_TYPE_OPEN = 0x03;
/** RFC 8831 §6.4 knows 128, 256, 512 and 1024; this is "normal". */
export const PRIORITY_NORMAL = 256;

/**
 * DATA_CHANNEL_OPEN: the sender has opened a channel on the stream that carries this message.
 *
 * RFC 8832 §5.1. The channel type has the reliability in its low bits and "unordered" in its top
 * one; the reliability parameter is a count of retransmissions or a time in milliseconds, and means
 * nothing for a reliable channel.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |     0x03      | channel type  |           priority            |
 * +---------------+---------------+-------------------------------+
 * |                     reliability parameter                     |
 * +-------------------------------+-------------------------------+
 * |     label length, bytes       |    protocol length, bytes     |
 * +-------------------------------+-------------------------------+
 * |  label, UTF-8 ...                                             |
 * |  protocol, UTF-8 ...                                          |
 */
export type DataChannelOpen = {
  readonly label: string;
  readonly protocol: string;
  readonly isOrdered: boolean;
  readonly priority: number;
  /** At most one of the two limits is there; without one the channel is reliable. */
  readonly maxRetransmits?: number | undefined;
  readonly maxLifetimeMs?: number | undefined;
};

/** Bytes behind the protocol name are ignored. Throws {@link WireFormatError}. */
export function decodeDataChannelOpen(bytes: Uint8Array): DataChannelOpen {
  if (bytes.byteLength < HEADER_BYTES) {
    throw new WireFormatError(SPEC, `header needs 12 bytes, got ${bytes.byteLength}`);
  }
  if (bytes[0] !== MESSAGE_TYPE_OPEN) {
    throw new WireFormatError(SPEC, `message type is ${bytes[0]}, not 3`);
  }
  const labelEnd = HEADER_BYTES + readUint16(bytes, 8);
  const protocolEnd = labelEnd + readUint16(bytes, 10);
  if (protocolEnd > bytes.byteLength) {
    throw new WireFormatError(SPEC, `lengths say ${protocolEnd}, message has ${bytes.byteLength}`);
  }
  return {
    label: decodeUtf8(bytes.subarray(HEADER_BYTES, labelEnd)),
    protocol: decodeUtf8(bytes.subarray(labelEnd, protocolEnd)),
    isOrdered: (bytes[1]! & UNORDERED_BIT) === 0,
    priority: readUint16(bytes, 2),
    ...decodeReliability(bytes[1]! & ~UNORDERED_BIT, readUint32(bytes, 4)),
  };
}

/** Throws {@link UsageError} if both limits are given or a text is longer than 65,535 bytes. */
export function encodeDataChannelOpen(message: DataChannelOpen): Uint8Array<ArrayBuffer> {
  const label = encodeText(message.label, "label");
  const protocol = encodeText(message.protocol, "protocol");
  const bytes = new Uint8Array(HEADER_BYTES + label.byteLength + protocol.byteLength);
  bytes[0] = MESSAGE_TYPE_OPEN;
  bytes[1] = channelTypeOf(message);
  writeUint16(bytes, 2, message.priority);
  writeUint32(bytes, 4, message.maxRetransmits ?? message.maxLifetimeMs ?? 0);
  writeUint16(bytes, 8, label.byteLength);
  writeUint16(bytes, 10, protocol.byteLength);
  bytes.set(label, HEADER_BYTES);
  bytes.set(protocol, HEADER_BYTES + label.byteLength);
  return bytes;
}

function decodeReliability(
  type: number,
  parameter: number,
): Pick<DataChannelOpen, "maxRetransmits" | "maxLifetimeMs"> {
  switch (type) {
    case RELIABLE:
      return {};
    case LIMITED_RETRANSMITS:
      return { maxRetransmits: parameter };
    case LIMITED_LIFETIME:
      return { maxLifetimeMs: parameter };
    default:
      throw new WireFormatError(SPEC, `unknown channel type 0x${type.toString(16)}`);
  }
}

function channelTypeOf(message: DataChannelOpen): number {
  const orderBit = message.isOrdered ? 0 : UNORDERED_BIT;
  if (message.maxRetransmits !== undefined) {
    if (message.maxLifetimeMs !== undefined) {
      throw new UsageError("ERR_RANGE", "retransmissions and lifetime cannot both be limited");
    }
    return orderBit | LIMITED_RETRANSMITS;
  }
  return orderBit | (message.maxLifetimeMs === undefined ? RELIABLE : LIMITED_LIFETIME);
}

function encodeText(text: string, what: string): Uint8Array {
  const bytes = encodeUtf8(text);
  if (bytes.byteLength <= MAX_TEXT_BYTES) return bytes;
  throw new UsageError("ERR_RANGE", `${what} has ${bytes.byteLength} bytes; 65535 are allowed`);
}
