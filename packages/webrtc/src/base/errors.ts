/** Where a rule comes from, as a reader would look it up: `RFC 8656 §12.4`. */
export type SpecRef =
  | `RFC ${number} §${string}`
  | `RFC ${number}`
  | `draft-${string}`
  | `W3C ${string}`;

/** Root of everything the stack throws or reports. Branch on `code`; `message` is for people. */
export abstract class PallasError extends Error {
  /** Stable across releases. */
  abstract readonly code: string;
}

/** The caller broke the contract of a method. Always thrown, always the caller's bug. */
export class UsageError extends PallasError {
  override readonly name = "UsageError";
  readonly code: "ERR_CLOSED" | "ERR_OUT_OF_ORDER" | "ERR_RANGE" | "ERR_UNSUPPORTED";

  constructor(code: UsageError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** The peer sent bytes that do not parse. Caught by the endpoint, counted, never seen outside. */
export class WireFormatError extends PallasError {
  override readonly name = "WireFormatError";
  readonly code = "ERR_WIRE_FORMAT";
  readonly spec: SpecRef;

  constructor(spec: SpecRef, message: string) {
    super(`${message} (${spec})`);
    this.spec = spec;
  }
}

/** Why a connection ended, as a program can branch on it. */
export type ProtocolFailureCode =
  | "ERR_TIMED_OUT"
  | "ERR_PEER_ABORTED"
  | "ERR_PEER_VIOLATION"
  | "ERR_FINGERPRINT_MISMATCH"
  | "ERR_HANDSHAKE_FAILED"
  | "ERR_NO_CANDIDATE_PAIR"
  | "ERR_CONSENT_LOST"
  | "ERR_LOCAL_RESOURCE"
  | "ERR_INTERNAL";

/**
 * The connection cannot go on. Reported once, as the last event; the endpoint is then closed.
 * `message` says in words that a user can act on what happened and what to try.
 */
export class ProtocolFailure extends PallasError {
  override readonly name = "ProtocolFailure";
  readonly code: ProtocolFailureCode;
  readonly spec: SpecRef;
  /** What the wire said, where a number was exchanged: a TLS alert, an SCTP cause. */
  readonly detail: {
    readonly receivedAlert?: number;
    readonly sentAlert?: number;
    readonly sctpCauseCode?: number;
  };

  constructor(
    code: ProtocolFailureCode,
    spec: SpecRef,
    message: string,
    options: { readonly cause?: unknown; readonly detail?: ProtocolFailure["detail"] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.spec = spec;
    this.detail = options.detail ?? {};
  }
}

/** Makes the compiler refuse a `switch` that forgot a member of a union. */
export function assertNever(value: never): never {
  throw new UsageError("ERR_RANGE", `unhandled case: ${JSON.stringify(value)}`);
}
