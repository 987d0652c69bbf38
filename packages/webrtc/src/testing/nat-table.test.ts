import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";

import { SeededRandom } from "../base/random.ts";
import { NAT_PRESETS, RFC_4787_NAT } from "./nat-behaviour.ts";
import type { NatBehaviour } from "./nat-behaviour.ts";
import { NatTable } from "./nat-table.ts";
import type { NatVerdict } from "./nat-table.ts";
import type { VirtualPacket } from "./virtual-packet.ts";

const EXTERNAL = "203.0.113.1";
const HOST = "10.0.0.2:5000";
const SERVER = "198.51.100.1:3478";
const SERVER_OTHER_PORT = "198.51.100.1:3479";
const OTHER_SERVER = "198.51.100.2:3478";

function tableWith(
  behaviour: Partial<NatBehaviour>,
  addresses: readonly string[] = [EXTERNAL],
): NatTable {
  return new NatTable({ ...RFC_4787_NAT, ...behaviour }, addresses, new SeededRandom(4));
}

function packet(source: string, destination: string): VirtualPacket {
  const [sourceAddress, sourcePort] = split(source);
  const [destinationAddress, destinationPort] = split(destination);
  const bytes = new Uint8Array(1);
  return { sourceAddress, sourcePort, destinationAddress, destinationPort, bytes };
}

function split(endpoint: string): [string, number] {
  const colon = endpoint.lastIndexOf(":");
  return [endpoint.slice(0, colon), Number(endpoint.slice(colon + 1))];
}

/** `source > destination` of what was forwarded, or the reason of the drop. */
function outcome(verdict: NatVerdict): string {
  if (verdict.kind === "dropped") return verdict.reason;
  const { sourceAddress, sourcePort, destinationAddress, destinationPort } = verdict.packet;
  return `${sourceAddress}:${sourcePort} > ${destinationAddress}:${destinationPort}`;
}

/** The external endpoint that a packet from inside got. */
function externalOf(table: NatTable, source: string, destination: string, nowMs = 0): string {
  const verdict = table.outbound(packet(source, destination), nowMs);
  assert.equal(verdict.kind, "forwarded");
  return outcome(verdict).split(" > ")[0]!;
}

test("a mapping translates the way out and the way back, and nothing else of the packet", () => {
  const table = tableWith({});
  const external = externalOf(table, HOST, SERVER);
  assert.match(external, /^203\.0\.113\.1:\d+$/);
  assert.equal(outcome(table.inbound(packet(SERVER, external), 1)), `${SERVER} > ${HOST}`);
});

test("REQ-1: endpoint-independent mapping uses one external port for all destinations (RFC 4787 §4.1)", () => {
  const table = tableWith({ mapping: "endpoint-independent" });
  const external = externalOf(table, HOST, SERVER);
  assert.equal(externalOf(table, HOST, SERVER_OTHER_PORT), external);
  assert.equal(externalOf(table, HOST, OTHER_SERVER), external);
  assert.notEqual(externalOf(table, "10.0.0.2:5002", SERVER), external);
});

test("address-dependent mapping: one external port per destination address (RFC 4787 §4.1)", () => {
  const table = tableWith({ mapping: "address-dependent" });
  const external = externalOf(table, HOST, SERVER);
  assert.equal(externalOf(table, HOST, SERVER_OTHER_PORT), external);
  assert.notEqual(externalOf(table, HOST, OTHER_SERVER), external);
});

test("address-and-port-dependent mapping: one external port per destination (RFC 4787 §4.1)", () => {
  const table = tableWith({ mapping: "address-and-port-dependent" });
  const external = externalOf(table, HOST, SERVER);
  assert.equal(externalOf(table, HOST, SERVER), external);
  assert.notEqual(externalOf(table, HOST, SERVER_OTHER_PORT), external);
  assert.notEqual(externalOf(table, HOST, OTHER_SERVER), external);
});

