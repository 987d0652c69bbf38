import { UsageError } from "../base/errors.ts";
import type { IceParameters } from "./ice-options.ts";

/** ice-chars, and the four that some stacks use and libwebrtc takes; the SDP parser lets the same pass. */
const UFRAG_PATTERN = /^[A-Za-z0-9+/\-_=#]{4,256}$/;
const PASSWORD_PATTERN = /^[A-Za-z0-9+/\-_=#]{22,256}$/;

/** Throws `UsageError` if the peer's credentials are not of the form of RFC 8839 §5.4. */
export function checkIceParameters(parameters: IceParameters): void {
  if (!UFRAG_PATTERN.test(parameters.ufrag)) {
    throw new UsageError(
      "ERR_RANGE",
      "ice-ufrag must be 4 to 256 ice-chars: letters, digits, + and /",
    );
  }
  if (!PASSWORD_PATTERN.test(parameters.password)) {
    throw new UsageError(
      "ERR_RANGE",
      "ice-pwd must be 22 to 256 ice-chars: letters, digits, + and /",
    );
  }
}
