import { isObject } from "./webidl/index.ts";
import type { InterfaceClass } from "./webidl/index.ts";

/** The value of an `on…` attribute: https://html.spec.whatwg.org/#eventhandler. */
export type EventHandler<Target, E extends Event = Event> =
  | ((this: Target, event: E) => unknown)
  | null;

/**
 * What an `on…` attribute gives back: the handler, as something that takes any event. Its `this` and its
 * own event are left out, because both are classes with private parts, which are nobody else's: with them,
 * no object of this library would fit where lib.dom's interface is expected. So attributes are declared as
 * a pair, in an interface that is merged with the class:
 *
 *     export interface RTCX {
 *       get onping(): EventHandlerValue;
 *       set onping(handler: EventHandler<RTCX, PingEvent>);
 *     }
 */
export type EventHandlerValue = ((event: Event) => unknown) | null;

type Listener<Target, E> =
  | ((this: Target, event: E) => unknown)
  | { handleEvent(event: E): unknown };
type AddArguments = Parameters<EventTarget["addEventListener"]>;
type RemoveArguments = Parameters<EventTarget["removeEventListener"]>;

/** An `EventTarget` whose listeners know which event each type brings. */
export interface TypedEventTarget<Events> {
  addEventListener<K extends keyof Events & string>(
    type: K,
    listener: Listener<this, Events[K]>,
    options?: AddArguments[2],
  ): void;
  addEventListener(...rest: AddArguments): void;
  removeEventListener<K extends keyof Events & string>(
    type: K,
    listener: Listener<this, Events[K]>,
    options?: RemoveArguments[2],
  ): void;
  removeEventListener(...rest: RemoveArguments): void;
  dispatchEvent(event: Event): boolean;
}

/** `EventTarget` itself, with types: `class RTCX extends eventTargetOf<RTCXEventMap>() {}`. */
export function eventTargetOf<Events>(): new () => TypedEventTarget<Events> {
  return EventTarget as new () => TypedEventTarget<Events>;
}

type HandlerSlot = { value: object; readonly listener: (event: Event) => void };

const slotsOfTargets = new WeakMap<object, Map<string, HandlerSlot>>();

/**
 * Adds the `on…` attributes of an interface to its prototype: one for each of `types`.
 *
 * A handler takes its place among the listeners when it is first set to something other than `null`,
 * and keeps it while it is replaced; `null` gives the place up (HTML §8.1.8.1). What is no object
 * counts as `null`; an object that cannot be called is kept and does nothing. A handler that returns
 * `false` cancels the event.
 */
export function defineEventHandlers(target: InterfaceClass, types: readonly string[]): void {
  for (const type of types) {
    const name = `on${type}`;
    // Functions that are written like this have the names that Web IDL §3.7.6 gives them: "get onping".
    const attribute = {
      get [name](): object | null {
        return slotsOf(this, target).get(type)?.value ?? null;
      },
      set [name](value: unknown) {
        setHandler(requireInstance(this, target), slotsOf(this, target), type, value);
      },
    };
    const accessors = Object.getOwnPropertyDescriptor(attribute, name)!;
    Object.defineProperty(target.prototype, name, accessors);
  }
}

function setHandler(
  target: EventTarget,
  slots: Map<string, HandlerSlot>,
  type: string,
  value: unknown,
): void {
  const slot = slots.get(type);
  if (!isObject(value)) {
    if (slot === undefined) return;
    slots.delete(type);
    target.removeEventListener(type, slot.listener);
  } else if (slot !== undefined) {
    slot.value = value;
  } else {
    const newSlot: HandlerSlot = { value, listener: (event) => callHandler(newSlot, event) };
    slots.set(type, newSlot);
    target.addEventListener(type, newSlot.listener);
  }
}

/** HTML §8.1.8.1, the event handler processing algorithm. */
function callHandler(slot: HandlerSlot, event: Event): void {
  if (typeof slot.value !== "function") return;
  const returned: unknown = slot.value.call(event.currentTarget, event);
  if (returned === false) event.preventDefault();
}

function slotsOf(value: unknown, target: InterfaceClass): Map<string, HandlerSlot> {
  const instance = requireInstance(value, target);
  let slots = slotsOfTargets.get(instance);
  if (slots === undefined) {
    slots = new Map();
    slotsOfTargets.set(instance, slots);
  }
  return slots;
}

function requireInstance(value: unknown, target: InterfaceClass): EventTarget {
  if (
    value instanceof EventTarget &&
    Object.prototype.isPrototypeOf.call(target.prototype, value)
  ) {
    return value;
  }
  throw new TypeError(`Illegal invocation: this is not of type ${target.name}`);
}
