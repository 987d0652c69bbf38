import { isTrack, type MediaStreamTrack } from "../media-stream-track.ts";
import {
  defineInterface,
  dictionary,
  domString,
  interfaceType,
  required,
  requireArguments,
} from "../webidl/index.ts";
import { toEventInit } from "./event-init.ts";
import type { WithHandles } from "../handles.ts";
import type { EventInit } from "./event-init.ts";

/** https://w3c.github.io/mediacapture-main/#dom-mediastreamtrackeventinit */
export interface MediaStreamTrackEventInit extends EventInit {
  track: MediaStreamTrack;
}

const toInit = dictionary(
  "MediaStreamTrackEventInit",
  { track: required(interfaceType("MediaStreamTrack", isTrack)) },
  toEventInit,
);

/** https://w3c.github.io/mediacapture-main/#mediastreamtrackevent. A stream has gained or lost `track`. */
export class MediaStreamTrackEvent extends Event {
  readonly #track: MediaStreamTrack;

  /** Throws `TypeError` without a {@link MediaStreamTrack}. */
  constructor(type: string, eventInitDict: WithHandles<MediaStreamTrackEventInit>) {
    requireArguments(arguments.length, 2, "MediaStreamTrackEvent constructor");
    const name = domString(type, "MediaStreamTrackEvent constructor: argument 1");
    const init = toInit(eventInitDict, "MediaStreamTrackEvent constructor: argument 2");
    super(name, init);
    this.#track = init.track;
  }

  get track(): MediaStreamTrack {
    return this.#track;
  }
}

defineInterface(MediaStreamTrackEvent, "MediaStreamTrackEvent");
