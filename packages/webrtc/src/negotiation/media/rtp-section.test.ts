import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "vitest";
import { supportedHeaderExtensions } from "../../rtp/supported-header-extensions.ts";
import { parseSessionDescription, type SessionDescription } from "../../sdp/index.ts";
import { NegotiationError } from "../negotiation-error.ts";
import { answerHeaderExtensions } from "./extension-ids.ts";
import { answerCodecs } from "./payload-types.ts";
import { readRtpSection, type RtpSection } from "./rtp-section.ts";

const HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";

function vector(name: string): SessionDescription {
  const url = new URL(`../../../test/vectors/sdp/${name}.sdp`, import.meta.url);
  return parseSessionDescription(readFileSync(url, "utf8"));
}

function sectionsOf(description: SessionDescription): readonly RtpSection[] {
  return description.media
    .filter(({ kind }) => kind === "audio" || kind === "video")
    .map((section) => readRtpSection(section, description.attributes));
}

function read(mLine: string, lines: readonly string[] = [], session: readonly string[] = []) {
  const attributes = (list: readonly string[]) => list.map((line) => `a=${line}\r\n`).join("");
  const text = `${HEAD}${attributes(session)}m=${mLine}\r\n${attributes(lines)}`;
  const description = parseSessionDescription(text);
  return readRtpSection(description.media[0]!, description.attributes);
}

const readVideo = (...lines: string[]) => read("video 9 UDP/TLS/RTP/SAVPF 96", lines);

function refusal(run: () => unknown): string {
  let message = "";
  assert.throws(run, (error) => {
    assert.ok(error instanceof NegotiationError);
    assert.equal(error.kind, "invalidContent");
    message = error.message;
    return true;
  });
  return message;
}

test("codecs come in the order of the m= line, with parameters and feedback (RFC 9429 §5.8)", () => {
  const { codecs } = read("video 9 UDP/TLS/RTP/SAVPF 98 96", [
    "rtpmap:96 VP8/90000",
    "rtcp-fb:96 nack",
    "rtcp-fb:96 nack pli",
    "rtcp-fb:96 nack",
    "rtcp-fb:* transport-cc",
    "rtpmap:98 VP9/90000",
    "fmtp:98 profile-id=2",
    "rtpmap:99 AV1/90000",
  ]);
  assert.deepEqual(codecs, [
    {
      mimeType: "video/VP9",
      clockRate: 90_000,
      sdpFmtpLine: "profile-id=2",
      payloadType: 98,
      rtcpFeedback: ["transport-cc"],
    },
    {
      mimeType: "video/VP8",
      clockRate: 90_000,
      payloadType: 96,
      rtcpFeedback: ["nack", "nack pli", "transport-cc"],
    },
  ]);
});

test("static payload types need no a=rtpmap, in audio (RFC 3551 §6)", () => {
  const { codecs } = read("audio 9 UDP/TLS/RTP/SAVPF 0 8 9 13 3 0", []);
  assert.deepEqual(
    codecs.map(({ payloadType, mimeType }) => `${payloadType} ${mimeType}`),
    ["0 audio/PCMU", "8 audio/PCMA", "9 audio/G722", "13 audio/CN"],
  );
  assert.deepEqual(read("video 9 UDP/TLS/RTP/SAVPF 0").codecs, []);
  const redefined = read("audio 9 UDP/TLS/RTP/SAVPF 0", ["rtpmap:0 opus/48000/2"]);
  assert.equal(redefined.codecs[0]!.mimeType, "audio/opus");
});

test("audio has channels, one if a=rtpmap names none; video has none (RFC 8866 §6.6)", () => {
  const audio = read("audio 9 UDP/TLS/RTP/SAVPF 96 97", [
    "rtpmap:96 opus/48000/2",
    "rtpmap:97 L16/8000",
  ]);
  assert.deepEqual(
    audio.codecs.map(({ channels }) => channels),
    [2, 1],
  );
  assert.ok(!("channels" in readVideo("rtpmap:96 VP8/90000").codecs[0]!));
});

test("several a=fmtp for one format are read as one", () => {
  const { codecs } = readVideo(
    "rtpmap:96 H264/90000",
    "fmtp:96 packetization-mode=1",
    "fmtp:96 profile-level-id=42e01f",
  );
  assert.equal(codecs[0]!.sdpFmtpLine, "packetization-mode=1;profile-level-id=42e01f");
});

