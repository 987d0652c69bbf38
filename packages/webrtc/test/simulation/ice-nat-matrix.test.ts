import assert from "node:assert/strict";
import { test } from "vitest";

import type { NatBehaviour } from "../../src/testing/index.ts";
import { introduce, isConnected, IcePeer } from "./support/ice-peer.ts";
import { canConnectDirectly, NAT_KINDS, shortNameOf } from "./support/nat-theory.ts";
import { NAT_ADDRESSES, nattedTopology } from "./support/topologies.ts";

type Outcome = {
  readonly offerer: IcePeer;
  readonly answerer: IcePeer;
  readonly tookMs: number;
  readonly packets: number;
};

/** Two agents behind two NATs, until both have a path or both have given up. */
async function meet(a: Partial<NatBehaviour>, b: Partial<NatBehaviour>): Promise<Outcome> {
  const { world, offererHost, answererHost } = await nattedTopology(1, a, b);
  const offerer = new IcePeer(offererHost, "controlling", NAT_ADDRESSES.stun);
  const answerer = new IcePeer(answererHost, "controlled", NAT_ADDRESSES.stun);
  introduce(offerer, answerer);
  const isDecided = (peer: IcePeer): boolean => isConnected(peer) || peer.agent.state === "failed";
  await world.advanceUntil(() => isDecided(offerer) && isDecided(answerer), 120_000);
  return { offerer, answerer, tookMs: world.nowMs, packets: world.trace.counters.sent };
}

test("two agents connect through every pair of NATs through which it is possible, and no other (RFC 8445, RFC 4787)", async () => {
  const surprises: string[] = [];
  for (const a of NAT_KINDS) {
    for (const b of NAT_KINDS) {
      const { offerer, answerer } = await meet(a, b);
      const outcome = isConnected(offerer) && isConnected(answerer);
      if (outcome === canConnectDirectly(a, b)) continue;
      surprises.push(
        `${shortNameOf(a)} with ${shortNameOf(b)}: ${outcome ? "connected" : "failed"}`,
      );
    }
  }
  assert.deepEqual(surprises, []);
});

test("where a path exists it is found in well under two seconds", async () => {
  for (const a of NAT_KINDS) {
    for (const b of NAT_KINDS) {
      if (!canConnectDirectly(a, b)) continue;
      const { tookMs } = await meet(a, b);
      assert.ok(tookMs < 2_000, `${shortNameOf(a)} with ${shortNameOf(b)} took ${tookMs} ms`);
    }
  }
});

test("where no path exists both sides fail within a minute, and say what they tried", async () => {
  const symmetric = NAT_KINDS.at(-1)!;
  const { offerer, answerer, tookMs } = await meet(symmetric, symmetric);
  assert.ok(tookMs < 60_000, `${tookMs} ms`);
  for (const { failure } of [offerer, answerer]) {
    assert.equal(failure?.code, "ERR_NO_CANDIDATE_PAIR");
    assert.match(failure.message, /192\.168\.1\.2/);
    assert.match(failure.message, /203\.0\.113\./);
  }
});

test("two port-dependent NATs, which answer each check from another port, cause no flood of checks", async () => {
  const open: Partial<NatBehaviour> = {
    mapping: "address-and-port-dependent",
    filtering: "endpoint-independent",
  };
  const { offerer, packets } = await meet(open, open);
  assert.equal(offerer.agent.state, "failed");
  assert.ok(packets < 5_000, `${packets} packets`);
});
