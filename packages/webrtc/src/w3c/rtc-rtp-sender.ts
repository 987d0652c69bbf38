import { idOf, isStream } from "./media-stream.ts";
import { isTrack, sourceOf, type MediaStreamTrack } from "./media-stream-track.ts";
import { promiseOf } from "./operations-chain.ts";
import { createDtmfSender, stopDtmf, type RTCDTMFSender } from "./rtc-dtmf-sender.ts";
import { capabilitiesOf } from "./rtp-capabilities.ts";
import {
  toSendParameters,
  toSetParameterOptions,
  type RTCDegradationPreference,
  type RTCRtpCapabilities,
  type RTCRtpSendParameters,
  type RTCSetParameterOptions,
} from "./rtp-parameters.ts";
import { toTransform } from "./rtp-transform.ts";
import { checkSendParameters, sendParametersOf } from "./send-parameters.ts";
import { uuid } from "./uuid.ts";
import {
  CONSTRUCTION_TOKEN,
  defineInterface,
  domString,
  interfaceType,
  nullable,
  requireArguments,
  constructionParts,
} from "./webidl/index.ts";
import type { TransceiverId } from "../negotiation/transceiver.ts";
import type { StreamHandle, TrackHandle } from "./handles.ts";
import type { RTCDtlsTransport } from "./rtc-dtls-transport.ts";
import type { RtpHost } from "./rtp-host.ts";
import type { RTCStatsReport } from "./stats/index.ts";
import type { RTCRtpTransform } from "./rtp-transform.ts";
import type { ConstructionArguments } from "./webidl/index.ts";

const toTrackOrNull = nullable(interfaceType("MediaStreamTrack", isTrack));
const toStream = interfaceType("MediaStream", isStream);

/** What a transceiver gives its sender. */
type SenderParts = {
  readonly host: RtpHost;
  readonly id: TransceiverId;
  readonly track: MediaStreamTrack | null;
};

/** @internal What the connection does to a sender. */
export interface SenderControl {
  /** [[SenderTrack]], as `addTrack` and `removeTrack` set it. */
  setTrack(track: MediaStreamTrack | null): void;
  /** [[LastReturnedParameters]] becomes null: a description has changed what they say. */
  forgetParameters(): void;
  /** The connection is closed: lets go of timers. */
  close(): void;
}

/** Set by the class below, which alone sees its private parts. */
let controlOf: (sender: RTCRtpSender) => SenderControl;

/** https://w3c.github.io/webrtc-pc/#rtcrtpsender-interface. Its slots lie in the connection's records. */
export class RTCRtpSender {
  readonly #host: RtpHost;
  readonly #id: TransceiverId;
  readonly #dtmf: RTCDTMFSender | null;
  #track: MediaStreamTrack | null;
  #transform: RTCRtpTransform | null = null;
  #degradationPreference: RTCDegradationPreference | undefined;
  /** [[LastReturnedParameters]]; callers only ever get copies. */
  #lastReturned: RTCRtpSendParameters | null = null;

