import type { Random } from "../base/random.ts";
import {
  DEFAULT_SDP_LIMITS,
  hasAttribute,
  parseSessionDescription,
  type SdpLimits,
} from "../sdp/index.ts";
import { associateLocal, associateRemote } from "./associate-transceivers.ts";
import { keepGatheredCandidates, keepRemoteCandidates } from "./candidates.ts";
import { checkRemoteContent } from "./check-description.ts";
import { localCredentials } from "./ice-restart.ts";
import { isLive } from "./media-section.ts";
import { NegotiationError } from "./negotiation-error.ts";
import {
  localDescriptionOf,
  remoteDescriptionOf,
  type NegotiationState,
  type SetDescription,
} from "./negotiation-state.ts";
import { forgetCodecs } from "./send-encodings.ts";
import { nextSignalingState, type DescriptionType, type Side } from "./signaling-state.ts";
import type { TransceiverState } from "./transceiver.ts";
import { drawId } from "./transceivers.ts";
import { answeredTransports } from "./transports.ts";
import { needsDefaultStream, updateFromLocal, updateFromRemote } from "./update-transceivers.ts";

type SettableType = Exclude<DescriptionType, "rollback">;

/** What was written here can be read: a peer's many short sections make many long ones of ours. */
const OWN_LIMITS: SdpLimits = {
  ...DEFAULT_SDP_LIMITS,
  maxDocumentLength: Number.POSITIVE_INFINITY,
  maxLines: Number.POSITIVE_INFINITY,
  maxMediaSections: Number.POSITIVE_INFINITY,
};

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
  const parsed = keepGatheredCandidates(
    localDescriptionOf(state),
    parseSessionDescription(text, OWN_LIMITS),
  );
  const offer = type === "offer" ? undefined : state.pendingRemote!.parsed;
  const associated = type === "offer" ? associateLocal(state, parsed) : state.transceivers;
  const isFirstOffer = type === "offer" && state.iceRole === undefined;
  const updated: NegotiationState = {
    ...beginOffer(state, type),
    transceivers: updateFromLocal(associated, parsed, offer, type === "answer"),
    nextSessionVersion: state.nextSessionVersion + 1,
    ...(isFirstOffer ? { iceRole: "controlling" as const } : {}),
  };
  return { ...settle(updated, "local", { type, parsed }), signalingState };
}

/**
 * Sets a description that the peer made (RFC 9429 §5.10). `random` gives new transceivers their names.
 *
 * Throws {@link NegotiationError}: `invalidState` if not now, `invalidContent` if it contradicts
 * itself or the offer that it answers; `SdpSyntaxError` if it is not SDP.
 */
export function applyRemoteDescription(
  state: NegotiationState,
  type: SettableType,
  text: string,
  random: Random,
): NegotiationState {
  const signalingState = nextSignalingState(state.signalingState, "remote", type);
  const parsed = parseSessionDescription(text);
  checkRemoteContent(state, type, parsed);
  const offer = type === "offer" ? undefined : state.pendingLocal!.parsed;
  const begun = beginOffer(state, type);
  const associated = type === "offer" ? associateRemote(begun, parsed, random) : begun;
  const needsStream = state.defaultStreamId === undefined && needsDefaultStream(parsed);
  const named = needsStream ? { ...associated, defaultStreamId: drawId(random) } : associated;
  const isFirstOffer = type === "offer" && state.iceRole === undefined;
  const isLite = hasAttribute(parsed.attributes, "ice-lite");
  const updated: NegotiationState = {
    ...named,
    transceivers: updateFromRemote(named, parsed, offer),
    ...(isFirstOffer
      ? { iceRole: isLite ? ("controlling" as const) : ("controlled" as const) }
      : {}),
  };
  const set = keepRemoteCandidates(remoteDescriptionOf(state), { type, parsed });
  return { ...settle(updated, "remote", set), signalingState };
}

/** W3C "set a session description": the [[LastStableState…]] slots are filled when a negotiation begins. */
function beginOffer(state: NegotiationState, type: SettableType): NegotiationState {
  const isBegin = type === "offer" && state.signalingState === "stable";
  return isBegin ? { ...state, stableTransceivers: state.transceivers } : state;
}

/** W3C "set a session description": an answer makes both sides' pending descriptions current. */
function settle(state: NegotiationState, side: Side, set: SetDescription): NegotiationState {
  const key = side === "local" ? "pendingLocal" : "pendingRemote";
  const pending: NegotiationState = { ...state, [key]: set };
  if (set.type !== "answer") return pending;
  const { pendingLocal, pendingRemote, ...rest } = pending;
  const current: NegotiationState = {
    ...rest,
    currentLocal: pendingLocal!,
    currentRemote: pendingRemote!,
    lastCreatedOffer: "",
    lastCreatedAnswer: "",
    offeredTransceivers: [],
    credentials: new Map(),
    transportIds: answeredTransports(pending, set.parsed),
  };
  return { ...current, ...settleTransceivers(current), ...settleRestart(current) };
}

/**
 * What has been stopped and refused leaves the set (W3C "set a session description", once stable). So does what was
 * stopped before it had a section: no description will ever refuse it, and it would ask for negotiation for ever
 * (a hole of the specification, w3c/webrtc-pc issue 2838; browsers do the same).
 */
function settleTransceivers(
  state: NegotiationState,
): Pick<NegotiationState, "transceivers" | "stableTransceivers"> {
  const [local, remote] = [state.currentLocal!.parsed, state.currentRemote!.parsed];
  const transceivers = state.transceivers.flatMap((transceiver): TransceiverState[] => {
    const { mediaIndex, isStopping, isStopped, sender } = transceiver;
    const isOver =
      mediaIndex === null
        ? isStopping
        : isStopped && !(isLive(local, mediaIndex) && isLive(remote, mediaIndex));
    if (isOver) return [];
    const encodings = forgetCodecs(sender.encodings, sender.codecs);
    return [{ ...transceiver, isFromPendingOffer: false, sender: { ...sender, encodings } }];
  });
  return { transceivers, stableTransceivers: transceivers };
}

/** [[LocalIceCredentialsToReplace]] is emptied once none of them is in use. */
function settleRestart(state: NegotiationState): Pick<NegotiationState, "credentialsToReplace"> {
  const inUse = new Set(localCredentials(state).map(({ ufrag }) => ufrag));
  const isPending = state.credentialsToReplace.some(({ ufrag }) => inUse.has(ufrag));
  return { credentialsToReplace: isPending ? state.credentialsToReplace : [] };
}
