type Waiter = {
  readonly event: "open" | "closed";
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
};

/** Lets the streams of a channel wait for its state; a promise is made only when somebody waits. */
export class ChannelLifecycle {
  #waiters: Waiter[] = [];
  #state: "connecting" | "open" | "closed" = "connecting";
  #failure: unknown = undefined;

  /** Rejects with an `InvalidStateError`, or the failure, if the channel closes before. */
  whenOpen(): Promise<void> {
    return this.#when("open");
  }

  /** Resolves when the channel has closed in order, rejects with what made it fail. */
  whenClosed(): Promise<void> {
    return this.#when("closed");
  }

  noteOpen(): void {
    if (this.#state !== "connecting") return;
    this.#state = "open";
    this.#settle();
  }

  /** `failure` is `undefined` if both sides agreed to close. */
  noteClosed(failure: unknown): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#failure = failure;
    this.#settle();
  }

  #when(event: "open" | "closed"): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ event, resolve, reject });
      this.#settle();
    });
  }

  #settle(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (this.#state === "closed") this.#finish(waiter);
      else if (this.#state === waiter.event) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }

  #finish(waiter: Waiter): void {
    if (this.#failure !== undefined) waiter.reject(this.#failure);
    else if (waiter.event === "closed") waiter.resolve();
    else waiter.reject(new DOMException("the channel is closed", "InvalidStateError"));
  }
}
