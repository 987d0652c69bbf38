import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { BackoffTimer } from "./backoff-timer.ts";
import type { DataTransfer } from "./data-transfer.ts";
import type { LocalHalf } from "./handshake.ts";

/**
 * Where an association stands (RFC 9260 §4). Each state carries exactly what is known in it, so
 * "cookie echoed but no cookie" cannot be written down.
 */
export type AssociationState =
  | { readonly name: "closed"; readonly hasEnded: boolean }
  | { readonly name: "cookieWait"; readonly local: LocalHalf; readonly t1: BackoffTimer }
  | {
      readonly name: "cookieEchoed";
      readonly cookie: Uint8Array;
      readonly t1: BackoffTimer;
      readonly transfer: DataTransfer;
      /** True if the next packet begins with the COOKIE ECHO; while false, nothing may be sent. */
      readonly isEchoDue: boolean;
    }
  | { readonly name: "established"; readonly transfer: DataTransfer }
  | { readonly name: "shutdownPending"; readonly transfer: DataTransfer }
  | { readonly name: "shutdownReceived"; readonly transfer: DataTransfer }
  | {
      readonly name: "shutdownSent";
      readonly transfer: DataTransfer;
      readonly t2: BackoffTimer;
      /** T5-shutdown-guard: a peer that goes on sending cannot hold the association open for ever. */
      readonly guardAtMs: number;
    }
  | {
      readonly name: "shutdownAckSent";
      readonly transfer: DataTransfer;
      readonly t2: BackoffTimer;
    };

/** What exists once both ends know each other; `undefined` before and after. */
export function transferOf(state: AssociationState): DataTransfer | undefined {
  return state.name === "closed" || state.name === "cookieWait" ? undefined : state.transfer;
}

/** The tag that packets to this end have to carry; 0, which none may, where there is no association. */
export function localTagOf(state: AssociationState): number {
  if (state.name === "closed") return 0;
  return state.name === "cookieWait"
    ? state.local.verificationTag
    : state.transfer.local.verificationTag;
}

/** When T1, T2, T5 or one of the transfer's timers is due. */
export function nextTimeoutOf(state: AssociationState): number {
  switch (state.name) {
    case "closed":
      return NEVER_AT_MS;
    case "cookieWait":
      return state.t1.dueAtMs;
    case "cookieEchoed":
      return Math.min(state.t1.dueAtMs, state.transfer.nextTimeoutAtMs);
    case "established":
    case "shutdownPending":
    case "shutdownReceived":
      return state.transfer.nextTimeoutAtMs;
    case "shutdownSent":
      return Math.min(state.t2.dueAtMs, state.guardAtMs, state.transfer.nextTimeoutAtMs);
    case "shutdownAckSent":
      return Math.min(state.t2.dueAtMs, state.transfer.nextTimeoutAtMs);
  }
}
