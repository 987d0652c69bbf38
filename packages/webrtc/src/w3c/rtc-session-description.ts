import type { DescriptionType } from "../negotiation/index.ts";
import {
  defineInterface,
  dictionary,
  domString,
  enumeration,
  optional,
  required,
  requireArguments,
  withDefault,
} from "./webidl/index.ts";

/** https://w3c.github.io/webrtc-pc/#rtcsdptype */
export type RTCSdpType = DescriptionType;

/** https://w3c.github.io/webrtc-pc/#dom-rtcsessiondescriptioninit */
export interface RTCSessionDescriptionInit {
  type: RTCSdpType;
  sdp?: string;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtclocalsessiondescriptioninit */
export interface RTCLocalSessionDescriptionInit {
  type?: RTCSdpType;
  sdp?: string;
}

const toSdpType = enumeration("RTCSdpType", ["offer", "pranswer", "answer", "rollback"]);
const toSdp = withDefault(domString, () => "");

/** The conversion of `RTCSessionDescriptionInit`. */
export const toDescriptionInit = dictionary("RTCSessionDescriptionInit", {
  type: required(toSdpType),
  sdp: toSdp,
});

/** The conversion of `RTCLocalSessionDescriptionInit`. */
export const toLocalDescriptionInit = dictionary("RTCLocalSessionDescriptionInit", {
  type: optional(toSdpType),
  sdp: toSdp,
});

/** https://w3c.github.io/webrtc-pc/#rtcsessiondescription-class */
export class RTCSessionDescription {
  readonly #type: RTCSdpType;
  readonly #sdp: string;

  /** Throws `TypeError` without a valid `type`. */
  constructor(descriptionInitDict: RTCSessionDescriptionInit) {
    requireArguments(arguments.length, 1, "RTCSessionDescription constructor");
    const init = toDescriptionInit(
      descriptionInitDict,
      "RTCSessionDescription constructor: argument 1",
    );
    this.#type = init.type;
    this.#sdp = init.sdp;
  }

  get type(): RTCSdpType {
    return this.#type;
  }

  get sdp(): string {
    return this.#sdp;
  }

  toJSON(): { type: RTCSdpType; sdp: string } {
    return { type: this.#type, sdp: this.#sdp };
  }
}

defineInterface(RTCSessionDescription, "RTCSessionDescription");
