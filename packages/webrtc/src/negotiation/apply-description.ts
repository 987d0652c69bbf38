import type { Random } from "../base/random.ts";
import { hasAttribute, parseSessionDescription } from "../sdp/index.ts";
import { keepGatheredCandidates, keepRemoteCandidates } from "./candidates.ts";
import { checkRemoteContent } from "./check-description.ts";
import { NegotiationError } from "./negotiation-error.ts";
import {
  localDescriptionOf,
  remoteDescriptionOf,
  type Descriptions,
  type NegotiationState,
  type SetDescription,
} from "./negotiation-state.ts";
import { nextSignalingState, type DescriptionType, type Side } from "./signaling-state.ts";

type SettableType = Exclude<DescriptionType, "rollback">;

/**
 * A local description must be the text that was created last (RFC 9429 §5.4).
 *
 * Throws {@link NegotiationError} `invalidModification`.
 */
export function checkUnmodified(state: NegotiationState, type: SettableType, text: string): void {
  const created = type === "offer" ? state.lastCreatedOffer : state.lastCreatedAnswer;
  if (text === created) return;
  const maker = type === "offer" ? "createOffer" : "createAnswer";
  const problem = `the ${type} is not the one that ${maker} returned last; it must not be changed`;
  throw new NegotiationError("invalidModification", problem);
}

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
  checkUnmodified(state, type, text);
  const parsed = keepGatheredCandidates(localDescriptionOf(state), parseSessionDescription(text));
  const set: SetDescription = { type, parsed };
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
  _random: Random,
): NegotiationState {
  const signalingState = nextSignalingState(state.signalingState, "remote", type);
  const parsed = parseSessionDescription(text);
  checkRemoteContent(state, type, parsed);
  const isFirstOffer = type === "offer" && state.iceRole === undefined;
  const isLite = hasAttribute(parsed.attributes, "ice-lite");
  return {
    ...settle(state, "remote", keepRemoteCandidates(remoteDescriptionOf(state), { type, parsed })),
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
