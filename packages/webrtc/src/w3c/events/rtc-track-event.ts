import { isStream, type MediaStream } from "../media-stream.ts";
import { isTrack, type MediaStreamTrack } from "../media-stream-track.ts";
import { RTCRtpReceiver } from "../rtc-rtp-receiver.ts";
import { RTCRtpTransceiver } from "../rtc-rtp-transceiver.ts";
import {
  defineInterface,
  dictionary,
  domString,
  interfaceType,
  required,
  requireArguments,
  sequence,
  withDefault,
} from "../webidl/index.ts";
import { toEventInit } from "./event-init.ts";
import type { WithHandles } from "../handles.ts";
import type { EventInit } from "./event-init.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtctrackeventinit */
export interface RTCTrackEventInit extends EventInit {
  receiver: RTCRtpReceiver;
  streams?: MediaStream[];
  track: MediaStreamTrack;
  transceiver: RTCRtpTransceiver;
}

const isReceiver = (value: unknown): value is RTCRtpReceiver => value instanceof RTCRtpReceiver;
const isTransceiver = (value: unknown): value is RTCRtpTransceiver =>
  value instanceof RTCRtpTransceiver;
const toInit = dictionary(
  "RTCTrackEventInit",
  {
    receiver: required(interfaceType("RTCRtpReceiver", isReceiver)),
    streams: withDefault(sequence(interfaceType("MediaStream", isStream)), () => []),
    track: required(interfaceType("MediaStreamTrack", isTrack)),
    transceiver: required(interfaceType("RTCRtpTransceiver", isTransceiver)),
  },
  toEventInit,
);

/** https://w3c.github.io/webrtc-pc/#rtctrackevent. The peer has begun, or means, to send `track`. */
export class RTCTrackEvent extends Event {
  readonly #receiver: RTCRtpReceiver;
  readonly #track: MediaStreamTrack;
  readonly #streams: readonly MediaStream[];
  readonly #transceiver: RTCRtpTransceiver;

  /** Throws `TypeError` if one of `receiver`, `track` and `transceiver` is missing. */
  constructor(type: string, eventInitDict: WithHandles<RTCTrackEventInit>) {
    requireArguments(arguments.length, 2, "RTCTrackEvent constructor");
    const name = domString(type, "RTCTrackEvent constructor: argument 1");
    const init = toInit(eventInitDict, "RTCTrackEvent constructor: argument 2");
    super(name, init);
    this.#receiver = init.receiver;
    this.#track = init.track;
    this.#streams = Object.freeze(init.streams);
    this.#transceiver = init.transceiver;
  }

  get receiver(): RTCRtpReceiver {
    return this.#receiver;
  }

  get track(): MediaStreamTrack {
    return this.#track;
  }

  /** The streams that the peer says `track` belongs to; frozen, and the same list each time. */
  get streams(): readonly MediaStream[] {
    return this.#streams;
  }

  get transceiver(): RTCRtpTransceiver {
    return this.#transceiver;
  }
}

defineInterface(RTCTrackEvent, "RTCTrackEvent");
