import type { Random } from "../base/random.ts";
import type { MediaDescription, SessionDescription } from "../sdp/index.ts";
import { DescriptionDraft } from "./description-draft.ts";
import { isDataSection, isLive, midOf } from "./media-section.ts";
import { drawMid, usedMids } from "./mids.ts";
import { NegotiationError } from "./negotiation-error.ts";
import { localDescriptionOf, type NegotiationState } from "./negotiation-state.ts";
import { placeOffer, type OfferSlot } from "./place-offer.ts";
import { RtpOffers } from "./rtp-content.ts";
import type { SignalingState } from "./signaling-state.ts";
import type { TransceiverId, TransceiverState } from "./transceiver.ts";

/** What a new offer has to hold besides what is there already. */
export type OfferInput = {
  /** There are data channels, or there will be. */
  readonly wantsDataChannel: boolean;
  readonly random: Random;
  /** New credentials for every transport (RFC 9429 §5.2.3.1). */
  readonly iceRestart?: boolean;
};

/** A text that may be set as the local description, and the state that remembers it. */
export type CreatedDescription = { readonly state: NegotiationState; readonly text: string };

/** Throws {@link NegotiationError} `invalidState` if no offer can be made now (W3C "create an offer", step 1). */
export function checkCanOffer(state: SignalingState): void {
  if (state === "stable" || state === "have-local-offer") return;
  const problem = `cannot create an offer in signaling state "${state}"`;
  throw new NegotiationError("invalidState", problem);
}

/**
 * Makes an offer (RFC 9429 §5.2): every section of the descriptions so far in its place, then one for each new
 * transceiver, and one for data where it is wanted. The same state gives the same text.
 *
 * Throws {@link NegotiationError} `invalidState` unless the state is stable or has a local offer.
 */
export function createOffer(state: NegotiationState, input: OfferInput): CreatedDescription {
  checkCanOffer(state.signalingState);
  const slots = planSlots(state, input.wantsDataChannel);
  const { placements, bundles } = placeOffer(state, slots);
  const mustRestart = input.iceRestart === true || state.credentialsToReplace.length > 0;
  const draft = new DescriptionDraft(state, input.random, () => mustRestart);
  const contents = new RtpOffers(state);
  for (const [index, slot] of slots.entries()) {
    const placement = placements[index];
    if (placement === undefined || slot.kind === "rejected") draft.addRejected(slot.model!);
    else if (slot.kind === "data") draft.addData(placement, slot.model);
    else draft.addMedia(placement, contents.contentOf(slot.transceiver));
  }
  const level = {
    bundles,
    iceOptions: ["trickle", "ice2"],
    allowsMixedExtensions: slots.some(({ kind }) => kind === "media"),
  };
  const { state: drafted, text } = draft.finish(level, state.lastCreatedOffer);
  const offeredTransceivers = slots.map(transceiverIdOf);
  return { text, state: { ...drafted, lastCreatedOffer: text, offeredTransceivers } };
}

function transceiverIdOf(slot: OfferSlot): TransceiverId | undefined {
  return slot.kind === "media" ? slot.transceiver.id : undefined;
}

/** What stands where (RFC 9429 §5.2.1, §5.2.2). */
function planSlots(state: NegotiationState, wantsDataChannel: boolean): readonly OfferSlot[] {
  const base = localDescriptionOf(state)?.parsed;
  const associated = new Map<number, TransceiverState>();
  const waiting: TransceiverState[] = [];
  for (const transceiver of state.transceivers) {
    if (transceiver.mediaIndex !== null) associated.set(transceiver.mediaIndex, transceiver);
    else if (!transceiver.isStopping) waiting.push(transceiver);
  }
  const mids = usedMids(state);
  const slots: OfferSlot[] = [];
  let wantsData = wantsDataChannel && !hasLiveData(state, base);
  const nextNew = (): OfferSlot | undefined => {
    const transceiver = waiting.shift();
    if (transceiver !== undefined)
      return { kind: "media", transceiver, mid: drawMid(mids), model: undefined };
    if (!wantsData) return undefined;
    wantsData = false;
    return { kind: "data", mid: drawMid(mids), model: undefined };
  };
  for (const [index, model] of base?.media.entries() ?? []) {
    const transceiver = associated.get(index);
    const fresh =
      transceiver === undefined && isRecyclable(state, base!, index) ? nextNew() : undefined;
    slots.push(fresh ?? keptSlot(state, base!, index, model, transceiver));
  }
  for (let fresh = nextNew(); fresh !== undefined; fresh = nextNew()) slots.push(fresh);
  return slots;
}

function keptSlot(
  state: NegotiationState,
  base: SessionDescription,
  index: number,
  model: MediaDescription,
  transceiver: TransceiverState | undefined,
): OfferSlot {
  const mid = midOf(base, index);
  if (transceiver !== undefined && !transceiver.isStopping)
    return { kind: "media", transceiver, mid, model };
  const isData = isLiveHere(state, base, index) && isDataSection(model);
  return isData ? { kind: "data", mid, model } : { kind: "rejected", model };
}

function hasLiveData(state: NegotiationState, base: SessionDescription | undefined): boolean {
  if (base === undefined) return false;
  return base.media.some(
    (section, index) => isDataSection(section) && isLiveHere(state, base, index),
  );
}

/** Not refused in the description to go on from, nor by the peer if it has been negotiated as it is there. */
function isLiveHere(state: NegotiationState, base: SessionDescription, index: number): boolean {
  if (!isLive(base, index)) return false;
  const remote = state.currentRemote?.parsed;
  if (remote === undefined || index >= remote.media.length) return true;
  const isSame = midOf(state.currentLocal!.parsed, index) === midOf(base, index);
  return !isSame || isLive(remote, index);
}

/** RFC 9429 §5.2.2: port zero in a current description makes room, and not what is only offered. */
function isRecyclable(state: NegotiationState, base: SessionDescription, index: number): boolean {
  const [local, remote] = [state.currentLocal?.parsed, state.currentRemote?.parsed];
  if (isLiveHere(state, base, index) || local === undefined || remote === undefined) return false;
  return index < local.media.length && !(isLive(local, index) && isLive(remote, index));
}
