import { encodeUtf8 } from "../base/bytes.ts";
import type { ChannelProperties } from "./channel-events.ts";
import type { ChannelTableOptions } from "./channel-table-options.ts";

/** Beyond this many refused streams at a time the peer gets no answer any more. */
const MAX_REFUSED_STREAMS = 1024;

/** How much of this side's memory the peer's channels occupy. */
export class PeerShare {
  readonly #options: ChannelTableOptions;
  #channels = 0;
  #textBytes = 0;
  #refusedStreams = 0;

  constructor(options: ChannelTableOptions) {
    this.#options = options;
  }

  /** True, and counted, if one more channel fits. */
  admit(properties: ChannelProperties): boolean {
    const textBytes = textBytesOf(properties);
    if (this.#channels >= this.#options.maxPeerChannels) return false;
    if (this.#textBytes + textBytes > this.#options.maxPeerTextBytes) return false;
    this.#channels++;
    this.#textBytes += textBytes;
    return true;
  }

  release(properties: ChannelProperties): void {
    this.#channels--;
    this.#textBytes -= textBytesOf(properties);
  }

  /** True, and counted, if the peer should get the answer that its stream is reset. */
  admitRefusal(): boolean {
    if (this.#refusedStreams >= MAX_REFUSED_STREAMS) return false;
    this.#refusedStreams++;
    return true;
  }

  releaseRefusal(): void {
    this.#refusedStreams--;
  }
}

function textBytesOf(properties: ChannelProperties): number {
  return encodeUtf8(properties.label).byteLength + encodeUtf8(properties.protocol).byteLength;
}
