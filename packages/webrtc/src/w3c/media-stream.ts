import { defineEventHandlers, eventTargetOf } from "./event-handler.ts";
import { MediaStreamTrackEvent } from "./events/media-stream-track-event.ts";
import { isTrack } from "./media-stream-track.ts";
import { uuid } from "./uuid.ts";
import {
  defineInterface,
  domString,
  interfaceType,
  isIterable,
  refuse,
  requireArguments,
  sequence,
  union,
} from "./webidl/index.ts";
import type { EventHandler, EventHandlerValue } from "./event-handler.ts";
import type { StreamHandle, TrackHandle } from "./handles.ts";
import type { MediaStreamTrack } from "./media-stream-track.ts";

/** The events of a stream and what each brings. */
export interface MediaStreamEventMap {
  addtrack: MediaStreamTrackEvent;
  removetrack: MediaStreamTrackEvent;
}

/** @internal For conversions of arguments. */
export const isStream = (value: unknown): value is MediaStream => value instanceof MediaStream;

const toTrack = interfaceType("MediaStreamTrack", isTrack);
const toSource = union<MediaStream | MediaStreamTrack[]>(
  [
    { accepts: isStream, convert: interfaceType("MediaStream", isStream) },
    { accepts: isIterable, convert: sequence(toTrack) },
  ],
  refuse("MediaStream or sequence<MediaStreamTrack>"),
);

/** Set by the class below, which alone sees its private parts. */
let createWithId: (id: string) => MediaStream;
let tracksIn: (stream: MediaStream) => Set<MediaStreamTrack>;
let idIn: (stream: MediaStream) => string;

/** What `defineEventHandlers` adds to the class below. */
export interface MediaStream {
  get onaddtrack(): EventHandlerValue;
  set onaddtrack(handler: EventHandler<MediaStream, MediaStreamTrackEvent>);
  get onremovetrack(): EventHandlerValue;
  set onremovetrack(handler: EventHandler<MediaStream, MediaStreamTrackEvent>);
}

/** https://w3c.github.io/mediacapture-main/#mediastream. Tracks that belong together, in no order. */
export class MediaStream extends eventTargetOf<MediaStreamEventMap>() {
  readonly #tracks = new Set<MediaStreamTrack>();
  #id: string = uuid();

  static {
    createWithId = (id) => {
      const stream = new MediaStream();
      stream.#id = id;
      return stream;
    };
    tracksIn = (stream) => stream.#tracks;
    idIn = (stream) => stream.#id;
  }

  /** Of nothing, of the tracks of another stream, or of a sequence of tracks; `TypeError` for anything else. */
  constructor(source: StreamHandle | Iterable<TrackHandle> | undefined = undefined) {
    const hasSource = arguments.length > 0;
    super();
    if (!hasSource) return;
    const converted = toSource(source, "MediaStream constructor: argument 1");
    const tracks = converted instanceof MediaStream ? converted.#tracks : converted;
    for (const track of tracks) this.#tracks.add(track);
  }

  get id(): string {
    return this.#id;
  }

  /** Whether one of the tracks has not ended. */
  get active(): boolean {
    return [...this.#tracks].some(({ readyState }) => readyState === "live");
  }

  getTracks(): MediaStreamTrack[] {
    return [...this.#tracks];
  }

  getAudioTracks(): MediaStreamTrack[] {
    return [...this.#tracks].filter(({ kind }) => kind === "audio");
  }

  getVideoTracks(): MediaStreamTrack[] {
    return [...this.#tracks].filter(({ kind }) => kind === "video");
  }

  getTrackById(trackId: string): MediaStreamTrack | null {
    const tracks = [...this.#tracks];
    requireArguments(arguments.length, 1, "MediaStream.getTrackById");
    const wanted = domString(trackId, "MediaStream.getTrackById: argument 1");
    return tracks.find(({ id }) => id === wanted) ?? null;
  }

  /** Without an event: those are for what the connection adds. */
  addTrack(track: TrackHandle): void {
    requireArguments(arguments.length, 1, "MediaStream.addTrack");
    this.#tracks.add(toTrack(track, "MediaStream.addTrack: argument 1"));
  }

  /** Without an event: those are for what the connection removes. */
  removeTrack(track: TrackHandle): void {
    requireArguments(arguments.length, 1, "MediaStream.removeTrack");
    this.#tracks.delete(toTrack(track, "MediaStream.removeTrack: argument 1"));
  }

  /** A stream with an id of its own, of clones of all tracks. */
  clone(): MediaStream {
    return new MediaStream([...this.#tracks].map((track) => track.clone()));
  }
}

defineInterface(MediaStream, "MediaStream");
defineEventHandlers(MediaStream, ["addtrack", "removetrack"]);

/** @internal A stream that a description names. */
export function createRemoteStream(id: string): MediaStream {
  return createWithId(id);
}

/** @internal The id itself: an object may have a property of its own in front of the attribute. */
export function idOf(stream: MediaStream): string {
  return idIn(stream);
}

/** @internal https://w3c.github.io/mediacapture-main/#track-add, within a task. */
export function addTrackAndFire(stream: MediaStream, track: MediaStreamTrack): void {
  const tracks = tracksIn(stream);
  if (tracks.has(track)) return;
  tracks.add(track);
  stream.dispatchEvent(new MediaStreamTrackEvent("addtrack", { track }));
}

/** @internal https://w3c.github.io/mediacapture-main/#track-remove, within a task. */
export function removeTrackAndFire(stream: MediaStream, track: MediaStreamTrack): void {
  if (!tracksIn(stream).delete(track)) return;
  stream.dispatchEvent(new MediaStreamTrackEvent("removetrack", { track }));
}
