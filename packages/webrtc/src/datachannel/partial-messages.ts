import { concatBytes } from "../base/bytes.ts";
import { HELD_OVERHEAD_BYTES } from "./event-outbox.ts";
import type { Channel } from "./channel.ts";

/**
 * Puts together messages in the fragmentation of old Firefox versions: parts under a PPID of their
 * own, then the last one under the usual PPID. RFC 8831 §6.6 keeps the numbers and deprecates the use.
 *
 * Each channel has its parts; what they occupy is counted here for all channels together.
 */
export class PartialMessages {
  #heldBytes = 0;

  /** What all parts occupy, in bytes, with an allowance for each. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Keeps a part that others follow. */
  add(channel: Channel, part: Uint8Array): void {
    channel.parts.push(part);
    channel.partBytes += part.byteLength;
    this.#heldBytes += part.byteLength + HELD_OVERHEAD_BYTES;
  }

  /** The whole message; nothing is kept. */
  finish(channel: Channel, lastPart: Uint8Array): Uint8Array {
    const whole = concatBytes([...channel.parts, lastPart]);
    this.drop(channel);
    return whole;
  }

  /** Forgets what has not become a message. */
  drop(channel: Channel): void {
    this.#heldBytes -= channel.partBytes + channel.parts.length * HELD_OVERHEAD_BYTES;
    channel.parts = [];
    channel.partBytes = 0;
  }
}
