export { applyLocalDescription, applyRemoteDescription, rollBack } from "./apply-description.ts";
export { addLocalCandidate, addRemoteCandidate, type CandidateTarget } from "./candidates.ts";
export { createAnswer, createOffer, type OfferInput } from "./create-description.ts";
export { hasIceOption, indexOfMid, isDataSection, isRejected, midOf } from "./media-section.ts";
export { NegotiationError, type NegotiationErrorKind } from "./negotiation-error.ts";
export {
  initialNegotiationState,
  localDescriptionOf,
  remoteDescriptionOf,
  type Descriptions,
  type LocalIdentity,
  type NegotiationState,
  type SetDescription,
} from "./negotiation-state.ts";
export { planSession } from "./plan-session.ts";
export type * from "./session-plan.ts";
export type { DescriptionType, Side, SignalingState } from "./signaling-state.ts";
