import { RTCDataChannel } from "../rtc-data-channel.ts";
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

/** https://w3c.github.io/webrtc-pc/#rtcdatachannelevent */
export interface RTCDataChannelEventInit extends EventInit {
  channel: RTCDataChannel;
}

const isChannel = (value: unknown): value is RTCDataChannel => value instanceof RTCDataChannel;
const toInit = dictionary(
  "RTCDataChannelEventInit",
  { channel: required(interfaceType("RTCDataChannel", isChannel)) },
  toEventInit,
);

/** https://w3c.github.io/webrtc-pc/#rtcdatachannelevent. The peer has created `channel`. */
export class RTCDataChannelEvent extends Event {
  readonly #channel: RTCDataChannel;

  /** Throws `TypeError` without an {@link RTCDataChannel}. */
  constructor(type: string, eventInitDict: WithHandles<RTCDataChannelEventInit>) {
    requireArguments(arguments.length, 2, "RTCDataChannelEvent constructor");
    const name = domString(type, "RTCDataChannelEvent constructor: argument 1");
    const init = toInit(eventInitDict, "RTCDataChannelEvent constructor: argument 2");
    super(name, init);
    this.#channel = init.channel;
  }

  get channel(): RTCDataChannel {
    return this.#channel;
  }
}

defineInterface(RTCDataChannelEvent, "RTCDataChannelEvent");
