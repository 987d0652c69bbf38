import assert from "node:assert/strict";
import { test } from "vitest";
import { supportedCodecs } from "../rtp/supported-codecs.ts";
import { MediaStream } from "./media-stream.ts";
import { defaultEncoding } from "../negotiation/transceivers.ts";
import { toTransceiverInitDictionary } from "./rtp-parameters.ts";
import { transceiverInitOf } from "./send-encodings.ts";
import type { MediaKind } from "../rtp/codec.ts";
import type { SendEncoding, TransceiverInit } from "../negotiation/transceiver.ts";
import type { RTCRtpEncodingParameters } from "./rtp-parameters.ts";

function toTransceiverInit(value: unknown, kind: MediaKind, context: string): TransceiverInit {
  return transceiverInitOf(toTransceiverInitDictionary(value, context), kind, context);
}

type Loose = { [K in keyof RTCRtpEncodingParameters]: unknown };

function encodingsOf(
  sendEncodings: readonly Loose[],
  kind: MediaKind = "video",
): readonly SendEncoding[] {
  return toTransceiverInit({ sendEncodings }, kind, "test").encodings;
}

const operationError = { name: "OperationError" };
const opus = supportedCodecs("audio").find(({ mimeType }) => mimeType === "audio/opus")!;
const vp8 = supportedCodecs("video").find(({ mimeType }) => mimeType === "video/VP8")!;
const rtx = supportedCodecs("video").find(({ mimeType }) => mimeType === "video/rtx")!;

test("without an init: both directions, no streams, one encoding (webrtc-pc §5.1)", () => {
  for (const value of [undefined, null, {}, { sendEncodings: [] }]) {
    assert.deepEqual(toTransceiverInit(value, "audio", "test"), {
      kind: "audio",
      direction: "sendrecv",
      streamIds: [],
      encodings: [{ active: true, adaptivePtime: false, priority: "low", networkPriority: "low" }],
      isFromAddTrack: false,
    });
  }
  assert.equal(toTransceiverInit({}, "video", "test").encodings[0]!.scaleResolutionDownBy, 1);
  assert.deepEqual(encodingsOf([]), [defaultEncoding("video")]);
});

test("streams become their ids, each once", () => {
  const [a, b] = [new MediaStream(), new MediaStream()];
  const init = toTransceiverInit({ streams: [a, b, a], direction: "sendonly" }, "video", "test");
  assert.deepEqual(init.streamIds, [a.id, b.id]);
  assert.equal(init.direction, "sendonly");
  assert.throws(() => toTransceiverInit({ streams: [{}] }, "video", "test"), TypeError);
});

test("a direction that is none, or stopped, throws TypeError", () => {
  for (const direction of ["both", "stopped", ""]) {
    assert.throws(() => toTransceiverInit({ direction }, "video", "test"), TypeError);
  }
});

test("RIDs are letters and digits, at most 16 (RFC 8851 §10, RFC 8852 §3, RFC 8285 §4.2)", () => {
  for (const rid of ["", "@Invalid!", "a-b", "a_b", "ä", "a".repeat(17), "a".repeat(256)]) {
    assert.throws(() => encodingsOf([{ rid }, { rid: "x" }]), TypeError, rid);
  }
  const [first] = encodingsOf([{ rid: "a".repeat(16) }, { rid: 0 }]);
  assert.equal(first!.rid, "a".repeat(16));
});

test("two RIDs that are the same, or one that is missing, throw TypeError", () => {
  assert.throws(() => encodingsOf([{ rid: "a" }, { rid: "a" }]), TypeError);
  assert.throws(() => encodingsOf([{ rid: "a" }, {}]), TypeError);
  assert.equal(encodingsOf([{}, {}]).length, 2);
});

test("the lone encoding loses its RID", () => {
  assert.ok(!("rid" in encodingsOf([{ rid: "foo", maxBitrate: 8, active: false }])[0]!));
  assert.throws(() => encodingsOf([{ rid: "!" }]), TypeError);
});

test("by default each encoding is twice as large as the one before (4:2:1)", () => {
  const scales = encodingsOf([{ rid: "a" }, { rid: "b" }, { rid: "c" }]).map(
    ({ scaleResolutionDownBy }) => scaleResolutionDownBy,
  );
  assert.deepEqual(scales, [4, 2, 1]);
});

test("once one encoding has a scale, the others have 1", () => {
  const scales = encodingsOf([{ rid: "a" }, { rid: "b", scaleResolutionDownBy: 3 }]).map(
    ({ scaleResolutionDownBy }) => scaleResolutionDownBy,
  );
  assert.deepEqual(scales, [1, 3]);
});

