import assert from "node:assert/strict";
import { test } from "vitest";

import { classifyDatagram } from "../../src/session/demux.ts";
import { SeededRandom, type VirtualPacket } from "../../src/testing/index.ts";
import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { Lab } from "../connection/support/lab.ts";
import { DtlsPair } from "../support/dtls-pair.ts";
import type { VirtualPair } from "../simulation/support/virtual-peer.ts";
import {
  ATTACKER,
  assertUnharmed,
  closeWithoutTrace,
  honestPair,
  isDtls,
  isStun,
  record,
  strangersRequest,
} from "./support/forgery.ts";
import { audioSection, dataSection, describe, videoSection } from "./support/hostile-media.ts";

const NEAR = "192.0.2.1";
const FAR = "192.0.2.2";

/** Something that looks like RTP or RTCP (RFC 7983 §7). */
function mediaLike(random: SeededRandom, count: number): Uint8Array {
  const bytes = random.bytes(12 + (count % 1_200));
  bytes[0] = 128 + (count % 64);
  return bytes;
}

/** The ports of the candidates that a connection has told of by now. */
function portsOf(connection: RTCPeerConnection): readonly number[] {
  const { sdp } = connection.localDescription!;
  return [...sdp.matchAll(/candidate:\S+ 1 udp \d+ \S+ (\d+)/g)].map(([, port]) => Number(port));
}

/** Packets of the attacker to each of `ports` of the offerer. */
function attack(
  pair: VirtualPair,
  ports: readonly number[],
  make: (count: number) => Uint8Array,
  count: number,
): void {
  for (let index = 0; index < count; index++) {
    pair.world.internet.send({
      sourceAddress: ATTACKER,
      sourcePort: 1 + (index % 60_000),
      destinationAddress: NEAR,
      destinationPort: ports[index % ports.length]!,
      bytes: make(index),
    });
  }
}

test("an RTP-looking flood before, during and after the handshake is dropped by its first byte: nothing is kept or answered", async () => {
  const pair = honestPair(61, { signalingDelayMs: 100 });
  const packets = record(pair);
  const random = new SeededRandom(61);
  const near = pair.offerer.connection.createDataChannel("data");
  const negotiated = pair.negotiate();
  await pair.world.advance(50);
  attack(pair, portsOf(pair.offerer.connection), (count) => mediaLike(random, count), 3_000);
  await pair.world.settle(negotiated);
  await pair.world.advanceUntil(
    () => near.readyState === "open" && pair.answerer.incoming.length > 0,
  );
  // On the path now: the peer's own address, which no check protects.
  const flow = packets.findLast((packet) => packet.sourceAddress === FAR && isDtls(packet))!;
  for (let count = 0; count < 3_000; count++)
    pair.world.internet.send({ ...flow, bytes: mediaLike(random, count) });
  await pair.world.advance(1_000);
  assert.deepEqual(
    packets.filter(({ destinationAddress }) => destinationAddress === ATTACKER),
    [],
  );
  const received = await pair.world.settle(packetsReceivedBy(pair.offerer.connection));
  assert.ok(received < 100, "what is dropped is not counted as received");
  await assertUnharmed(pair, [near, pair.answerer.incoming[0]!]);
  await closeWithoutTrace(pair);
});

/** What the transports of a connection have received, in packets. */
async function packetsReceivedBy(connection: RTCPeerConnection): Promise<number> {
  let count = 0;
  (await connection.getStats()).forEach((stats) => {
    if (stats.type === "transport") count += stats.packetsReceived ?? 0;
  });
  return count;
}

test("first bytes 128 to 191 are media and all others are none: the flood is told from DTLS by one look (RFC 7983 §7)", () => {
  for (let first = 0; first < 256; first++) {
    const kind = classifyDatagram(Uint8Array.of(first));
    assert.equal(kind === "rtp", first >= 128 && first <= 191);
  }
});

