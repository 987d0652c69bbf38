import { hasAttribute, type MediaDescription } from "../sdp/index.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import { outlineOf } from "./outline.ts";

/** All names that sections and transports have by now: a new section gets another one. */
export function usedMids(state: NegotiationState): Set<string> {
  const used = new Set(state.transportIds.values());
  const { currentLocal, currentRemote, pendingLocal, pendingRemote } = state;
  for (const set of [currentLocal, currentRemote, pendingLocal, pendingRemote]) {
    for (const mid of set === undefined ? [] : outlineOf(set.parsed).mids) used.add(mid);
  }
  return used;
}

/** The smallest number that names no section yet: it tells nothing, and is short (RFC 9429 §5.2.1). */
export function drawMid(used: Set<string>): string {
  let number = 0;
  while (used.has(String(number))) number++;
  used.add(String(number));
  return String(number);
}

/** Whether the section that is taken as a model has an `a=mid`; a new one gets it. */
export function hasMidAttribute(model: MediaDescription | undefined): boolean {
  return model === undefined || hasAttribute(model.attributes, "mid");
}
