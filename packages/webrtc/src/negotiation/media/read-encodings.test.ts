import assert from "node:assert/strict";
import { test } from "vitest";
import { parseSessionDescription } from "../../sdp/index.ts";
import { readEncodings } from "./read-encodings.ts";

const HEAD =
  "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n";

function read(...lines: string[]) {
  const text = HEAD + lines.map((line) => `a=${line}\r\n`).join("");
  return readEncodings(parseSessionDescription(text).media[0]!.attributes, new Set([96, 97]));
}

test("RIDs are in the order of a=simulcast, not of their lines (RFC 8853 §5.2)", () => {
  assert.deepEqual(
    read("rid:lo send", "rid:hi send", "rid:back recv", "simulcast:send hi;lo recv back"),
    { sendRids: ["hi", "lo"], receiveRids: ["back"] },
  );
});

test("without a=simulcast there are no encodings to tell apart (RFC 8853 §5.1)", () => {
  assert.deepEqual(read("rid:hi send", "rid:lo send"), { sendRids: [], receiveRids: [] });
});

test("of alternatives the first counts (webrtc-pc, set a session description)", () => {
  assert.deepEqual(
    read("rid:a recv", "rid:b recv", "rid:1 recv", "rid:2 recv", "simulcast:recv a,b;1,2")
      .receiveRids,
    ["a", "1"],
  );
});

test("an alternative that no line describes is passed over (RFC 8853 §5.1)", () => {
  assert.deepEqual(read("rid:b recv", "simulcast:recv a,b").receiveRids, ["b"]);
});

test("a paused encoding counts like any other (RFC 8853 §5.1)", () => {
  assert.deepEqual(read("rid:a send", "rid:b send", "simulcast:send ~a;b").sendRids, ["a", "b"]);
});

test("a RID that is there twice counts once (webrtc-pc, set a session description)", () => {
  assert.deepEqual(
    read("rid:a recv", "rid:b recv", "rid:a recv", "simulcast:recv a;b;a").receiveRids,
    ["a", "b"],
  );
});

test("RIDs without a line, or with one of the other direction, are left out", () => {
  assert.deepEqual(read("rid:a send", "rid:b recv", "simulcast:send a;b;c").sendRids, ["a"]);
});

test("formats that the section lacks are taken off, and a line without any is left out (RFC 8851 §6.2.2)", () => {
  assert.deepEqual(
    read("rid:a recv pt=96,120", "rid:b recv pt=120", "simulcast:recv a;b").receiveRids,
    ["a"],
  );
});

test("known restrictions are met, in any number (RFC 8851 §5)", () => {
  const rids = read(
    "rid:a recv pt=97;max-width=1280;max-height=720;max-fps=30",
    "rid:b recv max-fs=3600;max-br=1000000;max-pps=108000;max-bpp=0.5",
    "rid:c recv max-width;depend=a,b",
    "simulcast:recv a;b;c",
  ).receiveRids;
  assert.deepEqual(rids, ["a", "b", "c"]);
});

test("a stream that is asked for under a restriction that we do not know is not sent (RFC 8851 §6.2.2)", () => {
  const lines = [
    "rid:a recv max-width=0",
    "rid:b recv max-colours=2",
    "rid:c recv depend=z",
    "rid:d recv max-fps=fast",
    "rid:e recv",
    "simulcast:recv a;b;c;d;e",
  ];
  assert.deepEqual(read(...lines).receiveRids, ["e"]);
});

test("what a peer restricts in its own streams does not matter to the receiver (RFC 8851 §6.2.2)", () => {
  assert.deepEqual(read("rid:a send max-colours=2", "simulcast:send a").sendRids, ["a"]);
  assert.deepEqual(read("rid:a send depend=z", "simulcast:send a").sendRids, []);
});

test("malformed lines are ignored, the others stay (RFC 8851 §6.2.2)", () => {
  assert.deepEqual(
    read("rid:a! send", "rid:b sideways", "rid:c send", "simulcast:send a;b;c").sendRids,
    ["c"],
  );
  assert.deepEqual(read("rid:c send", "simulcast:send c recv").sendRids, []);
  assert.deepEqual(read("rid:c send", "simulcast: send rid=c").sendRids, []);
});
