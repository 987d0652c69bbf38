import type { Codec } from "../rtp/codec.ts";
import type { HeaderExtensionCapability } from "../rtp/header-extension.ts";
import type { TransceiverId, TransceiverState } from "../negotiation/transceiver.ts";
import { createReceiver, type ReceiverControl, type RTCRtpReceiver } from "./rtc-rtp-receiver.ts";
import { createSender, type RTCRtpSender, type SenderControl } from "./rtc-rtp-sender.ts";
import {
  checkCodecPreferences,
  checkHeaderExtensions,
  negotiatedHeaderExtensionsOf,
} from "./transceiver-preferences.ts";
import {
  toCodec,
  toHeaderExtensionCapability,
  type RTCRtpCodec,
  type RTCRtpHeaderExtensionCapability,
  type RTCRtpTransceiverDirection,
} from "./rtp-parameters.ts";
import {
  CONSTRUCTION_TOKEN,
  defineInterface,
  enumerationOrIgnore,
  requireArguments,
  constructionParts,
  sequence,
} from "./webidl/index.ts";
import type { MediaStreamTrack } from "./media-stream-track.ts";
import type { RtpHost } from "./rtp-host.ts";
import type { ConstructionArguments } from "./webidl/index.ts";

const toNewDirection = enumerationOrIgnore([
  "sendrecv",
  "sendonly",
  "recvonly",
  "inactive",
  "stopped",
]);
const toCodecs = sequence(toCodec);
const toHeaderExtensions = sequence(toHeaderExtensionCapability);

/** What a connection gives a new transceiver; its record exists. */
export type TransceiverParts = {
  readonly host: RtpHost;
  readonly id: TransceiverId;
  /** [[SenderTrack]] to begin with. */
  readonly track: MediaStreamTrack | null;
};

/** @internal What the connection does to a transceiver and its two halves. */
export interface TransceiverControl {
  readonly id: TransceiverId;
  readonly sender: SenderControl;
  readonly receiver: ReceiverControl;
  /**
   * The objects' part of "stop sending and receiving", for a transceiver that a description or `close`
   * has stopped: the receiver's track ends in a task of its own, with an event, also on a closed
   * connection. Does nothing the second time.
   */
  endTracks(): void;
}

/** Set by the class below, which alone sees its private parts. */
let controlOf: (transceiver: RTCRtpTransceiver) => TransceiverControl;

/** https://w3c.github.io/webrtc-pc/#rtcrtptransceiver-interface. Its slots lie in the connection's records. */
export class RTCRtpTransceiver {
  readonly #host: RtpHost;
  readonly #id: TransceiverId;
  readonly #sender: RTCRtpSender;
  readonly #receiver: RTCRtpReceiver;
  readonly #control: TransceiverControl;

  static {
    controlOf = (transceiver) => transceiver.#control;
  }

