import {
  decodeUtf8,
  encodeUtf8,
  readUint16,
  readUint32,
  writeUint16,
  writeUint32,
} from "../../base/bytes.ts";
import type { Parameter } from "./parameter.ts";

/** Why an ERROR or ABORT chunk was sent (RFC 9260 §3.3.10). */
export const CAUSE_CODE = {
  invalidStreamId: 1,
  missingMandatoryParameter: 2,
  staleCookie: 3,
  outOfResource: 4,
  unresolvableAddress: 5,
  unrecognizedChunk: 6,
  invalidMandatoryParameter: 7,
  unrecognizedParameters: 8,
  noUserData: 9,
  cookieWhileShuttingDown: 10,
  restartWithNewAddresses: 11,
  userInitiatedAbort: 12,
  protocolViolation: 13,
} as const;

const CAUSE_NAMES: Readonly<Record<number, string>> = {
  1: "invalid stream identifier",
  2: "missing mandatory parameter",
  3: "stale cookie",
  4: "out of resource",
  5: "unresolvable address",
  6: "unrecognized chunk type",
  7: "invalid mandatory parameter",
  8: "unrecognized parameters",
  9: "no user data",
  10: "cookie received while shutting down",
  11: "restart with new addresses",
  12: "user-initiated abort",
  13: "protocol violation",
};
const MAX_REASON_CHARS = 200;

/** A cause is a parameter whose type is a cause code. */
export type ErrorCause = Parameter;

/** §3.3.10.12 and §3.3.10.13: causes that carry a text for people. */
export function reasonCause(code: 12 | 13, reason: string): ErrorCause {
  return { type: code, value: encodeUtf8(reason.slice(0, MAX_REASON_CHARS)) };
}

/** §3.3.10.1: DATA on a stream that was not negotiated. */
export function invalidStreamCause(streamId: number): ErrorCause {
  const value = new Uint8Array(4);
  writeUint16(value, 0, streamId);
  return { type: CAUSE_CODE.invalidStreamId, value };
}

/** §3.3.10.3: a COOKIE ECHO came `lateByMs` after its cookie's lifetime had ended. */
export function staleCookieCause(lateByMs: number): ErrorCause {
  const value = new Uint8Array(4);
  writeUint32(value, 0, Math.min(lateByMs * 1_000, 0xffff_ffff));
  return { type: CAUSE_CODE.staleCookie, value };
}

/** §3.3.10.9: a DATA chunk without a byte of user data. */
export function noUserDataCause(tsn: number): ErrorCause {
  const value = new Uint8Array(4);
  writeUint32(value, 0, tsn);
  return { type: CAUSE_CODE.noUserData, value };
}

/** §3.3.10.6: `chunk` is of a type that is not known here. */
export function unrecognizedChunkCause(chunk: Uint8Array): ErrorCause {
  return { type: CAUSE_CODE.unrecognizedChunk, value: chunk };
}

/** The cause in words, for a `ProtocolFailure`; texts of the peer are cut and quoted. */
export function describeCause(cause: ErrorCause): string {
  const name = CAUSE_NAMES[cause.type] ?? `cause ${cause.type}`;
  if (cause.type === CAUSE_CODE.userInitiatedAbort || cause.type === CAUSE_CODE.protocolViolation) {
    const reason = decodeUtf8(cause.value.subarray(0, MAX_REASON_CHARS));
    return reason === "" ? name : `${name}, ${JSON.stringify(reason)}`;
  }
  if (cause.type === CAUSE_CODE.invalidStreamId && cause.value.byteLength >= 2) {
    return `${name} ${readUint16(cause.value, 0)}`;
  }
  if (cause.type === CAUSE_CODE.staleCookie && cause.value.byteLength >= 4) {
    return `${name}, late by ${readUint32(cause.value, 0)} µs`;
  }
  return name;
}
