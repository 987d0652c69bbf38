import assert from "node:assert/strict";
import { test } from "vitest";

import { PacketTrace } from "./packet-trace.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { VirtualNetwork } from "./virtual-network.ts";
import type { VirtualPacket } from "./virtual-packet.ts";
import { formatAddress, wireBytesOf } from "./virtual-packet.ts";

function packetTo(destinationAddress: string, text = "x"): VirtualPacket {
  return {
    sourceAddress: "192.0.2.1",
    sourcePort: 1,
    destinationAddress,
    destinationPort: 2,
    bytes: new TextEncoder().encode(text),
  };
}

function networkWith(...addresses: readonly string[]) {
  const trace = new PacketTrace(false);
  const network = new VirtualNetwork("lan", { clock: new VirtualClock(), trace });
  const arrived: [string, string][] = [];
  const stationAt = (name: string) => ({
    name,
    receive: ({ bytes }: VirtualPacket) =>
      void arrived.push([name, new TextDecoder().decode(bytes)]),
  });
  for (const address of addresses) network.attach(address, stationAt(address));
  return { network, trace, arrived, stationAt };
}

test("packets go to the station with the address, others to the gateway if there is one", () => {
  const { network, trace, arrived, stationAt } = networkWith("192.0.2.2");
  network.send(packetTo("192.0.2.2"));
  network.send(packetTo("192.0.2.3"));
  assert.deepEqual(trace.counters.dropped, { noRoute: 1 });
  network.setGateway(stationAt("gateway"));
  network.send(packetTo("192.0.2.3"));
  assert.deepEqual(arrived, [
    ["192.0.2.2", "x"],
    ["gateway", "x"],
  ]);
});

test("an address belongs to one station until it is detached", () => {
  const { network, stationAt } = networkWith("192.0.2.2");
  assert.throws(() => network.attach("192.0.2.2", stationAt("other")), { code: "ERR_RANGE" });
  network.detach("192.0.2.2");
  network.attach("192.0.2.2", stationAt("other"));
});

test("an interceptor drops, changes, doubles and forges packets, until it is ended", () => {
  const { network, trace, arrived } = networkWith("192.0.2.2");
  const stop = network.intercept((packet) => {
    const text = new TextDecoder().decode(packet.bytes);
    if (text === "drop") return [];
    if (text === "change") return [packetTo("192.0.2.2", "changed")];
    if (text === "double") return [packet, packet];
    return [packet];
  });
  for (const text of ["pass", "drop", "change", "double"])
    network.send(packetTo("192.0.2.2", text));
  stop();
  network.send(packetTo("192.0.2.2", "drop"));
  assert.deepEqual(
    arrived.map(([, text]) => text),
    ["pass", "changed", "double", "double", "drop"],
  );
  assert.deepEqual(trace.counters.dropped, { intercepted: 1 });
});

test("interceptors see packets in the order in which they were added", () => {
  const { network, arrived } = networkWith("192.0.2.2");
  network.intercept(({ bytes }) => [packetTo("192.0.2.2", `${new TextDecoder().decode(bytes)}a`)]);
  network.intercept(({ bytes }) => [packetTo("192.0.2.2", `${new TextDecoder().decode(bytes)}b`)]);
  network.send(packetTo("192.0.2.2", ""));
  assert.deepEqual(arrived, [["192.0.2.2", "ab"]]);
});

test("sizes on the wire count the UDP header and the header of the IP version", () => {
  assert.equal(wireBytesOf({ ...packetTo("192.0.2.2"), bytes: new Uint8Array(100) }), 128);
  assert.equal(wireBytesOf({ ...packetTo("2001:db8::1"), bytes: new Uint8Array(100) }), 148);
});

test("addresses are written with brackets where they need them", () => {
  assert.equal(formatAddress("192.0.2.1", 80), "192.0.2.1:80");
  assert.equal(formatAddress("2001:db8::1", 80), "[2001:db8::1]:80");
});
