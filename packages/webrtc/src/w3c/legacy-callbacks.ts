import { promiseOf } from "./operations-chain.ts";
import type { RTCSessionDescriptionInit } from "./rtc-session-description.ts";
import { callbackFunction, requireArguments } from "./webidl/index.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtcsessiondescriptioncallback */
export type SessionDescriptionCallback = (description: RTCSessionDescriptionInit) => void;
/** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnectionerrorcallback */
export type ErrorCallback = (error: DOMException) => void;
/** Called without an argument when the operation has succeeded. */
export type VoidCallback = () => void;

const toCallback = callbackFunction<(value: unknown) => void>("callback");

/** Where the two callbacks of a method stand, and how many arguments it needs without them. */
export type CallbackPlace = { readonly callbacksAt: 0 | 1; readonly requiredArguments?: number };

/**
 * One method in its two forms: with a promise, or with callbacks (webrtc-pc §4.4.3.1). Which one is
 * meant is told as Web IDL resolves overloads: by whether there are enough arguments for the callbacks.
 * With callbacks, the promise that is returned is fulfilled with `undefined` at once, and `steps` gets
 * the arguments without them.
 *
 * Rejects with `TypeError` if there are too few arguments or a callback is no function.
 */
export function withCallbacks<T>(
  context: string,
  args: readonly unknown[],
  { callbacksAt, requiredArguments = 0 }: CallbackPlace,
  steps: (args: readonly unknown[]) => Promise<T>,
): Promise<T | undefined> {
  return promiseOf<T | undefined>(() => {
    if (args.length < callbacksAt + 2) {
      requireArguments(args.length, requiredArguments, context);
      return steps(args);
    }
    const [onSuccess, onFailure] = [callbacksAt, callbacksAt + 1].map((index) =>
      toCallback(args[index], `${context}: argument ${index + 1}`),
    );
    const others = [...args.slice(0, callbacksAt), ...args.slice(callbacksAt + 2)];
    promiseOf(() => steps(others)).then(onSuccess, onFailure);
    return Promise.resolve(undefined);
  });
}
