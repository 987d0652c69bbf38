import type { SignalingState } from "../negotiation/index.ts";
import type { TaskQueue } from "./task-queue.ts";

/** What the flag needs to know of its connection. */
export type NegotiationNeededHost = {
  readonly tasks: Pick<TaskQueue, "queue">;
  readonly signalingState: () => SignalingState;
  /** Whether the operations chain has nothing to do. */
  readonly isChainEmpty: () => boolean;
  /** https://w3c.github.io/webrtc-pc/#dfn-check-if-negotiation-is-needed */
  readonly check: () => boolean;
  /** Fires `negotiationneeded`. */
  readonly fire: () => void;
};

/**
 * The negotiation-needed flag of a connection: `negotiationneeded` is fired once for all that was asked
 * for in one go, only in "stable", and only while no negotiation is under way.
 */
export class NegotiationNeeded {
  readonly #host: NegotiationNeededHost;
  #isNeeded = false;
  /** [[UpdateNegotiationNeededFlagOnEmptyChain]] */
  #shouldUpdateOnEmptyChain = false;

  constructor(host: NegotiationNeededHost) {
    this.#host = host;
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-update-the-negotiation-needed-flag */
  update(): void {
    // Step 1
    if (!this.#host.isChainEmpty()) {
      this.#shouldUpdateOnEmptyChain = true;
      return;
    }
    // Step 2; its first, "closed", is the task queue's affair.
    this.#host.tasks.queue(() => this.#updateNow());
  }

  /** A negotiation has come to its end: what was needed was negotiated, or is needed anew. */
  clear(): void {
    this.#isNeeded = false;
  }

  /** "Chain an operation", steps 7.4 to 7.6. */
  handleEmptyChain(): void {
    if (!this.#shouldUpdateOnEmptyChain) return;
    this.#shouldUpdateOnEmptyChain = false;
    this.update();
  }

  #updateNow(): void {
    const { isChainEmpty, signalingState, check, fire } = this.#host;
    // Step 2.2
    if (!isChainEmpty()) {
      this.#shouldUpdateOnEmptyChain = true;
      return;
    }
    // Step 2.3
    if (signalingState() !== "stable") return;
    // Steps 2.4 to 2.6
    const wasNeeded = this.#isNeeded;
    this.#isNeeded = check();
    // Step 2.7
    if (this.#isNeeded && !wasNeeded) fire();
  }
}
