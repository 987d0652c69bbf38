import assert from "node:assert/strict";
import { test } from "vitest";
import { defineEventHandlers } from "./event-handler.ts";
import type { EventHandler, EventHandlerValue } from "./event-handler.ts";

interface Target {
  get onping(): EventHandlerValue;
  set onping(handler: EventHandler<Target>);
  get onpong(): EventHandlerValue;
  set onpong(handler: EventHandler<Target>);
}
class Target extends EventTarget {}
defineEventHandlers(Target, ["ping", "pong"]);

function fire(target: Target, type = "ping"): Event {
  const event = new Event(type, { cancelable: true });
  target.dispatchEvent(event);
  return event;
}

test("an attribute is null at first, and gives back what was set", () => {
  const target = new Target();
  const handler = (): void => {};
  assert.equal(target.onping, null);
  target.onping = handler;
  assert.equal(target.onping, handler);
  assert.equal(target.onpong, null);
  assert.equal(new Target().onping, null);
});

test("a handler keeps its place among the listeners while it is replaced (HTML §8.1.8.1)", () => {
  const target = new Target();
  const log: string[] = [];
  target.addEventListener("ping", () => log.push("before"));
  target.onping = () => log.push("first");
  target.addEventListener("ping", () => log.push("after"));
  target.onping = () => log.push("second");
  fire(target);
  assert.deepEqual(log, ["before", "second", "after"]);
});

test("null gives the place up; a new handler comes last (HTML §8.1.8.1)", () => {
  const target = new Target();
  const log: string[] = [];
  target.onping = () => log.push("handler");
  target.addEventListener("ping", () => log.push("listener"));
  target.onping = null;
  fire(target);
  target.onping = () => log.push("handler");
  fire(target);
  assert.deepEqual(log, ["listener", "listener", "handler"]);
});

test("what is no object is null; an object that cannot be called does nothing (Web IDL)", () => {
  const target = new Target();
  for (const value of [1, "x", true, undefined, Symbol("s")]) {
    target.onping = () => {};
    Reflect.set(target, "onping", value);
    assert.equal(target.onping, null);
  }
  const useless = {};
  Reflect.set(target, "onping", useless);
  assert.equal(target.onping, useless);
  fire(target);
});

test("a handler is called with the target as this and the event", () => {
  const target = new Target();
  let call: unknown[] = [];
  target.onping = function (event) {
    call = [this, event.type, event.currentTarget];
  };
  fire(target);
  assert.deepEqual(call, [target, "ping", target]);
});

test("a handler that returns false cancels the event, any other value does not", () => {
  const target = new Target();
  target.onping = () => false;
  assert.ok(fire(target).defaultPrevented);
  target.onping = () => 0;
  assert.ok(!fire(target).defaultPrevented);
});

test("stopImmediatePropagation holds for handlers too", () => {
  const target = new Target();
  target.addEventListener("ping", (event) => event.stopImmediatePropagation());
  target.onping = () => assert.fail("must not be called");
  fire(target);
});

test("the attributes are enumerable and refuse other objects; their functions have names (Web IDL §3.7.6)", () => {
  const descriptor = Object.getOwnPropertyDescriptor(Target.prototype, "onping");
  assert.ok(descriptor?.enumerable && descriptor.configurable);
  assert.deepEqual([descriptor.get?.name, descriptor.set?.name], ["get onping", "set onping"]);
  assert.deepEqual([descriptor.get?.length, descriptor.set?.length], [0, 1]);
  for (const value of [Target.prototype, {}, new EventTarget(), null]) {
    assert.throws(() => descriptor.get?.call(value), TypeError);
    assert.throws(() => descriptor.set?.call(value, null), TypeError);
  }
});
