import { WireFormatError } from "../base/errors.ts";

/** The first byte of a DATA_CHANNEL_ACK message, and all there is of it. */
export const MESSAGE_TYPE_ACK = 0x02;

/**
 * DATA_CHANNEL_ACK: the channel that was opened on this stream is known to the other side.
 *
 * RFC 8832 §5.2.
 *
 *  0
 *  0 1 2 3 4 5 6 7
 * +---------------+
 * |     0x02      |
 */
export function encodeDataChannelAck(): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(MESSAGE_TYPE_ACK);
}

/** Nothing is in it to return; bytes behind the first are ignored. Throws {@link WireFormatError}. */
export function decodeDataChannelAck(bytes: Uint8Array): void {
  if (bytes[0] === MESSAGE_TYPE_ACK) return;
  throw new WireFormatError("RFC 8832 §5.2", `message type is ${bytes[0] ?? "missing"}, not 2`);
}
