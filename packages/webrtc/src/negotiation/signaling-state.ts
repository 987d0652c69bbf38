import { NegotiationError } from "./negotiation-error.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtcsignalingstate */
export type SignalingState =
  | "stable"
  | "have-local-offer"
  | "have-remote-offer"
  | "have-local-pranswer"
  | "have-remote-pranswer"
  | "closed";

/** https://w3c.github.io/webrtc-pc/#dom-rtcsdptype */
export type DescriptionType = "offer" | "pranswer" | "answer" | "rollback";

/** Who made a description. */
export type Side = "local" | "remote";

type Transitions = Readonly<Partial<Record<SignalingState, SignalingState>>>;

/**
 * Through either method (RFC 9429 §5.7: "regardless of whether setLocalDescription or
 * setRemoteDescription is called"), and not once a provisional answer was set (W3C "set a session
 * description", step 2).
 */
const ROLLBACK: Transitions = { "have-local-offer": "stable", "have-remote-offer": "stable" };

/** RFC 9429 §3.2, the figure of the signaling state machine, row by row. */
const TRANSITIONS: Readonly<Record<Side, Readonly<Record<DescriptionType, Transitions>>>> = {
  local: {
    offer: { stable: "have-local-offer", "have-local-offer": "have-local-offer" },
    pranswer: {
      "have-remote-offer": "have-local-pranswer",
      "have-local-pranswer": "have-local-pranswer",
    },
    answer: { "have-remote-offer": "stable", "have-local-pranswer": "stable" },
    rollback: ROLLBACK,
  },
  remote: {
    offer: { stable: "have-remote-offer", "have-remote-offer": "have-remote-offer" },
    pranswer: {
      "have-local-offer": "have-remote-pranswer",
      "have-remote-pranswer": "have-remote-pranswer",
    },
    answer: { "have-local-offer": "stable", "have-remote-pranswer": "stable" },
    rollback: ROLLBACK,
  },
};

/**
 * The state after `side` has set a description of `type` in `state`.
 *
 * Throws {@link NegotiationError} of kind `invalidState` where RFC 9429 §3.2 has no arrow.
 */
export function nextSignalingState(
  state: SignalingState,
  side: Side,
  type: DescriptionType,
): SignalingState {
  const next = TRANSITIONS[side][type][state];
  if (next === undefined) {
    throw new NegotiationError(
      "invalidState",
      `cannot set a ${side} ${type} in signaling state "${state}"`,
    );
  }
  return next;
}
