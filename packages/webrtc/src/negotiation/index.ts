export {
  applyLocalDescription,
  applyRemoteDescription,
  checkUnmodified,
  rollBack,
} from "./apply-description.ts";
export {
  addLocalCandidate,
  addRemoteCandidate,
  checkCandidateTarget,
  type CandidateTarget,
} from "./candidates.ts";
export {
  checkCanAnswer,
  checkCanOffer,
  createAnswer,
  createOffer,
  type OfferInput,
} from "./create-description.ts";
export {
  hasIceOption,
  indexOfMid,
  isDataSection,
  isRejected,
  midOf,
  sectionTransportOf,
} from "./media-section.ts";
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
export { nextSignalingState } from "./signaling-state.ts";
export type { DescriptionType, Side, SignalingState } from "./signaling-state.ts";
