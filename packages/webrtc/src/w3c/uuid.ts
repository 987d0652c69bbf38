import { NodeRandom } from "../crypto/node-random.ts";
import type { Random } from "../base/random.ts";

const systemRandom = new NodeRandom();

/**
 * A random UUID (RFC 9562 §5.4), as ids of streams and tracks should be
 * (https://w3c.github.io/mediacapture-main/#dom-mediastream-id). A stream that the application makes
 * belongs to no connection, so the randomness is the system's unless one is handed in.
 */
export function uuid(random: Random = systemRandom): string {
  const bytes = random.bytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [0, 8, 12, 16, 20].map((at, index, ats) => hex.slice(at, ats[index + 1])).join("-");
}
