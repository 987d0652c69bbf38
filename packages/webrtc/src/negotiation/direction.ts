import type { MediaDirection } from "../sdp/index.ts";
import { directionOf, receives, sends } from "./media/direction.ts";

/** What both allow: how an answer's direction follows from the offered one and the own one (RFC 9429 §5.3.1). */
export function intersectDirections(a: MediaDirection, b: MediaDirection): MediaDirection {
  return directionOf(sends(a) && sends(b), receives(a) && receives(b));
}
