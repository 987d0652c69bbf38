import {
  defineEventHandlers,
  eventTargetOf,
  type EventHandler,
  type EventHandlerValue,
} from "./event-handler.ts";
import type { RTCDtlsTransport } from "./rtc-dtls-transport.ts";
import { defineInterface, constructionParts, type ConstructionArguments } from "./webidl/index.ts";

/** https://w3c.github.io/webrtc-pc/#rtcsctptransportstate-enum */
export type RTCSctpTransportState = "connecting" | "connected" | "closed";

/** @internal The internal slots of an {@link RTCSctpTransport}; the connection writes them. */
export type SctpTransportSlots = {
  /** Another one once the section is bundled. */
  transport: RTCDtlsTransport;
  state: RTCSctpTransportState;
  maxMessageSize: number | null;
  maxChannels: number | null;
};

/** The events of an SCTP transport and what each brings. */
export interface RTCSctpTransportEventMap {
  statechange: Event;
}

/** What `defineEventHandlers` adds to the class below. */
export interface RTCSctpTransport {
  get onstatechange(): EventHandlerValue;
  set onstatechange(handler: EventHandler<RTCSctpTransport>);
}

/** https://w3c.github.io/webrtc-pc/#rtcsctptransport-interface. Shows what SCTP does for the data channels. */
export class RTCSctpTransport extends eventTargetOf<RTCSctpTransportEventMap>() {
  readonly #slots: Readonly<SctpTransportSlots>;

  /** @internal */
  constructor(...args: ConstructionArguments<[slots: Readonly<SctpTransportSlots>]>) {
    const [slots] = constructionParts(args);
    super();
    this.#slots = slots;
  }

  get transport(): RTCDtlsTransport {
    return this.#slots.transport;
  }

  get state(): RTCSctpTransportState {
    return this.#slots.state;
  }

  /**
   * Largest message that `send` takes, in bytes; `Infinity` if the peer names no limit. It is `null` until
   * an answer is set, which the type passes over in silence, as lib.dom's does: code that is written for
   * browsers would not compile otherwise, and looks at it on an open channel.
   */
  get maxMessageSize(): number {
    return this.#slots.maxMessageSize as number;
  }

  /** `null` until "connected". */
  get maxChannels(): number | null {
    return this.#slots.maxChannels;
  }
}

defineInterface(RTCSctpTransport, "RTCSctpTransport");
defineEventHandlers(RTCSctpTransport, ["statechange"]);