  /** @internal */
  constructor(...args: ConstructionArguments<[parts: TransceiverParts]>) {
    const [parts] = constructionParts(args);
    const { host, id } = parts;
    const { sender, control: senderControl } = createSender(parts);
    const { receiver, control: receiverControl } = createReceiver({ host, id });
    this.#host = host;
    this.#id = id;
    this.#sender = sender;
    this.#receiver = receiver;
    this.#control = {
      id,
      sender: senderControl,
      receiver: receiverControl,
      endTracks: () => {
        senderControl.close();
        receiverControl.source.queueEnd();
      },
    };
  }

  /** `null` until a description names it. */
  get mid(): string | null {
    return this.#state.mid;
  }

  get sender(): RTCRtpSender {
    return this.#sender;
  }

  get receiver(): RTCRtpReceiver {
    return this.#receiver;
  }

  /** What this side wants; the next offer or answer says so. */
  get direction(): RTCRtpTransceiverDirection {
    const { isStopping, direction } = this.#state;
    return isStopping ? "stopped" : direction;
  }

  /** Throws `InvalidStateError` for a stopped transceiver and `TypeError` for "stopped". */
  set direction(value: RTCRtpTransceiverDirection) {
    const context = "RTCRtpTransceiver.direction";
    const { isStopping, direction } = this.#state;
    const newDirection = toNewDirection(value, context);
    if (newDirection === undefined) return;
    // Step 3
    if (isStopping) {
      throw new DOMException(`${context}: the transceiver is stopped`, "InvalidStateError");
    }
    // Step 5
    if (newDirection === direction) return;
    // Step 6
    if (newDirection === "stopped") throw new TypeError(`${context}: use stop()`);
    // Steps 7 and 8
    this.#host.change(this.#id, { direction: newDirection });
    this.#host.updateNegotiationNeeded();
  }

  /** What both sides have agreed on; `null` before that. */
  get currentDirection(): RTCRtpTransceiverDirection | null {
    const { isStopped, currentDirection } = this.#state;
    return isStopped ? "stopped" : currentDirection;
  }

  /** Not in the specification any more, but in all browsers: `currentDirection` is "stopped". */
  get stopped(): boolean {
    return this.#state.isStopped;
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcrtptransceiver-stop. Throws `InvalidStateError` on a closed connection. */
  stop(): void {
    // Step 3
    if (this.#host.isClosed) {
      const problem = "RTCRtpTransceiver.stop: the connection is closed";
      throw new DOMException(problem, "InvalidStateError");
    }
    // Step 4
    if (this.#state.isStopping) return;
    // Step 5: "stop sending and receiving"
    this.#control.endTracks();
    this.#host.change(this.#id, { direction: "inactive", isStopping: true });
    // Step 6
    this.#host.updateNegotiationNeeded();
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcrtptransceiver-setcodecpreferences: codecs of
   * `getCapabilities`, in the order in which they are wanted. An empty list restores the default.
   *
   * Throws `InvalidModificationError` for an unknown codec, and if none of them carries media by itself.
   */
  setCodecPreferences(codecs: Iterable<RTCRtpCodec>): void {
    const context = "RTCRtpTransceiver.setCodecPreferences";
    requireArguments(arguments.length, 1, context);
    const wanted: readonly Codec[] = toCodecs(codecs, `${context}: argument 1`);
    const preferredCodecs = checkCodecPreferences(wanted, this.#state.kind, context);
    this.#host.change(this.#id, { preferredCodecs });
  }

  /** https://w3c.github.io/webrtc-extensions/#dom-rtcrtptransceiver-getheaderextensionstonegotiate. Copies. */
  getHeaderExtensionsToNegotiate(): RTCRtpHeaderExtensionCapability[] {
    return this.#state.headerExtensions.map((extension) => ({ ...extension }));
  }

  /**
   * https://w3c.github.io/webrtc-extensions/#dom-rtcrtptransceiver-setheaderextensionstonegotiate: the
   * list of {@link getHeaderExtensionsToNegotiate} with other directions.
   *
   * Throws `InvalidModificationError` for another list and for a direction that an extension cannot have.
   */
  setHeaderExtensionsToNegotiate(extensions: Iterable<RTCRtpHeaderExtensionCapability>): void {
    const context = "RTCRtpTransceiver.setHeaderExtensionsToNegotiate";
    requireArguments(arguments.length, 1, context);
    const wanted: readonly HeaderExtensionCapability[] = toHeaderExtensions(
      extensions,
      `${context}: argument 1`,
    );
    const { headerExtensions } = this.#state;
    this.#host.change(this.#id, {
      headerExtensions: checkHeaderExtensions(wanted, headerExtensions, context),
    });
  }

  /** https://w3c.github.io/webrtc-extensions/#dom-rtcrtptransceiver-getnegotiatedheaderextensions. All of them, "stopped" where there is none. */
  getNegotiatedHeaderExtensions(): RTCRtpHeaderExtensionCapability[] {
    return negotiatedHeaderExtensionsOf(this.#state);
  }

  get #state(): TransceiverState {
    return this.#host.transceiver(this.#id);
  }
}

defineInterface(RTCRtpTransceiver, "RTCRtpTransceiver");

/** @internal "Create an RTCRtpTransceiver", with its sender and receiver, for a record that exists. */
export function createTransceiver(parts: TransceiverParts): {
  readonly transceiver: RTCRtpTransceiver;
  readonly control: TransceiverControl;
} {
  const transceiver = new RTCRtpTransceiver(CONSTRUCTION_TOKEN, parts);
  return { transceiver, control: controlOf(transceiver) };
}
