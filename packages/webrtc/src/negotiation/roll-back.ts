import type { NegotiationState } from "./negotiation-state.ts";
import { nextSignalingState, type Side } from "./signaling-state.ts";
import type { SendEncoding, TransceiverState } from "./transceiver.ts";
import { defaultEncoding } from "./transceivers.ts";

/**
 * Forgets the pending offer, whichever side made it (RFC 9429 §5.7). What the API has changed meanwhile stays.
 *
 * Throws {@link NegotiationError} `invalidState` if none is pending or it was answered provisionally.
 */
export function rollBack(state: NegotiationState, side: Side): NegotiationState {
  const signalingState = nextSignalingState(state.signalingState, side, "rollback");
  const { pendingLocal: _local, pendingRemote: _remote, iceRole, ...rest } = state;
  const isNegotiated = state.currentLocal !== undefined;
  const stable = new Map(state.stableTransceivers.map((before) => [before.id, before]));
  const transceivers = state.transceivers.flatMap((transceiver) => {
    const { id, isFromPendingOffer, hasAddedTrack } = transceiver;
    const isGone = isFromPendingOffer && !hasAddedTrack;
    return isGone ? [] : [restored(transceiver, stable.get(id))];
  });
  return {
    ...rest,
    signalingState,
    transceivers,
    stableTransceivers: transceivers,
    ...(isNegotiated && iceRole !== undefined ? { iceRole } : {}),
  };
}

/** https://w3c.github.io/webrtc-pc/#set-description, "description is of type rollback" */
function restored(
  transceiver: TransceiverState,
  before: TransceiverState | undefined,
): TransceiverState {
  const { sender, receiver, isStopped } = transceiver;
  return {
    ...transceiver,
    mid: before?.mid ?? null,
    mediaIndex: before?.mediaIndex ?? null,
    firedDirection: transceiver.currentDirection,
    isReceptive: !isStopped && (before?.isReceptive ?? false),
    isFromPendingOffer: false,
    // One of the peer's that survives is `addTrack`'s from here on: the offer that comes again takes it.
    isFromAddTrack: transceiver.isFromAddTrack || transceiver.isFromPendingOffer,
    sender: { ...sender, encodings: restoredEncodings(transceiver, before) },
    receiver: {
      ...receiver,
      streamIds: isStopped ? [] : (before?.receiver.streamIds ?? []),
      codecs: before?.receiver.codecs ?? [],
    },
  };
}

/** Layers that the peer's offer asked for go with it: what was one encoding is that one again. */
function restoredEncodings(
  { kind, sender, isFromPendingOffer }: TransceiverState,
  before: TransceiverState | undefined,
): readonly SendEncoding[] {
  if (sender.encodings.every(({ rid }) => rid === undefined)) return sender.encodings;
  if (before === undefined) return isFromPendingOffer ? [defaultEncoding(kind)] : sender.encodings;
  const [encoding, ...others] = before.sender.encodings;
  const wasLone = others.length === 0 && encoding?.rid === undefined;
  return wasLone ? before.sender.encodings : sender.encodings;
}
