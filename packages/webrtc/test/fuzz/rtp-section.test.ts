import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { test } from "vitest";

import { answerCodecs } from "../../src/negotiation/media/payload-types.ts";
import { readRtpSection } from "../../src/negotiation/media/rtp-section.ts";
import { NegotiationError } from "../../src/negotiation/index.ts";
import { codecIdentity, isCompatibleCodec, isSameCodec } from "../../src/rtp/codec-match.ts";
import type { Codec, NegotiatedCodec } from "../../src/rtp/codec.ts";
import { answerFmtp } from "../../src/rtp/format-rules.ts";
import { answerProfileLevelId, h264ProfileOf } from "../../src/rtp/h264-profile.ts";
import { supportedCodecs } from "../../src/rtp/supported-codecs.ts";
import { parseSessionDescription, SdpSyntaxError } from "../../src/sdp/index.ts";

const VECTORS = new URL("../vectors/sdp/", import.meta.url);
const LINES = readdirSync(VECTORS)
  .filter((name) => name.endsWith(".sdp"))
  .flatMap((name) => readFileSync(new URL(name, VECTORS), "utf8").split("\r\n"))
  .filter((line) => /^a=(rtpmap|fmtp|rtcp-fb|extmap|rid|simulcast|msid|ssrc)/.test(line));
const HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";

const name = fc.constantFrom(
  "__proto__",
  "constructor",
  "hi",
  "mid",
  "lo",
  "0",
  "~",
  "-",
  "x".repeat(300),
);
const number = fc.oneof(
  fc.nat(130),
  fc.constantFrom(-1, 0, 15, 256, 4_351, 4_352, 65_536, 2 ** 53),
);
const fmtp = fc.oneof(
  fc.constantFrom(
    "profile-level-id=42e01f",
    "profile-level-id=42E01f;packetization-mode=1;level-asymmetry-allowed=1",
    "profile-level-id=;packetization-mode=",
    "profile-level-id=gggggg",
    "profile-level-id=42e01f42e01f",
    "profile-level-id=0x42e0",
    "apt=",
    "apt=96",
    "apt=96;apt=97",
    "apt=-1",
    "apt=__proto__",
    "111/111",
    "111/".repeat(1_000),
    "0-15",
    ";;;;=;=;",
    "__proto__=1;constructor=2",
    "profile-id=\u0000",
    "level-id=1e400",
    "level-id=NaN;tier-flag=;tx-mode=",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
);
const encoding = fc.constantFrom(
  "opus/48000/2",
  "red/48000/2",
  "H264/90000",
  "h265/90000",
  "VP9/90000",
  "AV1/90000",
  "rtx/90000",
  "ulpfec/90000",
  "telephone-event/8000",
  "CN/8000",
  "__proto__/1",
  "constructor/90000/4294967295",
  "x/0",
);
const restriction = fc.constantFrom(
  "",
  " pt=96",
  " pt=96,97;max-width=1",
  " depend=hi",
  " __proto__=1",
  " max-br=",
);
const stream = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join(","));
const line = fc.oneof(
  fc.constantFrom(...LINES),
  fc.tuple(number, encoding).map(([type, codec]) => `a=rtpmap:${type} ${codec}`),
  fc.tuple(number, fmtp).map(([type, text]) => `a=fmtp:${type} ${text}`),
  fc.tuple(number, name).map(([id, uri]) => `a=extmap:${id} urn:${uri}`),
  fc.tuple(number, name).map(([type, value]) => `a=rtcp-fb:${type} ${value}`),
  name.map((value) => `a=rtcp-fb:* ${value}`),
  fc
    .tuple(name, fc.constantFrom("send", "recv"), restriction)
    .map(([rid, direction, text]) => `a=rid:${rid} ${direction}${text}`),
  fc
    .tuple(fc.constantFrom("send", "recv"), fc.array(stream, { minLength: 1, maxLength: 4 }))
    .map(([direction, streams]) => `a=simulcast:${direction} ${streams.join(";")}`),
  fc.tuple(name, name).map(([a, b]) => `a=msid:${a} ${b}`),
  fc.tuple(number, name).map(([ssrc, value]) => `a=ssrc:${ssrc} msid:${value} ${value}`),
  fc.tuple(number, number).map(([a, b]) => `a=ssrc-group:FID ${a} ${b}`),
);

