import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeRtpHost } from "../../test/support/fake-rtp-host.ts";
import { supportedCodecs } from "../rtp/supported-codecs.ts";
import { MID_URI } from "../rtp/supported-header-extensions.ts";
import { RTCRtpTransceiver } from "./rtc-rtp-transceiver.ts";
import type { RTCRtpCodec } from "./rtp-parameters.ts";

const invalidState = { name: "InvalidStateError" };
const invalidModification = { name: "InvalidModificationError" };

function make(kind: "audio" | "video" = "video") {
  const host = new FakeRtpHost();
  return { host, ...host.add(kind) };
}

test("what is shown comes from the record, whatever has changed it (webrtc-pc §5.4)", () => {
  const { host, transceiver } = make();
  assert.equal(transceiver.mid, null);
  assert.equal(transceiver.currentDirection, null);
  assert.equal(transceiver.direction, "sendrecv");
  host.patch(0, { mid: "0", currentDirection: "recvonly", direction: "sendonly" });
  assert.deepEqual(
    [transceiver.mid, transceiver.currentDirection, transceiver.direction],
    ["0", "recvonly", "sendonly"],
  );
  assert.equal(transceiver.sender, transceiver.sender);
  assert.equal(transceiver.receiver, transceiver.receiver);
});

test("a new direction asks for negotiation, the same one does not", () => {
  const { host, transceiver } = make();
  transceiver.direction = "recvonly";
  assert.equal(host.transceiver(0).direction, "recvonly");
  transceiver.direction = "recvonly";
  assert.equal(host.negotiationUpdates, 1);
});

test("stopped is no direction to set (TypeError), other words are ignored (Web IDL §3.7.6)", () => {
  const { host, transceiver } = make();
  assert.throws(() => (transceiver.direction = "stopped"), TypeError);
  Reflect.set(transceiver, "direction", "both");
  assert.equal(transceiver.direction, "sendrecv");
  assert.equal(host.negotiationUpdates, 0);
});

test("stop makes it stopping; the receiver's track ends in a task, with an event", async () => {
  const { host, transceiver } = make();
  const { track } = transceiver.receiver;
  const events: string[] = [];
  track.onended = () => events.push(`ended ${transceiver.direction}`);
  transceiver.stop();
  assert.deepEqual(
    [host.transceiver(0).isStopping, host.transceiver(0).direction, host.negotiationUpdates],
    [true, "inactive", 1],
  );
  assert.equal(transceiver.direction, "stopped");
  assert.equal(transceiver.currentDirection, null);
  assert.equal(track.readyState, "live");
  await host.runtime.runTasks();
  assert.deepEqual(events, ["ended stopped"]);
  assert.throws(() => (transceiver.direction = "sendonly"), invalidState);
});

test("stop does nothing the second time, and throws on a closed connection (InvalidStateError)", () => {
  const { host, transceiver } = make();
  transceiver.stop();
  transceiver.stop();
  assert.equal(host.negotiationUpdates, 1);
  host.close();
  assert.throws(() => transceiver.stop(), invalidState);
});

test("a transceiver that negotiation has stopped is stopped in all it says", () => {
  const { host, transceiver } = make();
  host.patch(0, { isStopping: true, isStopped: true, mid: null, currentDirection: null });
  assert.equal(transceiver.currentDirection, "stopped");
  assert.equal(transceiver.direction, "stopped");
});

test("the receiver's track ends with an event on a closed connection too", async () => {
  const { host, transceiver, control } = make();
  let endedCount = 0;
  transceiver.receiver.track.onended = () => endedCount++;
  host.close();
  control.endTracks();
  control.endTracks();
  await host.runtime.runTasks();
  assert.equal(transceiver.receiver.track.readyState, "ended");
  assert.equal(endedCount, 1);
});

test("codec preferences are codecs of the capabilities, duplicates left out (webrtc-pc §5.4)", () => {
  const { host, transceiver } = make("video");
  const codecs = capabilityCodecs("video");
  transceiver.setCodecPreferences(codecs.toReversed());
  assert.deepEqual(host.transceiver(0).preferredCodecs, supportedCodecs("video").toReversed());
  const vp8 = codecs.find(({ mimeType }) => mimeType === "video/VP8")!;
  transceiver.setCodecPreferences(new Set([vp8, { ...vp8, mimeType: "VIDEO/vp8" }]));
  assert.deepEqual(host.transceiver(0).preferredCodecs, [vp8]);
  transceiver.setCodecPreferences([]);
  assert.deepEqual(host.transceiver(0).preferredCodecs, []);
  assert.equal(host.negotiationUpdates, 0);
});

