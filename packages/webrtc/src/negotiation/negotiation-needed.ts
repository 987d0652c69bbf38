import { isDataSection } from "./media-section.ts";
import type { NegotiationState } from "./negotiation-state.ts";

/** https://w3c.github.io/webrtc-pc/#dfn-check-if-negotiation-is-needed */
export function isNegotiationNeeded(state: NegotiationState, wantsDataChannel: boolean): boolean {
  if (state.credentialsToReplace.length > 0) return true;
  const sections = state.currentLocal?.parsed.media ?? [];
  return wantsDataChannel && !sections.some(isDataSection);
}