test("REQ-2: paired pooling keeps all flows of a host on one external address (RFC 4787 §4.1)", () => {
  const pool = ["203.0.113.1", "203.0.113.2", "203.0.113.3"];
  const table = tableWith({ mapping: "address-and-port-dependent" }, pool);
  const addressesOf = (host: string): Set<string> => {
    const ports = Array.from({ length: 20 }, (_, index) => 4_000 + index);
    return new Set(ports.map((port) => split(externalOf(table, `${host}:${port}`, SERVER))[0]));
  };
  assert.equal(addressesOf("10.0.0.2").size, 1);
  assert.equal(addressesOf("10.0.0.3").size, 1);
  assert.notDeepEqual(addressesOf("10.0.0.2"), addressesOf("10.0.0.3"));
  const arbitrary = tableWith({ addressPooling: "arbitrary" }, pool);
  const seen = new Set<string>();
  for (let port = 4_000; port < 4_050; port++) {
    seen.add(split(externalOf(arbitrary, `10.0.0.2:${port}`, SERVER))[0]);
  }
  assert.equal(seen.size, 3);
});

test("REQ-3: no two mappings share an external port, however they are assigned (RFC 4787 §4.2.1)", () => {
  for (const portAssignment of ["preserve", "sequential", "random"] as const) {
    const table = tableWith({ portAssignment, minPort: 5_000, maxPort: 5_099 });
    const externals = new Set<string>();
    for (let host = 1; host <= 100; host++) {
      externals.add(externalOf(table, `10.0.0.${host}:${5_000 + (host % 2)}`, SERVER));
    }
    assert.equal(externals.size, 100);
    const oneMore = table.outbound(packet("10.0.0.200:5000", SERVER), 0);
    assert.equal(outcome(oneMore), "natExhausted");
  }
});

test("port preservation: the internal port, or the next free one (RFC 4787 §4.2.1)", () => {
  const table = tableWith({ portAssignment: "preserve", keepsPortParity: false });
  assert.equal(externalOf(table, "10.0.0.2:5000", SERVER), `${EXTERNAL}:5000`);
  assert.equal(externalOf(table, "10.0.0.3:5000", SERVER), `${EXTERNAL}:5001`);
  assert.equal(externalOf(table, "10.0.0.4:80", SERVER), `${EXTERNAL}:1024`);
});

test("REQ-4: port parity is kept (RFC 4787 §4.2.2)", () => {
  for (const portAssignment of ["preserve", "sequential", "random"] as const) {
    const table = tableWith({ portAssignment, keepsPortParity: true });
    for (let port = 6_000; port < 6_100; port++) {
      for (const host of ["10.0.0.2", "10.0.0.3"]) {
        assert.equal(split(externalOf(table, `${host}:${port}`, SERVER))[1] % 2, port % 2);
      }
    }
  }
});

test("port contiguity: sequential assignment gives neighbours to neighbours (RFC 4787 §4.2.3)", () => {
  const table = tableWith({ portAssignment: "sequential" });
  const ports = [7_000, 7_001, 7_002].map(
    (port) => split(externalOf(table, `10.0.0.2:${port}`, SERVER))[1],
  );
  assert.deepEqual(ports, [1_024, 1_025, 1_026]);
});

test("random assignment is not to be guessed from the port before", () => {
  const table = tableWith({ portAssignment: "random", keepsPortParity: false });
  const ports = Array.from(
    { length: 50 },
    (_, index) => split(externalOf(table, `10.0.0.2:${8_000 + index}`, SERVER))[1],
  );
  const neighbours = ports.filter((port, index) => Math.abs(port - (ports[index + 1] ?? 0)) < 100);
  assert.ok(neighbours.length < 5);
});

test("REQ-5: a mapping lives for its lifetime after the last use, not longer (RFC 4787 §4.3)", () => {
  const table = tableWith({ mappingLifetimeMs: 120_000 });
  const external = externalOf(table, HOST, SERVER, 0);
  assert.equal(outcome(table.inbound(packet(SERVER, external), 119_999)), `${SERVER} > ${HOST}`);
  assert.equal(outcome(table.inbound(packet(SERVER, external), 120_000)), "natNoMapping");
  assert.equal(table.mappings(120_000).length, 0);
  assert.notEqual(externalOf(table, HOST, SERVER, 120_000), external);
});

