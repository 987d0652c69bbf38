import type { MediaDirection } from "../../sdp/index.ts";

/** True if the side that this direction is seen from sends (RFC 8866 §6.7). */
export function sends(direction: MediaDirection): boolean {
  return direction === "sendrecv" || direction === "sendonly";
}

/** True if the side that this direction is seen from receives (RFC 8866 §6.7). */
export function receives(direction: MediaDirection): boolean {
  return direction === "sendrecv" || direction === "recvonly";
}

/** The direction of a side that sends, receives, does both or neither (RFC 8866 §6.7). */
export function directionOf(isSending: boolean, isReceiving: boolean): MediaDirection {
  if (isSending) return isReceiving ? "sendrecv" : "sendonly";
  return isReceiving ? "recvonly" : "inactive";
}

/** The same direction seen from the other side (RFC 3264 §6.1). */
export function reverseDirection(direction: MediaDirection): MediaDirection {
  return directionOf(receives(direction), sends(direction));
}
