/** Why the application stopped, in one line that a person can act on. */
export class StudioError extends Error {
  override readonly name = "StudioError";
  readonly code:
    | "ERR_PORT_IN_USE"
    | "ERR_LISTEN"
    | "ERR_FILE"
    | "ERR_OPTIONS"
    | "ERR_PEER_GONE"
    | "ERR_TRANSFER";

  constructor(code: StudioError["code"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