test("unknown codecs, and lists without media, throw InvalidModificationError", () => {
  const { host, transceiver } = make("video");
  const codecs = capabilityCodecs("video");
  const vp8 = codecs.find(({ mimeType }) => mimeType === "video/VP8")!;
  const lists: readonly (readonly RTCRtpCodec[])[] = [
    capabilityCodecs("audio"),
    [{ ...vp8, clockRate: 1 }],
    [{ ...vp8, channels: 2 }],
    [{ ...vp8, sdpFmtpLine: "a=b" }],
    [...codecs, { mimeType: "video/piepiper", clockRate: 2000 }],
    [{ mimeType: "data", clockRate: 2000 }],
    codecs.filter(({ mimeType }) => /rtx|red|ulpfec|flexfec/.test(mimeType)),
    codecs.filter(({ mimeType }) => mimeType === "video/rtx"),
  ];
  for (const list of lists) {
    assert.throws(() => transceiver.setCodecPreferences(list), invalidModification);
  }
  assert.deepEqual(host.transceiver(0).preferredCodecs, []);
  for (const value of [undefined, null, {}, [1], [{}], [{ mimeType: "x" }]]) {
    assert.throws(
      () => Reflect.apply(transceiver.setCodecPreferences, transceiver, [value]),
      TypeError,
    );
  }
});

test("header extensions to negotiate: the same list with other directions (webrtc-extensions §5)", () => {
  const { host, transceiver } = make("video");
  const extensions = transceiver.getHeaderExtensionsToNegotiate();
  assert.ok(extensions.some(({ uri, direction }) => uri === MID_URI && direction === "sendrecv"));
  const changed = extensions.find(({ uri }) => uri !== MID_URI)!;
  changed.direction = "stopped";
  assert.notDeepEqual(transceiver.getHeaderExtensionsToNegotiate(), extensions);
  transceiver.setHeaderExtensionsToNegotiate(extensions);
  assert.deepEqual(transceiver.getHeaderExtensionsToNegotiate(), extensions);
  assert.deepEqual(host.transceiver(0).headerExtensions, extensions);
});

test("another list of header extensions throws, and the MID's cannot be turned off", () => {
  const { transceiver } = make("audio");
  const extensions = transceiver.getHeaderExtensionsToNegotiate();
  const without = extensions.slice(1);
  const [first, ...rest] = extensions;
  const lists = [
    without,
    [...extensions, { uri: "x", direction: "recvonly" }],
    [{ ...first, uri: "4711" }, ...rest],
    extensions.toReversed(),
    ...["sendonly", "recvonly", "inactive", "stopped"].map((direction) =>
      extensions.map((each) => (each.uri === MID_URI ? { ...each, direction } : each)),
    ),
  ];
  for (const list of lists) {
    assert.throws(
      () => Reflect.apply(transceiver.setHeaderExtensionsToNegotiate, transceiver, [list]),
      invalidModification,
    );
  }
  for (const bad of [{ ...first, uri: "" }, { ...first, direction: "" }, { uri: "x" }]) {
    assert.throws(
      () =>
        Reflect.apply(transceiver.setHeaderExtensionsToNegotiate, transceiver, [[bad, ...rest]]),
      TypeError,
    );
  }
  assert.deepEqual(transceiver.getHeaderExtensionsToNegotiate(), extensions);
});

test("negotiated header extensions are all of them, stopped where nothing was agreed on", () => {
  const { host, transceiver } = make("video");
  const before = transceiver.getNegotiatedHeaderExtensions();
  assert.ok(before.length > 1);
  assert.ok(before.every(({ direction }) => direction === "stopped"));
  host.patch(0, { negotiatedHeaderExtensions: [{ uri: MID_URI, id: 4, direction: "sendrecv" }] });
  for (const { uri, direction } of transceiver.getNegotiatedHeaderExtensions()) {
    assert.equal(direction, uri === MID_URI ? "sendrecv" : "stopped");
  }
});

test("the interface has no constructor", () => {
  assert.throws(() => Reflect.construct(RTCRtpTransceiver, []), TypeError);
});

function capabilityCodecs(kind: "audio" | "video"): RTCRtpCodec[] {
  return supportedCodecs(kind).map((codec) => ({ ...codec }));
}
