import type { RTCDtlsTransportState } from "./connection-states.ts";
import {
  defineEventHandlers,
  eventTargetOf,
  type EventHandler,
  type EventHandlerValue,
} from "./event-handler.ts";
import type { RTCErrorEvent } from "./events/rtc-error-event.ts";
import type { RTCIceTransport } from "./rtc-ice-transport.ts";
import { defineInterface, constructionParts, type ConstructionArguments } from "./webidl/index.ts";

/** @internal The internal slots of an {@link RTCDtlsTransport}; the connection writes them. */
export type DtlsTransportSlots = {
  state: RTCDtlsTransportState;
  /** DER, the peer's own certificate first. */
  remoteCertificates: readonly Uint8Array[];
};

/** The events of a DTLS transport and what each brings. */
export interface RTCDtlsTransportEventMap {
  error: RTCErrorEvent;
  statechange: Event;
}

/** What `defineEventHandlers` adds to the class below. */
export interface RTCDtlsTransport {
  get onstatechange(): EventHandlerValue;
  set onstatechange(handler: EventHandler<RTCDtlsTransport>);
  get onerror(): EventHandlerValue;
  set onerror(handler: EventHandler<RTCDtlsTransport, RTCErrorEvent>);
}

/** https://w3c.github.io/webrtc-pc/#rtcdtlstransport. Shows what DTLS does for one transport. */
export class RTCDtlsTransport extends eventTargetOf<RTCDtlsTransportEventMap>() {
  readonly #iceTransport: RTCIceTransport;
  readonly #slots: Readonly<DtlsTransportSlots>;

  /** @internal */
  constructor(
    ...args: ConstructionArguments<
      [iceTransport: RTCIceTransport, slots: Readonly<DtlsTransportSlots>]
    >
  ) {
    const [iceTransport, slots] = constructionParts(args);
    super();
    this.#iceTransport = iceTransport;
    this.#slots = slots;
  }

  get iceTransport(): RTCIceTransport {
    return this.#iceTransport;
  }

  get state(): RTCDtlsTransportState {
    return this.#slots.state;
  }

  /** Copies of the peer's certificates in DER, its own first; empty before "connected". */
  getRemoteCertificates(): ArrayBuffer[] {
    return this.#slots.remoteCertificates.map((der) => Uint8Array.from(der).buffer);
  }
}

defineInterface(RTCDtlsTransport, "RTCDtlsTransport");
defineEventHandlers(RTCDtlsTransport, ["statechange", "error"]);
