import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { UsageError } from "../base/errors.ts";
import type { IceCandidateAttribute } from "./candidate.ts";
import { parseCandidate, serializeCandidate } from "./candidate.ts";
import { SdpSyntaxError } from "./sdp-syntax-error.ts";

const HOST: IceCandidateAttribute = {
  foundation: "1",
  component: 1,
  transport: "udp",
  priority: 2_130_706_431,
  address: "192.0.2.1",
  port: 8_998,
  type: "host",
  extensions: [],
};

function hostWith(changes: Partial<Record<string, string>>): string {
  const parts = {
    foundation: "1",
    component: "1",
    transport: "udp",
    priority: "2130706431",
    address: "192.0.2.1",
    port: "8998",
    typ: "typ",
    type: "host",
    tail: "",
    ...changes,
  };
  return `candidate:${Object.values(parts)
    .filter((part) => part !== "")
    .join(" ")}`;
}

test("a host candidate (RFC 8839 §5.1)", () => {
  assert.deepEqual(parseCandidate("candidate:1 1 udp 2130706431 192.0.2.1 8998 typ host"), HOST);
});

test("a reflexive candidate of Chromium, with its extensions in order", () => {
  const text =
    "candidate:842163049 1 udp 1677729535 203.0.113.77 57011 typ srflx raddr 192.0.2.7 rport 57011 " +
    "generation 0 ufrag Zx9+ network-id 2 network-cost 10";
  assert.deepEqual(parseCandidate(text), {
    foundation: "842163049",
    component: 1,
    transport: "udp",
    priority: 1_677_729_535,
    address: "203.0.113.77",
    port: 57_011,
    type: "srflx",
    relatedAddress: "192.0.2.7",
    relatedPort: 57_011,
    extensions: [
      { name: "generation", value: "0" },
      { name: "ufrag", value: "Zx9+" },
      { name: "network-id", value: "2" },
      { name: "network-cost", value: "10" },
    ],
  });
  assert.equal(serializeCandidate(parseCandidate(text)), text);
});

test("a TCP candidate of Firefox: the transport's case does not matter, and is kept in the text", () => {
  const text = "candidate:4 1 TCP 2105524479 192.0.2.17 9 typ host tcptype active";
  const candidate = parseCandidate(text);
  assert.equal(candidate.transport, "tcp");
  assert.equal(candidate.tcpType, "active");
  assert.deepEqual(candidate.extensions, []);
  assert.equal(serializeCandidate(candidate), text);
  assert.equal(serializeCandidate({ ...candidate }), text.replace("TCP", "tcp"));
});

test.each([
  ["an mDNS name", "8f7e6d5c-4b3a-4291-8877-665544332211.local"],
  ["a domain name", "turn.example.org"],
  ["an IPv6 address", "2001:db8::17"],
  ["an IPv4-mapped address", "::ffff:192.0.2.1"],
  ["a link-local address with its zone", "fe80::1%eth0"],
])("%s is a connection-address (RFC 8839 §5.1)", (_, address) => {
  assert.equal(parseCandidate(hostWith({ address })).address, address);
});

test("the prefix may be candidate:, a=candidate: or nothing (W3C addIceCandidate)", () => {
  const value = "1 1 udp 2130706431 192.0.2.1 8998 typ host";
  for (const prefix of ["candidate:", "a=candidate:", ""]) {
    const candidate = parseCandidate(prefix + value);
    assert.deepEqual(candidate, HOST);
    assert.equal(serializeCandidate(candidate), `candidate:${value}`);
  }
});

test("spaces and line ends behind the candidate do not matter", () => {
  const text = hostWith({});
  assert.deepEqual(parseCandidate(`${text} \r\n`), HOST);
  assert.equal(serializeCandidate(parseCandidate(`${text}\r\n`)), text);
});

test("transports and types that are not known are kept, to be ignored later (RFC 8839 §5.1)", () => {
  const candidate = parseCandidate(hostWith({ transport: "QUIC", type: "future" }));
  assert.equal(candidate.transport, "quic");
  assert.equal(candidate.type, "future");
});

test("raddr without rport, as some peers that hide addresses send it, is read", () => {
  const candidate = parseCandidate(hostWith({ type: "relay", tail: "raddr 0.0.0.0" }));
  assert.equal(candidate.relatedAddress, "0.0.0.0");
  assert.equal(candidate.relatedPort, undefined);
});

test("a second raddr is an extension like any other", () => {
  const candidate = parseCandidate(hostWith({ tail: "raddr ::1 rport 1 raddr ::2" }));
  assert.equal(candidate.relatedAddress, "::1");
  assert.deepEqual(candidate.extensions, [{ name: "raddr", value: "::2" }]);
});

