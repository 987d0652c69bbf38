import { intersectDirections } from "./direction.ts";
import { reverseDirection, sends } from "./media/direction.ts";
import type { RtpSection } from "./media/rtp-section.ts";
import { isDataSection, isLive } from "./media-section.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import { rtpSectionOf } from "./rtp-sections.ts";
import type { TransceiverState } from "./transceiver.ts";

/** https://w3c.github.io/webrtc-pc/#dfn-check-if-negotiation-is-needed */
export function isNegotiationNeeded(state: NegotiationState, wantsDataChannel: boolean): boolean {
  // Step 2
  if (state.credentialsToReplace.length > 0) return true;
  // Steps 3 and 4
  const sections = state.currentLocal?.parsed.media ?? [];
  if (wantsDataChannel && !sections.some(isDataSection)) return true;
  // Step 5
  return state.transceivers.some((transceiver) => needsNegotiation(state, transceiver));
}

function needsNegotiation(state: NegotiationState, transceiver: TransceiverState): boolean {
  const { isStopping, isStopped, direction, mediaIndex } = transceiver;
  const [local, remote] = [state.currentLocal, state.currentRemote];
  // Step 5.1
  if (isStopping && !isStopped) return true;
  const isDescribed =
    mediaIndex !== null && local !== undefined && mediaIndex < local.parsed.media.length;
  // Steps 5.2 and 5.4
  if (isStopped) {
    return isDescribed && isLive(local.parsed, mediaIndex) && isLive(remote?.parsed, mediaIndex);
  }
  if (!isDescribed || remote === undefined) return true;
  // Step 5.3
  const ours = rtpSectionOf(local.parsed, mediaIndex);
  if (sends(direction) && !namesStreams(ours, transceiver.sender.streamIds)) return true;
  const theirs = reverseDirection(rtpSectionOf(remote.parsed, mediaIndex).direction);
  return local.type === "offer"
    ? ours.direction !== direction && theirs !== direction
    : ours.direction !== intersectDirections(direction, theirs);
}

/** Step 5.3.1 */
function namesStreams(section: RtpSection, streamIds: readonly string[]): boolean {
  const written = new Set(section.streams.map(({ streamId }) => streamId));
  return (
    section.hasMsid &&
    written.size === streamIds.length &&
    streamIds.every((streamId) => written.has(streamId))
  );
}
