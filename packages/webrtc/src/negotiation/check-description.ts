import {
  filterAttributes,
  hasAttribute,
  quoteLine,
  readDataChannelSection,
  type MediaDescription,
  type SessionDescription,
} from "../sdp/index.ts";
import { intersectDirections } from "./direction.ts";
import { reverseDirection } from "./media/direction.ts";
import { checkExtensionIds } from "./media/extension-ids.ts";
import {
  bundleOf,
  isDataSection,
  isLive,
  isMediaSection,
  midOf,
  sectionTransportOf,
  usesRtcpMux,
  type SectionTransport,
} from "./media-section.ts";
import { NegotiationError } from "./negotiation-error.ts";
import { remoteDescriptionOf, type NegotiationState } from "./negotiation-state.ts";
import { outlineOf } from "./outline.ts";
import { rtpSectionOf } from "./rtp-sections.ts";
import type { DescriptionType } from "./signaling-state.ts";
import {
  answeredTransports,
  carriers,
  offeredTransports,
  settledTransports,
} from "./transports.ts";

type SettableType = Exclude<DescriptionType, "rollback">;

/** Packets name their section (RFC 8843 §15), and an element of a header extension has no more bytes. */
const MAX_MID_LENGTH = 255;

/**
 * What a description of the peer must fulfil before anything is done with it (RFC 9429 §5.8).
 *
 * Throws {@link NegotiationError}: `invalidContent` if it contradicts itself or what it answers,
 * `unsupported` if it wants what is not done here; `SdpSyntaxError` for a data section that makes no
 * sense.
 */
export function checkRemoteContent(
  state: NegotiationState,
  type: SettableType,
  parsed: SessionDescription,
): void {
  checkUniqueMids(parsed);
  for (const [index, section] of parsed.media.entries()) {
    // Reading a section throws if it contradicts itself: better now than when it is answered.
    if (!isDataSection(section) && isMediaSection(parsed, index)) rtpSectionOf(parsed, index);
  }
  if (type === "offer") checkContinuity(state, parsed);
  else checkAgainstOffer(state.pendingLocal!.parsed, parsed);
  checkBundles(parsed);
  if (type === "offer") checkStillBundled(state, parsed);
  else checkAnsweredBundles(state, parsed);
  for (const index of parsed.media.keys()) checkSection(type, parsed, index);
  checkGeneration(state, type, parsed);
}

function checkUniqueMids(parsed: SessionDescription): void {
  const seen = new Set<string>();
  for (const index of parsed.media.keys()) {
    const mid = midOf(parsed, index);
    if (seen.has(mid)) fail(`two sections have the mid "${quoteLine(mid)}" (RFC 5888 §4)`);
    if (mid.length > MAX_MID_LENGTH)
      fail(
        `section ${index} has the mid "${quoteLine(mid)}" of ${mid.length} characters: more than ${MAX_MID_LENGTH} fit no header extension (RFC 8285 §4.3)`,
      );
    seen.add(mid);
  }
}

/** RFC 8843 §7: a group names sections that there are, and none of two groups. */
function checkBundles(parsed: SessionDescription): void {
  const { indexOfMid, bundleOfMid } = outlineOf(parsed);
  const named = new Set<string>();
  for (const { semantics, mids } of filterAttributes(parsed.attributes, "group")) {
    if (semantics !== "BUNDLE") continue;
    for (const mid of mids) {
      if (!indexOfMid.has(mid))
        fail(`a=group:BUNDLE names "${quoteLine(mid)}", which no section has (RFC 8843 §7)`);
      if (bundleOfMid.get(mid) !== mids)
        fail(`section "${quoteLine(mid)}" is in two BUNDLE groups (RFC 8843 §7)`);
      if (named.has(mid)) fail(`section "${quoteLine(mid)}" is in its BUNDLE group twice`);
      named.add(mid);
    }
  }
}

/**
 * What a section must say before anything can be connected to it. Sections that will be refused are
 * checked too: a description that would carry media in the clear is not worth half an answer.
 */
