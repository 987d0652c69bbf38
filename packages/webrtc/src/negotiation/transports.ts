import type { NegotiationState } from "./negotiation-state.ts";

/**
 * The transport of a section by the newest descriptions, BUNDLE applied: the MID of the section that carries it
 * (RFC 8843 §7.2). `undefined` if no live section has this MID.
 */
export function transportIdOf(state: NegotiationState, mid: string): string | undefined {
  return state.transportIds.get(mid);
}
