import assert from "node:assert/strict";
import { test } from "vitest";
import {
  toCodec,
  toEncodingParameters,
  toHeaderExtensionCapability,
  toSendParameters,
  toSetParameterOptions,
  toTransceiverInitDictionary,
} from "./rtp-parameters.ts";

test("an encoding has defaults for four members, and only those (webrtc-pc, -priority, -extensions)", () => {
  const defaults = {
    active: true,
    adaptivePtime: false,
    networkPriority: "low",
    priority: "low",
  };
  for (const value of [undefined, null, {}, { unknown: 1 }]) {
    assert.deepEqual(toEncodingParameters(value, "test"), defaults);
  }
});

test("members are converted as their IDL types say", () => {
  const converted = toEncodingParameters(
    { rid: 5, active: 0, maxBitrate: -1, maxFramerate: "12.5", scaleResolutionDownBy: "2" },
    "test",
  );
  assert.equal(converted.rid, "5");
  assert.equal(converted.active, false);
  assert.equal(converted.maxBitrate, 0xffff_ffff);
  assert.equal(converted.maxFramerate, 12.5);
  assert.equal(converted.scaleResolutionDownBy, 2);
});

test("what cannot be converted throws TypeError that names the member", () => {
  for (const value of [
    { maxFramerate: Number.POSITIVE_INFINITY },
    { scaleResolutionDownBy: Number.NaN },
    { priority: "urgent" },
    { codec: { mimeType: "video/VP8" } },
    { scaleResolutionDownTo: 5 },
    { rid: Symbol("rid") },
    5,
  ]) {
    assert.throws(() => toEncodingParameters(value, "test"), TypeError);
  }
  assert.throws(() => toCodec({ clockRate: 1 }, "where"), /where: RTCRtpCodec\.mimeType: required/);
});

test("a dictionary's members are read once each, inherited ones first (Web IDL §3.2.17)", () => {
  const reads: string[] = [];
  const spy = new Proxy(
    {},
    {
      get: (_, name) => {
        reads.push(String(name));
        return undefined;
      },
    },
  );
  toEncodingParameters(spy, "test");
  assert.deepEqual(reads, [
    "rid",
    "active",
    "adaptivePtime",
    "codec",
    "maxBitrate",
    "maxFramerate",
    "networkPriority",
    "priority",
    "scalabilityMode",
    "scaleResolutionDownBy",
    "scaleResolutionDownTo",
  ]);
});

test("send parameters need five members", () => {
  const parameters = {
    transactionId: 1,
    encodings: [{}],
    codecs: [{ mimeType: "video/VP8", clockRate: 90_000, payloadType: 300 }],
    headerExtensions: [{ uri: "a", id: 70_000 }],
    rtcp: {},
  };
  const converted = toSendParameters(parameters, "test");
  assert.equal(converted.transactionId, "1");
  assert.equal(converted.codecs[0]!.payloadType, 44);
  assert.deepEqual(converted.headerExtensions, [{ uri: "a", id: 4464, encrypted: false }]);
  assert.deepEqual(converted.rtcp, {});
  for (const name of Object.keys(parameters)) {
    assert.throws(() => toSendParameters({ ...parameters, [name]: undefined }, "test"), TypeError);
  }
  const modes = { ...parameters, degradationPreference: "maintain-framerate-and-resolution" };
  assert.equal(
    toSendParameters(modes, "test").degradationPreference,
    "maintain-framerate-and-resolution",
  );
});

test("options and inits are empty by default, and no two share a list", () => {
  const [first, second] = [
    toSetParameterOptions(undefined, "test"),
    toSetParameterOptions({}, "test"),
  ];
  assert.deepEqual(first, { encodingOptions: [] });
  assert.notEqual(first.encodingOptions, second.encodingOptions);
  assert.deepEqual(toSetParameterOptions({ encodingOptions: [{}] }, "test"), {
    encodingOptions: [{ keyFrame: false }],
  });
  assert.deepEqual(toTransceiverInitDictionary({}, "test"), {
    direction: "sendrecv",
    sendEncodings: [],
    streams: [],
  });
});

test("a header extension capability needs a URI and a direction", () => {
  const extension = { uri: "a", direction: "stopped" };
  assert.deepEqual(toHeaderExtensionCapability(extension, "test"), extension);
  for (const value of [{}, { uri: "a" }, { direction: "stopped" }, { uri: "a", direction: "" }]) {
    assert.throws(() => toHeaderExtensionCapability(value, "test"), TypeError);
  }
});
