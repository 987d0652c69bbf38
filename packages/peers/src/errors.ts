/** Root of everything that this package throws or reports. Branch on `code`; `message` is for people. */
export abstract class PeersError extends Error {
  /** Stable across releases. */
  abstract readonly code: string;
}

/** What was wrong with a call. */
export type PeerUsageErrorCode =
  | "ERR_UNKNOWN_PEER"
  | "ERR_OUT_OF_ORDER"
  /** The offer is of another sender than the one that the receiver keeps to. */
  | "ERR_OTHER_SENDER"
  | "ERR_CLOSED"
  | "ERR_RANGE";

/** A method was called with what does not fit the state: too early, too late, for or by the wrong peer. */
export class PeerUsageError extends PeersError {
  override readonly name = "PeerUsageError";
  readonly code: PeerUsageErrorCode;

  constructor(code: PeerUsageErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The other peer is gone, or never came: the operation that waited for it cannot end well. */
export class PeerGoneError extends PeersError {
  override readonly name = "PeerGoneError";
  readonly code = "ERR_PEER_GONE";
  /** Whose connection ended. */
  readonly peerId: string;

  constructor(peerId: string, reason: string) {
    super(reason);
    this.peerId = peerId;
  }
}

/** Why signaling did not do what was asked. */
export type SignalingErrorCode =
  /** The message breaks the protocol; the text names the member. */
  | "ERR_BAD_MESSAGE"
  /** A message, a queue or a room is over its limit. */
  | "ERR_LIMIT"
  /** Nobody with that id is in the room. */
  | "ERR_UNKNOWN_PARTICIPANT"
  /** The room has nobody who could make an offer. */
  | "ERR_NO_SENDER"
  /** The server could not be reached, or refused. */
  | "ERR_UNREACHABLE"
  /** The channel is closed for good. */
  | "ERR_CLOSED";

/** Signaling failed: the message was not delivered. */
export class SignalingError extends PeersError {
  override readonly name = "SignalingError";
  readonly code: SignalingErrorCode;

  constructor(code: SignalingErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Why a file did not arrive whole. */
export type TransferErrorCode =
  | "ERR_HASH_MISMATCH"
  | "ERR_SIZE_MISMATCH"
  | "ERR_TOO_LARGE"
  | "ERR_BAD_PROTOCOL"
  | "ERR_INTERRUPTED"
  | "ERR_REFUSED"
  | "ERR_SOURCE"
  | "ERR_SINK";

/** A file transfer ended without a verified file at the other end. */
export class TransferError extends PeersError {
  override readonly name = "TransferError";
  readonly code: TransferErrorCode;

  constructor(code: TransferErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** What `error` says, for a sentence that a person reads. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