function checkSection(type: SettableType, parsed: SessionDescription, index: number): void {
  const section = parsed.media[index]!;
  const isMedia = isMediaSection(parsed, index);
  if (!isLive(parsed, index) || !(isMedia || isSecured(section))) return;
  const where = `section ${index} (mid "${quoteLine(midOf(parsed, index))}")`;
  const transport = sectionTransportOf(parsed, index);
  if (transport.credentials === undefined)
    fail(`${where} has no a=ice-ufrag and a=ice-pwd (RFC 8839 §5.4)`);
  if (transport.fingerprints.length === 0) {
    fail(`${where} has no a=fingerprint: the peer could not be authenticated (RFC 8842 §5.1)`);
  }
  if (transport.setup === "holdconn")
    fail(`${where} has a=setup:holdconn (RFC 8842 §5.3 forbids it)`);
  if (type !== "offer" && (transport.setup === undefined || transport.setup === "actpass")) {
    fail(`${where} of an answer must say a=setup:active or passive (RFC 8842 §5.3)`);
  }
  if (section.protocol.includes("RTP/") && !usesRtcpMux(parsed, index))
    fail(`${where} has no a=rtcp-mux, which rtcpMuxPolicy "require" asks for (RFC 9429 §4.1.1)`);
}

function isSecured(section: MediaDescription): boolean {
  return /(^|\/)D?TLS(\/|$)/.test(section.protocol);
}

/**
 * RFC 3264 §8: a section keeps its place for ever, and its name and kind as long as it is in use. An offer that
 * replaces one is seen as if that one had been answered (W3C "set a session description").
 */
function checkContinuity(state: NegotiationState, parsed: SessionDescription): void {
  const previous = remoteDescriptionOf(state)?.parsed;
  if (previous === undefined) return;
  if (parsed.media.length < previous.media.length) {
    fail(
      `the offer has ${parsed.media.length} sections, the session has ${previous.media.length} (RFC 3264 §8)`,
    );
  }
  const local = state.currentLocal?.parsed;
  for (const [index, section] of previous.media.entries()) {
    const isRefused = local !== undefined && index < local.media.length && !isLive(local, index);
    if (!isLive(previous, index) || isRefused) continue;
    const [before, now] = [midOf(previous, index), midOf(parsed, index)];
    if (before !== now)
      fail(
        `section ${index} has mid "${quoteLine(now)}", but had "${quoteLine(before)}" (RFC 9429 §5.2.2)`,
      );
    const { kind } = parsed.media[index]!;
    if (kind !== section.kind)
      fail(
        `section ${index} is "${quoteLine(kind)}", but was "${quoteLine(section.kind)}" (RFC 3264 §8.3)`,
      );
  }
}

/** RFC 9429 §5.2.2: what has been bundled cannot be taken apart. */
function checkStillBundled(state: NegotiationState, parsed: SessionDescription): void {
  const groupOf = new Map<string, readonly string[] | undefined>();
  for (const [index, mid] of outlineOf(parsed).mids.entries()) {
    const id = state.transportIds.get(mid);
    if (id === undefined || !isLive(parsed, index)) continue;
    const group = bundleOf(parsed, index);
    if (groupOf.has(id) && (group === undefined || group !== groupOf.get(id)))
      fail(`section ${index} (mid "${quoteLine(mid)}") has left its bundle (RFC 9429 §5.2.2)`);
    groupOf.set(id, group);
  }
}