test("REQ-5: the default lifetime is the five minutes that are recommended (RFC 4787 §4.3)", () => {
  assert.ok(RFC_4787_NAT.mappingLifetimeMs >= 300_000);
});

test("REQ-6: packets from inside refresh a mapping (RFC 4787 §4.3)", () => {
  const table = tableWith({ mappingLifetimeMs: 60_000 });
  const external = externalOf(table, HOST, SERVER, 0);
  for (let nowMs = 50_000; nowMs <= 500_000; nowMs += 50_000) {
    assert.equal(externalOf(table, HOST, SERVER, nowMs), external);
  }
});

test("REQ-6a: packets from outside refresh a mapping only if so configured (RFC 4787 §4.3)", () => {
  for (const inboundRefresh of [false, true]) {
    const table = tableWith({
      mappingLifetimeMs: 60_000,
      inboundRefresh,
      filtering: "address-and-port-dependent",
    });
    const external = externalOf(table, HOST, SERVER, 0);
    assert.equal(outcome(table.inbound(packet(SERVER, external), 50_000)), `${SERVER} > ${HOST}`);
    const late = outcome(table.inbound(packet(SERVER, external), 100_000));
    assert.equal(late, inboundRefresh ? `${SERVER} > ${HOST}` : "natNoMapping");
  }
});

test("REQ-8: endpoint-independent filtering lets anybody in (RFC 4787 §5)", () => {
  const table = tableWith({ filtering: "endpoint-independent" });
  const external = externalOf(table, HOST, SERVER);
  assert.equal(outcome(table.inbound(packet("192.0.2.9:9", external), 0)), `192.0.2.9:9 > ${HOST}`);
});

test("REQ-8: address-dependent filtering lets in the addresses that were sent to (RFC 4787 §5)", () => {
  const table = tableWith({ filtering: "address-dependent" });
  const external = externalOf(table, HOST, SERVER);
  const fromOtherPort = table.inbound(packet(SERVER_OTHER_PORT, external), 0);
  assert.equal(outcome(fromOtherPort), `${SERVER_OTHER_PORT} > ${HOST}`);
  assert.equal(outcome(table.inbound(packet(OTHER_SERVER, external), 0)), "natFiltered");
  externalOf(table, HOST, OTHER_SERVER);
  assert.equal(
    outcome(table.inbound(packet(OTHER_SERVER, external), 0)),
    `${OTHER_SERVER} > ${HOST}`,
  );
});

test("REQ-8: address-and-port-dependent filtering lets in exactly whom was sent to (RFC 4787 §5)", () => {
  const table = tableWith({ filtering: "address-and-port-dependent" });
  const external = externalOf(table, HOST, SERVER);
  assert.equal(outcome(table.inbound(packet(SERVER, external), 0)), `${SERVER} > ${HOST}`);
  assert.equal(outcome(table.inbound(packet(SERVER_OTHER_PORT, external), 0)), "natFiltered");
});

test("a hole in the filter closes by itself while other contacts keep the mapping alive", () => {
  const table = tableWith({ filtering: "address-dependent", mappingLifetimeMs: 60_000 });
  const external = externalOf(table, HOST, SERVER, 0);
  externalOf(table, HOST, OTHER_SERVER, 50_000);
  assert.equal(outcome(table.inbound(packet(SERVER, external), 70_000)), "natFiltered");
  assert.equal(
    outcome(table.inbound(packet(OTHER_SERVER, external), 70_000)),
    `${OTHER_SERVER} > ${HOST}`,
  );
});

test("REQ-9a: hairpinning shows the external source (RFC 4787 §6)", () => {
  const table = tableWith({ hairpinning: "external-source" });
  const external = externalOf(table, HOST, SERVER);
  const turned = table.hairpin(packet("10.0.0.3:6000", external), 1);
  const otherExternal = externalOf(table, "10.0.0.3:6000", SERVER, 1);
  assert.equal(outcome(turned), `${otherExternal} > ${HOST}`);
});

