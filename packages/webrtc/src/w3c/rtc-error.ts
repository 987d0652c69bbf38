import {
  defineInterface,
  dictionary,
  domString,
  enumeration,
  integer,
  LONG,
  optional,
  required,
  requireArguments,
  UNSIGNED_LONG,
} from "./webidl/index.ts";
import type { ProtocolFailure } from "../base/errors.ts";

/** https://w3c.github.io/webrtc-pc/#rtcerrordetailtype-enum */
export type RTCErrorDetailType =
  | "data-channel-failure"
  | "dtls-failure"
  | "fingerprint-failure"
  | "hardware-encoder-error"
  | "hardware-encoder-not-available"
  | "sctp-failure"
  | "sdp-syntax-error";

/** https://w3c.github.io/webrtc-pc/#rtcerrorinit-dictionary */
export interface RTCErrorInit {
  errorDetail: RTCErrorDetailType;
  receivedAlert?: number;
  sctpCauseCode?: number;
  sdpLineNumber?: number;
  sentAlert?: number;
}

const toInit = dictionary("RTCErrorInit", {
  errorDetail: required(
    enumeration("RTCErrorDetailType", [
      "data-channel-failure",
      "dtls-failure",
      "fingerprint-failure",
      "sctp-failure",
      "sdp-syntax-error",
      "hardware-encoder-not-available",
      "hardware-encoder-error",
    ]),
  ),
  sdpLineNumber: optional(integer(LONG)),
  sctpCauseCode: optional(integer(LONG)),
  receivedAlert: optional(integer(UNSIGNED_LONG)),
  sentAlert: optional(integer(UNSIGNED_LONG)),
});

/**
 * https://w3c.github.io/webrtc-pc/#rtcerror-interface. An `OperationError` that also says what part of
 * WebRTC failed. `cause`, where there is one, is the failure with its stable `code`.
 */
export class RTCError extends DOMException {
  readonly #errorDetail: RTCErrorDetailType;
  readonly #sdpLineNumber: number | null;
  readonly #sctpCauseCode: number | null;
  readonly #receivedAlert: number | null;
  readonly #sentAlert: number | null;

  /** Throws `TypeError` if `errorDetail` is missing or unknown. */
  constructor(init: RTCErrorInit, message: string = "") {
    requireArguments(arguments.length, 1, "RTCError constructor");
    const converted = toInit(init, "RTCError constructor: argument 1");
    super(domString(message, "RTCError constructor: argument 2"), "OperationError");
    this.#errorDetail = converted.errorDetail;
    this.#sdpLineNumber = converted.sdpLineNumber ?? null;
    this.#sctpCauseCode = converted.sctpCauseCode ?? null;
    this.#receivedAlert = converted.receivedAlert ?? null;
    this.#sentAlert = converted.sentAlert ?? null;
  }

  get errorDetail(): RTCErrorDetailType {
    return this.#errorDetail;
  }

  /** The first line is 1; `null` unless the detail is "sdp-syntax-error". */
  get sdpLineNumber(): number | null {
    return this.#sdpLineNumber;
  }

  /** `null` unless the detail is "sctp-failure" and the peer named a cause. */
  get sctpCauseCode(): number | null {
    return this.#sctpCauseCode;
  }

  /** The fatal DTLS alert that was received, if the detail is "dtls-failure". */
  get receivedAlert(): number | null {
    return this.#receivedAlert;
  }

  /** The fatal DTLS alert that was sent, if the detail is "dtls-failure". */
  get sentAlert(): number | null {
    return this.#sentAlert;
  }
}

defineInterface(RTCError, "RTCError");

/** The error that tells an application of `failure`, whose words, numbers and code it takes over. */
export function rtcErrorOf(errorDetail: RTCErrorDetailType, failure: ProtocolFailure): RTCError {
  const error = new RTCError({ errorDetail, ...failure.detail }, failure.message);
  Object.defineProperty(error, "cause", { value: failure, configurable: true, writable: true });
  return error;
}
