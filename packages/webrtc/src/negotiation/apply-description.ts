import { hasAttribute, parseSessionDescription, type SessionDescription } from "../sdp/index.ts";
import {
  indexOfMid,
  isDataSection,
  isRejected,
  midOf,
  sectionTransportOf,
} from "./media-section.ts";
import { NegotiationError } from "./negotiation-error.ts";
import type { Descriptions, NegotiationState, SetDescription } from "./negotiation-state.ts";
import { nextSignalingState, type DescriptionType, type Side } from "./signaling-state.ts";

type SettableType = Exclude<DescriptionType, "rollback">;

/**
 * Sets a description that this side made (RFC 9429 §5.9).
 *
 * Throws {@link NegotiationError}: `invalidState` if not now, `invalidModification` if the text is
 * not the one that was created last.
 */
export function applyLocalDescription(
  state: NegotiationState,
  type: SettableType,
  text: string,
): NegotiationState {
  const signalingState = nextSignalingState(state.signalingState, "local", type);
  const created = type === "offer" ? state.lastCreatedOffer : state.lastCreatedAnswer;
  if (text !== created) {
    throw new NegotiationError(
      "invalidModification",
      `the ${type} is not the one that ${type === "offer" ? "createOffer" : "createAnswer"} returned last; it must not be changed`,
    );
  }
  const set: SetDescription = { type, parsed: parseSessionDescription(text) };
  const isFirstOffer = type === "offer" && state.iceRole === undefined;
  return {
    ...settle(state, "local", set),
    signalingState,
    nextSessionVersion: state.nextSessionVersion + 1,
    ...(isFirstOffer ? { iceRole: "controlling" as const } : {}),
  };
}

/**
 * Sets a description that the peer made (RFC 9429 §5.10).
 *
 * Throws {@link NegotiationError}: `invalidState` if not now, `invalidContent` if it contradicts
 * itself or the offer that it answers; `SdpSyntaxError` if it is not SDP.
 */
export function applyRemoteDescription(
  state: NegotiationState,
  type: SettableType,
  text: string,
): NegotiationState {
  const signalingState = nextSignalingState(state.signalingState, "remote", type);
  const parsed = parseSessionDescription(text);
  checkRemoteContent(state, type, parsed);
  const isFirstOffer = type === "offer" && state.iceRole === undefined;
  const isLite = hasAttribute(parsed.attributes, "ice-lite");
  return {
    ...settle(state, "remote", { type, parsed }),
    signalingState,
    ...(isFirstOffer
      ? { iceRole: isLite ? ("controlling" as const) : ("controlled" as const) }
      : {}),
  };
}

/**
 * Forgets the pending offer, whichever side made it (RFC 9429 §4.1.10.2).
 *
 * Throws {@link NegotiationError} `invalidState` if none is pending or it was answered provisionally.
 */
export function rollBack(state: NegotiationState, side: Side): NegotiationState {
  const signalingState = nextSignalingState(state.signalingState, side, "rollback");
  const { pendingLocal: _local, pendingRemote: _remote, iceRole, ...rest } = state;
  const isNegotiated = state.currentLocal !== undefined;
  return { ...rest, signalingState, ...(isNegotiated && iceRole !== undefined ? { iceRole } : {}) };
}

/** W3C "set a session description": an answer makes both sides' pending descriptions current. */
function settle(state: NegotiationState, side: Side, set: SetDescription): NegotiationState {
  const key = side === "local" ? "pendingLocal" : "pendingRemote";
  const pending: Descriptions = { ...state, [key]: set };
  if (set.type !== "answer") return { ...state, ...pending };
  const { pendingLocal, pendingRemote, ...rest } = { ...state, ...pending };
  return {
    ...rest,
    ...(pendingLocal === undefined ? {} : { currentLocal: pendingLocal }),
    ...(pendingRemote === undefined ? {} : { currentRemote: pendingRemote }),
    lastCreatedOffer: "",
    lastCreatedAnswer: "",
  };
}

function checkRemoteContent(
  state: NegotiationState,
  type: SettableType,
  parsed: SessionDescription,
): void {
  checkUniqueMids(parsed);
  for (const index of parsed.media.keys()) checkSection(type, parsed, index);
  if (type === "offer") checkContinuity(state.currentRemote?.parsed, parsed);
  else checkAgainstOffer(state.pendingLocal!.parsed, parsed);
  checkSameGeneration(state.currentRemote?.parsed, parsed);
}

function checkUniqueMids(parsed: SessionDescription): void {
  const seen = new Set<string>();
  for (const index of parsed.media.keys()) {
    const mid = midOf(parsed, index);
    if (seen.has(mid)) fail(`two sections have the mid "${mid}" (RFC 5888 §4)`);
    seen.add(mid);
  }
}

/** What a data section must say before anything can be connected to it. */
function checkSection(type: SettableType, parsed: SessionDescription, index: number): void {
  const section = parsed.media[index]!;
  if (isRejected(section) || !isDataSection(section)) return;
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
}

/** RFC 3264 §8: a section keeps its place for ever. */
function checkContinuity(
  previous: SessionDescription | undefined,
  parsed: SessionDescription,
): void {
  if (previous === undefined) return;
  if (parsed.media.length < previous.media.length) {
    fail(
      `the offer has ${parsed.media.length} sections, the session has ${previous.media.length} (RFC 3264 §8)`,
    );
  }
  for (const [index, section] of previous.media.entries()) {
    const mid = midOf(previous, index);
    const isMoved =
      !isRejected(section) && indexOfMid(parsed, mid) !== index && indexOfMid(parsed, mid) >= 0;
    if (isMoved)
      fail(`the section with mid "${mid}" has moved from place ${index} (RFC 9429 §5.2.2)`);
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

/** New credentials would restart ICE (RFC 8839 §4.4.1.1.1), which is not done here so far. */
function checkSameGeneration(
  previous: SessionDescription | undefined,
  parsed: SessionDescription,
): void {
  if (previous === undefined) return;
  for (const [index, section] of previous.media.entries()) {
    if (isRejected(section) || !isDataSection(section)) continue;
    const place = indexOfMid(parsed, midOf(previous, index));
    if (place < 0 || isRejected(parsed.media[place]!)) continue;
    const before = sectionTransportOf(previous, index).credentials?.ufrag;
    const after = sectionTransportOf(parsed, place).credentials?.ufrag;
    if (before !== after) {
      throw new NegotiationError(
        "unsupported",
        `the peer wants to restart ICE (a=ice-ufrag was "${before}", is "${after}"), which is not supported yet; make a new connection`,
      );
    }
  }
}

function fail(message: string): never {
  throw new NegotiationError("invalidContent", message);
}
