import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeRtpHost, FakeRuntime } from "../../test/support/fake-rtp-host.ts";
import { createMediaStreamTrack } from "./create-media-stream-track.ts";
import { RTCDTMFSender } from "./rtc-dtmf-sender.ts";
import type { NegotiatedCodec } from "../rtp/codec.ts";

const invalidState = { name: "InvalidStateError" };
const telephoneEvent: NegotiatedCodec = {
  mimeType: "audio/Telephone-Event",
  clockRate: 8000,
  payloadType: 110,
  rtcpFeedback: [],
};

/** A sender that can send DTMF. */
function make() {
  const host = new FakeRtpHost();
  const { track } = createMediaStreamTrack({ kind: "audio" }, new FakeRuntime());
  const { transceiver, control } = host.add("audio", { currentDirection: "sendrecv" }, track);
  host.connectionState = "connected";
  const { sender } = host.transceiver(0);
  host.patch(0, { sender: { ...sender, codecs: [telephoneEvent] } });
  const dtmf = transceiver.sender.dtmf!;
  const startMs = host.runtime.nowMs();
  const log: string[] = [];
  dtmf.ontonechange = ({ tone }) => {
    log.push(`${host.runtime.nowMs() - startMs} "${tone}" left "${dtmf.toneBuffer}"`);
  };
  return { host, dtmf, log, transceiver, control };
}

test("tones begin a task later, then each after duration and gap; the last event is empty (webrtc-pc §7)", async () => {
  const { host, dtmf, log } = make();
  dtmf.insertDTMF("1a#");
  assert.equal(dtmf.toneBuffer, "1A#");
  assert.deepEqual(log, []);
  await host.runtime.advance(10_000);
  assert.deepEqual(log, [
    '0 "1" left "A#"',
    '170 "A" left "#"',
    '340 "#" left ""',
    '510 "" left ""',
  ]);
});

test("a comma is a pause of two seconds and fires an event", async () => {
  const { host, dtmf, log } = make();
  dtmf.insertDTMF("1,2", 200, 50);
  await host.runtime.advance(10_000);
  assert.deepEqual(log, [
    '0 "1" left ",2"',
    '250 "," left "2"',
    '2250 "2" left ""',
    '2500 "" left ""',
  ]);
});

test("durations are held between 40 or 30 and 6000 ms", async () => {
  for (const [duration, gap, expected] of [
    [0, 0, 70],
    [39, 29, 70],
    [7000, 7000, 12_000],
    [50, 60, 110],
  ] as const) {
    const { host, dtmf, log } = make();
    dtmf.insertDTMF("1", duration, gap);
    await host.runtime.advance(20_000);
    assert.deepEqual(log, ['0 "1" left ""', `${expected} "" left ""`]);
  }
});

test("new tones replace those that have not begun, in the rhythm of the running one", async () => {
  const { host, dtmf, log } = make();
  dtmf.insertDTMF("123");
  await host.runtime.advance(100);
  dtmf.insertDTMF("9", 100, 100);
  assert.equal(dtmf.toneBuffer, "9");
  await host.runtime.advance(10_000);
  assert.deepEqual(log, ['0 "1" left "23"', '170 "9" left ""', '370 "" left ""']);
});

test("an empty text cancels what has not begun, and starts nothing by itself", async () => {
  const { host, dtmf, log } = make();
  dtmf.insertDTMF("");
  await host.runtime.advance(1_000);
  assert.deepEqual(log, []);
  dtmf.insertDTMF("12");
  await host.runtime.advance(10);
  dtmf.insertDTMF("");
  await host.runtime.advance(1_000);
  assert.deepEqual(log, ['1000 "1" left "2"', '1170 "" left ""']);
});

test("two calls in a task start one playout, of the later text", async () => {
  const { host, dtmf, log } = make();
  dtmf.insertDTMF("12");
  dtmf.insertDTMF("3");
  await host.runtime.advance(1_000);
  assert.deepEqual(log, ['0 "3" left ""', '170 "" left ""']);
});

test("other characters throw InvalidCharacterError and change nothing", () => {
  const { dtmf } = make();
  dtmf.insertDTMF("5");
  for (const tones of ["1E", "e", "1 2", "+1", "1-2"]) {
    assert.throws(() => dtmf.insertDTMF(tones), { name: "InvalidCharacterError" });
  }
  assert.equal(dtmf.toneBuffer, "5");
  dtmf.insertDTMF("0123456789ABCDabcd#*,");
  assert.equal(dtmf.toneBuffer, "0123456789ABCDABCD#*,");
  assert.throws(() => Reflect.apply(dtmf.insertDTMF, dtmf, []), TypeError);
});

test("DTMF needs a connection, a track, a direction, an active encoding and telephone-event", () => {
  type Setup = ReturnType<typeof make>;
  const breakages: ((setup: Setup) => void)[] = [
    ({ host }) => (host.connectionState = "disconnected"),
    ({ transceiver }) => transceiver.stop(),
    ({ control }) => control.sender.setTrack(null),
    ({ host }) => host.patch(0, { currentDirection: "recvonly" }),
    ({ host }) => host.patch(0, { currentDirection: null }),
    ({ host }) => {
      const { sender } = host.transceiver(0);
      host.change(0, { encodings: [{ ...sender.encodings[0]!, active: false }] });
    },
    ({ host }) => host.patch(0, { sender: { ...host.transceiver(0).sender, codecs: [] } }),
  ];
  assert.ok(make().dtmf.canInsertDTMF);
  for (const breakIt of breakages) {
    const setup = make();
    breakIt(setup);
    assert.equal(setup.dtmf.canInsertDTMF, false, String(breakIt));
    assert.throws(() => setup.dtmf.insertDTMF("1"), invalidState);
    assert.throws(() => setup.dtmf.insertDTMF("x"), invalidState);
  }
});

test("playout breaks off when DTMF cannot be sent any more, and can be started again", async () => {
  const { host, dtmf, log } = make();
  dtmf.insertDTMF("123");
  await host.runtime.advance(100);
  host.patch(0, { currentDirection: "inactive" });
  await host.runtime.advance(1_000);
  assert.deepEqual(log, ['0 "1" left "23"']);
  assert.equal(dtmf.toneBuffer, "23");
  host.patch(0, { currentDirection: "sendonly" });
  dtmf.insertDTMF("4");
  await host.runtime.advance(1_000);
  assert.deepEqual(log.slice(1), ['1100 "4" left ""', '1270 "" left ""']);
});

test("a listener may insert tones", async () => {
  const { host, dtmf, log } = make();
  dtmf.addEventListener("tonechange", ({ tone }) => {
    if (tone === "1") dtmf.insertDTMF(`2${dtmf.toneBuffer}`);
  });
  dtmf.insertDTMF("13");
  await host.runtime.advance(1_000);
  assert.deepEqual(
    log.map((line) => line.split('"')[1]),
    ["1", "2", "3", ""],
  );
});

test("a closed connection has no timer and fires nothing", async () => {
  const { host, dtmf, log, control } = make();
  dtmf.insertDTMF("123");
  await host.runtime.advance(10);
  assert.ok(host.runtime.hasDeadlines);
  host.close();
  control.endTracks();
  assert.equal(host.runtime.hasDeadlines, false);
  await host.runtime.advance(1_000);
  assert.equal(log.length, 1);
});

test("the interface has no constructor", () => {
  assert.throws(() => Reflect.construct(RTCDTMFSender, []), TypeError);
});
