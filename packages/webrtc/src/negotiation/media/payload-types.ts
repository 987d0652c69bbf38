// Everything that gives codecs their payload types.
export { answerCodecs, type CodecAnswer } from "./answer-codecs.ts";
export { offerCodecs, type CodecOffer } from "./offer-codecs.ts";
export { isForbiddenPayloadType, PayloadTypes } from "./payload-type-table.ts";
