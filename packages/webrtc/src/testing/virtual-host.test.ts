import assert from "node:assert/strict";
import { test } from "vitest";

import type { UdpSocket, UdpSocketHandlers } from "../runtime/runtime.ts";
import type { VirtualHost } from "./virtual-host.ts";
import { VirtualWorld } from "./virtual-world.ts";

const IGNORE: UdpSocketHandlers = { onDatagram() {}, onFailed() {} };
const HELLO = Uint8Array.of(1, 2, 3);

function twoHosts(seed = 1): { world: VirtualWorld; alice: VirtualHost; bob: VirtualHost } {
  const world = new VirtualWorld({ seed });
  const network = world.internet;
  const alice = world.createHost("alice", { network, addresses: ["192.0.2.1", "2001:db8::1"] });
  const bob = world.createHost("bob", { network, addresses: ["192.0.2.2", "2001:db8::2"] });
  return { world, alice, bob };
}

function bind(host: VirtualHost, address: string, port = 0, handlers = IGNORE): Promise<UdpSocket> {
  return host.runtime.bindUdp({ address, minPort: port, maxPort: port }, handlers);
}

test("a host lists its addresses, the loopback ones marked as internal", () => {
  const { alice } = twoHosts();
  assert.deepEqual(alice.runtime.interfaceAddresses(), [
    { interfaceName: "lo", address: "127.0.0.1", family: "IPv4", isInternal: true },
    { interfaceName: "lo", address: "::1", family: "IPv6", isInternal: true },
    { interfaceName: "eth0", address: "192.0.2.1", family: "IPv4", isInternal: false },
    { interfaceName: "eth0", address: "2001:db8::1", family: "IPv6", isInternal: false },
  ]);
});

test("a datagram goes from socket to socket, over IPv4 and IPv6", async () => {
  const { world, alice, bob } = twoHosts();
  for (const [from, to] of [
    ["192.0.2.1", "192.0.2.2"],
    ["2001:db8::1", "2001:db8::2"],
  ] as const) {
    const received: unknown[] = [];
    await bind(bob, to, 5_000, { ...IGNORE, onDatagram: (...datagram) => received.push(datagram) });
    const socket = await bind(alice, from);
    socket.send(HELLO, to, 5_000);
    assert.deepEqual(received, [], "no handler is called from within send");
    world.runUntilIdle();
    assert.deepEqual(received, [[HELLO, from, socket.local.port]]);
  }
});

test("the receiver owns the bytes that it is given", async () => {
  const { world, alice, bob } = twoHosts();
  bob.interface().down.change({ duplication: 1 });
  const received: number[][] = [];
  await bind(bob, "192.0.2.2", 5_000, {
    ...IGNORE,
    onDatagram(bytes) {
      received.push([...bytes]);
      bytes.fill(0); // As deciphering in place would.
    },
  });
  const sent = Uint8Array.from(HELLO);
  (await bind(alice, "192.0.2.1")).send(sent, "192.0.2.2", 5_000);
  world.runUntilIdle();
  assert.deepEqual(received, [
    [1, 2, 3],
    [1, 2, 3],
  ]);
  assert.deepEqual(sent, HELLO);
});

test("a port that is taken, and an address that is not there, say so", async () => {
  const { alice } = twoHosts();
  await bind(alice, "192.0.2.1", 5_000);
  await assert.rejects(bind(alice, "192.0.2.1", 5_000), {
    code: "EADDRINUSE",
    message: "EADDRINUSE: bind 192.0.2.1:5000: address already in use",
  });
  await assert.rejects(bind(alice, "0.0.0.0", 5_000), { code: "EADDRINUSE" });
  await assert.rejects(bind(alice, "192.0.2.77", 5_000), {
    code: "EADDRNOTAVAIL",
    message: "EADDRNOTAVAIL: bind 192.0.2.77:5000: no such address on alice",
  });
});

test("a range of ports is used from its first port to its last", async () => {
  const { alice } = twoHosts();
  const request = { address: "192.0.2.1", minPort: 5_000, maxPort: 5_002 };
  const ports: number[] = [];
  for (let count = 0; count < 3; count++) {
    ports.push((await alice.runtime.bindUdp(request, IGNORE)).local.port);
  }
  assert.deepEqual(ports, [5_000, 5_001, 5_002]);
  await assert.rejects(alice.runtime.bindUdp(request, IGNORE), {
    message: "EADDRINUSE: bind 192.0.2.1:5000 to 5002: address already in use",
  });
});

