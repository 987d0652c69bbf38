import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";

import { parseIceServerUrl, stunServersOf, warnOfUnusedServers } from "./ice-server-url.ts";

test.each([
  ["stun:example.org", ["stun", "example.org", 3478, "udp"]],
  ["STUN:Example.org:19302", ["stun", "example.org", 19_302, "udp"]],
  ["stun:192.0.2.7:1", ["stun", "192.0.2.7", 1, "udp"]],
  ["stun:[2001:db8::7]:65535", ["stun", "2001:db8::7", 65_535, "udp"]],
  ["stun:example.org:443", ["stun", "example.org", 443, "udp"]],
  ["stuns:example.org", ["stuns", "example.org", 5349, "tcp"]],
  ["turn:example.org", ["turn", "example.org", 3478, "udp"]],
  ["turn:example.org?transport=udp", ["turn", "example.org", 3478, "udp"]],
  ["turn:example.org:80?transport=tcp", ["turn", "example.org", 80, "tcp"]],
  ["turns:example.org", ["turns", "example.org", 5349, "tcp"]],
  ["turns:example.org?transport=udp", ["turns", "example.org", 5349, "udp"]],
] as const)("%s is a server (RFC 7064 §3.1, RFC 7065 §3.1)", (url, expected) => {
  const { scheme, host, port, transport } = parseIceServerUrl(url);
  assert.deepEqual([scheme, host, port, transport], expected);
});

test.each([
  ["", /must begin with/],
  ["example.org", /must begin with/],
  ["http://example.org", /must begin with/],
  ["stunsomething:example.org", /must begin with/],
  ["stun:", /host/],
  ["stun://example.org", /without slashes/],
  ["stun:/example.org", /without slashes/],
  ["stun:user@example.org", /"@"/],
  ["turn:example.org/path", /"\/"/],
  ["stun:example.org?transport=udp", /takes no query/],
  ["stun:example.org?", /takes no query/],
  ["stuns:example.org?x", /takes no query/],
  ["turn:example.org?transport=sctp", /transport=udp/],
  ["turn:example.org?x=1", /transport=udp/],
  ["turn:example.org?", /transport=udp/],
  ["turn:example.org#", /fragment/],
  ["stun:example.org#a", /fragment/],
  ["stun:example.org:65536", /host and port/],
  ["stun:example.org:abc", /host and port/],
  ["stun:[::1", /host and port/],
  ["stun:256.256.256.256", /host and port/],
  ["stun:exa mple.org", /host and port/],
])(
  "%j is a SyntaxError that says why (webrtc-pc §4.4.1.6, validate an ICE server URL)",
  (url, message) => {
    assert.throws(
      () => parseIceServerUrl(url),
      (error) => {
        assert.ok(error instanceof DOMException);
        assert.equal(error.name, "SyntaxError");
        assert.match(error.message, message);
        return error.message.includes(`"${url}"`);
      },
    );
  },
);

test("whatever the text, the answer is a server with a port or a SyntaxError (property)", () => {
  const piece = fc.constantFrom(
    "a.example",
    "[::1]",
    "192.0.2.1",
    ":",
    "80",
    "?transport=udp",
    "/",
    "@",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(fc.constantFrom("stun", "stuns", "turn", "turns", "http"), text, (scheme, rest) => {
      try {
        const { host, port } = parseIceServerUrl(`${scheme}:${rest}`);
        return host !== "" && Number.isInteger(port) && port >= 0 && port <= 65_535;
      } catch (error) {
        return error instanceof DOMException && error.name === "SyntaxError";
      }
    }),
  );
});

test("servers over UDP tell reflexive addresses; of the others the log says that they are not used", () => {
  const urls = [
    "stun:a.example",
    "stuns:b.example",
    "turn:c.example",
    "turn:d.example?transport=tcp",
  ].map(parseIceServerUrl);
  assert.deepEqual(
    stunServersOf(urls).map(({ url }) => url),
    ["stun:a.example", "turn:c.example"],
  );
  const lines: string[] = [];
  const keep = (message: string): void => void lines.push(message);
  warnOfUnusedServers(urls, { debug: keep, info: keep, warn: keep, error: keep });
  assert.deepEqual(
    lines.map((line) => line.replace(/:\s.*/, "")),
    ['"stuns:b.example"', '"turn:c.example"', '"turn:d.example?transport=tcp"'],
  );
});

test("a line break that the URL parser lets pass does not reach the log as one (log injection)", () => {
  const lines: string[] = [];
  const keep = (message: string): void => void lines.push(message);
  const urls = [parseIceServerUrl("turn:c.example\n")];
  warnOfUnusedServers(urls, { debug: keep, info: keep, warn: keep, error: keep });
  assert.ok(!lines.join("").includes("\n"));
});
