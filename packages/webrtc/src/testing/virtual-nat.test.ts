import assert from "node:assert/strict";
import { test } from "vitest";

import { NAT_PRESETS } from "./nat-behaviour.ts";
import { exactLoss } from "./loss-model.ts";
import type { VirtualHost } from "./virtual-host.ts";
import { VirtualWorld } from "./virtual-world.ts";

type Received = { from: string; text: string };

/** Binds a port and keeps what arrives there; `echo` answers. */
async function listen(host: VirtualHost, address: string, port: number, echo = false) {
  const received: Received[] = [];
  const socket = await host.runtime.bindUdp(
    { address, minPort: port, maxPort: port },
    {
      onDatagram(bytes, remoteAddress, remotePort) {
        received.push({
          from: `${remoteAddress}:${remotePort}`,
          text: new TextDecoder().decode(bytes),
        });
        if (echo) socket.send(bytes, remoteAddress, remotePort);
      },
      onFailed() {},
    },
  );
  const send = (text: string, to: string, toPort: number): void =>
    socket.send(new TextEncoder().encode(text), to, toPort);
  return { received, send };
}

test("a host behind a NAT is seen by its external address, and hears the answer", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const nat = world.createNat("home", {
    outside: world.internet,
    externalAddresses: ["203.0.113.1"],
    up: { delayMs: 10 },
    down: { delayMs: 20 },
  });
  const inner = world.createHost("inner", { network: nat.inside, addresses: ["10.0.0.2"] });
  const server = world.createHost("server", {
    network: world.internet,
    addresses: ["198.51.100.1"],
  });
  const client = await listen(inner, "10.0.0.2", 5_000);
  const echo = await listen(server, "198.51.100.1", 7, true);

  client.send("hello", "198.51.100.1", 7);
  world.runUntilIdle();

  const { externalAddress, externalPort } = nat.mappings[0]!;
  assert.equal(externalAddress, "203.0.113.1");
  assert.deepEqual(echo.received, [{ from: `203.0.113.1:${externalPort}`, text: "hello" }]);
  assert.deepEqual(client.received, [{ from: "198.51.100.1:7", text: "hello" }]);
  assert.equal(world.nowMs, 30);
});

test("the hosts behind one NAT reach each other directly", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const nat = world.createNat("home", {
    outside: world.internet,
    externalAddresses: ["203.0.113.1"],
  });
  const a = world.createHost("a", { network: nat.inside, addresses: ["10.0.0.2"] });
  const b = world.createHost("b", { network: nat.inside, addresses: ["10.0.0.3"] });
  const fromA = await listen(a, "10.0.0.2", 5_000);
  const fromB = await listen(b, "10.0.0.3", 5_000);
  fromA.send("near", "10.0.0.3", 5_000);
  world.runUntilIdle();
  assert.deepEqual(fromB.received, [{ from: "10.0.0.2:5000", text: "near" }]);
  assert.equal(nat.mappings.length, 0);
});

test("nobody outside reaches a private address", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const nat = world.createNat("home", {
    outside: world.internet,
    externalAddresses: ["203.0.113.1"],
  });
  const inner = world.createHost("inner", { network: nat.inside, addresses: ["10.0.0.2"] });
  const outer = world.createHost("outer", { network: world.internet, addresses: ["198.51.100.1"] });
  await listen(inner, "10.0.0.2", 5_000);
  const attacker = await listen(outer, "198.51.100.1", 7);
  attacker.send("guess", "10.0.0.2", 5_000);
  attacker.send("guess", "203.0.113.1", 5_000);
  world.runUntilIdle();
  assert.deepEqual(world.trace.counters.dropped, { noRoute: 1, natNoMapping: 1 });
});

test("a NAT behind a NAT translates twice, and hides the inner one", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const carrier = world.createNat("carrier", {
    outside: world.internet,
    externalAddresses: ["203.0.113.1"],
    behaviour: NAT_PRESETS.symmetric,
  });
  const home = world.createNat("home", {
    outside: carrier.inside,
    externalAddresses: ["100.64.0.2"],
  });
  const inner = world.createHost("inner", { network: home.inside, addresses: ["10.0.0.2"] });
  const server = world.createHost("server", {
    network: world.internet,
    addresses: ["198.51.100.1"],
  });
  const client = await listen(inner, "10.0.0.2", 5_000);
  const echo = await listen(server, "198.51.100.1", 7, true);
  client.send("through two", "198.51.100.1", 7);
  world.runUntilIdle();
  assert.equal(echo.received[0]!.from, `203.0.113.1:${carrier.mappings[0]!.externalPort}`);
  assert.equal(carrier.mappings[0]!.internalAddress, "100.64.0.2");
  assert.equal(client.received.length, 1);
});