test("strangers' datagrams to each of several transports, before and after BUNDLE, move nothing; what is bundled away is closed", async () => {
  const pair = honestPair(62, { signalingDelayMs: 200 });
  const packets = record(pair);
  const random = new SeededRandom(62);
  const { connection, host } = pair.offerer;
  connection.addTransceiver("audio");
  connection.addTransceiver("video");
  const near = connection.createDataChannel("data");
  const negotiated = pair.negotiate();
  await pair.world.advance(50);
  const ports = portsOf(connection);
  assert.ok(ports.length === 3 && host.resources.sockets === 3, `${ports.length} ports`);
  const hello = new DtlsPair().start().client.sent[0]!;
  const shapes: readonly ((count: number) => Uint8Array)[] = [
    () => hello,
    (count) => mediaLike(random, count),
    () => strangersRequest(random, { username: "evil:evil" }),
    () => random.bytes(40),
  ];
  for (const shape of shapes) attack(pair, ports, shape, 300);
  await pair.world.settle(negotiated);
  await pair.world.advanceUntil(
    () => near.readyState === "open" && pair.answerer.incoming.length > 0,
  );
  assert.equal(host.resources.sockets, 1);
  for (const shape of shapes) attack(pair, ports, shape, 300);
  await pair.world.advance(2_000);
  const heard = packets.filter(({ destinationAddress }) => destinationAddress === ATTACKER);
  assert.deepEqual(
    heard.filter((packet) => !isStun(packet)),
    [],
    "DTLS spoke to a stranger",
  );
  assert.ok(heard.length < 200, `${heard.length} answers`);
  await assertUnharmed(pair, [near, pair.answerer.incoming[0]!]);
  await closeWithoutTrace(pair);
});

/** A pair that has restarted ICE once; the packets of both generations. */
async function restarted(seed: number): Promise<{
  readonly pair: VirtualPair;
  readonly packets: VirtualPacket[];
  readonly channels: Awaited<ReturnType<VirtualPair["connect"]>>;
  readonly old: readonly VirtualPacket[];
}> {
  const pair = honestPair(seed);
  const packets = record(pair);
  const channels = await pair.connect();
  const old = packets.slice();
  packets.length = 0;
  pair.offerer.connection.restartIce();
  await pair.world.settle(pair.negotiate());
  await pair.world.advance(1_000);
  return { pair, packets, channels, old };
}

const isCheckFrom =
  (address: string) =>
  (packet: VirtualPacket): boolean =>
    packet.sourceAddress === address &&
    isStun(packet) &&
    packet.bytes[1] === 1 &&
    packet.bytes[0] === 0;

test("checks of the old generation prove nothing to the new sockets, nor new ones to the old (RFC 8445 §9)", async () => {
  const { pair, packets, channels, old } = await restarted(63);
  const oldCheck = old.find(isCheckFrom(FAR))!;
  const newCheck = packets.findLast(isCheckFrom(FAR))!;
  assert.notEqual(oldCheck.destinationPort, newCheck.destinationPort);
  const [before] = await pairsOf(pair.offerer.connection);
  packets.length = 0;
  for (let count = 0; count < 50; count++) {
    for (const [check, port] of [
      [oldCheck, newCheck.destinationPort],
      [newCheck, oldCheck.destinationPort],
      [oldCheck, oldCheck.destinationPort],
    ] as const) {
      pair.world.internet.send({
        ...check,
        sourceAddress: ATTACKER,
        sourcePort: 4_000 + count,
        destinationPort: port,
      });
    }
  }
  await pair.world.advance(4_000);
  const toAttacker = packets.filter(({ destinationAddress }) => destinationAddress === ATTACKER);
  // A success tells that a check was believed, a request that its sender is checked in turn.
  const believed = toAttacker.filter(
    ({ bytes, sourcePort }) =>
      bytes[0] === 1 && bytes[1] === 1 && sourcePort === newCheck.destinationPort,
  );
  assert.deepEqual(believed, []);
  assert.deepEqual(
    toAttacker.filter((packet) => !isStun(packet)),
    [],
    "data went to the attacker",
  );
  const [after] = await pairsOf(pair.offerer.connection);
  assert.deepEqual(after, before);
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});

/** The selected pair, by its ports. */
async function pairsOf(connection: RTCPeerConnection): Promise<readonly string[]> {
  const selected = connection.sctp!.transport.iceTransport.getSelectedCandidatePair()!;
  return [
    `${selected.local.address} ${selected.local.port} ${selected.remote.address} ${selected.remote.port}`,
  ];
}

test("packets of the old generation, replayed after the switch to old and new sockets, deliver nothing twice (RFC 6347 §4.1.2.6)", async () => {
  const { pair, packets, channels, old } = await restarted(64);
  let messages = 0;
  for (const channel of channels) channel.addEventListener("message", () => messages++);
  const newPort = packets.findLast(isCheckFrom(FAR))!.destinationPort;
  for (const packet of old.filter((each) => each.destinationAddress === NEAR && isDtls(each))) {
    pair.world.internet.send(packet);
    pair.world.internet.send({ ...packet, destinationPort: newPort });
  }
  await pair.world.advance(5_000);
  assert.equal(messages, 0);
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});

