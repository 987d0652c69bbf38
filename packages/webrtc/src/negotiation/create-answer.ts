import type { Random } from "../base/random.ts";
import { hasAttribute, type SessionDescription, type SetupRole } from "../sdp/index.ts";
import type { CreatedDescription } from "./create-offer.ts";
import { DescriptionDraft, type Placement } from "./description-draft.ts";
import type { RtpContent } from "./media/rtp-attributes.ts";
import {
  bundleOf,
  hasIceOption,
  isDataSection,
  isLive,
  isMediaSection,
  midOf,
  sectionTransportOf,
  type SectionTransport,
} from "./media-section.ts";
import { hasMidAttribute } from "./mids.ts";
import { NegotiationError } from "./negotiation-error.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import { outlineOf } from "./outline.ts";
import { RtpAnswers } from "./rtp-content.ts";
import { rtpSectionOf } from "./rtp-sections.ts";
import type { SignalingState } from "./signaling-state.ts";
import type { TransceiverState } from "./transceiver.ts";
import {
  carriers,
  offeredTransports,
  settledTransports,
  type SettledTransport,
} from "./transports.ts";

/** Far more than a peer without BUNDLE needs. */
const MAX_TRANSPORTS = 32;

/** Throws {@link NegotiationError} `invalidState` if nothing can be answered now (W3C "create an answer", step 1). */
export function checkCanAnswer(state: SignalingState): void {
  if (state === "have-remote-offer" || state === "have-local-pranswer") return;
  const problem = `cannot create an answer in signaling state "${state}"`;
  throw new NegotiationError("invalidState", problem);
}

/** What is accepted of a section. */
type Accepted =
  | { readonly kind: "media"; readonly content: RtpContent }
  | { readonly kind: "data" }
  | undefined;

/**
 * Makes an answer to the pending offer (RFC 9429 §5.3): each section with its transceiver, the first one for data,
 * everything else refused. The same state gives the same text.
 *
 * Throws {@link NegotiationError} `invalidState` unless a remote offer is pending.
 */
export function createAnswer(state: NegotiationState, random: Random): CreatedDescription {
  checkCanAnswer(state.signalingState);
  const offer = state.pendingRemote!.parsed; // There is one in both of these states.
  const allowed = rejectByPolicy(state, offer, acceptSections(state, offer));
  const accepted = rejectBundles(offer, rejectSurplus(state, offer, allowed));
  const places = placeAnswer(state, offer, accepted);
  const draft = new DescriptionDraft(state, random, (id) => places.restarting.has(id));
  for (const [index, section] of offer.media.entries()) {
    const placement = places.placements[index];
    const part = accepted[index];
    if (placement === undefined || part === undefined) draft.addRejected(section);
    else if (part.kind === "data") draft.addData(placement, section);
    else {
      draft.addMedia(placement, part.content, {
        protocol: section.protocol,
        allowsMixedExtensions: hasAttribute(section.attributes, "extmap-allow-mixed"),
      });
    }
  }
  const level = {
    bundles: bundlesToAnswer(offer, accepted),
    iceOptions: ["trickle", "ice2"].filter((option) => hasIceOption(offer, option)),
    allowsMixedExtensions: hasAttribute(offer.attributes, "extmap-allow-mixed"),
  };
  const { state: drafted, text } = draft.finish(level, state.lastCreatedAnswer);
  return { text, state: { ...drafted, lastCreatedAnswer: text } };
}

function acceptSections(state: NegotiationState, offer: SessionDescription): readonly Accepted[] {
  const transceivers = new Map<number | null, TransceiverState>(
    state.transceivers.map((transceiver) => [transceiver.mediaIndex, transceiver]),
  );
  const contents = new RtpAnswers(state);
  let hasData = false;
  return offer.media.map((section, index): Accepted => {
    if (!isLive(offer, index)) return undefined;
    if (isDataSection(section)) {
      if (hasData) return undefined;
      hasData = true;
      return { kind: "data" };
    }
    const transceiver = transceivers.get(index);
    if (transceiver === undefined || transceiver.isStopped || !isMediaSection(offer, index))
      return undefined;
    const content = contents.contentOf(transceiver, rtpSectionOf(offer, index));
    return content && { kind: "media", content };
  });
}