test("the bounds of each number are held", () => {
  assert.equal(parseCandidate(hostWith({ component: "256" })).component, 256);
  assert.equal(parseCandidate(hostWith({ priority: "1" })).priority, 1);
  assert.equal(parseCandidate(hostWith({ priority: "2147483647" })).priority, 2 ** 31 - 1);
  assert.equal(parseCandidate(hostWith({ port: "0" })).port, 0);
  assert.equal(parseCandidate(hostWith({ port: "65535" })).port, 65_535);
  assert.equal(parseCandidate(hostWith({ foundation: "a".repeat(32) })).foundation.length, 32);
});

test.each([
  ["component 0", { component: "0" }],
  ["component 257", { component: "257" }],
  ["priority 0", { priority: "0" }],
  ["priority 2^31", { priority: "2147483648" }],
  ["a negative priority", { priority: "-1" }],
  ["port 65536", { port: "65536" }],
  ["a port that is no number", { port: "http" }],
  ["a foundation of 33 characters", { foundation: "a".repeat(33) }],
  ["a foundation with a colon", { foundation: "a:b" }],
  ["an address with a slash", { address: "192.0.2.1/24" }],
  ["an address with a letter of another script", { address: "ехample.org" }],
  ["an address of 256 characters", { address: "a".repeat(256) }],
  ["no typ", { typ: "type" }],
  ["no type", { type: "" }],
  ["a type with a colon", { type: "host:" }],
  ["an extension without value", { tail: "generation" }],
  ["33 extensions", { tail: "a b ".repeat(33).trim() }],
  ["a related port that is no number", { tail: "raddr ::1 rport x" }],
  ["a related address with a slash", { tail: "raddr a/b rport 1" }],
  ["a transport that is no token", { transport: "u/p" }],
])("refused: %s", (_, changes) => {
  const text = hostWith(changes);
  assert.throws(
    () => parseCandidate(text),
    (error) => {
      assert.ok(error instanceof SdpSyntaxError);
      assert.equal(error.lineNumber, 1);
      assert.match(error.expected, /^candidate:<foundation/);
      return true;
    },
  );
});

test.each([
  ["nothing", ""],
  ["the prefix alone", "candidate:"],
  ["a= alone", "a="],
  ["another attribute", "a=mid:0"],
  ["two lines", `${hostWith({})}\r\n${hostWith({})}`],
  ["a carriage return within", hostWith({ tail: "a b\rc" })],
  ["a NUL", hostWith({ tail: "a b\0c" })],
  ["a text of 5,000 characters", hostWith({ tail: `a ${"b".repeat(5_000)}` })],
  ["a million spaces", " ".repeat(1_000_000)],
])("refused: %s", (_, text) => {
  assert.throws(() => parseCandidate(text), SdpSyntaxError);
});

test("a candidate that could not be read back is not written", () => {
  for (const changes of [
    { address: "192.0.2.1\r\na=setup:passive" },
    { port: 70_000 },
    { port: Number.NaN },
    { priority: 0.5 },
    { foundation: "" },
    { extensions: [{ name: "a", value: "" }] },
  ]) {
    assert.throws(
      () => serializeCandidate({ ...HOST, ...changes }),
      (error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(error.code, "ERR_RANGE");
        return true;
      },
    );
  }
});

test("whatever is written reads back", () => {
  const iceText = fc.stringMatching(/^[A-Za-z0-9+/]{1,32}$/);
  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);
  const port = fc.integer({ min: 0, max: 65_535 });
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.domain(),
    fc.uuid().map((id) => `${id}.local`),
  );
  const extension = fc.record(
    {
      name: word.filter((name) => !["raddr", "rport", "tcptype"].includes(name)),
      value: fc.stringMatching(/^[!-~]{1,12}$/),
    },
    { noNullPrototype: true },
  );
  const candidate = fc.record(
    {
      foundation: iceText,
      component: fc.integer({ min: 1, max: 256 }),
      transport: fc.constantFrom("udp", "tcp", "sctp"),
      priority: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      address,
      port,
      type: fc.constantFrom("host", "srflx", "prflx", "relay", "later"),
      relatedAddress: address,
      relatedPort: port,
      tcpType: fc.constantFrom("active", "passive", "so"),
      extensions: fc.array(extension, { maxLength: 5 }),
    },
    {
      noNullPrototype: true,
      requiredKeys: [
        "foundation",
        "component",
        "transport",
        "priority",
        "address",
        "port",
        "type",
        "extensions",
      ],
    },
  );
  fc.assert(
    fc.property(candidate, (value) => {
      assert.deepEqual(parseCandidate(serializeCandidate(value)), value);
    }),
  );
});