test("a port that was closed can be bound again", async () => {
  const { alice } = twoHosts();
  const socket = await bind(alice, "192.0.2.1", 5_000);
  socket.close();
  socket.close();
  assert.equal((await bind(alice, "192.0.2.1", 5_000)).local.port, 5_000);
});

test("ports chosen by the system are free, ephemeral (RFC 6335 §6) and the same for the same seed", async () => {
  const portsOf = async (seed: number): Promise<number[]> => {
    const { alice } = twoHosts(seed);
    const sockets = [await bind(alice, "192.0.2.1"), await bind(alice, "192.0.2.1")];
    return sockets.map(({ local }) => local.port);
  };
  const ports = await portsOf(1);
  assert.equal(new Set(ports).size, 2);
  assert.ok(ports.every((port) => port >= 49_152 && port <= 65_535));
  assert.deepEqual(await portsOf(1), ports);
  assert.notDeepEqual(await portsOf(2), ports);
});

test("a wildcard socket hears every address of its family and sends from the right one", async () => {
  const { world, alice, bob } = twoHosts();
  const heard: string[] = [];
  const answers: string[] = [];
  const server = await bind(bob, "0.0.0.0", 53, {
    ...IGNORE,
    onDatagram(bytes, remoteAddress, remotePort) {
      heard.push(remoteAddress);
      server.send(bytes, remoteAddress, remotePort);
    },
  });
  const client = await bind(alice, "192.0.2.1", 0, {
    ...IGNORE,
    onDatagram: (_bytes, remoteAddress) => answers.push(remoteAddress),
  });
  client.send(HELLO, "192.0.2.2", 53);
  (await bind(alice, "2001:db8::1")).send(HELLO, "2001:db8::2", 53);
  world.runUntilIdle();
  assert.deepEqual(heard, ["192.0.2.1"]);
  assert.deepEqual(answers, ["192.0.2.2"]);
  assert.equal(world.trace.counters.dropped.portClosed, 1);
});

test("a host reaches itself, over loopback and over its own addresses, in a later event", async () => {
  const { world, alice } = twoHosts();
  const heard: string[] = [];
  const handlers = {
    ...IGNORE,
    onDatagram: (_bytes: Uint8Array, remoteAddress: string) => void heard.push(remoteAddress),
  };
  const loopback = await bind(alice, "127.0.0.1", 0, handlers);
  const wildcard = await bind(alice, "0.0.0.0", 0, handlers);
  loopback.send(HELLO, "127.0.0.1", loopback.local.port);
  wildcard.send(HELLO, "127.0.0.1", loopback.local.port);
  assert.deepEqual(heard, []);
  world.runUntilIdle();
  assert.deepEqual(heard, ["127.0.0.1", "127.0.0.1"]);
});

test("what cannot be sent is lost in silence, as on the network, and counted", async () => {
  const { world, alice } = twoHosts();
  const socket = await bind(alice, "192.0.2.1");
  socket.send(HELLO, "2001:db8::2", 5_000); // The other family.
  socket.send(HELLO, "192.0.2.99", 5_000); // Nobody there.
  (await bind(alice, "127.0.0.1")).send(HELLO, "192.0.2.2", 5_000); // From loopback to elsewhere.
  (await bind(alice, "0.0.0.0")).send(HELLO, "192.0.2.2", 5_000); // Nothing bound there.
  world.runUntilIdle();
  assert.deepEqual(world.trace.counters, {
    sent: 4,
    delivered: 0,
    dropped: { noRoute: 3, portClosed: 1 },
  });
});

test("a closed socket neither sends nor receives", async () => {
  const { world, alice, bob } = twoHosts();
  bob.interface().down.change({ delayMs: 10 });
  const server = await bind(bob, "192.0.2.2", 5_000, {
    ...IGNORE,
    onDatagram: () => assert.fail("closed"),
  });
  const client = await bind(alice, "192.0.2.1");
  client.send(HELLO, "192.0.2.2", 5_000);
  world.runFor(5);
  server.close();
  server.send(HELLO, "192.0.2.1", client.local.port);
  world.runUntilIdle();
  assert.equal(world.trace.counters.sent, 1);
});

