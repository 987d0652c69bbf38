import type { Datagram } from "../base/datagram.ts";
import { encodeStunMessage } from "../stun/stun-encoder.ts";
import { BINDING_METHOD } from "../stun/stun-header.ts";
import type { StunMessage } from "../stun/stun-message.ts";
import type { AgentContext } from "./agent-context.ts";
import { candidatePriority } from "./candidate-priority.ts";
import type { LocalCandidate } from "./local-candidates.ts";

/** The errors that ICE answers with (RFC 8489 §14.8, RFC 8445 §16.2). */
export const BINDING_ERRORS = {
  badRequest: { code: 400, reason: "Bad Request" },
  unauthenticated: { code: 401, reason: "Unauthenticated" },
  unknownAttribute: { code: 420, reason: "Unknown Attribute" },
  roleConflict: { code: 487, reason: "Role Conflict" },
} as const;

/** The priority that a peer-reflexive candidate learned from a check has (RFC 8445 §7.1.1). */
export function peerReflexivePriority(local: LocalCandidate): number {
  return candidatePriority("prflx", local.localPreference);
}

/**
 * A connectivity or consent check (RFC 8445 §7.2.2, §7.2.4). The peer's parameters are known.
 * `useCandidate`: nominates the pair.
 */
export function encodeCheck(
  context: AgentContext,
  local: LocalCandidate,
  transactionId: Uint8Array,
  useCandidate: boolean,
): Uint8Array {
  const attributes = {
    username: `${context.remote?.ufrag}:${context.local.ufrag}`,
    priority: peerReflexivePriority(local),
    ...(context.role === "controlling"
      ? { iceControlling: context.tieBreaker }
      : { iceControlled: context.tieBreaker }),
    ...(useCandidate ? { useCandidate: true as const } : {}),
  };
  return encodeStunMessage(
    { class: "request", method: BINDING_METHOD, transactionId, attributes },
    {
      integrity: { crypto: context.crypto, key: context.remoteKey ?? new Uint8Array(0) },
      hasFingerprint: true,
    },
  );
}

/** "Yes, and this is where you come from" (RFC 8445 §7.3). */
export function encodeSuccess(
  context: AgentContext,
  request: StunMessage,
  { remoteAddress, remotePort }: Datagram,
): Uint8Array {
  return encodeStunMessage(
    {
      class: "success",
      method: BINDING_METHOD,
      transactionId: request.transactionId,
      attributes: { xorMappedAddress: { address: remoteAddress, port: remotePort } },
    },
    { integrity: { crypto: context.crypto, key: context.localKey }, hasFingerprint: true },
  );
}

/** A refusal of an authenticated request: protected itself (RFC 8489 §9.1.3). */
export function encodeError(
  context: AgentContext,
  request: StunMessage,
  errorCode: { readonly code: number; readonly reason: string },
  unknownAttributes: readonly number[] = [],
): Uint8Array {
  return encodeStunMessage(
    {
      class: "error",
      method: BINDING_METHOD,
      transactionId: request.transactionId,
      attributes: { errorCode, ...(unknownAttributes.length === 0 ? {} : { unknownAttributes }) },
    },
    { integrity: { crypto: context.crypto, key: context.localKey }, hasFingerprint: true },
  );
}

/** A refusal of a request that nobody vouches for. As short as can be: it must not amplify. */
export function encodeRefusal(request: StunMessage, code: number): Uint8Array {
  return encodeStunMessage(
    {
      class: "error",
      method: BINDING_METHOD,
      transactionId: request.transactionId,
      attributes: { errorCode: { code, reason: "" } },
    },
    { hasFingerprint: true },
  );
}
