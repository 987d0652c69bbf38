import type { IceCandidateType } from "./ice-candidate.ts";
import type { IceRole } from "./ice-options.ts";

/** RFC 8445 §5.1.2.2. */
const TYPE_PREFERENCES: Readonly<Record<IceCandidateType, number>> = {
  host: 126,
  prflx: 110,
  srflx: 100,
  relay: 0,
};

const COMPONENT = 1;

/** The highest local preference: the only address of a machine gets it (RFC 8445 §5.1.2.1). */
export const MAX_LOCAL_PREFERENCE = 0xffff;

/** The highest priority that a candidate can have (RFC 8445 §5.1.2). */
export const MAX_PRIORITY = 2 ** 31 - 1;

/** The priority of a candidate, 1 to 2^31 - 1 (RFC 8445 §5.1.2.1). `localPreference` is 0 to 65535. */
export function candidatePriority(type: IceCandidateType, localPreference: number): number {
  return TYPE_PREFERENCES[type] * 2 ** 24 + localPreference * 2 ** 8 + (256 - COMPONENT);
}

/** The priority of a pair, 64 bits (RFC 8445 §6.1.2.3). Both sides compute the same. */
export function pairPriority(
  localPriority: number,
  remotePriority: number,
  localRole: IceRole,
): bigint {
  const isControlling = localRole === "controlling";
  const controlling = BigInt(isControlling ? localPriority : remotePriority);
  const controlled = BigInt(isControlling ? remotePriority : localPriority);
  const [lower, higher] =
    controlling < controlled ? [controlling, controlled] : [controlled, controlling];
  return (lower << 32n) + 2n * higher + (controlling > controlled ? 1n : 0n);
}
