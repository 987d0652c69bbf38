import { createRemoteStream, type MediaStream } from "./media-stream.ts";
import type { MediaStreamTrack } from "./media-stream-track.ts";

/** A track that comes into a stream, or leaves it, by what the peer's description says. */
export type StreamChange = { readonly stream: MediaStream; readonly track: MediaStreamTrack };

/** Beyond this many ids those whose streams nobody holds any more are forgotten. */
const SWEEP_AT = 64;

/**
 * The MediaStreams of the peer by their id. A stream that was made once for a connection is found
 * again for as long as anybody holds it: an application that keeps it sees the tracks come back.
 */
export class RemoteStreams {
  readonly #streams = new Map<string, WeakRef<MediaStream>>();
  #sweepAt = SWEEP_AT;

  /** How many ids are remembered. */
  get size(): number {
    return this.#streams.size;
  }

  /** The streams with these ids, made where there is none yet. */
  of(ids: readonly string[]): readonly MediaStream[] {
    return ids.map((id) => this.#streams.get(id)?.deref() ?? this.#create(id));
  }

  #create(id: string): MediaStream {
    const stream = createRemoteStream(id);
    if (this.#streams.size >= this.#sweepAt) this.#sweep();
    this.#streams.set(id, new WeakRef(stream));
    return stream;
  }

  /** A peer that names new streams for ever costs no more than the streams that are alive. */
  #sweep(): void {
    for (const [id, reference] of this.#streams) {
      if (reference.deref() === undefined) this.#streams.delete(id);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#streams.size);
  }
}

/**
 * https://w3c.github.io/webrtc-pc/#set-associated-remote-streams: what the change of a receiver's
 * streams means for the streams.
 */
export function compareStreams(
  track: MediaStreamTrack,
  before: readonly MediaStream[],
  after: readonly MediaStream[],
): { readonly added: readonly StreamChange[]; readonly removed: readonly StreamChange[] } {
  const changeOf = (stream: MediaStream): StreamChange => ({ stream, track });
  const [known, wanted] = [new Set(before), new Set(after)];
  return {
    added: after.filter((stream) => !known.has(stream)).map(changeOf),
    removed: before.filter((stream) => !wanted.has(stream)).map(changeOf),
  };
}
