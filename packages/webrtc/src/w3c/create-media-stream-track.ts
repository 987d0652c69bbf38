import { trackOfSource } from "./media-stream-track.ts";
import { TrackSource } from "./track-source.ts";
import {
  conversionError,
  dictionary,
  describe,
  domString,
  enumeration,
  isObject,
  required,
  withDefault,
} from "./webidl/index.ts";
import type { MediaKind } from "../rtp/codec.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { MediaStreamTrack } from "./media-stream-track.ts";
import type { MediaProducer, TrackController } from "./track-source.ts";

/** What {@link createMediaStreamTrack} takes. */
export interface MediaStreamTrackInit {
  kind: MediaKind;
  /** `label` of the track; default "". */
  label?: string;
  /** Where the media comes from. Without one, whoever has the controller pushes raw frames. */
  source?: MediaProducer;
}

/** A track and the producer's end of its source. */
export type CreatedTrack = {
  readonly track: MediaStreamTrack;
  readonly controller: TrackController;
};

const toInit = dictionary("MediaStreamTrackInit", {
  kind: required(enumeration("MediaKind", ["audio", "video"])),
  label: withDefault(domString, () => ""),
  source: withDefault(toProducer, () => ({})),
});

/**
 * Not in the W3C's API, where tracks come from devices: a track whose media the application brings, as
 * raw frames, encoded chunks or RTP packets. It is live, enabled and not muted. Clones share its source.
 *
 * Throws `TypeError` for a kind other than "audio" and "video", and for a source that is not an object.
 */
export function createMediaStreamTrack(
  init: MediaStreamTrackInit,
  runtime: Pick<Runtime, "queueTask">,
): CreatedTrack {
  const { kind, label, source: producer } = toInit(init, "createMediaStreamTrack: argument 1");
  const source = new TrackSource({
    kind,
    label,
    producer,
    isMuted: false,
    queueTask: (task) => runtime.queueTask(task),
  });
  const track = trackOfSource(source);
  const controller: TrackController = {
    get isEnded() {
      return source.isEnded;
    },
    get hasConsumers() {
      return source.hasConsumers;
    },
    push: (item) => source.push(item),
    mute: () => source.queueMuted(true),
    unmute: () => source.queueMuted(false),
    end: () => source.queueEnd(),
    setSettings: (settings) => source.setSettings(settings),
  };
  producer.start?.(controller);
  return { track, controller };
}

function toProducer(value: unknown, context: string): MediaProducer {
  if (!isObject(value)) throw conversionError(context, `${describe(value)} is not an object`);
  const { itemKind = "frame" } = value as MediaProducer;
  enumeration("MediaItemKind", ["frame", "chunk", "packet"])(itemKind, `${context}.itemKind`);
  return value as MediaProducer;
}
