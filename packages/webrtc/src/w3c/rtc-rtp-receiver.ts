import { trackOfSource, type MediaStreamTrack } from "./media-stream-track.ts";
import { promiseOf } from "./operations-chain.ts";
import { capabilitiesOf } from "./rtp-capabilities.ts";
import { toTransform } from "./rtp-transform.ts";
import { RtpSources, type RTCRtpContributingSource } from "./rtp-sources.ts";
import { codecParametersOf, headerExtensionsOf } from "./send-parameters.ts";
import { TrackSource } from "./track-source.ts";
import {
  CONSTRUCTION_TOKEN,
  defineInterface,
  domString,
  double,
  nullable,
  requireArguments,
  constructionParts,
} from "./webidl/index.ts";
import type { TransceiverId } from "../negotiation/transceiver.ts";
import type { RTCDtlsTransport } from "./rtc-dtls-transport.ts";
import type { RtpHost } from "./rtp-host.ts";
import type { RTCStatsReport } from "./stats/index.ts";
import type { RTCRtpCapabilities, RTCRtpReceiveParameters } from "./rtp-parameters.ts";
import type { RTCRtpSynchronizationSource } from "./rtp-sources.ts";
import type { RTCRtpTransform } from "./rtp-transform.ts";
import type { ConstructionArguments } from "./webidl/index.ts";

const MAX_JITTER_BUFFER_MS = 4_000;

const toTarget = nullable(double);

/** What a transceiver gives its receiver. */
type ReceiverParts = {
  readonly host: RtpHost;
  readonly id: TransceiverId;
};

/** @internal What the connection does to a receiver. */
export interface ReceiverControl {
  /** The remote source of [[ReceiverTrack]], muted at first: media is pushed here, and the track ended. */
  readonly source: TrackSource;
  /** What `getContributingSources` and `getSynchronizationSources` tell of. */
  readonly sources: RtpSources;
}

/** Set by the class below, which alone sees its private parts. */
let controlOf: (receiver: RTCRtpReceiver) => ReceiverControl;

/** https://w3c.github.io/webrtc-pc/#rtcrtpreceiver-interface. Its slots lie in the connection's records. */
export class RTCRtpReceiver {
  readonly #host: RtpHost;
  readonly #id: TransceiverId;
  readonly #source: TrackSource;
  readonly #track: MediaStreamTrack;
  readonly #sources: RtpSources;
  #jitterBufferTarget: number | null = null;
  #transform: RTCRtpTransform | null = null;

  static {
    controlOf = (receiver) => ({ source: receiver.#source, sources: receiver.#sources });
  }

  /** @internal */
  constructor(...args: ConstructionArguments<[parts: ReceiverParts]>) {
    const [parts] = constructionParts(args);
    const { host, id } = parts;
    const { kind, receiver } = host.transceiver(id);
    this.#host = host;
    this.#id = id;
    this.#source = new TrackSource({
      kind,
      label: `remote ${kind}`,
      isMuted: true,
      producer: { itemKind: "packet" },
      // Not the connection's tasks: closing it ends the track, with an event.
      queueTask: (task) => host.runtime.queueTask(task),
    });
    this.#track = trackOfSource(this.#source, receiver.trackId);
    this.#sources = new RtpSources(host.runtime);
  }

  /** What can be received at best; `null` for a kind other than "audio" and "video". */
  static getCapabilities(kind: string): RTCRtpCapabilities | null {
    requireArguments(arguments.length, 1, "RTCRtpReceiver.getCapabilities");
    return capabilitiesOf(domString(kind, "RTCRtpReceiver.getCapabilities: argument 1"));
  }

  get track(): MediaStreamTrack {
    return this.#track;
  }

  get transport(): RTCDtlsTransport | null {
    return this.#host.transportOf(this.#id);
  }

  get transform(): RTCRtpTransform | null {
    return this.#transform;
  }

  /** https://w3c.github.io/webrtc-encoded-transform/#rtcrtpreceiver-transform */
  set transform(value: RTCRtpTransform | null) {
    this.#transform = toTransform(value, "RTCRtpReceiver.transform");
  }

  get jitterBufferTarget(): number | null {
    return this.#jitterBufferTarget;
  }

  /** In milliseconds; `null` leaves it to the receiver. Throws `RangeError` unless it is 0 to 4000. */
  set jitterBufferTarget(value: number | null) {
    const target = toTarget(value, "RTCRtpReceiver.jitterBufferTarget");
    if (target !== null && (target < 0 || target > MAX_JITTER_BUFFER_MS)) {
      const range = `0 to ${MAX_JITTER_BUFFER_MS}`;
      throw new RangeError(`RTCRtpReceiver.jitterBufferTarget: ${target} is not ${range}`);
    }
    this.#jitterBufferTarget = target;
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpreceiver-getparameters. A new object each time. */
  getParameters(): RTCRtpReceiveParameters {
    const state = this.#host.transceiver(this.#id);
    return {
      headerExtensions: headerExtensionsOf(state, ["sendrecv", "recvonly"]),
      codecs: codecParametersOf(state.receiver.codecs),
      rtcp: { reducedSize: this.#host.hasReducedSizeRtcp(this.#id) },
    };
  }

  /** What was mixed into the media of the last ten seconds, the latest first. */
  getContributingSources(): RTCRtpContributingSource[] {
    return this.#sources.contributing();
  }

  /** Whose media has come in the last ten seconds, the latest first. */
  getSynchronizationSources(): RTCRtpSynchronizationSource[] {
    return this.#sources.synchronization();
  }

  /** Statistics of what this receiver receives. */
  getStats(): Promise<RTCStatsReport> {
    return promiseOf(() => this.#host.getStats(this));
  }
}

defineInterface(RTCRtpReceiver, "RTCRtpReceiver");

/** @internal "Create an RTCRtpReceiver" for a record that exists. */
export function createReceiver(parts: ReceiverParts): {
  readonly receiver: RTCRtpReceiver;
  readonly control: ReceiverControl;
} {
  const receiver = new RTCRtpReceiver(CONSTRUCTION_TOKEN, parts);
  return { receiver, control: controlOf(receiver) };
}