  static {
    controlOf = (sender) => ({
      setTrack: (track) => {
        sender.#track = track;
      },
      forgetParameters: () => {
        sender.#lastReturned = null;
      },
      close: () => {
        if (sender.#dtmf !== null) stopDtmf(sender.#dtmf);
      },
    });
  }

  /** @internal */
  constructor(...args: ConstructionArguments<[parts: SenderParts]>) {
    const [parts] = constructionParts(args);
    const { host, id, track } = parts;
    this.#host = host;
    this.#id = id;
    this.#track = track;
    const isAudio = host.transceiver(id).kind === "audio";
    const hasTrack = (): boolean => this.#track !== null;
    this.#dtmf = isAudio ? createDtmfSender({ host, id, hasTrack }) : null;
  }

  /** What can be sent at best; `null` for a kind other than "audio" and "video". */
  static getCapabilities(kind: string): RTCRtpCapabilities | null {
    requireArguments(arguments.length, 1, "RTCRtpSender.getCapabilities");
    return capabilitiesOf(domString(kind, "RTCRtpSender.getCapabilities: argument 1"));
  }

  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  get transport(): RTCDtlsTransport | null {
    return this.#host.transportOf(this.#id);
  }

  /** `null` unless the kind is "audio". */
  get dtmf(): RTCDTMFSender | null {
    return this.#dtmf;
  }

  get transform(): RTCRtpTransform | null {
    return this.#transform;
  }

  /** https://w3c.github.io/webrtc-encoded-transform/#rtcrtpsender-transform */
  set transform(value: RTCRtpTransform | null) {
    this.#transform = toTransform(value, "RTCRtpSender.transform");
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-getparameters. The same until the end of the task. */
  getParameters(): RTCRtpSendParameters {
    // Steps 3 to 5
    if (this.#lastReturned === null) {
      this.#lastReturned = this.#currentParameters();
      this.#host.tasks.queue(() => {
        this.#lastReturned = null;
      });
    }
    return structuredClone(this.#lastReturned);
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-setparameters, with what `getParameters` has returned
   * in the same task.
   *
   * Rejects with `InvalidStateError` without such a call and for a stopped transceiver, with
   * `InvalidModificationError` for a change to what is read-only and for what cannot be sent, and with
   * `RangeError` for a number out of range.
   */
  setParameters(
    parameters: RTCRtpSendParameters,
    setParameterOptions: RTCSetParameterOptions = {},
  ): Promise<void> {
    const argumentCount = arguments.length;
    return promiseOf(() => {
      const context = "RTCRtpSender.setParameters";
      requireArguments(argumentCount, 1, context);
      const converted = toSendParameters(parameters, `${context}: argument 1`);
      const options = toSetParameterOptions(setParameterOptions, `${context}: argument 2`);
      const state = this.#host.transceiver(this.#id);
      // Step 4
      if (state.isStopping) throw invalidState(`${context}: the transceiver is stopped`);
      // Step 5
      if (this.#lastReturned === null) {
        throw invalidState(`${context}: getParameters was not called in this task`);
      }
      // Step 6
      const encodings = checkSendParameters(converted, this.#lastReturned, state);
      const encodingOptions = state.kind === "audio" ? [] : options.encodingOptions;
      if (encodingOptions.length > 0 && encodingOptions.length !== encodings.length) {
        const problem = `${encodingOptions.length} encodingOptions for ${encodings.length} encodings`;
        throw new DOMException(`${context}: ${problem}`, "InvalidModificationError");
      }
      const isKeyFrameWanted = encodingOptions.some(({ keyFrame }) => keyFrame);
      // Steps 7 to 11
      return new Promise((resolve) => {
        this.#host.queueParameters(() => {
          this.#lastReturned = null;
          this.#degradationPreference = converted.degradationPreference;
          this.#host.change(this.#id, { encodings });
          if (isKeyFrameWanted && this.#track !== null) sourceOf(this.#track).requestKeyFrame();
          resolve();
        });
      });
    });
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-replacetrack. No negotiation follows.
   *
   * Rejects with `TypeError` for a track of another kind, `InvalidStateError` for a stopped transceiver
   * or closed connection, and `InvalidModificationError` if the track in use brings another form of media
   * (frames, chunks, packets) and is being sent.
   */
  replaceTrack(withTrack: TrackHandle | null): Promise<void> {
    const argumentCount = arguments.length;
    return promiseOf(() => {
      const context = "RTCRtpSender.replaceTrack";
      requireArguments(argumentCount, 1, context);
      const track = toTrackOrNull(withTrack, `${context}: argument 1`);
      const { kind } = this.#host.transceiver(this.#id);
      // Step 5
      if (track !== null && sourceOf(track).kind !== kind) {
        const trackKind = sourceOf(track).kind;
        throw new TypeError(`${context}: the track is ${trackKind}, the sender is ${kind}`);
      }
      // Step 6
      return this.#host.chain(() => {
        const { isStopping, currentDirection } = this.#host.transceiver(this.#id);
        // Step 6.1
        if (isStopping) throw invalidState(`${context}: the transceiver is stopped`);
        // Step 6.3
        const isSending = currentDirection === "sendrecv" || currentDirection === "sendonly";
        return new Promise<void>((resolve, reject) => {
          this.#host.tasks.queue(() => {
            // Step 6.4.2: the other forms of media need a pipeline of their own.
            if (isSending && isOtherForm(this.#track, track)) {
              const problem = "the track brings media in another form than the one before";
              reject(new DOMException(`${context}: ${problem}`, "InvalidModificationError"));
              return;
            }
            // Steps 6.4.4.2 and 6.4.4.3
            this.#track = track;
            resolve();
          });
        });
      });
    });
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcrtpsender-setstreams: the streams that the peer will see
   * the track in. Throws `InvalidStateError` on a closed connection.
   */
  setStreams(...streams: StreamHandle[]): void {
    const context = "RTCRtpSender.setStreams";
    const converted = streams.map((stream, index) =>
      toStream(stream, `${context}: argument ${index + 1}`),
    );
    // Step 3
    if (this.#host.isClosed) throw invalidState(`${context}: the connection is closed`);
    // Steps 4 to 6
    this.#host.change(this.#id, { streamIds: [...new Set(converted.map(idOf))] });
    // Step 7
    this.#host.updateNegotiationNeeded();
  }

  /** Statistics of what this sender sends. */
  getStats(): Promise<RTCStatsReport> {
    return promiseOf(() => this.#host.getStats(this));
  }

  #currentParameters(): RTCRtpSendParameters {
    return sendParametersOf(this.#host.transceiver(this.#id), {
      transactionId: uuid(this.#host.random),
      cname: this.#host.cname,
      hasReducedSizeRtcp: this.#host.hasReducedSizeRtcp(this.#id),
      degradationPreference: this.#degradationPreference,
    });
  }
}

defineInterface(RTCRtpSender, "RTCRtpSender");

/** @internal "Create an RTCRtpSender" for a record that exists. */
export function createSender(parts: SenderParts): {
  readonly sender: RTCRtpSender;
  readonly control: SenderControl;
} {
  const sender = new RTCRtpSender(CONSTRUCTION_TOKEN, parts);
  return { sender, control: controlOf(sender) };
}

function isOtherForm(before: MediaStreamTrack | null, after: MediaStreamTrack | null): boolean {
  if (before === null || after === null) return false;
  return sourceOf(before).itemKind !== sourceOf(after).itemKind;
}

function invalidState(problem: string): DOMException {
  return new DOMException(problem, "InvalidStateError");
}