/** RFC 3264 §6: one section for each of the offer, of the same kind, in the same order. */
function checkAgainstOffer(offer: SessionDescription, answer: SessionDescription): void {
  if (answer.media.length !== offer.media.length) {
    fail(
      `the answer has ${answer.media.length} sections, the offer ${offer.media.length} (RFC 3264 §6)`,
    );
  }
  for (const [index, offered] of offer.media.entries()) {
    const answered = answer.media[index]!;
    if (answered.kind !== offered.kind) {
      fail(
        `section ${index} of the answer is "${quoteLine(answered.kind)}", the offer's "${quoteLine(offered.kind)}" (RFC 3264 §6)`,
      );
    }
    if (isMediaSection(offer, index) && isLive(answer, index) && !isMediaSection(answer, index)) {
      fail(
        `section ${index} of the answer is "${quoteLine(answered.protocol)}" without a fingerprint, and was offered with DTLS-SRTP (RFC 8827 §6.5)`,
      );
    }
    if (isDataSection(offered) && isLive(answer, index) && !isDataSection(answered)) {
      fail(
        `section ${index} was offered for data channels, and the answer makes it something else`,
      );
    }
    const isNamed = hasAttribute(answered.attributes, "mid");
    if (isNamed && midOf(answer, index) !== midOf(offer, index)) {
      fail(
        `section ${index} of the answer has mid "${quoteLine(midOf(answer, index))}", the offer's "${quoteLine(midOf(offer, index))}"`,
      );
    }
    if (!isLive(offer, index) && isLive(answer, index))
      fail(`section ${index} accepts what was not offered`);
    checkRoles(offer, answer, index);
    if (isMediaSection(offer, index)) checkAnsweredMedia(offer, answer, index);
  }
}

/** RFC 3264 §6.1 and RFC 8285 §6: an answer takes away, it adds and renames nothing. */
function checkAnsweredMedia(
  offer: SessionDescription,
  answer: SessionDescription,
  index: number,
): void {
  if (!isLive(offer, index) || !isLive(answer, index) || !isMediaSection(answer, index)) return;
  const offered = rtpSectionOf(offer, index);
  const answered = rtpSectionOf(answer, index);
  const seen = reverseDirection(answered.direction);
  if (intersectDirections(seen, offered.direction) !== seen) {
    fail(
      `section ${index} of the answer is a=${answered.direction}, which does not answer a=${offered.direction} (RFC 3264 §6.1)`,
    );
  }
  checkExtensionIds(answered.headerExtensions, offered.headerExtensions);
}

/** RFC 8843 §7.3: an answer bundles what was offered as a bundle; what has no transport of its own stays in it. */
function checkAnsweredBundles(state: NegotiationState, answer: SessionDescription): void {
  const offer = state.pendingLocal!.parsed;
  const ids = offeredTransports(state);
  const leaderOf = new Map<string, number>();
  const { mids, bundleOfMid } = outlineOf(offer);
  /** What holds for one section of a group holds for all of them: each is looked at once. */
  const seen = new Set<readonly string[]>();
  for (const [index, mid] of mids.entries()) {
    if (!isLive(offer, index) || !isLive(answer, index)) continue;
    const group = bundleOf(answer, index);
    const offered = bundleOf(offer, index);
    const isOffered = (other: string): boolean =>
      offered !== undefined && bundleOfMid.get(other) === offered;
    const isNew = group !== undefined && !seen.has(group);
    if (group !== undefined) seen.add(group);
    if (isNew && !group.every(isOffered))
      fail(
        `the answer bundles section ${index} (mid "${quoteLine(mid)}") with what the offer did not (RFC 8843 §7.3)`,
      );
    const id = ids.get(mid)!;
    const leader = leaderOf.get(id);
    if (leader === undefined) leaderOf.set(id, index);
    else if (group === undefined || group !== bundleOf(answer, leader))
      fail(
        `section ${index} (mid "${quoteLine(mid)}") was offered in a bundle only, and the answer takes it out (RFC 8843 §7.3)`,
      );
  }
}

/** RFC 8842 §5.3: the answer has to fit what was offered. */
function checkRoles(offer: SessionDescription, answer: SessionDescription, index: number): void {
  if (!isLive(answer, index) || !isLive(offer, index)) return;
  const offered = sectionTransportOf(offer, index).setup;
  const answered = sectionTransportOf(answer, index).setup;
  if (offered !== undefined && offered !== "actpass" && offered === answered) {
    fail(`both sides of section ${index} want to be a=setup:${offered} (RFC 8842 §5.3)`);
  }
}

/**
 * What the transports that there are already run on. Other ICE credentials restart ICE (RFC 8839 §4.4.1.1.1): an
 * offer may, and an answer must if and only if the offer did (RFC 9429 §5.10).
 */
