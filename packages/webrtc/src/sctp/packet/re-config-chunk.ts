import { readUint16, readUint32, writeUint16, writeUint32 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import type { Tsn } from "../../base/serial-number.ts";
import { toTsn } from "../../base/serial-number.ts";
import { CHUNK_HEADER_BYTES, CHUNK_TYPE, createChunk } from "./chunk.ts";
import type { Parameter } from "./parameter.ts";
import { decodeParameters, encodeParameters } from "./parameter.ts";

/** Parameter types of RE-CONFIG (RFC 6525 §4). */
const TYPE = {
  outgoingReset: 13,
  incomingReset: 14,
  ssnTsnReset: 15,
  response: 16,
  addOutgoing: 17,
  addIncoming: 18,
} as const;
/** RFC 6525 §3.1: only these come in pairs; more than two never make sense. */
const MAX_PARAMETERS = 2;

/** Results of a request (RFC 6525 §4.4). */
export const RESET_RESULT = {
  nothingToDo: 0,
  performed: 1,
  denied: 2,
  wrongSsn: 3,
  alreadyInProgress: 4,
  badSequenceNumber: 5,
  inProgress: 6,
} as const;

/** One request or response (RFC 6525 §4.1 to §4.6). Sequence numbers are 32 bits wide and wrap. */
export type ReConfigParameter =
  | {
      readonly kind: "outgoingReset";
      readonly requestSequence: number;
      /** The request that this one answers; of no meaning unless it was an incoming reset. */
      readonly responseSequence: number;
      readonly lastAssignedTsn: Tsn;
      /** Empty: all streams. */
      readonly streamIds: readonly number[];
    }
  | {
      readonly kind: "incomingReset";
      readonly requestSequence: number;
      readonly streamIds: readonly number[];
    }
  | { readonly kind: "ssnTsnReset"; readonly requestSequence: number }
  | {
      readonly kind: "addOutgoing" | "addIncoming";
      readonly requestSequence: number;
      readonly streamCount: number;
    }
  | { readonly kind: "response"; readonly responseSequence: number; readonly result: number };

/**
 * RE-CONFIG: one or two requests or responses about streams (RFC 6525 §3.1).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |  type = 130   |   flags = 0   |            length             |
 * +---------------+---------------+-------------------------------+
 * |  one or two parameters, each with a sequence number first ... |
 *
 * Parameters of unknown types are left out. Throws {@link WireFormatError}.
 */
export function decodeReConfigChunk(chunk: Uint8Array): ReConfigParameter[] {
  const parameters = decodeParameters(chunk, CHUNK_HEADER_BYTES, chunk.byteLength);
  if (parameters.length > MAX_PARAMETERS) {
    throw new WireFormatError("RFC 6525 §3.1", `${parameters.length} parameters in one RE-CONFIG`);
  }
  const decoded: ReConfigParameter[] = [];
  for (const parameter of parameters) {
    const known = decodeParameter(parameter);
    if (known) decoded.push(known);
  }
  return decoded;
}

function decodeParameter({ type, value }: Parameter): ReConfigParameter | undefined {
  switch (type) {
    case TYPE.outgoingReset:
      needBytes(value, 12);
      return {
        kind: "outgoingReset",
        requestSequence: readUint32(value, 0),
        responseSequence: readUint32(value, 4),
        lastAssignedTsn: toTsn(readUint32(value, 8)),
        streamIds: decodeStreamIds(value, 12),
      };
    case TYPE.incomingReset:
      needBytes(value, 4);
      return {
        kind: "incomingReset",
        requestSequence: readUint32(value, 0),
        streamIds: decodeStreamIds(value, 4),
      };
    case TYPE.ssnTsnReset:
      needBytes(value, 4);
      return { kind: "ssnTsnReset", requestSequence: readUint32(value, 0) };
    case TYPE.addOutgoing:
    case TYPE.addIncoming:
      needBytes(value, 8);
      return {
        kind: type === TYPE.addOutgoing ? "addOutgoing" : "addIncoming",
        requestSequence: readUint32(value, 0),
        streamCount: readUint16(value, 4),
      };
    case TYPE.response:
      needBytes(value, 8);
      return {
        kind: "response",
        responseSequence: readUint32(value, 0),
        result: readUint32(value, 4),
      };
    default:
      return undefined;
  }
}

function needBytes(value: Uint8Array, byteCount: number): void {
  if (value.byteLength >= byteCount) return;
  throw new WireFormatError("RFC 6525 §4", `parameter of ${value.byteLength} bytes`);
}

function decodeStreamIds(value: Uint8Array, start: number): number[] {
  if ((value.byteLength - start) % 2 !== 0) {
    throw new WireFormatError("RFC 6525 §4.1", "half a stream number at the end");
  }
  const streamIds: number[] = [];
  for (let offset = start; offset < value.byteLength; offset += 2) {
    streamIds.push(readUint16(value, offset));
  }
  return streamIds;
}

/** The chunk, complete and padded. */
export function encodeReConfigChunk(parameters: readonly ReConfigParameter[]): Uint8Array {
  const value = encodeParameters(parameters.map(encodeParameter));
  const chunk = createChunk(CHUNK_TYPE.reConfig, 0, value.byteLength);
  chunk.set(value, CHUNK_HEADER_BYTES);
  return chunk;
}

function encodeParameter(parameter: ReConfigParameter): Parameter {
  switch (parameter.kind) {
    case "outgoingReset": {
      const value = new Uint8Array(12 + 2 * parameter.streamIds.length);
      writeUint32(value, 0, parameter.requestSequence);
      writeUint32(value, 4, parameter.responseSequence);
      writeUint32(value, 8, parameter.lastAssignedTsn);
      parameter.streamIds.forEach((id, index) => writeUint16(value, 12 + 2 * index, id));
      return { type: TYPE.outgoingReset, value };
    }
    case "incomingReset": {
      const value = new Uint8Array(4 + 2 * parameter.streamIds.length);
      writeUint32(value, 0, parameter.requestSequence);
      parameter.streamIds.forEach((id, index) => writeUint16(value, 4 + 2 * index, id));
      return { type: TYPE.incomingReset, value };
    }
    case "ssnTsnReset": {
      const value = new Uint8Array(4);
      writeUint32(value, 0, parameter.requestSequence);
      return { type: TYPE.ssnTsnReset, value };
    }
    case "addOutgoing":
    case "addIncoming": {
      const value = new Uint8Array(8);
      writeUint32(value, 0, parameter.requestSequence);
      writeUint16(value, 4, parameter.streamCount);
      return { type: TYPE[parameter.kind], value };
    }
    case "response": {
      const value = new Uint8Array(8);
      writeUint32(value, 0, parameter.responseSequence);
      writeUint32(value, 4, parameter.result);
      return { type: TYPE.response, value };
    }
  }
}
