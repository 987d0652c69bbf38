import {
  hasAttribute,
  readDataChannelSection,
  type MediaDescription,
  type SessionDescription,
} from "../sdp/index.ts";
import {
  indexOfMid,
  isDataSection,
  isRejected,
  midOf,
  sectionTransportOf,
  usesRtcpMux,
} from "./media-section.ts";
import { NegotiationError } from "./negotiation-error.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import type { DescriptionType } from "./signaling-state.ts";

type SettableType = Exclude<DescriptionType, "rollback">;

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
  // Reading a data section throws if it contradicts itself: better now than when it is answered.
  for (const section of parsed.media) isDataSection(section);
  if (type === "offer") checkContinuity(state, parsed);
  else checkAgainstOffer(state.pendingLocal!.parsed, parsed);
  for (const index of parsed.media.keys()) checkSection(type, parsed, index);
  checkSameGeneration(state.currentRemote?.parsed, parsed);
  // After a provisional answer ICE is running already.
  if (type !== "offer") checkSameGeneration(state.pendingRemote?.parsed, parsed);
}

function checkUniqueMids(parsed: SessionDescription): void {
  const seen = new Set<string>();
  for (const index of parsed.media.keys()) {
    const mid = midOf(parsed, index);
    if (seen.has(mid)) fail(`two sections have the mid "${mid}" (RFC 5888 §4)`);
    seen.add(mid);
  }
}

/**
 * What a section must say before anything can be connected to it. Sections that will be refused are
 * checked too: a description that would carry media in the clear is not worth half an answer.
 */
function checkSection(type: SettableType, parsed: SessionDescription, index: number): void {
  const section = parsed.media[index]!;
  if (isRejected(section) || !isSecured(section)) return;
  const where = `section ${index} (mid "${midOf(parsed, index)}")`;
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
  if (isRtp(section) && !usesRtcpMux(parsed, index))
    fail(`${where} has no a=rtcp-mux, which rtcpMuxPolicy "require" asks for (RFC 9429 §4.1.1)`);
}

function isSecured(section: MediaDescription): boolean {
  return /(^|\/)D?TLS(\/|$)/.test(section.protocol);
}

function isRtp(section: MediaDescription): boolean {
  return section.protocol.includes("RTP/");
}

/** RFC 3264 §8: a section keeps its place for ever, and its name as long as it is in use. */
function checkContinuity(state: NegotiationState, parsed: SessionDescription): void {
  const previous = state.currentRemote?.parsed;
  if (previous === undefined) return;
  if (parsed.media.length < previous.media.length) {
    fail(
      `the offer has ${parsed.media.length} sections, the session has ${previous.media.length} (RFC 3264 §8)`,
    );
  }
  for (const [index, section] of previous.media.entries()) {
    const local = state.currentLocal?.parsed.media[index];
    if (isRejected(section) || (local !== undefined && isRejected(local))) continue;
    const [before, now] = [midOf(previous, index), midOf(parsed, index)];
    if (before !== now)
      fail(`section ${index} has mid "${now}", but had "${before}" (RFC 9429 §5.2.2)`);
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
        `section ${index} of the answer is "${answered.kind}", the offer's "${offered.kind}" (RFC 3264 §6)`,
      );
    }
    if (isDataSection(offered) && !isRejected(answered) && !isDataSection(answered)) {
      fail(
        `section ${index} was offered for data channels, and the answer makes it something else`,
      );
    }
    const isNamed = hasAttribute(answered.attributes, "mid");
    if (isNamed && midOf(answer, index) !== midOf(offer, index)) {
      fail(
        `section ${index} of the answer has mid "${midOf(answer, index)}", the offer's "${midOf(offer, index)}"`,
      );
    }
    if (isRejected(offered) && !isRejected(answered))
      fail(`section ${index} accepts what was not offered`);
    checkRoles(offer, answer, index);
  }
}

/** RFC 8842 §5.3: the answer has to fit what was offered. */
function checkRoles(offer: SessionDescription, answer: SessionDescription, index: number): void {
  if (isRejected(answer.media[index]!)) return;
  const offered = sectionTransportOf(offer, index).setup;
  const answered = sectionTransportOf(answer, index).setup;
  if (offered !== undefined && offered !== "actpass" && offered === answered) {
    fail(`both sides of section ${index} want to be a=setup:${offered} (RFC 8842 §5.3)`);
  }
}

/**
 * What runs over a transport stays what it is: new credentials would restart ICE (RFC 8839
 * §4.4.1.1.1), another certificate or port a new association (RFC 8842 §5.5), neither of which is
 * done here so far. To go on with the old one would leave a description that says what is not so.
 */
function checkSameGeneration(
  previous: SessionDescription | undefined,
  parsed: SessionDescription,
): void {
  if (previous === undefined) return;
  for (const [index, section] of previous.media.entries()) {
    if (isRejected(section) || !isDataSection(section)) continue;
    const place = indexOfMid(parsed, midOf(previous, index));
    if (place < 0 || isRejected(parsed.media[place]!)) continue;
    const before = sectionTransportOf(previous, index).credentials;
    const after = sectionTransportOf(parsed, place).credentials;
    if (before?.ufrag !== after?.ufrag) {
      throw new NegotiationError(
        "unsupported",
        `the peer wants to restart ICE (a=ice-ufrag was "${before?.ufrag}", is "${after?.ufrag}"), which is not supported yet; make a new connection`,
      );
    }
    if (before?.password !== after?.password) {
      fail(
        `section ${place} has another a=ice-pwd with the same a=ice-ufrag (RFC 8839 §4.4.1.1.1)`,
      );
    }
    checkSameAssociation(previous, index, parsed, place);
  }
}

function checkSameAssociation(
  previous: SessionDescription,
  index: number,
  parsed: SessionDescription,
  place: number,
): void {
  const before = new Set(
    sectionTransportOf(previous, index).fingerprints.map(({ value }) => value),
  );
  const after = sectionTransportOf(parsed, place).fingerprints;
  const beforePort = readDataChannelSection(previous.media[index]!)?.sctpPort;
  const afterPort = readDataChannelSection(parsed.media[place]!)?.sctpPort;
  const isSame = after.some(({ value }) => before.has(value)) && beforePort === afterPort;
  if (isSame) return;
  throw new NegotiationError(
    "unsupported",
    `the peer wants a new DTLS or SCTP association in section ${place} (another a=fingerprint or a=sctp-port), which is not supported yet; make a new connection`,
  );
}

function fail(message: string): never {
  throw new NegotiationError("invalidContent", message);
}
