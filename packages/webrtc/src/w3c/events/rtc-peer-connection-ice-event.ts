import { RTCIceCandidate } from "../rtc-ice-candidate.ts";
import {
  defineInterface,
  dictionary,
  domString,
  interfaceType,
  nullable,
  optional,
  requireArguments,
  usvString,
} from "../webidl/index.ts";
import { toEventInit } from "./event-init.ts";
import type { WithHandles } from "../handles.ts";
import type { EventInit } from "./event-init.ts";

/** https://w3c.github.io/webrtc-pc/#rtcpeerconnectioniceevent */
export interface RTCPeerConnectionIceEventInit extends EventInit {
  candidate?: RTCIceCandidate | null;
  url?: string | null;
}

const isCandidate = (value: unknown): value is RTCIceCandidate => value instanceof RTCIceCandidate;
const toInit = dictionary(
  "RTCPeerConnectionIceEventInit",
  {
    candidate: optional(nullable(interfaceType("RTCIceCandidate", isCandidate))),
    url: optional(nullable(usvString)),
  },
  toEventInit,
);

/**
 * https://w3c.github.io/webrtc-pc/#rtcpeerconnectioniceevent. A candidate to be signalled to the peer,
 * or `null` when gathering has ended.
 */
export class RTCPeerConnectionIceEvent extends Event {
  readonly #candidate: RTCIceCandidate | null;
  readonly #url: string | null;

  /** Throws `TypeError` for a `candidate` that is no {@link RTCIceCandidate}. */
  constructor(type: string, eventInitDict: WithHandles<RTCPeerConnectionIceEventInit> = {}) {
    requireArguments(arguments.length, 1, "RTCPeerConnectionIceEvent constructor");
    const name = domString(type, "RTCPeerConnectionIceEvent constructor: argument 1");
    const init = toInit(eventInitDict, "RTCPeerConnectionIceEvent constructor: argument 2");
    super(name, init);
    this.#candidate = init.candidate ?? null;
    this.#url = init.url ?? null;
  }

  get candidate(): RTCIceCandidate | null {
    return this.#candidate;
  }

  /** Of the STUN or TURN server that helped to gather the candidate. Deprecated: `candidate.url`. */
  get url(): string | null {
    return this.#url;
  }
}

defineInterface(RTCPeerConnectionIceEvent, "RTCPeerConnectionIceEvent");