test("hairpinning with the internal source, and none at all, exist too (RFC 4787 §6)", () => {
  const internal = tableWith({ hairpinning: "internal-source" });
  const external = externalOf(internal, HOST, SERVER);
  assert.equal(
    outcome(internal.hairpin(packet("10.0.0.3:6000", external), 1)),
    `10.0.0.3:6000 > ${HOST}`,
  );
  const none = tableWith({ hairpinning: "none" });
  assert.equal(outcome(none.hairpin(packet("10.0.0.3:6000", external), 1)), "natNoHairpin");
});

test("hairpinned packets pass the filter like all others (RFC 4787 §6)", () => {
  const table = tableWith({ filtering: "address-and-port-dependent" });
  const a = externalOf(table, "10.0.0.2:5000", SERVER);
  const b = externalOf(table, "10.0.0.3:6000", SERVER);
  assert.equal(outcome(table.hairpin(packet("10.0.0.3:6000", a), 1)), "natFiltered");
  assert.equal(outcome(table.hairpin(packet("10.0.0.2:5000", b), 2)), `${a} > 10.0.0.3:6000`);
  assert.equal(outcome(table.hairpin(packet("10.0.0.3:6000", a), 3)), `${b} > 10.0.0.2:5000`);
});

test("hairpinning fails like the way out when the ports are used up", () => {
  const table = tableWith({ minPort: 5_000, maxPort: 5_000 });
  const external = externalOf(table, HOST, SERVER);
  assert.equal(outcome(table.hairpin(packet("10.0.0.3:6000", external), 1)), "natExhausted");
});

test("a family without an external address is not forwarded", () => {
  const verdict = tableWith({}).outbound(packet("fd00::2:5000", "2001:db8::1:3478"), 0);
  assert.equal(outcome(verdict), "noRoute");
  const dual = tableWith({}, [EXTERNAL, "2001:db8:1::1"]);
  assert.match(externalOf(dual, "fd00::2:5000", "2001:db8::1:3478"), /^2001:db8:1::1:\d+$/);
});

test("packets to ports that were never mapped are dropped, and clearing the table forgets all", () => {
  const table = tableWith({});
  assert.equal(outcome(table.inbound(packet(SERVER, `${EXTERNAL}:5000`), 0)), "natNoMapping");
  const external = externalOf(table, HOST, SERVER);
  table.clear();
  assert.equal(outcome(table.inbound(packet(SERVER, external), 0)), "natNoMapping");
});

test("an empty range of ports is refused", () => {
  assert.throws(() => tableWith({ minPort: 10, maxPort: 9 }), { code: "ERR_RANGE" });
  assert.throws(() => tableWith({ minPort: 0 }), { code: "ERR_RANGE" });
});

test("REQ-11: two tables with one seed and one history are the same (RFC 4787 §8)", () => {
  const flow = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(NAT_PRESETS)), fc.array(flow), (preset, flows) => {
      const run = (): string[] => {
        const table = tableWith(preset);
        return flows.map(([host, server], index) =>
          outcome(
            table.outbound(packet(`10.0.0.${host}:5000`, `198.51.100.${server}:53`), index * 1e4),
          ),
        );
      };
      assert.deepEqual(run(), run());
    }),
    { numRuns: 50 },
  );
});

test("whatever is sent, answers come back to who asked, and to nobody else", () => {
  const flow = fc.tuple(fc.nat(5), fc.nat(3), fc.nat(5));
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(NAT_PRESETS)), fc.array(flow), (preset, flows) => {
      const table = tableWith(preset);
      for (const [host, port, server] of flows) {
        const inside = `10.0.0.${host}:${5_000 + port}`;
        const outside = `198.51.100.${server}:53`;
        const external = externalOf(table, inside, outside);
        assert.equal(
          outcome(table.inbound(packet(outside, external), 0)),
          `${outside} > ${inside}`,
        );
      }
    }),
    { numRuns: 100 },
  );
});
