import { NegotiationError, type NegotiationErrorKind } from "../negotiation/index.ts";
import { SdpSyntaxError } from "../sdp/index.ts";
import { RTCError } from "./rtc-error.ts";

const DOM_NAMES: Readonly<Record<NegotiationErrorKind, string>> = {
  invalidState: "InvalidStateError",
  invalidContent: "InvalidAccessError",
  invalidModification: "InvalidModificationError",
  unsupported: "OperationError",
};

/**
 * What "set a session description" rejects with for an error of negotiation or of the SDP parser
 * (https://w3c.github.io/webrtc-pc/#set-description, step 4.4). Others go through: they are our bugs.
 */
export function toDescriptionError(error: unknown): unknown {
  if (error instanceof SdpSyntaxError) {
    const init = { errorDetail: "sdp-syntax-error", sdpLineNumber: error.lineNumber } as const;
    return new RTCError(init, error.message);
  }
  if (error instanceof NegotiationError)
    return new DOMException(error.message, DOM_NAMES[error.kind]);
  return error;
}

/** What `addIceCandidate` rejects with (step 4): "OperationError", but for the missing description. */
export function toCandidateError(error: unknown): unknown {
  if (error instanceof NegotiationError && error.kind === "invalidState")
    return toDescriptionError(error);
  if (error instanceof NegotiationError || error instanceof SdpSyntaxError) {
    return new DOMException(error.message, "OperationError");
  }
  return error;
}
