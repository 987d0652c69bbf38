import { boolean, dictionary, withDefault } from "../webidl/index.ts";

/** https://dom.spec.whatwg.org/#dictdef-eventinit; Node's types do not have it. */
export interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

const no = (): boolean => false;

/** https://dom.spec.whatwg.org/#dictdef-eventinit, which the dictionaries of all events inherit. */
export const toEventInit = dictionary("EventInit", {
  bubbles: withDefault(boolean, no),
  cancelable: withDefault(boolean, no),
  composed: withDefault(boolean, no),
});
