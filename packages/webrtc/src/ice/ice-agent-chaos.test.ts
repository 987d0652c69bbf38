import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { IceSimulation } from "../../test/ice/simulation.ts";
import type { NatOptions, Peer } from "../../test/ice/simulation.ts";
import type { IceRole } from "./index.ts";

const STUN = { address: "203.0.113.9", port: 3_478, url: "stun:203.0.113.9" };

type Side = {
  readonly role: IceRole;
  readonly addressCount: number;
  readonly hasIpv6: boolean;
  readonly nat: "none" | "filtering" | "symmetric";
};

const side: fc.Arbitrary<Side> = fc.record({
  role: fc.constantFrom<IceRole>("controlling", "controlled"),
  addressCount: fc.integer({ min: 1, max: 3 }),
  hasIpv6: fc.boolean(),
  nat: fc.constantFrom("none" as const, "filtering" as const, "symmetric" as const),
});

const scenario = fc.record({
  seed: fc.nat(),
  sides: fc.tuple(side, side),
  delayMs: fc.integer({ min: 0, max: 200 }),
  lossRate: fc.constantFrom(0, 0.1, 0.3),
  signallingMs: fc.tuple(fc.nat({ max: 2_000 }), fc.nat({ max: 2_000 })),
  isTrickled: fc.boolean(),
});

function addPeer(simulation: IceSimulation, host: number, side: Side): Peer {
  const addresses: string[] = [];
  const network = side.nat === "none" ? "192.0" : "10.0";
  for (let index = 0; index < side.addressCount; index++) {
    addresses.push(`${network}.${index}.${host}`);
  }
  if (side.hasIpv6 && side.nat === "none") addresses.push(`2001:db8::${host}`);
  const nat: NatOptions = {
    publicAddress: `198.51.100.${host}`,
    isSymmetric: side.nat === "symmetric",
  };
  return simulation.addPeer(`p${host}`, {
    role: side.role,
    addresses,
    stunServers: [STUN],
    ...(side.nat === "none" ? {} : { nat }),
  });
}

/** Whether the NATs let the two meet at all without a relay. */
function canMeet([a, b]: readonly [Side, Side]): boolean {
  const isHard = a.nat === "symmetric" && b.nat !== "none";
  const isHardToo = b.nat === "symmetric" && a.nat !== "none";
  return !isHard && !isHardToo;
}

test("whatever the NATs, losses and delays: both sides agree, or both know why not", () => {
  fc.assert(
    fc.property(scenario, ({ seed, sides, delayMs, lossRate, signallingMs, isTrickled }) => {
      const simulation = new IceSimulation({
        seed,
        delayMs,
        isLost: (_packet, random) => random.fraction() < lossRate,
      });
      simulation.addStunServer(STUN.address, STUN.port);
      const a = addPeer(simulation, 1, sides[0]);
      const b = addPeer(simulation, 2, sides[1]);
      const [aToB, bToA] = signallingMs;
      simulation.connect(a, b, { aToB, bToA, isTrickled });
      simulation.run(90_000);

      if (!canMeet(sides)) {
        for (const peer of [a, b]) {
          assert.equal(peer.agent.state, "failed");
          assert.match(peer.failureText(), /no connection: none of \d+ candidate pairs? worked/);
        }
        return;
      }
      if (lossRate === 0) {
        assert.equal(a.agent.state, "completed", a.failureText());
        assert.equal(b.agent.state, "completed", b.failureText());
      }
      const isConnected = [a, b].every(({ agent }) => agent.selectedPair !== undefined);
      if (!isConnected) {
        assert.ok(lossRate > 0);
        return;
      }
      const [pairOfA, pairOfB] = [a.agent.selectedPair!, b.agent.selectedPair!];
      assert.notEqual(a.agent.role, b.agent.role);
      if (lossRate === 0) {
        assert.equal(pairOfA.local.address, pairOfB.remote.address);
        assert.equal(pairOfA.local.port, pairOfB.remote.port);
        assert.equal(pairOfA.remote.address, pairOfB.local.address);
      }
      // Nothing runs away: 90 s of consent checks, answers and the handshake.
      assert.ok(a.sent.length < 2_500, `${a.sent.length} datagrams`);
    }),
    { numRuns: 40 },
  );
});

const outage = fc.record({
  fromMs: fc.integer({ min: 1_000, max: 40_000 }),
  lengthMs: fc.integer({ min: 100, max: 60_000 }),
  /** Which packets: all, or those to and from one network. */
  part: fc.constantFrom("", "192.0.0.", "192.0.1.", "2001:db8:"),
  isOneWay: fc.boolean(),
});

test("whatever breaks for a while: in the end both are connected to each other, or both failed", () => {
  fc.assert(
    fc.property(
      fc.record({ seed: fc.nat(), sides: fc.tuple(side, side), delayMs: fc.nat({ max: 50 }) }),
      fc.array(outage, { minLength: 1, maxLength: 3 }),
      ({ seed, sides, delayMs }, outages) => {
        const simulation = new IceSimulation({
          seed,
          delayMs,
          isLost: ({ from, to }, random, nowMs) =>
            (nowMs < 100_000 && random.fraction() < 0.05) ||
            outages.some(
              ({ fromMs, lengthMs, part, isOneWay }) =>
                nowMs >= fromMs &&
                nowMs < fromMs + lengthMs &&
                (to.address.startsWith(part) || (!isOneWay && from.address.startsWith(part))),
            ),
        });
        simulation.addStunServer(STUN.address, STUN.port);
        const a = addPeer(simulation, 1, { ...sides[0], nat: "none" });
        const b = addPeer(simulation, 2, { ...sides[1], nat: "none" });
        simulation.connect(a, b);
        simulation.run(200_000);
        const isFailed = [a, b].map(({ agent }) => agent.state === "failed");
        assert.equal(isFailed[0], isFailed[1], `${a.agent.state} and ${b.agent.state}`);
        if (isFailed[0]) return;
        for (const peer of [a, b]) assert.equal(peer.agent.state, "completed");
        for (const [from, to] of [
          [a, b],
          [b, a],
        ] as const) {
          simulation.sendData(from, Uint8Array.of(0x80));
          simulation.run(simulation.nowMs + 100);
          assert.ok(to.data.at(-1)?.isKnown, "data arrives and is let through");
        }
      },
    ),
    { numRuns: 40 },
  );
});
