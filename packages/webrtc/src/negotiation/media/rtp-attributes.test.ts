import assert from "node:assert/strict";
import { test } from "vitest";
import type { NegotiatedCodec } from "../../rtp/codec.ts";
import { supportedHeaderExtensions } from "../../rtp/supported-header-extensions.ts";
import { serializeAttribute } from "../../sdp/index.ts";
import { ExtensionIds, offerHeaderExtensions } from "./extension-ids.ts";
import { offerCodecs, PayloadTypes } from "./payload-types.ts";
import { rtpAttributes, rtpFormats, type RtpContent } from "./rtp-attributes.ts";
import { readRtpSection } from "./rtp-section.ts";

const VP8: NegotiatedCodec = {
  mimeType: "video/VP8",
  clockRate: 90_000,
  payloadType: 96,
  rtcpFeedback: ["nack", "nack pli"],
};
const RTX: NegotiatedCodec = {
  mimeType: "video/rtx",
  clockRate: 90_000,
  sdpFmtpLine: "apt=96",
  payloadType: 97,
  rtcpFeedback: [],
};
const CONTENT: RtpContent = {
  kind: "video",
  codecs: [VP8, RTX],
  headerExtensions: [
    { uri: "urn:a", id: 1, direction: "sendrecv" },
    { uri: "urn:b", id: 2, direction: "recvonly" },
  ],
  direction: "sendrecv",
  msids: [
    { streamId: "stream", trackId: "track" },
    { streamId: "other", trackId: "track" },
  ],
  sendRids: [],
  receiveRids: [],
  ssrcs: { ssrc: 1, rtxSsrc: 2, cname: "me" },
};

function write(change: Partial<RtpContent> = {}): readonly string[] {
  return rtpAttributes({ ...CONTENT, ...change }).map(serializeAttribute);
}

test("a section is written in the order that browsers use (RFC 9429 §5.2.1)", () => {
  assert.deepEqual(write(), [
    "a=extmap:1 urn:a",
    "a=extmap:2/recvonly urn:b",
    "a=sendrecv",
    "a=msid:stream track",
    "a=msid:other track",
    "a=rtcp-mux",
    "a=rtcp-rsize",
    "a=rtpmap:96 VP8/90000",
    "a=rtcp-fb:96 nack",
    "a=rtcp-fb:96 nack pli",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    "a=ssrc-group:FID 1 2",
    "a=ssrc:1 cname:me",
    "a=ssrc:1 msid:stream track",
    "a=ssrc:2 cname:me",
    "a=ssrc:2 msid:stream track",
  ]);
});

test("a side that does not send names no sources, but streams if it is told to (RFC 9429 §5.2.1, §5.3.1)", () => {
  for (const direction of ["recvonly", "inactive"] as const) {
    const lines = write({ direction });
    assert.ok(lines.includes(`a=${direction}`));
    assert.deepEqual(
      lines.filter((line) => /^a=(msid|ssrc)/.test(line)),
      ["a=msid:stream track", "a=msid:other track"],
    );
    assert.ok(!write({ direction, msids: [] }).some((line) => line.startsWith("a=msid")));
  }
});

test("one layer is named as simulcast in an answer, not in an offer (RFC 8853 §5.3.2)", () => {
  const simulcast = (answersSimulcast: boolean): readonly string[] =>
    write({ sendRids: ["lo"], answersSimulcast }).filter((line) => /^a=(rid|simulcast)/.test(line));
  assert.deepEqual(simulcast(false), ["a=rid:lo send"]);
  assert.deepEqual(simulcast(true), ["a=rid:lo send", "a=simulcast:send lo"]);
});

test("without RTX there is no source for it", () => {
  const lines = write({ codecs: [VP8], msids: [] });
  assert.deepEqual(
    lines.filter((line) => line.startsWith("a=ssrc")),
    ["a=ssrc:1 cname:me"],
  );
});

test("a track in no stream is written with -, one without a name of its own without one (RFC 8830 §2)", () => {
  assert.ok(write({ msids: [{ streamId: "-", trackId: "t" }] }).includes("a=msid:- t"));
  const unnamed = write({ msids: [{ streamId: "s", trackId: "" }] });
  assert.ok(unnamed.includes("a=msid:s") && unnamed.includes("a=ssrc:1 msid:s"));
});

test("one channel is not written, more are (RFC 8866 §6.6)", () => {
  const audio = (name: string, clockRate: number, channels: number): NegotiatedCodec => ({
    mimeType: `audio/${name}`,
    clockRate,
    channels,
    payloadType: 9,
    rtcpFeedback: [],
  });
  assert.ok(write({ codecs: [audio("G722", 8_000, 1)] }).includes("a=rtpmap:9 G722/8000"));
  assert.ok(write({ codecs: [audio("opus", 48_000, 2)] }).includes("a=rtpmap:9 opus/48000/2"));
});

test("several encodings are named and listed, a single one is only named (RFC 9429 §5.2.1)", () => {
  const rids = (change: Partial<RtpContent>) =>
    write(change).filter((line) => /^a=(rid|simulcast)/.test(line));
  const { ssrcs: _sources, ...content } = CONTENT;
  assert.deepEqual(rids({ ...content, sendRids: ["h", "l"] }), [
    "a=rid:h send",
    "a=rid:l send",
    "a=simulcast:send h;l",
  ]);
  assert.deepEqual(rids({ ...content, sendRids: ["h"] }), ["a=rid:h send"]);
  assert.deepEqual(rids({ ...content, receiveRids: ["h", "l"], direction: "recvonly" }), [
    "a=rid:h recv",
    "a=rid:l recv",
    "a=simulcast:recv h;l",
  ]);
  const both = rids({ ...content, sendRids: ["a", "b"], receiveRids: ["c"] });
  assert.equal(both.at(-1), "a=simulcast:send a;b recv c");
  assert.deepEqual(rids({}), []);
});

test("reduced-size RTCP can be left out: an answer only repeats it (RFC 9429 §5.3.1)", () => {
  assert.ok(!write({ hasReducedSizeRtcp: false }).includes("a=rtcp-rsize"));
  assert.ok(write({ hasReducedSizeRtcp: false }).includes("a=rtcp-mux"));
});

test("formats are the payload types in order (RFC 9429 §5.2.1)", () => {
  assert.deepEqual(rtpFormats([RTX, VP8]), ["97", "96"]);
});

test("what is written is read again as it was", () => {
  const types = new PayloadTypes([]);
  const ids = new ExtensionIds([]);
  for (const kind of ["audio", "video"] as const) {
    const codecs = offerCodecs({ kind, preferred: [], previous: [], direction: "sendrecv" }, types);
    const headerExtensions = offerHeaderExtensions(supportedHeaderExtensions(kind), [], ids);
    const attributes = rtpAttributes({ ...CONTENT, kind, codecs, headerExtensions });
    const section = readRtpSection(
      { kind, port: 9, protocol: "UDP/TLS/RTP/SAVPF", formats: rtpFormats(codecs), attributes },
      [],
    );
    assert.deepEqual(section.codecs, codecs);
    assert.deepEqual(section.headerExtensions, headerExtensions);
    assert.equal(section.direction, "sendrecv");
    assert.deepEqual(section.streams, CONTENT.msids);
    assert.equal(section.cname, "me");
    assert.ok(section.hasReducedSizeRtcp);
  }
});
