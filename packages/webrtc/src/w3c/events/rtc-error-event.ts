import { RTCError } from "../rtc-error.ts";
import {
  defineInterface,
  dictionary,
  domString,
  interfaceType,
  required,
  requireArguments,
} from "../webidl/index.ts";
import { toEventInit } from "./event-init.ts";
import type { WithHandles } from "../handles.ts";
import type { EventInit } from "./event-init.ts";

/** https://w3c.github.io/webrtc-pc/#rtcerroreventinit-dictionary */
export interface RTCErrorEventInit extends EventInit {
  error: RTCError;
}

const isRTCError = (value: unknown): value is RTCError => value instanceof RTCError;
const toInit = dictionary(
  "RTCErrorEventInit",
  { error: required(interfaceType("RTCError", isRTCError)) },
  toEventInit,
);

/** https://w3c.github.io/webrtc-pc/#rtcerrorevent-interface */
export class RTCErrorEvent extends Event {
  readonly #error: RTCError;

  /** Throws `TypeError` without an {@link RTCError}. */
  constructor(type: string, eventInitDict: WithHandles<RTCErrorEventInit>) {
    requireArguments(arguments.length, 2, "RTCErrorEvent constructor");
    const name = domString(type, "RTCErrorEvent constructor: argument 1");
    const init = toInit(eventInitDict, "RTCErrorEvent constructor: argument 2");
    super(name, init);
    this.#error = init.error;
  }

  get error(): RTCError {
    return this.#error;
  }
}

defineInterface(RTCErrorEvent, "RTCErrorEvent");