/** RFC 9429 §5.3.1: what is not bundled with the first section, or the first one of its kind, is refused. */
function rejectByPolicy(
  state: NegotiationState,
  offer: SessionDescription,
  accepted: readonly Accepted[],
): readonly Accepted[] {
  const { bundlePolicy } = state.identity;
  if (bundlePolicy === "max-compat") return accepted;
  const first = new Map<string, number>();
  return accepted.map((part, index) => {
    if (!isLive(offer, index)) return undefined;
    const kind = bundlePolicy === "balanced" ? offer.media[index]!.kind : "any";
    const leader = first.get(kind);
    if (leader === undefined) {
      first.set(kind, index);
      return part;
    }
    const group = bundleOf(offer, leader);
    return group !== undefined && group === bundleOf(offer, index) ? part : undefined;
  });
}

/** Each transport costs sockets, on every address of this machine: a peer opens no more of them than this. */
function rejectSurplus(
  state: NegotiationState,
  offer: SessionDescription,
  accepted: readonly Accepted[],
): readonly Accepted[] {
  const ids = offeredTransports(state);
  const kept = new Set(state.transportIds.values());
  return accepted.map((part, index) => {
    if (part === undefined) return undefined;
    const id = ids.get(midOf(offer, index))!;
    if (!kept.has(id) && kept.size >= MAX_TRANSPORTS) return undefined;
    kept.add(id);
    return part;
  });
}

/** RFC 8843 §7.3.2, RFC 9429 §5.3.1: with the section that speaks for it, the whole bundle is refused. */
function rejectBundles(
  offer: SessionDescription,
  accepted: readonly Accepted[],
): readonly Accepted[] {
  const { indexOfMid, isLive: live } = outlineOf(offer);
  return accepted.map((part, index) => {
    const tagged = bundleOf(offer, index)?.find((mid) => live[indexOfMid.get(mid) ?? -1]);
    const isRefused = tagged !== undefined && accepted[indexOfMid.get(tagged)!] === undefined;
    return isRefused ? undefined : part;
  });
}

/** The offered bundles without what is refused (RFC 8843 §7.3). */
function bundlesToAnswer(
  offer: SessionDescription,
  accepted: readonly Accepted[],
): readonly (readonly string[])[] {
  const { bundleOfMid, indexOfMid } = outlineOf(offer);
  const isAccepted = (mid: string): boolean => accepted[indexOfMid.get(mid) ?? -1] !== undefined;
  return [...new Set(bundleOfMid.values())]
    .map((mids) => mids.filter(isAccepted))
    .filter((mids) => mids.length > 0);
}

function placeAnswer(
  state: NegotiationState,
  offer: SessionDescription,
  accepted: readonly Accepted[],
): {
  readonly placements: readonly (Placement | undefined)[];
  readonly restarting: ReadonlySet<string>;
} {
  const ids = offeredTransports(state);
  const carrierOf = carriers(offer, ids);
  const settled = settledTransports(state);
  const restarting = new Set<string>();
  const roles = new Map<string, SetupRole>();
  for (const [id, index] of carrierOf) {
    const theirs = sectionTransportOf(offer, index);
    const before = settled.get(id);
    if (isRestarted(before, theirs)) restarting.add(id);
    roles.set(id, answeringRole(before, theirs));
  }
  const placements = offer.media.map((section, index): Placement | undefined => {
    if (accepted[index] === undefined) return undefined;
    const mid = midOf(offer, index);
    const transportId = ids.get(mid)!;
    return {
      mid,
      hasMid: hasMidAttribute(section),
      transportId,
      isCarrier: carrierOf.get(transportId) === index,
      isBundleOnly: false,
      setup: roles.get(transportId)!,
      opensTransport: false,
    };
  });
  return { placements, restarting };
}

/** RFC 8839 §4.4.1.1.1: other credentials than before. */
function isRestarted(before: SettledTransport | undefined, theirs: SectionTransport): boolean {
  const known = before?.remote.credentials?.ufrag;
  return known !== undefined && known !== theirs.credentials?.ufrag;
}

/**
 * RFC 8842 §5.3: the side that may choose is the client, since that saves a round trip; in later
 * negotiations of one association the roles stay.
 */
function answeringRole(before: SettledTransport | undefined, theirs: SectionTransport): SetupRole {
  if (theirs.setup === "active") return "passive";
  if (theirs.setup === "passive") return "active";
  const isServer = before?.local.setup === "passive" || before?.remote.setup === "active";
  return isServer ? "passive" : "active";
}
