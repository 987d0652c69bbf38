/** STUN (RFC 8489): what other folders may use. */
export type { StunAttributes } from "./attribute-table.ts";
export type { LongTermCredentials } from "./credentials.ts";
export { longTermKey, shortTermKey, userhashOf } from "./credentials.ts";
export type { StunErrorCode } from "./error-code-attribute.ts";
export type { RetransmissionTimings } from "./retransmission.ts";
export { Retransmission, RFC8489_TIMINGS } from "./retransmission.ts";
export { decodeStunMessage } from "./stun-decoder.ts";
export type { StunProtection } from "./stun-encoder.ts";
export { encodeStunMessage } from "./stun-encoder.ts";
export type { StunClass } from "./stun-header.ts";
export { BINDING_METHOD, isStunDatagram, TRANSACTION_ID_BYTES } from "./stun-header.ts";
export type { IntegrityVerdict, ReceivedStunMessage, StunMessage } from "./stun-message.ts";
export { checkIntegrity } from "./stun-message.ts";
