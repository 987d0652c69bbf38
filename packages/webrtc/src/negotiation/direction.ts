import type { MediaDirection } from "../sdp/index.ts";

/** True for "sendrecv" and "sendonly". */
export function includesSend(direction: MediaDirection | null): boolean {
  return direction === "sendrecv" || direction === "sendonly";
}

/** True for "sendrecv" and "recvonly". */
export function includesReceive(direction: MediaDirection | null): boolean {
  return direction === "sendrecv" || direction === "recvonly";
}

/** The direction as the other side sees it (RFC 3264 §6.1). */
export function reverseDirection(direction: MediaDirection): MediaDirection {
  if (direction === "sendonly") return "recvonly";
  if (direction === "recvonly") return "sendonly";
  return direction;
}

/** What both allow: how an answer's direction follows from the offered and the own one (RFC 9429 §5.3.1). */
export function intersectDirections(a: MediaDirection, b: MediaDirection): MediaDirection {
  const sends = includesSend(a) && includesSend(b);
  const receives = includesReceive(a) && includesReceive(b);
  if (sends) return receives ? "sendrecv" : "sendonly";
  return receives ? "recvonly" : "inactive";
}
