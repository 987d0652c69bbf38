import assert from "node:assert/strict";
import { test } from "vitest";

import type { SignalingState } from "../negotiation/index.ts";
import { NegotiationNeeded } from "./negotiation-needed.ts";

/** A flag on a connection that is what the test says; `run` runs the tasks that were queued. */
function newFlag(): {
  readonly flag: NegotiationNeeded;
  readonly world: {
    state: SignalingState;
    isChainEmpty: boolean;
    isNeeded: boolean;
    fired: number;
  };
  run(): void;
} {
  const queued: (() => void)[] = [];
  const world = {
    state: "stable" as SignalingState,
    isChainEmpty: true,
    isNeeded: true,
    fired: 0,
  };
  const flag = new NegotiationNeeded({
    tasks: { queue: (task) => void queued.push(task) },
    signalingState: () => world.state,
    isChainEmpty: () => world.isChainEmpty,
    check: () => world.isNeeded,
    fire: () => void world.fired++,
  });
  const run = (): void => {
    for (const task of queued.splice(0)) task();
  };
  return { flag, world, run };
}

test("the event is fired in a task, once until the flag is cleared (webrtc-pc §4.7.3)", () => {
  const { flag, world, run } = newFlag();
  flag.update();
  flag.update();
  assert.equal(world.fired, 0);
  run();
  assert.equal(world.fired, 1);
  flag.update();
  run();
  assert.equal(world.fired, 1);
  flag.clear();
  flag.update();
  run();
  assert.equal(world.fired, 2);
});

test("a need that has gone clears the flag, so that the next one counts (webrtc-pc §4.7.3, step 2.4)", () => {
  const { flag, world, run } = newFlag();
  flag.update();
  run();
  world.isNeeded = false;
  flag.update();
  run();
  world.isNeeded = true;
  flag.update();
  run();
  assert.equal(world.fired, 2);
});

test("outside of stable nothing is checked (webrtc-pc §4.7.3, step 2.3)", () => {
  const { flag, world, run } = newFlag();
  world.state = "have-local-offer";
  flag.update();
  run();
  world.state = "stable";
  run();
  assert.equal(world.fired, 0, "the description that leads back to stable asks again");
});

test.each([
  ["when the update is asked for", true],
  ["only when its task runs", false],
])(
  "operations under way %s put the check off to their end (webrtc-pc §4.4.1.2, step 8.6)",
  (_, isEarly) => {
    const { flag, world, run } = newFlag();
    world.isChainEmpty = !isEarly;
    flag.update();
    world.isChainEmpty = false;
    run();
    assert.equal(world.fired, 0);
    world.isChainEmpty = true;
    flag.handleEmptyChain();
    run();
    assert.equal(world.fired, 1);
    flag.handleEmptyChain();
    run();
    assert.equal(world.fired, 1);
  },
);
