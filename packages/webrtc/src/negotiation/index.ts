export {
  applyLocalDescription,
  applyRemoteDescription,
  checkUnmodified,
} from "./apply-description.ts";
export {
  addLocalCandidate,
  addRemoteCandidate,
  candidateSection,
  checkCandidateTarget,
  type CandidateTarget,
} from "./candidates.ts";
export { checkCanAnswer, createAnswer } from "./create-answer.ts";
export { checkCanOffer, createOffer, type OfferInput } from "./create-offer.ts";
export {
  hasIceOption,
  indexOfMid,
  isDataSection,
  isLive,
  midOf,
  sectionTransportOf,
} from "./media-section.ts";
export { restartIce } from "./ice-restart.ts";
export { NegotiationError, type NegotiationErrorKind } from "./negotiation-error.ts";
export {
  initialNegotiationState,
  localDescriptionOf,
  remoteDescriptionOf,
  type BundlePolicy,
  type Descriptions,
  type LocalIdentity,
  type NegotiationState,
  type SetDescription,
} from "./negotiation-state.ts";
export { isNegotiationNeeded } from "./negotiation-needed.ts";
export { planSession } from "./plan-session.ts";
export type * from "./session-plan.ts";
export { rollBack } from "./roll-back.ts";
export { nextSignalingState } from "./signaling-state.ts";
export type { DescriptionType, Side, SignalingState } from "./signaling-state.ts";
export type * from "./transceiver.ts";
export { addTransceiver, afterRemoval, changeTransceiver } from "./transceivers.ts";
export { transportIdOf } from "./transports.ts";
