import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { Endpoint } from "../base/endpoint.ts";
import { SimulationError } from "./errors.ts";

const MAX_FIRED = 1_000_000;
const MAX_FIRED_AT_ONE_INSTANT = 1_000;
const MAX_DRAINED = 1_000_000;

/**
 * Fires one deadline of `endpoint` after another up to and including `untilMs`, with no waiting;
 * yields the instant of each, so that the caller can drain the endpoint there.
 *
 * Throws {@link SimulationError} if the endpoint asks for the same instant, or one in the past, again
 * and again: a real timer would spin there.
 */
export function* deadlines(
  endpoint: Pick<Endpoint<unknown, unknown>, "handleTimeout" | "nextTimeoutAtMs">,
  untilMs: number,
): Generator<number, void, void> {
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let firedAtLast = 0;
  for (let fired = 0; ; fired++) {
    const atMs = Math.max(endpoint.nextTimeoutAtMs, lastAtMs); // A clock does not run backwards.
    if (!(atMs <= untilMs) || atMs === NEVER_AT_MS) return;
    firedAtLast = atMs === lastAtMs ? firedAtLast + 1 : 0;
    lastAtMs = atMs;
    if (firedAtLast > MAX_FIRED_AT_ONE_INSTANT || fired >= MAX_FIRED) {
      throw new SimulationError("ERR_LIVELOCK", `deadlines do not move on from ${atMs} ms`);
    }
    endpoint.handleTimeout(atMs);
    yield atMs;
  }
}

/**
 * Everything that `poll` gives until it gives `undefined`. Throws {@link SimulationError} if there is
 * no end to it.
 */
export function drain<T>(poll: () => T | undefined): T[] {
  const drained: T[] = [];
  for (let item = poll(); item !== undefined; item = poll()) {
    drained.push(item);
    if (drained.length >= MAX_DRAINED) {
      throw new SimulationError("ERR_LIVELOCK", `still not drained after ${MAX_DRAINED} items`);
    }
  }
  return drained;
}