function checkCodecs(codecs: readonly NegotiatedCodec[], kind: "audio" | "video"): void {
  for (const preferred of [[], supportedCodecs(kind), codecs]) {
    const answer = answerCodecs(codecs, { kind, preferred });
    const offered = new Set(codecs.map(({ payloadType }) => payloadType));
    assert.ok(answer.every(({ payloadType }) => offered.has(payloadType)));
    const numbers = answer.map(({ payloadType }) => payloadType);
    assert.equal(new Set(numbers).size, numbers.length);
    for (const { sdpFmtpLine = "" } of answer) assert.ok(!/[\r\n]/.test(sdpFmtpLine));
  }
}

test("readRtpSection and answerCodecs: a hostile section is read, or refused with its line and in few words", () => {
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  fc.assert(
    fc.property(
      fc.constantFrom("audio" as const, "video" as const),
      fc.array(fc.oneof(fc.nat(140).map(String), name), { minLength: 1, maxLength: 30 }),
      fc.array(line, { maxLength: 40 }),
      fc.array(line, { maxLength: 4 }),
      (kind, formats, lines, levelLines) => {
        const level = levelLines.filter((text) => text.startsWith("a=extmap"));
        const media = `m=${kind} 9 UDP/TLS/RTP/SAVPF ${formats.join(" ")}`;
        const text = HEAD + [...level, media, ...lines, ""].join("\r\n");
        try {
          const parsed = parseSessionDescription(text);
          const section = readRtpSection(parsed.media[0]!, parsed.attributes);
          assert.ok(section.codecs.every(({ payloadType }) => payloadType <= 127));
          assert.ok(section.headerExtensions.every(({ id }) => id >= 1 && id <= 255));
          assert.ok(
            [...section.sendRids, ...section.receiveRids].every((rid) => rid.length <= 255),
          );
          checkCodecs(section.codecs, kind);
        } catch (error) {
          assert.ok(
            error instanceof SdpSyntaxError || error instanceof NegotiationError,
            String(error),
          );
          assert.ok(error.message.length < 800, error.message);
          assert.match(error.message, /line \d+/i);
        }
      },
    ),
    { numRuns: 1_000 },
  );
  assert.equal(Object.getOwnPropertyNames(Object.prototype).length, before);
});

const codec: fc.Arbitrary<Codec> = fc.record(
  {
    mimeType: fc.constantFrom(
      "video/H264",
      "video/h265",
      "video/VP9",
      "video/AV1",
      "video/rtx",
      "audio/red",
      "video/__proto__",
    ),
    clockRate: fc.constantFrom(0, 8_000, 90_000, Number.NaN),
    channels: fc.constantFrom(1, 2, 0),
    sdpFmtpLine: fmtp,
  },
  { requiredKeys: ["mimeType", "clockRate"] },
);

test("fmtp rules: whatever two codecs say, they are compared and answered without a throw", () => {
  fc.assert(
    fc.property(codec, codec, (a, b) => {
      assert.equal(codecIdentity(a) === codecIdentity(b), codecIdentity(b) === codecIdentity(a));
      assert.equal(isSameCodec(a, b), isSameCodec(b, a));
      assert.equal(isCompatibleCodec(a, b), isCompatibleCodec(b, a));
      const answer = answerFmtp(a, b);
      assert.ok(answer === undefined || answer.length <= (b.sdpFmtpLine?.length ?? 0) + 400);
    }),
    { numRuns: 3_000 },
  );
});

test("profile-level-id: six digits of base 16 come out, or what went in as our own (RFC 6184 §8.1)", () => {
  const id = fc.oneof(
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.nat(0xff_ffff).map((value) => value.toString(16).padStart(6, "0")),
  );
  fc.assert(
    fc.property(id, fc.boolean(), (offered, mayDiffer) => {
      const answer = answerProfileLevelId(offered, "42e01f", mayDiffer);
      assert.match(answer, /^[0-9a-f]{6}$/);
      const isKnown = h264ProfileOf(offered) !== undefined;
      if (isKnown) assert.equal(h264ProfileOf(answer), h264ProfileOf(offered));
    }),
    { numRuns: 3_000 },
  );
});
