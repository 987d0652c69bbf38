import { ProtocolFailure } from "../base/errors.ts";
import type { AssociationState } from "./association-state.ts";
import type { DataTransfer } from "./data-transfer.ts";
import type { ErrorCause } from "./packet/error-cause.ts";
import { CAUSE_CODE, describeCause, noUserDataCause, reasonCause } from "./packet/error-cause.ts";

/** An end that this side brings about: what the peer is told, and what the owner is. */
export type Abortion = {
  readonly cause: ErrorCause;
  readonly failure: ProtocolFailure;
};

/** T1 was exhausted (RFC 9260 §5.1.6): what was sent how often, and whether anything came back. */
export function handshakeTimedOut(
  state: Extract<AssociationState, { name: "cookieWait" | "cookieEchoed" }>,
  receivedPackets: number,
): ProtocolFailure {
  const isFirstStep = state.name === "cookieWait";
  const [sent, wanted] = isFirstStep ? ["INIT", "INIT ACK"] : ["COOKIE ECHO", "COOKIE ACK"];
  const heard =
    receivedPackets === 0
      ? "nothing was received: is the peer's SCTP port the one in its description?"
      : `${receivedPackets} other packets were received`;
  return new ProtocolFailure(
    "ERR_TIMED_OUT",
    "RFC 9260 §5.1.6",
    `the peer did not answer ${state.t1.expiries} ${sent} chunks with ${wanted}; ${heard}`,
  );
}

/** Data or heartbeats stayed unanswered too often (RFC 9260 §8.1). */
export function peerUnreachable(transfer: DataTransfer): Abortion {
  const { sender, liveness, roundTrip } = transfer;
  const message =
    `${liveness.strikes} transmissions in a row drew no answer, the last after ` +
    `${Math.round(roundTrip.rtoMs)} ms; everything up to TSN ${sender.ackedTsn} was acknowledged, ` +
    `${sender.flightBytes} bytes were in flight`;
  return {
    cause: reasonCause(CAUSE_CODE.userInitiatedAbort, "peer does not answer"),
    failure: new ProtocolFailure("ERR_TIMED_OUT", "RFC 9260 §8.1", message),
  };
}

/** SHUTDOWN or SHUTDOWN ACK stayed unanswered (RFC 9260 §9.2). */
export function shutdownTimedOut(): Abortion {
  const message = "the peer did not complete the shutdown of the association";
  return {
    cause: reasonCause(CAUSE_CODE.protocolViolation, "shutdown timed out"),
    failure: new ProtocolFailure("ERR_TIMED_OUT", "RFC 9260 §9.2", message),
  };
}

/** ABORT has arrived (RFC 9260 §9.1). */
export function peerAborted(causes: readonly ErrorCause[]): ProtocolFailure {
  const first = causes[0];
  const reason = causes.length === 0 ? "no reason given" : causes.map(describeCause).join("; ");
  return new ProtocolFailure(
    "ERR_PEER_ABORTED",
    "RFC 9260 §9.1",
    `the peer has aborted the association: ${reason}`,
    first ? { detail: { sctpCauseCode: first.type } } : {},
  );
}

/** The peer could not use the cookie, or said something else against the handshake. */
export function handshakeRefused(causes: readonly ErrorCause[]): ProtocolFailure {
  const first = causes[0];
  return new ProtocolFailure(
    "ERR_HANDSHAKE_FAILED",
    "RFC 9260 §5.2.6",
    `the peer has refused the handshake: ${causes.map(describeCause).join("; ")}`,
    first ? { detail: { sctpCauseCode: first.type } } : {},
  );
}

/** INIT ACK without what is needed to go on (RFC 9260 §3.3.3). */
export function initAckUnusable(): ProtocolFailure {
  return new ProtocolFailure(
    "ERR_HANDSHAKE_FAILED",
    "RFC 9260 §3.3.3",
    "the peer's INIT ACK has no cookie, a zero tag or no streams",
  );
}

/** The peer has lost its state: channels and messages of the old association are gone with it. */
export function peerRestarted(): ProtocolFailure {
  return new ProtocolFailure(
    "ERR_PEER_ABORTED",
    "RFC 9260 §5.2.4",
    "the peer has restarted its association; its data channels are gone, connect anew",
  );
}

/** What is not reassembled exceeds all that the window allows. */
export function windowExhausted(heldBytes: number): Abortion {
  const message =
    `${heldBytes} bytes of unfinished messages fill the receive window twice over: the peer sends ` +
    "larger messages than it was told to";
  return {
    cause: { type: CAUSE_CODE.outOfResource, value: new Uint8Array(0) },
    failure: new ProtocolFailure("ERR_LOCAL_RESOURCE", "RFC 9260 §6.2", message),
  };
}

/** I-DATA without agreement, or DATA in spite of one (RFC 8260 §2.2.1). */
export function wrongDataKind(isIData: boolean): Abortion {
  const what = isIData ? "I-DATA without agreement" : "DATA where I-DATA was agreed on";
  return {
    cause: reasonCause(CAUSE_CODE.protocolViolation, what),
    failure: new ProtocolFailure("ERR_PEER_VIOLATION", "RFC 8260 §2.2.1", `the peer sent ${what}`),
  };
}

/** A DATA chunk of nothing but a header (RFC 9260 §6.2). */
export function noUserData(tsn: number): Abortion {
  const message = "the peer sent a DATA chunk without user data";
  return {
    cause: noUserDataCause(tsn),
    failure: new ProtocolFailure("ERR_PEER_VIOLATION", "RFC 9260 §6.2", message),
  };
}
