import { Queue } from "../base/queue.ts";
import type { PacketWriter } from "./packet/packet-writer.ts";

/** More than that is a peer's flood: the answers beyond are dropped, as if the network had. */
const MAX_CHUNKS = 32;

/** Control chunks, complete and padded, on their way into the next packet. */
export class ControlQueue {
  readonly #chunks = new Queue<Uint8Array>();

  get isEmpty(): boolean {
    return this.#chunks.size === 0;
  }

  push(chunk: Uint8Array): void {
    if (this.#chunks.size < MAX_CHUNKS) this.#chunks.push(chunk);
  }

  /** Adds to the packet what fits; a chunk that fits into no packet gets one of its own. */
  writeInto(writer: PacketWriter): void {
    for (let chunk = this.#chunks.peek(); chunk; chunk = this.#chunks.peek()) {
      if (chunk.byteLength > writer.roomBytes && !writer.isEmpty) return;
      writer.append(chunk);
      this.#chunks.shift();
    }
  }
}
