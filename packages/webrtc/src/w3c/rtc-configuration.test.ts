import assert from "node:assert/strict";
import { test } from "vitest";

import { generateCertificate } from "../crypto/certificate.ts";
import { RTCCertificate } from "./rtc-certificate.ts";
import { copyConfiguration, validateConfiguration } from "./rtc-configuration.ts";
import { CONSTRUCTION_TOKEN } from "./webidl/index.ts";

const NOW_EPOCH_MS = Date.UTC(2026, 0, 1);
const validate = (value: unknown): ReturnType<typeof validateConfiguration> =>
  validateConfiguration(value, "argument 1", NOW_EPOCH_MS);

const newCertificate = (expires = NOW_EPOCH_MS + 1000): RTCCertificate =>
  new RTCCertificate(
    CONSTRUCTION_TOKEN,
    generateCertificate({ nowEpochMs: NOW_EPOCH_MS }),
    expires,
  );

test.each([undefined, null, {}])(
  "without members (%j) the defaults of webrtc-pc §4.2.1 count",
  (value) => {
    assert.deepEqual(copyConfiguration(validate(value)), {
      iceServers: [],
      iceTransportPolicy: "all",
      bundlePolicy: "balanced",
      rtcpMuxPolicy: "require",
      certificates: [],
      iceCandidatePoolSize: 0,
    });
  },
);

test("one URL is returned as a list of one, and nothing of the result can be changed from outside", () => {
  const servers = [{ urls: "stun:a.example" }, { urls: ["stun:b.example", "stun:c.example"] }];
  const valid = validate({ iceServers: servers });
  const copy = copyConfiguration(valid);
  assert.deepEqual(
    copy.iceServers?.map(({ urls }) => urls),
    [["stun:a.example"], ["stun:b.example", "stun:c.example"]],
  );
  (copy.iceServers![0]!.urls as string[]).push("stun:evil.example");
  copy.iceServers!.length = 0;
  servers.length = 0;
  assert.equal(copyConfiguration(valid).iceServers?.length, 2);
  assert.deepEqual(copyConfiguration(valid).iceServers?.[0]?.urls, ["stun:a.example"]);
  assert.equal(valid.serverUrls.length, 3);
});

test.each([
  [{ iceServers: null }, /iceServers: null is not a sequence/],
  [{ iceServers: [{}] }, /iceServers\[0\]: RTCIceServer\.urls: required/],
  [{ iceServers: [7] }, /iceServers\[0\]: 7 is not an object/],
  [{ iceTransportPolicy: "none" }, /iceTransportPolicy: "none"/],
  [{ iceTransportPolicy: null }, /iceTransportPolicy: "null"/],
  [{ bundlePolicy: "max" }, /bundlePolicy: "max"/],
  [{ rtcpMuxPolicy: "negotiate" }, /rtcpMuxPolicy: "negotiate"/],
  [{ iceCandidatePoolSize: 256 }, /iceCandidatePoolSize/],
  [{ iceCandidatePoolSize: -1 }, /iceCandidatePoolSize/],
  [{ certificates: [{}] }, /certificates\[0\].*RTCCertificate/],
  [7, /7 is not an object/],
])("%j is a TypeError that names the member (Web IDL)", (value, message) => {
  assert.throws(
    () => validate(value),
    (error) => {
      assert.ok(error instanceof TypeError);
      return message.test(error.message);
    },
  );
});

test.each([
  [{ urls: [] }, "SyntaxError"],
  [{ urls: "" }, "SyntaxError"],
  [{ urls: ["stun:a.example", "http://b"] }, "SyntaxError"],
  [{ urls: "turn:a.example" }, "InvalidAccessError"],
  [{ urls: "turn:a.example", username: "u" }, "InvalidAccessError"],
  [{ urls: "turns:a.example", credential: "c" }, "InvalidAccessError"],
  [{ urls: "turn:a.example", username: "é".repeat(255), credential: "c" }, "InvalidAccessError"],
] as const)("the server %j is a %s (webrtc-pc §4.4.1.6)", (server, name) => {
  assert.throws(() => validate({ iceServers: [server] }), { name });
});

test("empty credentials are credentials, and a user name may have 509 bytes (RFC 8489 §14.3)", () => {
  for (const username of ["", "u".repeat(509)]) {
    validate({ iceServers: [{ urls: "turn:a.example", username, credential: "" }] });
  }
});

test("servers beyond the 64th are not used (webrtc-pc §4.4.1.6, step 5)", () => {
  const iceServers = Array.from({ length: 70 }, (_, index) => ({ urls: `stun:${index}.example` }));
  const valid = validate({ iceServers });
  assert.equal(valid.serverUrls.length, 64);
  assert.equal(copyConfiguration(valid).iceServers?.length, 70);
});

test("a certificate that has expired is an InvalidAccessError that says when (webrtc-pc §4.4.1.1, step 4.1)", () => {
  validate({ certificates: [newCertificate(NOW_EPOCH_MS)] });
  assert.throws(() => validate({ certificates: [newCertificate(), newCertificate(0)] }), {
    name: "InvalidAccessError",
    message: /1970-01-01T00:00:00/,
  });
});

test("a later configuration may change servers and policy, and nothing that was fixed (webrtc-pc §4.4.1.6, step 3)", () => {
  const certificate = newCertificate();
  const first = validate({ certificates: [certificate], iceCandidatePoolSize: 1 });
  const change = (value: unknown, hasSetLocal = false): unknown =>
    validateConfiguration(value, "argument 1", NOW_EPOCH_MS, first, hasSetLocal);
  const same = { certificates: [certificate], iceCandidatePoolSize: 1 };
  change({ ...same, iceServers: [{ urls: "stun:a.example" }], iceTransportPolicy: "relay" }, true);
  change({ ...same, iceCandidatePoolSize: 2 });
  for (const [value, hasSetLocal] of [
    [{}, false],
    [{ certificates: [newCertificate()] }, false],
    [{ certificates: [certificate, certificate] }, false],
    [{ ...same, bundlePolicy: "max-bundle" }, false],
    [{ ...same, iceCandidatePoolSize: 2 }, true],
  ] as const) {
    assert.throws(() => change(value, hasSetLocal), { name: "InvalidModificationError" });
  }
});
