import type { Random } from "../base/random.ts";
import type { MediaKind } from "../rtp/codec.ts";
import type { SessionDescription } from "../sdp/index.ts";
import { receives } from "./media/direction.ts";
import { isLive, isMediaSection, midOf } from "./media-section.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import { rtpSectionOf } from "./rtp-sections.ts";
import { proposedEncodings } from "./send-encodings.ts";
import type { SendEncoding, TransceiverState } from "./transceiver.ts";
import { addTransceiver } from "./transceivers.ts";

/** Gives the transceivers for which an own offer was made their sections (RFC 9429 §5.9). */
export function associateLocal(
  state: NegotiationState,
  offer: SessionDescription,
): readonly TransceiverState[] {
  const places = new Map(state.offeredTransceivers.map((id, index) => [id, index]));
  return state.transceivers.map((transceiver) => {
    const mediaIndex = places.get(transceiver.id);
    if (mediaIndex === undefined) return transceiver;
    return { ...transceiver, mediaIndex, mid: midOf(offer, mediaIndex) };
  });
}

/**
 * Finds or makes a transceiver for each section of the peer's offer (RFC 9429 §5.10): the one that has it, else the
 * first that `addTrack` made and nothing has used yet if the peer would receive from it, else a new one.
 */
export function associateRemote(
  before: NegotiationState,
  offer: SessionDescription,
  random: Random,
): NegotiationState {
  let state = { ...before, transceivers: disassociateRecycled(before.transceivers, offer) };
  const byIndex = new Map(
    state.transceivers.map((transceiver) => [transceiver.mediaIndex, transceiver]),
  );
  const unused = unusedByKind(state.transceivers);
  const changed = new Map<number, TransceiverState>();
  for (const index of offer.media.keys()) {
    if (!isMediaSection(offer, index) || isOver(before, offer, index)) continue;
    const section = rtpSectionOf(offer, index);
    const encodings = section.kind === "video" ? proposedEncodings(section.receiveRids) : [];
    const place = { mid: midOf(offer, index), mediaIndex: index };
    let found = byIndex.get(index);
    if (found === undefined && receives(section.direction)) found = unused[section.kind].shift();
    if (found !== undefined) {
      changed.set(found.id, withEncodings({ ...found, ...place }, encodings));
      continue;
    }
    const added = addTransceiver(
      state,
      {
        kind: section.kind,
        direction: "recvonly",
        streamIds: [],
        encodings,
        isFromAddTrack: false,
      },
      random,
    );
    state = added.state;
    const trackId = section.trackId ?? added.transceiver.receiver.trackId;
    changed.set(added.transceiver.id, {
      ...added.transceiver,
      ...place,
      isFromPendingOffer: true,
      receiver: { ...added.transceiver.receiver, trackId },
    });
  }
  const transceivers = state.transceivers.map(
    (transceiver) => changed.get(transceiver.id) ?? transceiver,
  );
  return { ...state, transceivers };
}

/** A section that has been refused before and still is has no transceiver any more. */
function isOver(state: NegotiationState, offer: SessionDescription, index: number): boolean {
  if (isLive(offer, index)) return false;
  const [local, remote] = [state.currentLocal?.parsed, state.currentRemote?.parsed];
  const isKnown = local !== undefined && index < local.media.length;
  return isKnown && !(isLive(local, index) && isLive(remote, index));
}

/** RFC 9429 §5.10: another section in the old place. What was stopped there has ended with it. */
function disassociateRecycled(
  transceivers: readonly TransceiverState[],
  offer: SessionDescription,
): readonly TransceiverState[] {
  return transceivers.flatMap((transceiver) => {
    const { mid, mediaIndex, isStopped } = transceiver;
    if (mediaIndex === null || midOf(offer, mediaIndex) === mid) return [transceiver];
    return isStopped ? [] : [{ ...transceiver, mid: null, mediaIndex: null }];
  });
}

function unusedByKind(
  transceivers: readonly TransceiverState[],
): Record<MediaKind, TransceiverState[]> {
  const unused: Record<MediaKind, TransceiverState[]> = { audio: [], video: [] };
  for (const transceiver of transceivers) {
    const { kind, mediaIndex, isFromAddTrack, isStopping } = transceiver;
    if (mediaIndex === null && isFromAddTrack && !isStopping) unused[kind].push(transceiver);
  }
  return unused;
}

/** Only a sender without simulcast takes the layers that a peer asks for (W3C "set a session description"). */
function withEncodings(
  transceiver: TransceiverState,
  proposed: readonly SendEncoding[],
): TransceiverState {
  const [encoding, ...others] = transceiver.sender.encodings;
  const isLone = others.length === 0 && encoding?.rid === undefined;
  if (proposed.length === 0 || !isLone) return transceiver;
  return { ...transceiver, sender: { ...transceiver.sender, encodings: proposed } };
}
