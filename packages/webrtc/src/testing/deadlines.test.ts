import assert from "node:assert/strict";
import { test } from "vitest";

import { NEVER_AT_MS } from "../base/endpoint.ts";
import { deadlines, drain } from "./deadlines.ts";

/** Beats every `intervalMs`, as often as it is told to. */
class Metronome {
  readonly beatsAtMs: number[] = [];
  readonly #intervalMs: number;
  readonly #maxBeats: number;

  constructor(intervalMs: number, maxBeats = Number.POSITIVE_INFINITY) {
    this.#intervalMs = intervalMs;
    this.#maxBeats = maxBeats;
  }

  get nextTimeoutAtMs(): number {
    if (this.beatsAtMs.length >= this.#maxBeats) return NEVER_AT_MS;
    return (this.beatsAtMs.length + 1) * this.#intervalMs;
  }

  handleTimeout(nowMs: number): void {
    this.beatsAtMs.push(nowMs);
  }
}

test("each deadline is fired at its instant, the last instant included", () => {
  const metronome = new Metronome(250);
  assert.deepEqual([...deadlines(metronome, 1_000)], [250, 500, 750, 1_000]);
  assert.deepEqual(metronome.beatsAtMs, [250, 500, 750, 1_000]);
});

test("an endpoint that wants no more timeouts ends the loop", () => {
  assert.deepEqual([...deadlines(new Metronome(10, 3), NEVER_AT_MS)], [10, 20, 30]);
});

test("a deadline is fired before it is yielded, so that the caller can drain the endpoint", () => {
  const metronome = new Metronome(10);
  for (const atMs of deadlines(metronome, 30)) assert.equal(metronome.beatsAtMs.at(-1), atMs);
});

test("an endpoint whose deadline stays in the past is caught instead of looping for ever", () => {
  const stuck = { nextTimeoutAtMs: 5, handleTimeout() {} };
  assert.throws(() => [...deadlines(stuck, 10)], { code: "ERR_LIVELOCK", message: /5 ms/ });
});

test("the clock does not run backwards for an endpoint that asks for an earlier instant", () => {
  const wishes = [100, 50, 60, NEVER_AT_MS];
  const endpoint = {
    get nextTimeoutAtMs() {
      return wishes[0] ?? NEVER_AT_MS;
    },
    handleTimeout() {
      wishes.shift();
    },
  };
  assert.deepEqual([...deadlines(endpoint, 1_000)], [100, 100, 100]);
});

test("drain takes everything in order, falsy items too", () => {
  const items = [0, "", false, null, "last"];
  assert.deepEqual(
    drain(() => items.shift()),
    [0, "", false, null, "last"],
  );
});

test("a poll that never ends is caught", () => {
  assert.throws(() => drain(() => 1), { code: "ERR_LIVELOCK" });
});
