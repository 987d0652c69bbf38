import {
  defineInterface,
  dictionary,
  domString,
  requireArguments,
  withDefault,
} from "../webidl/index.ts";
import { toEventInit } from "./event-init.ts";
import type { EventInit } from "./event-init.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtcdtmftonechangeeventinit */
export interface RTCDTMFToneChangeEventInit extends EventInit {
  tone?: string;
}

const toInit = dictionary(
  "RTCDTMFToneChangeEventInit",
  { tone: withDefault(domString, () => "") },
  toEventInit,
);

/** https://w3c.github.io/webrtc-pc/#rtcdtmftonechangeevent. A tone has begun, or all have been played. */
export class RTCDTMFToneChangeEvent extends Event {
  readonly #tone: string;

  constructor(type: string, eventInitDict: RTCDTMFToneChangeEventInit = {}) {
    requireArguments(arguments.length, 1, "RTCDTMFToneChangeEvent constructor");
    const name = domString(type, "RTCDTMFToneChangeEvent constructor: argument 1");
    const init = toInit(eventInitDict, "RTCDTMFToneChangeEvent constructor: argument 2");
    super(name, init);
    this.#tone = init.tone;
  }

  /** The tone that has just begun, also ","; "" when the last one has ended. */
  get tone(): string {
    return this.#tone;
  }
}

defineInterface(RTCDTMFToneChangeEvent, "RTCDTMFToneChangeEvent");
