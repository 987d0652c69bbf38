import type { RTCIceGathererState, RTCIceTransportState } from "./connection-states.ts";
import {
  defineEventHandlers,
  eventTargetOf,
  type EventHandler,
  type EventHandlerValue,
} from "./event-handler.ts";
import type { RTCIceCandidate, RTCIceComponent } from "./rtc-ice-candidate.ts";
import { defineInterface, constructionParts, type ConstructionArguments } from "./webidl/index.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtcicerole */
export type RTCIceRole = "unknown" | "controlling" | "controlled";

/** https://w3c.github.io/webrtc-pc/#dom-rtciceparameters */
export interface RTCIceParameters {
  usernameFragment?: string;
  password?: string;
}

/** https://w3c.github.io/webrtc-pc/#rtcicecandidatepair-interface */
export class RTCIceCandidatePair {
  readonly #local: RTCIceCandidate;
  readonly #remote: RTCIceCandidate;

  /** @internal */
  constructor(...args: ConstructionArguments<[local: RTCIceCandidate, remote: RTCIceCandidate]>) {
    const [local, remote] = constructionParts(args);
    this.#local = local;
    this.#remote = remote;
  }

  get local(): RTCIceCandidate {
    return this.#local;
  }

  get remote(): RTCIceCandidate {
    return this.#remote;
  }
}

defineInterface(RTCIceCandidatePair, "RTCIceCandidatePair");

/** @internal The internal slots of an {@link RTCIceTransport}; the connection writes them. */
export type IceTransportSlots = {
  readonly component: RTCIceComponent;
  state: RTCIceTransportState;
  gatheringState: RTCIceGathererState;
  role: RTCIceRole;
  selectedPair: RTCIceCandidatePair | null;
  localParameters: RTCIceParameters | null;
  remoteParameters: RTCIceParameters | null;
  readonly localCandidates: RTCIceCandidate[];
  readonly remoteCandidates: RTCIceCandidate[];
};

/** @internal Slots as the specification initialises them. */
export function newIceTransportSlots(): IceTransportSlots {
  return {
    component: "rtp",
    state: "new",
    gatheringState: "new",
    role: "unknown",
    selectedPair: null,
    localParameters: null,
    remoteParameters: null,
    localCandidates: [],
    remoteCandidates: [],
  };
}

/** The events of an ICE transport and what each brings. */
export interface RTCIceTransportEventMap {
  gatheringstatechange: Event;
  selectedcandidatepairchange: Event;
  statechange: Event;
}

/** What `defineEventHandlers` adds to the class below. */
export interface RTCIceTransport {
  get onstatechange(): EventHandlerValue;
  set onstatechange(handler: EventHandler<RTCIceTransport>);
  get ongatheringstatechange(): EventHandlerValue;
  set ongatheringstatechange(handler: EventHandler<RTCIceTransport>);
  get onselectedcandidatepairchange(): EventHandlerValue;
  set onselectedcandidatepairchange(handler: EventHandler<RTCIceTransport>);
}

/** https://w3c.github.io/webrtc-pc/#rtcicetransport. Shows what ICE does for one transport. */
export class RTCIceTransport extends eventTargetOf<RTCIceTransportEventMap>() {
  readonly #slots: Readonly<IceTransportSlots>;

  /** @internal */
  constructor(...args: ConstructionArguments<[slots: Readonly<IceTransportSlots>]>) {
    const [slots] = constructionParts(args);
    super();
    this.#slots = slots;
  }

  get role(): RTCIceRole {
    return this.#slots.role;
  }

  /** Always "rtp": RTP and RTCP share one component here. */
  get component(): RTCIceComponent {
    return this.#slots.component;
  }

  get state(): RTCIceTransportState {
    return this.#slots.state;
  }

  get gatheringState(): RTCIceGathererState {
    return this.#slots.gatheringState;
  }

  getLocalCandidates(): RTCIceCandidate[] {
    return [...this.#slots.localCandidates];
  }

  getRemoteCandidates(): RTCIceCandidate[] {
    return [...this.#slots.remoteCandidates];
  }

  getSelectedCandidatePair(): RTCIceCandidatePair | null {
    const { state, selectedPair } = this.#slots;
    return state === "new" || state === "closed" ? null : selectedPair;
  }

  getLocalParameters(): RTCIceParameters | null {
    return this.#slots.localParameters && { ...this.#slots.localParameters };
  }

  getRemoteParameters(): RTCIceParameters | null {
    return this.#slots.remoteParameters && { ...this.#slots.remoteParameters };
  }
}

defineInterface(RTCIceTransport, "RTCIceTransport");
defineEventHandlers(RTCIceTransport, [
  "statechange",
  "gatheringstatechange",
  "selectedcandidatepairchange",
]);
