import assert from "node:assert/strict";
import { test } from "vitest";

import type { InterfaceAddress, Runtime } from "../runtime/runtime.ts";
import {
  defaultEnvironment,
  setDefaultEnvironment,
  usableAddresses,
  validateSettings,
  type RTCSettings,
} from "./environment.ts";

const at = (address: string, isInternal = false): InterfaceAddress => ({
  interfaceName: isInternal ? "lo" : "eth0",
  address,
  family: address.includes(":") ? "IPv6" : "IPv4",
  isInternal,
});
const ALL = [
  at("127.0.0.1", true),
  at("::1", true),
  at("192.0.2.1"),
  at("2001:db8::1"),
  at("fe80::1"),
  at("febf::1"),
];
const usable = (settings: RTCSettings, all: readonly InterfaceAddress[] = ALL): readonly string[] =>
  usableAddresses(all, validateSettings(settings)).map(({ address }) => address);

test("without settings the defaults count, and nothing is logged", () => {
  const { logger, interfaceFilter, ...rest } = validateSettings(undefined);
  assert.deepEqual(rest, {
    bindAddresses: undefined,
    minPort: 0,
    maxPort: 0,
    useLoopback: undefined,
    maxDatagramBytes: 1200,
    maxMessageBytes: 262_144,
  });
  assert.equal(interfaceFilter(at("192.0.2.1")), true);
  logger.error("nobody hears this");
});

test.each([
  [7, /argument 2: 7 is not an object \(RTCSettings\)/],
  [null, /null is not an object/],
  [{ bindAddresses: "192.0.2.1" }, /RTCSettings\.bindAddresses/],
  [{ bindAddresses: [7] }, /RTCSettings\.bindAddresses/],
  [{ interfaceFilter: true }, /RTCSettings\.interfaceFilter: true is not a function/],
  [{ portRange: { min: 0, max: 1 } }, /portRange\.min: 0 is not a whole number from 1 to 65535/],
  [{ portRange: { min: 10, max: 9 } }, /portRange\.max: 9 is not a whole number from 10/],
  [{ portRange: { min: 1.5, max: 9 } }, /portRange\.min: 1\.5/],
  [{ portRange: { min: 1 } }, /portRange\.max: undefined/],
  [{ maxDatagramBytes: 575 }, /maxDatagramBytes: 575 is not a whole number from 576 to 65000/],
  [{ maxDatagramBytes: "1200" }, /maxDatagramBytes: "1200"/],
  [{ maxMessageBytes: 2 ** 24 + 1 }, /maxMessageBytes/],
])(
  "the settings %j are a TypeError that names the member and what is allowed",
  (value, message) => {
    assert.throws(() => validateSettings(value as RTCSettings), { name: "TypeError", message });
  },
);

test("host candidates come from real addresses, never from IPv6 link-local (RFC 8445 §5.1.1.1)", () => {
  assert.deepEqual(usable({}), ["192.0.2.1", "2001:db8::1"]);
});

test("loopback is used when it is asked for, bound to, or all there is", () => {
  assert.deepEqual(usable({ useLoopback: true }), ["127.0.0.1", "::1", "192.0.2.1", "2001:db8::1"]);
  assert.deepEqual(usable({}, ALL.slice(0, 2)), ["127.0.0.1", "::1"]);
  assert.deepEqual(usable({ useLoopback: false }, ALL.slice(0, 2)), []);
  assert.deepEqual(usable({ bindAddresses: ["127.0.0.1"] }), ["127.0.0.1"]);
});

test("the application's list and filter both count", () => {
  const interfaceFilter = ({ family }: InterfaceAddress): boolean => family === "IPv4";
  assert.deepEqual(usable({ interfaceFilter }), ["192.0.2.1"]);
  assert.deepEqual(usable({ interfaceFilter, bindAddresses: ["2001:db8::1"] }), []);
});

test("without the package's entry there is no default environment", () => {
  assert.throws(() => defaultEnvironment(), { name: "UsageError", code: "ERR_OUT_OF_ORDER" });
  const environment = { runtime: {} as Runtime };
  setDefaultEnvironment(environment);
  assert.equal(defaultEnvironment(), environment);
});
