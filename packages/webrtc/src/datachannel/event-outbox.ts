import { Queue } from "../base/queue.ts";
import type { Channel } from "./channel.ts";
import type { ChannelEvent } from "./channel-events.ts";

/** What a held message, or part of one, costs besides its bytes: a flood of tiny ones is bounded too. */
export const HELD_OVERHEAD_BYTES = 160;

/**
 * The events of a table on their way to the owner. Those of a paused channel are held back until it
 * reads on, in their order, so that a `closed` cannot overtake the messages before it.
 */
export class EventOutbox {
  readonly #ready = new Queue<ChannelEvent>();
  #heldBytes = 0;

  /** What all held messages occupy, in bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  poll(): ChannelEvent | undefined {
    return this.#ready.shift();
  }

  /** For what the application must see in order with the messages. */
  emit(channel: Channel, event: ChannelEvent): void {
    if (!channel.isPaused) {
      this.#ready.push(event);
      return;
    }
    channel.held.push(event);
    this.#heldBytes += costOf(event);
  }

  /** For what concerns the sending side alone. */
  emitAtOnce(event: ChannelEvent): void {
    this.#ready.push(event);
  }

  resume(channel: Channel): void {
    for (let event = channel.held.shift(); event !== undefined; event = channel.held.shift()) {
      this.#heldBytes -= costOf(event);
      this.#ready.push(event);
    }
  }
}

function costOf(event: ChannelEvent): number {
  return event.kind === "message" ? event.payload.byteLength + HELD_OVERHEAD_BYTES : 0;
}