test("pulling out an interface fails its sockets, in a later event, and frees its addresses", async () => {
  const { world, alice, bob } = twoHosts();
  const reasons: string[] = [];
  const handlers = { ...IGNORE, onFailed: (reason: string) => void reasons.push(reason) };
  const doomed = await bind(alice, "192.0.2.1", 5_000, handlers);
  await bind(alice, "127.0.0.1", 5_000, handlers);
  alice.removeInterface();
  assert.deepEqual(reasons, []);
  world.runUntilIdle();
  assert.deepEqual(reasons, ["192.0.2.1:5000: the address is gone"]);
  assert.equal(alice.resources.sockets, 1);
  doomed.close();
  bob.addInterface({ name: "eth1", network: world.internet, addresses: ["192.0.2.1"] });
  assert.deepEqual(alice.runtime.interfaceAddresses().length, 2);
});

test("names and addresses cannot be taken twice, and what is missing is said", () => {
  const { world, alice, bob } = twoHosts();
  const network = world.internet;
  assert.throws(() => world.createHost("alice"), { code: "ERR_RANGE" });
  assert.throws(() => alice.addInterface({ network, addresses: [] }), { code: "ERR_RANGE" });
  const taken = { name: "eth1", network, addresses: ["192.0.2.1"] };
  assert.throws(() => bob.addInterface(taken), { code: "ERR_RANGE", message: /192\.0\.2\.1/ });
  assert.throws(() => bob.interface("wlan0"), { code: "ERR_RANGE", message: /wlan0/ });
});

test("resources tell what is still held", async () => {
  const { world, alice } = twoHosts();
  assert.deepEqual(alice.resources, { sockets: 0, deadlines: 0 });
  const socket = await bind(alice, "192.0.2.1");
  const deadline = alice.runtime.createDeadline(() => {});
  assert.deepEqual(alice.resources, { sockets: 1, deadlines: 0 });
  deadline.set(50);
  assert.deepEqual(alice.resources, { sockets: 1, deadlines: 1 });
  world.runFor(50);
  socket.close();
  assert.deepEqual(alice.resources, { sockets: 0, deadlines: 0 });
});

test("a host that loses its power says and does nothing more", async () => {
  const { world, alice, bob } = twoHosts();
  const forbidden = (): void => assert.fail("the host is off");
  const socket = await bind(alice, "192.0.2.1", 5_000, {
    onDatagram: forbidden,
    onFailed: forbidden,
  });
  const deadline = alice.runtime.createDeadline(forbidden);
  deadline.set(10);
  alice.runtime.queueTask(forbidden);
  (await bind(bob, "192.0.2.2")).send(HELLO, "192.0.2.1", 5_000);
  alice.runtime.queueMicrotask(forbidden);
  alice.powerOff();
  socket.send(HELLO, "192.0.2.2", 5_000);
  deadline.set(20);
  await world.advance(100);
  assert.equal(world.trace.counters.sent, 1);
  assert.equal(world.trace.counters.delivered, 0);
  assert.deepEqual(alice.resources, { sockets: 0, deadlines: 0 });
});

test("the crypto of a host repeats with the seed, and differs between hosts", () => {
  const [first, again, other] = [twoHosts(1), twoHosts(1), twoHosts(2)];
  const drawn = first.alice.runtime.crypto.random.hex(16);
  assert.equal(again.alice.runtime.crypto.random.hex(16), drawn);
  assert.notEqual(first.bob.runtime.crypto.random.hex(16), drawn);
  assert.notEqual(other.alice.runtime.crypto.random.hex(16), drawn);
});

test("the wall clock starts where the world says and goes with virtual time", () => {
  const world = new VirtualWorld({ seed: 1, startEpochMs: 1_000_000 });
  const { runtime } = world.createHost("alice");
  world.runFor(500);
  assert.equal(runtime.epochMs(), 1_000_500);
  assert.equal(runtime.nowMs(), 500);
});

test("tasks run one after the other, microtasks between them", async () => {
  const { world, alice } = twoHosts();
  const order: string[] = [];
  alice.runtime.queueTask(() => {
    order.push("task 1");
    alice.runtime.queueMicrotask(() => order.push("microtask of 1"));
    void Promise.resolve().then(() => order.push("promise of 1"));
    alice.runtime.queueTask(() => order.push("task 3"));
  });
  alice.runtime.queueTask(() => order.push("task 2"));
  await world.advance(0);
  assert.deepEqual(order, ["task 1", "microtask of 1", "promise of 1", "task 2", "task 3"]);
});
