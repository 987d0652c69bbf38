import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import {
  canonicalIpAddress,
  formatIpAddress,
  ipFamilyOf,
  isIpv6LinkLocal,
  isLoopbackAddress,
  isUnicastAddress,
  parseIpAddress,
} from "./ip-address.ts";

test("IPv6 text is shortened as RFC 5952 §4 asks", () => {
  const cases: [string, string][] = [
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["fe80:0:0:0:0:0:0:0", "fe80::"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ];
  for (const [text, expected] of cases) assert.equal(canonicalIpAddress(text), expected, text);
});

test("what is not an IP address is refused", () => {
  const bad = [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    "host.local",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "12345::",
    "fe80::1%eth0",
    "[::1]",
    "1.2.3.4::",
    "::1.2.3",
    "::" + "0".repeat(60),
  ];
  for (const text of bad) assert.equal(parseIpAddress(text), undefined, text);
});

test("any address survives text and back", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(bytes, (raw) => {
      const original = Uint8Array.from(raw);
      assert.deepEqual(parseIpAddress(formatIpAddress(original)), original);
    }),
  );
});

test("addresses are told apart by scope", () => {
  assert.equal(ipFamilyOf("192.0.2.1"), "IPv4");
  assert.equal(ipFamilyOf("2001:db8::1"), "IPv6");
  assert.ok(isIpv6LinkLocal("fe80::1") && isIpv6LinkLocal("febf::1"));
  assert.ok(!isIpv6LinkLocal("fec0::1") && !isIpv6LinkLocal("169.254.1.1"));
  assert.ok(isLoopbackAddress("127.0.0.1") && isLoopbackAddress("::1"));
  assert.ok(!isLoopbackAddress("12.0.0.1"));
  assert.ok(isUnicastAddress("192.0.2.1") && isUnicastAddress("2001:db8::1"));
  for (const address of ["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"]) {
    assert.ok(!isUnicastAddress(address), address);
  }
});
