import type { IceCredentials } from "../base/ice-credentials.ts";
import { sectionTransportOf } from "./media-section.ts";
import type { NegotiationState } from "./negotiation-state.ts";

/**
 * Asks that the next offer has other credentials than all that the local descriptions name
 * (https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-restartice).
 */
export function restartIce(state: NegotiationState): NegotiationState {
  return { ...state, credentialsToReplace: localCredentials(state) };
}

/** All ICE credentials of the current and the pending local description, each once. */
export function localCredentials(state: NegotiationState): readonly IceCredentials[] {
  const found = new Map<string, IceCredentials>();
  for (const set of [state.currentLocal, state.pendingLocal]) {
    for (const index of set?.parsed.media.keys() ?? []) {
      const { credentials } = sectionTransportOf(set!.parsed, index);
      if (credentials !== undefined) found.set(credentials.ufrag, credentials);
    }
  }
  return [...found.values()];
}