test("hairpinning works between hosts that know only the external addresses (RFC 4787 §6)", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const nat = world.createNat("home", {
    outside: world.internet,
    externalAddresses: ["203.0.113.1"],
  });
  const a = world.createHost("a", { network: nat.inside, addresses: ["10.0.0.2"] });
  const b = world.createHost("b", { network: nat.inside, addresses: ["10.0.0.3"] });
  const fromA = await listen(a, "10.0.0.2", 5_000);
  const fromB = await listen(b, "10.0.0.3", 6_000);
  fromA.send("makes a mapping", "198.51.100.1", 7);
  world.runUntilIdle();
  fromB.send("turned back", "203.0.113.1", nat.mappings[0]!.externalPort);
  world.runUntilIdle();
  assert.equal(fromA.received[0]!.from, `203.0.113.1:${nat.mappings[1]!.externalPort}`);
  assert.equal(fromA.received[0]!.text, "turned back");
});

test("a NAT that restarts forgets: answers to what was asked before do not come back", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const nat = world.createNat("home", {
    outside: world.internet,
    externalAddresses: ["203.0.113.1"],
    down: { delayMs: 10 },
  });
  const inner = world.createHost("inner", { network: nat.inside, addresses: ["10.0.0.2"] });
  const server = world.createHost("server", {
    network: world.internet,
    addresses: ["198.51.100.1"],
  });
  const client = await listen(inner, "10.0.0.2", 5_000);
  await listen(server, "198.51.100.1", 7, true);
  client.send("hello", "198.51.100.1", 7);
  world.runFor(5);
  nat.reboot();
  world.runUntilIdle();
  assert.deepEqual(client.received, []);
  assert.equal(world.trace.counters.dropped.natNoMapping, 1);
});

test("the links of a NAT lose packets like all others", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const nat = world.createNat("home", {
    outside: world.internet,
    externalAddresses: ["203.0.113.1"],
    up: { loss: exactLoss(0) },
  });
  const inner = world.createHost("inner", { network: nat.inside, addresses: ["10.0.0.2"] });
  const server = world.createHost("server", {
    network: world.internet,
    addresses: ["198.51.100.1"],
  });
  const client = await listen(inner, "10.0.0.2", 5_000);
  const echo = await listen(server, "198.51.100.1", 7);
  client.send("lost", "198.51.100.1", 7);
  client.send("found", "198.51.100.1", 7);
  world.runUntilIdle();
  assert.deepEqual(
    echo.received.map(({ text }) => text),
    ["found"],
  );
  assert.equal(nat.up.counters.dropped.lost, 1);
});

test("a NAT without an external address is refused", () => {
  const world = new VirtualWorld({ seed: 1 });
  const options = { outside: world.internet, externalAddresses: [] };
  assert.throws(() => world.createNat("home", options), { code: "ERR_RANGE" });
});

test("IPv6 passes a home router untranslated, and only as an answer (RFC 6092)", async () => {
  const world = new VirtualWorld({ seed: 1 });
  const nat = world.createNat("home", {
    outside: world.internet,
    externalAddresses: ["203.0.113.1"],
    routedAddresses: ["2001:db8:1::2"],
    behaviour: { ...NAT_PRESETS.portRestrictedCone, mappingLifetimeMs: 60_000 },
  });
  const inner = world.createHost("inner", {
    network: nat.inside,
    addresses: ["10.0.0.2", "2001:db8:1::2"],
  });
  const server = world.createHost("server", {
    network: world.internet,
    addresses: ["2001:db8::1"],
  });
  const client = await listen(inner, "2001:db8:1::2", 5_000);
  const echo = await listen(server, "2001:db8::1", 7, true);

  echo.send("uninvited", "2001:db8:1::2", 5_000);
  client.send("hello", "2001:db8::1", 7);
  world.runFor(60_000);
  echo.send("too late", "2001:db8:1::2", 5_000);
  world.runUntilIdle();

  assert.deepEqual(echo.received, [{ from: "2001:db8:1::2:5000", text: "hello" }]);
  assert.deepEqual(client.received, [{ from: "2001:db8::1:7", text: "hello" }]);
  assert.equal(world.trace.counters.dropped.natNoMapping, 2);
});
