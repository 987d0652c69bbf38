import { WireFormatError } from "../../base/errors.ts";
import { CHUNK_HEADER_BYTES, CHUNK_TYPE, createChunk } from "./chunk.ts";
import { PARAMETER_TYPE, decodeParameters, encodeParameters } from "./parameter.ts";

/**
 * HEARTBEAT and HEARTBEAT ACK: one parameter, which comes back unchanged (RFC 9260 §3.3.5, §3.3.6).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |  type = 4, 5  |   flags = 0   |            length             |
 * +---------------+---------------+-------------------------------+
 * |  heartbeat info parameter (type = 1) ...                      |
 *
 * Returns a view of the sender's information. Throws {@link WireFormatError} if there is none.
 */
export function decodeHeartbeatChunk(chunk: Uint8Array): Uint8Array {
  const parameters = decodeParameters(chunk, CHUNK_HEADER_BYTES, chunk.byteLength);
  const info = parameters.find(({ type }) => type === PARAMETER_TYPE.heartbeatInfo);
  if (!info) throw new WireFormatError("RFC 9260 §3.3.5", "HEARTBEAT without information");
  return info.value;
}

/** The chunk, complete and padded. */
export function encodeHeartbeatChunk(
  kind: "heartbeat" | "heartbeatAck",
  info: Uint8Array,
): Uint8Array {
  const value = encodeParameters([{ type: PARAMETER_TYPE.heartbeatInfo, value: info }]);
  const chunk = createChunk(CHUNK_TYPE[kind], 0, value.byteLength);
  chunk.set(value, CHUNK_HEADER_BYTES);
  return chunk;
}
