import type { NatBehaviour } from "../../../src/testing/index.ts";

/** The two properties of a NAT that decide whether hosts find each other. */
export type NatKind = Pick<NatBehaviour, "mapping" | "filtering">;

const DEPENDENCES = [
  "endpoint-independent",
  "address-dependent",
  "address-and-port-dependent",
] as const;

/** All nine combinations of RFC 4787 §4.1 and §5. */
export const NAT_KINDS: readonly NatKind[] = DEPENDENCES.flatMap((mapping) =>
  DEPENDENCES.map((filtering) => ({ mapping, filtering })),
);

/** `EIM/ADF`: the usual short form. */
export function shortNameOf({ mapping, filtering }: NatKind): string {
  const letters = {
    "endpoint-independent": "EI",
    "address-dependent": "AD",
    "address-and-port-dependent": "APD",
  };
  return `${letters[mapping]}M/${letters[filtering]}F`;
}

/**
 * Whether two hosts, each behind a NAT of its own with filters per mapping, can reach each other with
 * STUN and without a relay (RFC 8445 with peer-reflexive candidates; no guessing of ports).
 *
 * A pair of ports works if each side sends to the other's port from its own. What follows is which
 * side can learn such a port:
 *
 * - Both mappings independent of the endpoint: each knows the other's port from STUN, and the first
 *   checks open both filters.
 * - One independent: the other side's real port shows only in its checks, which the independent side
 *   must let in; it has sent to that address already, but not to that port.
 * - None independent: the port known from STUN is only open to the STUN server, so one side must let
 *   in anybody; and it is answered from a new port, which the other side must let in by address. If
 *   both mappings depend on the port, each answer comes from yet another port, without end.
 */
export function canConnectDirectly(a: NatKind, b: NatKind): boolean {
  const independent = [a, b].filter(({ mapping }) => mapping === "endpoint-independent");
  if (independent.length === 2) return true;
  if (independent.length === 1) return independent[0]!.filtering !== "address-and-port-dependent";
  const dependsOnPort = ({ mapping }: NatKind): boolean => mapping === "address-and-port-dependent";
  if (dependsOnPort(a) && dependsOnPort(b)) return false;
  return canBreakThrough(a, b) || canBreakThrough(b, a);
}

function canBreakThrough(listener: NatKind, other: NatKind): boolean {
  return (
    listener.filtering === "endpoint-independent" &&
    other.filtering !== "address-and-port-dependent"
  );
}
