/**
 * The event that tells of a change of `connectionState` or `iceConnectionState`. It is a plain
 * `Event` to code written for browsers; with "failed" it also says why.
 */
export class ConnectionStateEvent extends Event {
  readonly #failure: Error | undefined;

  /** `failure` is the reason for "failed"; its `code` is stable, its message is for people. */
  constructor(type: string, failure?: Error) {
    super(type);
    this.#failure = failure;
  }

  /** Why the connection failed, in words that a person can act on; `null` unless it did. */
  get reason(): string | null {
    return this.#failure?.message ?? null;
  }

  /** The failure itself, with its stable `code`; `null` unless the connection failed. */
  get failure(): Error | null {
    return this.#failure ?? null;
  }
}
