import { readUint16, readUint32, writeUint16, writeUint32 } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import type { Tsn } from "../../base/serial-number.ts";
import { toTsn } from "../../base/serial-number.ts";
import { CHUNK_TYPE, createChunk } from "./chunk.ts";
import type { Parameter } from "./parameter.ts";
import {
  PARAMETER_TYPE,
  decodeParameters,
  encodeParameters,
  parametersBytes,
} from "./parameter.ts";

const FIXED_BYTES = 16;
const HEADER_AND_FIXED_BYTES = 20;
/**
 * At most so many unknown parameters are reported back. RFC 9260 §3.2.2 asks for all of them, but the
 * answer must not outgrow the question, nor the packet, and no peer depends on more.
 */
const MAX_REPORTED_PARAMETERS = 8;

/** RFC 9653 §4: "the lower layer is DTLS" as the alternate error detection method. */
export const ZERO_CHECKSUM_METHOD_DTLS = 1;

/**
 * INIT and INIT ACK, which differ in their type and in the cookie (RFC 9260 §3.3.2, §3.3.3).
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |  type = 1, 2  |   flags = 0   |            length             |
 * +---------------+---------------+-------------------------------+
 * |                         initiate tag                          |
 * +---------------------------------------------------------------+
 * |              advertised receiver window credit                |
 * +-------------------------------+-------------------------------+
 * |       outbound streams        |        inbound streams        |
 * +-------------------------------+-------------------------------+
 * |                          initial TSN                          |
 * +---------------------------------------------------------------+
 * |  parameters ...                                               |
 */
export type InitChunk = {
  readonly initiateTag: number;
  readonly receiveWindowBytes: number;
  readonly outgoingStreams: number;
  readonly incomingStreams: number;
  readonly initialTsn: Tsn;
  /** RFC 3758 §3.1. */
  readonly supportsForwardTsn: boolean;
  /** RFC 5061 §4.2.7: chunk types beyond those of RFC 9260. */
  readonly supportedChunkTypes: readonly number[];
  /** RFC 9653 §4: packets without checksum are accepted, given this error detection method. */
  readonly zeroChecksumMethod?: number;
  /** INIT ACK only. */
  readonly stateCookie?: Uint8Array;
  /** Parameters whose type asks to be reported when it is not known (RFC 9260 §3.2.1). */
  readonly unrecognized: readonly Parameter[];
};

/** Decodes a whole chunk, header included. Throws {@link WireFormatError}. */
export function decodeInitChunk(chunk: Uint8Array): InitChunk {
  if (chunk.byteLength < HEADER_AND_FIXED_BYTES) {
    throw new WireFormatError("RFC 9260 §3.3.2", `INIT of ${chunk.byteLength} bytes`);
  }
  const optional = readOptionalParameters(
    decodeParameters(chunk, HEADER_AND_FIXED_BYTES, chunk.byteLength),
  );
  return {
    initiateTag: readUint32(chunk, 4),
    receiveWindowBytes: readUint32(chunk, 8),
    outgoingStreams: readUint16(chunk, 12),
    incomingStreams: readUint16(chunk, 14),
    initialTsn: toTsn(readUint32(chunk, 16)),
    ...optional,
  };
}

type OptionalParts = Pick<
  InitChunk,
  | "supportsForwardTsn"
  | "supportedChunkTypes"
  | "zeroChecksumMethod"
  | "stateCookie"
  | "unrecognized"
>;

function readOptionalParameters(parameters: readonly Parameter[]): OptionalParts {
  let supportsForwardTsn = false;
  let supportedChunkTypes: readonly number[] = [];
  let zeroChecksumMethod: number | undefined;
  let stateCookie: Uint8Array | undefined;
  const unrecognized: Parameter[] = [];
  for (const parameter of parameters) {
    const { type, value } = parameter;
    if (type === PARAMETER_TYPE.forwardTsnSupported) {
      supportsForwardTsn = true;
    } else if (type === PARAMETER_TYPE.supportedExtensions) {
      supportedChunkTypes = [...value];
    } else if (type === PARAMETER_TYPE.zeroChecksumAcceptable && value.byteLength === 4) {
      zeroChecksumMethod = readUint32(value, 0);
    } else if (type === PARAMETER_TYPE.stateCookie) {
      stateCookie = value;
    } else if (!isKnown(type)) {
      if ((type & 0x4000) !== 0 && unrecognized.length < MAX_REPORTED_PARAMETERS) {
        unrecognized.push(parameter);
      }
      if ((type & 0x8000) === 0) break; // §3.2.1: nothing after it is to be looked at.
    }
  }
  return {
    supportsForwardTsn,
    supportedChunkTypes,
    ...(zeroChecksumMethod === undefined ? {} : { zeroChecksumMethod }),
    ...(stateCookie === undefined ? {} : { stateCookie }),
    unrecognized,
  };
}

const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(PARAMETER_TYPE));

function isKnown(type: number): boolean {
  return KNOWN_TYPES.has(type);
}

/**
 * The chunk, complete and padded. Unrecognized parameters with which it would exceed `maxBytes` are
 * left out: they are all of it that the peer decides on, and they may be as long as its packet.
 */
export function encodeInitChunk(
  kind: "init" | "initAck",
  chunk: InitChunk,
  maxBytes = Number.POSITIVE_INFINITY,
): Uint8Array {
  const parameters = encodeParameters(listParameters(chunk, maxBytes - HEADER_AND_FIXED_BYTES));
  const type = kind === "init" ? CHUNK_TYPE.init : CHUNK_TYPE.initAck;
  const bytes = createChunk(type, 0, FIXED_BYTES + parameters.byteLength);
  writeUint32(bytes, 4, chunk.initiateTag);
  writeUint32(bytes, 8, chunk.receiveWindowBytes);
  writeUint16(bytes, 12, chunk.outgoingStreams);
  writeUint16(bytes, 14, chunk.incomingStreams);
  writeUint32(bytes, 16, chunk.initialTsn);
  bytes.set(parameters, HEADER_AND_FIXED_BYTES);
  return bytes;
}

function listParameters(chunk: InitChunk, maxBytes: number): Parameter[] {
  const parameters: Parameter[] = [];
  if (chunk.stateCookie) {
    parameters.push({ type: PARAMETER_TYPE.stateCookie, value: chunk.stateCookie });
  }
  if (chunk.zeroChecksumMethod !== undefined) {
    const value = new Uint8Array(4);
    writeUint32(value, 0, chunk.zeroChecksumMethod);
    parameters.push({ type: PARAMETER_TYPE.zeroChecksumAcceptable, value });
  }
  if (chunk.supportsForwardTsn) {
    parameters.push({ type: PARAMETER_TYPE.forwardTsnSupported, value: new Uint8Array(0) });
  }
  if (chunk.supportedChunkTypes.length > 0) {
    const value = Uint8Array.from(chunk.supportedChunkTypes);
    parameters.push({ type: PARAMETER_TYPE.supportedExtensions, value });
  }
  let roomBytes = maxBytes - parametersBytes(parameters);
  for (const parameter of chunk.unrecognized) {
    const report = {
      type: PARAMETER_TYPE.unrecognizedParameter,
      value: encodeParameters([parameter]),
    };
    const reportBytes = parametersBytes([report]);
    if (reportBytes > roomBytes) continue;
    roomBytes -= reportBytes;
    parameters.push(report);
  }
  return parameters;
}
