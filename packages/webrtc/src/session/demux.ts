/** What a datagram holds, told by its first byte. */
export type DatagramKind = "stun" | "dtls" | "rtp" | "unknown";

/**
 * Tells the protocols that share one path apart (RFC 7983 §7). TURN channel data (64 to 79) never
 * gets here: the relay's allocation unwraps it first.
 */
export function classifyDatagram(bytes: Uint8Array): DatagramKind {
  const first = bytes[0];
  if (first === undefined) return "unknown";
  if (first <= 3) return "stun";
  if (first >= 20 && first <= 63) return "dtls";
  if (first >= 128 && first <= 191) return "rtp";
  return "unknown";
}