test("formats that are no payload types, or that nothing describes, are left out", () => {
  const { codecs } = read("video 9 UDP/TLS/RTP/SAVPF 96 128 999 x 97 1000000000000000000000", [
    "rtpmap:96 VP8/90000",
  ]);
  assert.deepEqual(
    codecs.map(({ payloadType }) => payloadType),
    [96],
  );
});

test("a payload type that would look like RTCP is refused, with its line (RFC 5761 §4)", () => {
  for (const payloadType of [64, 72, 95]) {
    const message = refusal(() => read(`audio 9 UDP/TLS/RTP/SAVPF ${payloadType}`));
    assert.match(message, new RegExp(`^line 5: payload type ${payloadType} .*RFC 5761 §4`));
  }
  for (const payloadType of [63, 96]) read(`audio 9 UDP/TLS/RTP/SAVPF ${payloadType}`);
});

test("the direction is the section's, else the session's, else sendrecv (RFC 8866 §6.7)", () => {
  const directionOf = (lines: readonly string[], session: readonly string[]) =>
    read("audio 9 UDP/TLS/RTP/SAVPF 0", lines, session).direction;
  assert.equal(directionOf(["sendonly"], ["inactive"]), "sendonly");
  assert.equal(directionOf([], ["recvonly"]), "recvonly");
  assert.equal(directionOf([], []), "sendrecv");
});

test("header extensions have the direction that is written, sendrecv if none (RFC 8285 §5)", () => {
  assert.deepEqual(readVideo("extmap:2/sendonly urn:b", "extmap:1 urn:a x=y").headerExtensions, [
    { uri: "urn:b", id: 2, direction: "sendonly" },
    { uri: "urn:a", id: 1, direction: "sendrecv" },
  ]);
});

test("extensions of the session hold for every section (RFC 8285 §5)", () => {
  const { headerExtensions } = read("audio 9 RTP/SAVPF 0", ["extmap:1 urn:a"], ["extmap:2 urn:s"]);
  assert.deepEqual(
    headerExtensions.map(({ uri }) => uri),
    ["urn:a", "urn:s"],
  );
});

test("an identifier with two meanings is refused, with its line (RFC 8285 §5)", () => {
  const message = refusal(() => readVideo("extmap:1 urn:a", "extmap:1 urn:b"));
  assert.match(message, /^line 7: extension id 1 stands for "urn:a" and "urn:b" \(RFC 8285 §5\)/);
  refusal(() => read("audio 9 RTP/SAVPF 0", ["extmap:1 urn:a"], ["extmap:1 urn:s"]));
});

test("the same line twice is one extension; of one URI under two identifiers the first counts", () => {
  const { headerExtensions } = readVideo("extmap:1 urn:a", "extmap:1 urn:a", "extmap:2 urn:a");
  assert.deepEqual(headerExtensions, [{ uri: "urn:a", id: 1, direction: "sendrecv" }]);
});

test("15 and more are read; what lies above 255 is for offers that do not fit and is left out (RFC 8285 §5)", () => {
  const { headerExtensions } = readVideo(
    "extmap:15 urn:a",
    "extmap:255 urn:b",
    "extmap:256 urn:c",
    "extmap:4096 urn:d",
    "extmap:4096 urn:e",
  );
  assert.deepEqual(
    headerExtensions.map(({ id }) => id),
    [15, 255],
  );
});

test("a=msid names the streams of the track (RFC 8830 §2)", () => {
  const { streams, trackId, hasMsid } = readVideo("msid:s1 t", "msid:s2 t", "msid:s1 t");
  assert.deepEqual(streams, [
    { streamId: "s1", trackId: "t" },
    { streamId: "s2", trackId: "t" },
  ]);
  assert.equal(trackId, "t");
  assert.ok(hasMsid);
});

test("a track in no stream, one without a name, and one of which nothing is said (RFC 9429 §5.10)", () => {
  const apart = readVideo("msid:- t");
  assert.deepEqual([apart.streams, apart.trackId, apart.hasMsid], [[], "t", true]);
  const unnamed = readVideo("msid:s");
  assert.deepEqual(unnamed.streams, [{ streamId: "s", trackId: undefined }]);
  assert.equal(unnamed.trackId, undefined);
  const silent = readVideo("rtpmap:96 VP8/90000");
  assert.deepEqual([silent.streams, silent.hasMsid], [[], false]);
});