test("a scale below 1 and a negative frame rate throw RangeError; 0 frames freeze the picture", () => {
  for (const scaleResolutionDownBy of [-1, 0, 0.5, 0.999]) {
    assert.throws(() => encodingsOf([{ scaleResolutionDownBy }]), RangeError);
  }
  assert.throws(() => encodingsOf([{ maxFramerate: -10 }]), RangeError);
  assert.equal(encodingsOf([{ maxFramerate: 0 }])[0]!.maxFramerate, 0);
  assert.throws(() => encodingsOf([{ maxFramerate: Number.NaN }]), TypeError);
});

test("audio has one encoding, without the members of video, whatever their value", () => {
  const encodings = encodingsOf(
    [
      {
        rid: "a",
        scaleResolutionDownBy: -1,
        maxFramerate: -10,
        scaleResolutionDownTo: {},
        adaptivePtime: true,
      },
      { rid: "b" },
    ],
    "audio",
  );
  assert.deepEqual(encodings, [{ ...defaultEncoding("audio"), adaptivePtime: true }]);
});

test("a ridiculous number of encodings is cut from the tail", () => {
  const encodings = encodingsOf(Array.from({ length: 1000 }, (_, rid) => ({ rid })));
  assert.ok(encodings.length > 1 && encodings.length < 1000);
  assert.equal(encodings[0]!.rid, "0");
  assert.equal(encodings.at(-1)!.scaleResolutionDownBy, 1);
});

test("a codec must be one of the capabilities and carry media (OperationError)", () => {
  assert.deepEqual(encodingsOf([{ codec: { ...vp8 } }])[0]!.codec, vp8);
  assert.deepEqual(encodingsOf([{ codec: { ...opus } }], "audio")[0]!.codec, opus);
  const unknown = { mimeType: "video/new", clockRate: 90_000 };
  for (const codec of [unknown, opus, rtx, { ...vp8, clockRate: 8000 }]) {
    assert.throws(() => encodingsOf([{ codec }]), operationError, codec.mimeType);
  }
  assert.throws(() => encodingsOf([{ codec: {} }]), TypeError);
});

test("a scalability mode must be known to the codec, or to any codec (webrtc-svc §5.2)", () => {
  assert.equal(encodingsOf([{ scalabilityMode: "L3T3_KEY" }])[0]!.scalabilityMode, "L3T3_KEY");
  assert.equal(encodingsOf([{ scalabilityMode: "L1T3", codec: vp8 }]).length, 1);
  assert.ok(!("scalabilityMode" in encodingsOf([{}])[0]!));
  for (const encoding of [
    { scalabilityMode: "TotalNonsense" },
    { scalabilityMode: "L3T3", codec: vp8 },
  ]) {
    assert.throws(() => encodingsOf([encoding]), operationError);
  }
  assert.throws(() => encodingsOf([{ scalabilityMode: "L1T1" }], "audio"), operationError);
});

test("simulcast within a stream does not go together with simulcast by RID (webrtc-svc §5.2)", () => {
  const inner = { rid: "a", scalabilityMode: "S2T1" };
  assert.throws(() => encodingsOf([inner, { rid: "b" }]), operationError);
  assert.equal(encodingsOf([inner, { rid: "b", active: false }]).length, 2);
  assert.equal(encodingsOf([{ scalabilityMode: "S2T1" }]).length, 1);
});

test("a resolution has two sides above 0 and is given for all active encodings (OperationError)", () => {
  const scaleResolutionDownTo = { maxWidth: 120, maxHeight: 60 };
  assert.deepEqual(encodingsOf([{ scaleResolutionDownTo }])[0]!.scaleResolutionDownTo, {
    maxWidth: 120,
    maxHeight: 60,
  });
  for (const bad of [{ maxWidth: 0, maxHeight: 60 }, { maxWidth: 120 }, {}]) {
    assert.throws(() => encodingsOf([{ scaleResolutionDownTo: bad }]), operationError);
  }
  assert.throws(() => encodingsOf([{}, { scaleResolutionDownTo }]), operationError);
  assert.equal(encodingsOf([{ scaleResolutionDownTo }, { active: false }]).length, 2);
});

test("priorities are taken over, and other words throw TypeError", () => {
  const [encoding] = encodingsOf([{ priority: "high", networkPriority: "very-low" }]);
  assert.deepEqual([encoding!.priority, encoding!.networkPriority], ["high", "very-low"]);
  assert.throws(() => encodingsOf([{ priority: "highest" }]), TypeError);
});