function checkGeneration(
  state: NegotiationState,
  type: SettableType,
  parsed: SessionDescription,
): void {
  const settled = settledTransports(state);
  const isOffer = type === "offer";
  const offer = isOffer ? parsed : state.pendingLocal!.parsed;
  const proposed = isOffer
    ? offeredTransports({
        ...state,
        signalingState: "have-remote-offer",
        pendingRemote: { type, parsed },
      })
    : answeredTransports(state, parsed);
  const { mids } = outlineOf(offer);
  const ours = carriers(offer, proposed);
  for (const [id, index] of carriers(parsed, proposed, mids)) {
    const before = settled.get(id);
    if (before === undefined) continue;
    const now = sectionTransportOf(parsed, index);
    checkPassword(before.remote, now, index);
    checkAssociation(before.remote, now, index);
    if (isOffer) continue;
    const own = ours.get(id);
    const isAsked =
      own !== undefined &&
      sectionTransportOf(offer, own).credentials?.ufrag !== before.local.credentials?.ufrag;
    checkRestart(isAsked, before.remote, now, index);
  }
  checkDataPorts(state.currentRemote?.parsed, parsed);
  if (!isOffer) checkProvisional(state.pendingRemote?.parsed, parsed);
}

function checkPassword(before: SectionTransport, now: SectionTransport, index: number): void {
  const isSame = before.credentials?.ufrag === now.credentials?.ufrag;
  if (isSame && before.credentials?.password !== now.credentials?.password)
    fail(`section ${index} has another a=ice-pwd with the same a=ice-ufrag (RFC 8839 §4.4.1.1.1)`);
}

function checkRestart(
  isAsked: boolean,
  before: SectionTransport,
  now: SectionTransport,
  index: number,
): void {
  const isRestart = before.credentials?.ufrag !== now.credentials?.ufrag;
  if (isRestart && !isAsked)
    fail(`section ${index} of the answer restarts ICE, which the offer did not (RFC 9429 §5.10)`);
  if (!isRestart && isAsked)
    fail(
      `section ${index} of the answer keeps a=ice-ufrag, but the offer restarts ICE (RFC 9429 §5.10)`,
    );
}

/** What was checked with the handshake stays what is described (RFC 8842 §5.5). */
function checkAssociation(before: SectionTransport, now: SectionTransport, index: number): void {
  const known = new Set(before.fingerprints.map(({ value }) => value));
  if (!now.fingerprints.some(({ value }) => known.has(value))) refuseAssociation(index);
}

function checkDataPorts(
  previous: SessionDescription | undefined,
  parsed: SessionDescription,
): void {
  if (previous === undefined) return;
  for (const [index, section] of previous.media.entries()) {
    const place = outlineOf(parsed).indexOfMid.get(midOf(previous, index));
    if (!isLive(previous, index) || place === undefined || !isLive(parsed, place)) continue;
    const before = readDataChannelSection(section)?.sctpPort;
    const now = readDataChannelSection(parsed.media[place]!)?.sctpPort;
    if (before !== now) refuseAssociation(place);
  }
}

function refuseAssociation(index: number): never {
  throw new NegotiationError(
    "unsupported",
    `the peer wants a new DTLS or SCTP association in section ${index} (another a=fingerprint or a=sctp-port), which is not supported yet; make a new connection`,
  );
}

/** Once a provisional answer has come, ICE and DTLS run as it says; forking to another peer is not done here. */
function checkProvisional(
  provisional: SessionDescription | undefined,
  parsed: SessionDescription,
): void {
  if (provisional === undefined) return;
  for (const index of provisional.media.keys()) {
    if (!isLive(provisional, index) || !isLive(parsed, index)) continue;
    const before = sectionTransportOf(provisional, index);
    const now = sectionTransportOf(parsed, index);
    checkPassword(before, now, index);
    checkAssociation(before, now, index);
    if (before.credentials?.ufrag !== now.credentials?.ufrag) {
      throw new NegotiationError(
        "unsupported",
        `section ${index} has another a=ice-ufrag than in the provisional answer, which is not supported; make a new connection`,
      );
    }
  }
}

function fail(message: string): never {
  throw new NegotiationError("invalidContent", message);
}