test("where there is no a=msid, that of a source counts", () => {
  const old = readVideo("ssrc:1 cname:c", "ssrc:1 msid:s t", "ssrc:2 msid:s t", "ssrc:2 msid:");
  assert.deepEqual(old.streams, [{ streamId: "s", trackId: "t" }]);
  assert.ok(old.hasMsid);
  const both = readVideo("ssrc:1 msid:old t", "msid:new t");
  assert.deepEqual(
    both.streams.map(({ streamId }) => streamId),
    ["new"],
  );
});

test("sources, their groups and their name (RFC 5576 §4)", () => {
  const { ssrcs, ssrcGroups, cname } = readVideo(
    "ssrc-group:FID 1 2",
    "ssrc:1 cname:me",
    "ssrc:1 label:x",
    "ssrc:2 cname:me",
  );
  assert.deepEqual(ssrcs, [1, 2]);
  assert.deepEqual(ssrcGroups, [{ semantics: "FID", ssrcs: [1, 2] }]);
  assert.equal(cname, "me");
});

test("offers of Chromium are answered with all but what is unknown here", () => {
  const [audio, video] = sectionsOf(vector("chromium-156-audio-video-data-offer"));
  const answeredAudio = answerCodecs(audio!.codecs, { kind: "audio", preferred: [] });
  assert.deepEqual(answeredAudio, audio!.codecs, "the same, to the letter");
  const answeredVideo = answerCodecs(video!.codecs, { kind: "video", preferred: [] });
  assert.deepEqual(answeredVideo, video!.codecs);
  const extensions = answerHeaderExtensions(
    audio!.headerExtensions,
    supportedHeaderExtensions("audio"),
  );
  assert.deepEqual(extensions, audio!.headerExtensions);
});

test("simulcast of Chromium: three RIDs, one of them paused", () => {
  const [video] = sectionsOf(vector("chromium-156-simulcast-offer"));
  assert.deepEqual(video!.sendRids, ["h", "m", "l"]);
  assert.deepEqual(video!.receiveRids, []);
});

test("an offer of Firefox is answered under its numbers", () => {
  const [audio, video] = sectionsOf(vector("firefox-153-audio-video-data-offer"));
  const numbers = (section: RtpSection) =>
    answerCodecs(section.codecs, { kind: section.kind, preferred: [] }).map(
      ({ payloadType }) => payloadType,
    );
  assert.deepEqual(numbers(audio!), [109, 9, 0, 8, 101]);
  assert.deepEqual(numbers(video!), [120, 124, 121, 125, 99, 100, 123, 122, 119]);
  const extensions = answerHeaderExtensions(
    video!.headerExtensions,
    supportedHeaderExtensions("video"),
  );
  const directions = new Map(extensions.map(({ id, direction }) => [id, direction]));
  assert.equal(directions.get(6), "sendonly", "Firefox only receives playout-delay");
});

test("the RIDs that Firefox offers to send are read in its order", () => {
  const sections = sectionsOf(vector("firefox-153-send-encodings-offer"));
  const video = sections.find(({ kind }) => kind === "video");
  assert.deepEqual(video!.sendRids, ["h", "m", "l"]);
});

test("an offer of Safari is answered without its Constrained High and its old audio codecs", () => {
  const [audio, video] = sectionsOf(vector("safari-audio-video-data-offer"));
  const names = (section: RtpSection) =>
    answerCodecs(section.codecs, { kind: section.kind, preferred: [] }).map(
      ({ payloadType, mimeType }) => `${payloadType} ${mimeType.split("/")[1]}`,
    );
  assert.deepEqual(names(video!), [
    "98 H264",
    "99 rtx",
    "100 H265",
    "101 rtx",
    "127 VP8",
    "125 rtx",
  ]);
  assert.ok(!names(audio!).some((name) => /ISAC|ILBC|105|113/.test(name)));
});

test("answers of aiortc and Pion are read", () => {
  const [audio, video] = sectionsOf(vector("pion-audio-video-answer"));
  assert.deepEqual(audio!.streams, [{ streamId: "pion", trackId: "audio" }]);
  assert.deepEqual(video!.receiveRids, ["q", "h", "f"]);
  assert.deepEqual(video!.codecs[0]!.rtcpFeedback, [
    "goog-remb",
    "ccm fir",
    "nack",
    "nack pli",
    "transport-cc",
  ]);
  const [, aiortc] = sectionsOf(vector("aiortc-1.4.0-audio-video-data-answer"));
  assert.equal(aiortc!.direction, "recvonly");
  assert.deepEqual(aiortc!.ssrcGroups[0]!.semantics, "FID");
});