test("an attacker who holds back the new generation's checks delays a restart and breaks nothing", async () => {
  const pair = honestPair(65);
  const channels = await pair.connect();
  const known = new Set<number>();
  for (const { connection } of [pair.offerer, pair.answerer])
    portsOf(connection).forEach((port) => known.add(port));
  let isHeld = true;
  pair.world.internet.intercept((packet) =>
    isHeld && !(known.has(packet.sourcePort) && known.has(packet.destinationPort)) ? [] : [packet],
  );
  pair.offerer.connection.restartIce();
  await pair.world.settle(pair.negotiate());
  await pair.world.advance(5_000);
  await assertUnharmed(pair, channels);
  isHeld = false;
  pair.offerer.connection.restartIce();
  await pair.world.settle(pair.negotiate());
  await pair.world.advance(8_000);
  assert.equal(pair.offerer.host.resources.sockets, 1);
  await assertUnharmed(pair, channels, 2);
  await closeWithoutTrace(pair);
});

test("both sides restart again and again, first one and then the other: one of them controls, and data goes on", async () => {
  const pair = honestPair(66);
  const channels = await pair.connect();
  for (let round = 0; round < 6; round++) {
    const peers = round % 2 === 0 ? [pair.offerer, pair.answerer] : [pair.answerer, pair.offerer];
    const [from, to] = peers.map(({ connection }) => connection) as [
      RTCPeerConnection,
      RTCPeerConnection,
    ];
    from.restartIce();
    await pair.world.settle(from.setLocalDescription());
    await pair.world.settle(to.setRemoteDescription(from.localDescription!));
    await pair.world.settle(to.setLocalDescription());
    await pair.world.settle(from.setRemoteDescription(to.localDescription!));
    await pair.world.advance(round % 3 === 0 ? 10 : 700);
    const roles = [from, to].map((connection) => connection.sctp!.transport.iceTransport.role);
    assert.deepEqual(roles.toSorted(), ["controlled", "controlling"]);
  }
  await pair.world.advance(6_000);
  for (const { host } of [pair.offerer, pair.answerer]) assert.equal(host.resources.sockets, 1);
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});

test("bundle groups that flip from offer to offer move the data channels, and leave one socket for each transport", async () => {
  const lab = new Lab();
  const host = lab.host();
  const victim = lab.connection({}, {}, host);
  const channel = victim.createDataChannel("data");
  const sections = [audioSection("a"), videoSection("v"), dataSection("d")];
  const shapes = [[], [["v", "a"]], [["a", "v"]], [["v", "a", "d"]], [["d", "a", "v"]]];
  for (const groups of [...shapes, ...shapes.slice(3)]) {
    const sdp = describe(sections, groups);
    await lab.run(victim.setRemoteDescription({ type: "offer", sdp }));
    await lab.run(victim.setLocalDescription());
    await lab.settleNow();
    const transports = groups.length === 0 ? 3 : 4 - groups[0]!.length;
    assert.equal(host.resources.sockets, transports);
    const below = new Set(victim.getReceivers().map(({ transport: dtls }) => dtls));
    assert.equal(below.add(victim.sctp!.transport).size, transports);
    assert.equal(channel.readyState, "connecting");
  }
  await lab.close();
  assert.deepEqual(host.resources, { sockets: 0, deadlines: 0 });
});

test("data sections that come, go and move from place to place leave one transport, and no channel hangs", async () => {
  const lab = new Lab();
  const host = lab.host();
  const victim = lab.connection({}, {}, host);
  const refused = dataSection("d").replace(" 9 ", " 0 ");
  const shapes: readonly (readonly string[])[] = [
    [dataSection("d")],
    [refused],
    [refused, dataSection("e")],
    [audioSection("f"), dataSection("e").replace(" 9 ", " 0 ")],
    [audioSection("f"), dataSection("d")],
  ];
  for (const sections of shapes) {
    const channel = victim.createDataChannel("data");
    const sdp = describe(sections, [
      ["d", "e", "f"].filter((mid) => sections.join().includes(`mid:${mid}\r`)),
    ]);
    await lab.run(victim.setRemoteDescription({ type: "offer", sdp }));
    await lab.run(victim.setLocalDescription());
    await lab.world.advance(10);
    assert.ok(host.resources.sockets <= 1, `${host.resources.sockets} sockets`);
    channel.close();
  }
  await lab.close();
  assert.deepEqual(host.resources, { sockets: 0, deadlines: 0 });
});
