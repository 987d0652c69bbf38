import type { AssociationOptions } from "./association-options.ts";
import type { AssociationState } from "./association-state.ts";
import { BackoffTimer } from "./backoff-timer.ts";
import type { DataTransfer } from "./data-transfer.ts";
import {
  decodeShutdownChunk,
  encodeShutdownAckChunk,
  encodeShutdownChunk,
} from "./packet/shutdown-chunk.ts";

/** T5-shutdown-guard: five times the largest RTO (RFC 9260 §9.2). */
const GUARD_RTOS = 5;

/** What the state is after a step of the procedure. */
export type ShutdownStep = AssociationState | "exhausted";

/**
 * Graceful end (RFC 9260 §9.2):
 *
 *   established --shutdown()--> shutdownPending --all acknowledged, SHUTDOWN--> shutdownSent
 *   established --SHUTDOWN arrives--> shutdownReceived --all acknowledged, SHUTDOWN ACK--> shutdownAckSent
 *   shutdownSent --SHUTDOWN ACK arrives, SHUTDOWN COMPLETE--> closed
 *   shutdownAckSent --SHUTDOWN COMPLETE arrives--> closed
 *
 * Every function takes the state and returns the next one; chunks go to the transfer's control queue.
 */
export function beginShutdown(state: AssociationState): AssociationState {
  if (state.name !== "established") return state;
  state.transfer.sender.requestPromptAcks();
  return { name: "shutdownPending", transfer: state.transfer };
}

/** Once everything is acknowledged the shutdown goes on. */
export function advanceShutdown(
  state: AssociationState,
  options: AssociationOptions,
  nowMs: number,
): AssociationState {
  if (state.name === "shutdownPending" && state.transfer.sender.isIdle) {
    const { transfer } = state;
    sendShutdown(transfer);
    const guardAtMs = nowMs + GUARD_RTOS * options.maxRtoMs;
    return { name: "shutdownSent", transfer, t2: startT2(transfer, options, nowMs), guardAtMs };
  }
  if (state.name === "shutdownReceived" && state.transfer.sender.isIdle) {
    return sendShutdownAck(state.transfer, options, nowMs);
  }
  return state;
}

/** SHUTDOWN has arrived. Throws `WireFormatError`. */
export function handleShutdown(
  state: AssociationState,
  chunk: Uint8Array,
  options: AssociationOptions,
  nowMs: number,
): AssociationState {
  switch (state.name) {
    case "established":
    case "shutdownPending":
    case "shutdownReceived": {
      const { transfer } = state;
      transfer.sender.handleCumulativeAck(decodeShutdownChunk(chunk), nowMs);
      transfer.sender.requestPromptAcks();
      return advanceShutdown({ name: "shutdownReceived", transfer }, options, nowMs);
    }
    case "shutdownSent":
      return sendShutdownAck(state.transfer, options, nowMs); // Both ends at the same time.
    default:
      return state;
  }
}

/** Data has arrived after SHUTDOWN was sent: the peer learns what of it is here, and T2 starts over. */
export function repeatShutdown(state: AssociationState, nowMs: number): void {
  if (state.name !== "shutdownSent") return;
  sendShutdown(state.transfer);
  state.transfer.receiver.requestAck();
  state.t2.restart(nowMs);
}

/** T2 and T5. */
export function handleShutdownTimeout(state: AssociationState, nowMs: number): ShutdownStep {
  if (state.name !== "shutdownSent" && state.name !== "shutdownAckSent") return state;
  if (state.name === "shutdownSent" && nowMs >= state.guardAtMs) return "exhausted";
  const verdict = state.t2.handleTimeout(nowMs);
  if (verdict === "exhausted") return "exhausted";
  if (verdict === "waiting") return state;
  if (state.name === "shutdownSent") sendShutdown(state.transfer);
  else state.transfer.control.push(encodeShutdownAckChunk());
  return state;
}

function sendShutdown(transfer: DataTransfer): void {
  transfer.control.push(encodeShutdownChunk(transfer.receiver.cumulativeTsn));
}

function sendShutdownAck(
  transfer: DataTransfer,
  options: AssociationOptions,
  nowMs: number,
): AssociationState {
  transfer.control.push(encodeShutdownAckChunk());
  return { name: "shutdownAckSent", transfer, t2: startT2(transfer, options, nowMs) };
}

function startT2(transfer: DataTransfer, options: AssociationOptions, nowMs: number): BackoffTimer {
  const { rtoMs } = transfer.roundTrip;
  const timing = { initialMs: rtoMs, maxMs: options.maxRtoMs, maxRetries: options.maxRetransmits };
  return new BackoffTimer(timing, nowMs);
}
