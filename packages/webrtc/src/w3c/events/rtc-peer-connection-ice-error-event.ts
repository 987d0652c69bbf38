import {
  defineInterface,
  dictionary,
  domString,
  integer,
  nullable,
  optional,
  required,
  requireArguments,
  UNSIGNED_SHORT,
  usvString,
} from "../webidl/index.ts";
import { toEventInit } from "./event-init.ts";
import type { EventInit } from "./event-init.ts";

/** https://w3c.github.io/webrtc-pc/#rtcpeerconnectioniceerrorevent */
export interface RTCPeerConnectionIceErrorEventInit extends EventInit {
  address?: string | null;
  errorCode: number;
  errorText?: string;
  port?: number | null;
  url?: string;
}

const toInit = dictionary(
  "RTCPeerConnectionIceErrorEventInit",
  {
    address: optional(nullable(domString)),
    port: optional(nullable(integer(UNSIGNED_SHORT))),
    url: optional(usvString),
    errorCode: required(integer(UNSIGNED_SHORT)),
    errorText: optional(usvString),
  },
  toEventInit,
);

/**
 * https://w3c.github.io/webrtc-pc/#rtcpeerconnectioniceerrorevent. A STUN or TURN server could not be
 * used from one local address.
 */
export class RTCPeerConnectionIceErrorEvent extends Event {
  readonly #address: string | null;
  readonly #port: number | null;
  readonly #url: string;
  readonly #errorCode: number;
  readonly #errorText: string;

  /** Throws `TypeError` without an error code. */
  constructor(type: string, eventInitDict: RTCPeerConnectionIceErrorEventInit) {
    requireArguments(arguments.length, 2, "RTCPeerConnectionIceErrorEvent constructor");
    const name = domString(type, "RTCPeerConnectionIceErrorEvent constructor: argument 1");
    const init = toInit(eventInitDict, "RTCPeerConnectionIceErrorEvent constructor: argument 2");
    super(name, init);
    this.#address = init.address ?? null;
    this.#port = init.port ?? null;
    this.#url = init.url ?? "";
    this.#errorCode = init.errorCode;
    this.#errorText = init.errorText ?? "";
  }

  /** The local address, `null` if no candidate has exposed it. */
  get address(): string | null {
    return this.#address;
  }

  get port(): number | null {
    return this.#port;
  }

  /** Of the server that could not be used. */
  get url(): string {
    return this.#url;
  }

  /** The server's STUN error code, or 701 if it did not answer. */
  get errorCode(): number {
    return this.#errorCode;
  }

  get errorText(): string {
    return this.#errorText;
  }
}

defineInterface(RTCPeerConnectionIceErrorEvent, "RTCPeerConnectionIceErrorEvent");
