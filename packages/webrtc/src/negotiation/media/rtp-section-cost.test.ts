import assert from "node:assert/strict";
import { test } from "vitest";
import type { Attribute, MediaDescription } from "../../sdp/index.ts";
import { answerCodecs } from "./payload-types.ts";
import { readRtpSection } from "./rtp-section.ts";

// What a hostile section costs, counted and not timed: every look at a member of an attribute.

/** One attribute of each kind that is read, different for each index. */
const KINDS: readonly ((index: number) => Attribute)[] = [
  (index) => ({
    kind: "rtpmap",
    payloadType: index % 128,
    encodingName: `x${index}`,
    clockRate: 90_000,
  }),
  (index) => ({ kind: "fmtp", format: String(index % 128), parameters: `a${index}=1` }),
  (index) => ({ kind: "rtcp-fb", payloadType: index % 128, feedback: `f${index}` }),
  (index) => ({ kind: "extmap", id: (index % 4_351) + 1, uri: `urn:${(index % 4_351) + 1}` }),
  (index) => ({ kind: "msid", streamId: `s${index}`, trackId: "t" }),
  (index) => ({ kind: "ssrc", ssrc: index, attribute: "msid", value: `s${index} t` }),
  (index) => ({ kind: "ssrc-group", semantics: "FID", ssrcs: [index, index + 1] }),
  (index) => ({ kind: "rid", id: `r${index}`, direction: "recv", restrictions: [] }),
  (index) => ({ kind: "other", name: `x-${index}` }),
];

function costOf(attributes: readonly Attribute[]): number {
  let looks = 0;
  const watched = attributes.map((attribute) => {
    const handler: ProxyHandler<Attribute> = {
      get(target, member, receiver) {
        looks++;
        return Reflect.get(target, member, receiver);
      },
    };
    return new Proxy(attribute, handler);
  });
  const section: MediaDescription = {
    kind: "video",
    port: 9,
    protocol: "UDP/TLS/RTP/SAVPF",
    formats: Array.from({ length: 64 }, (_, index) => String(index)),
    attributes: watched,
  };
  const { codecs } = readRtpSection(
    section,
    watched.filter(({ kind }) => kind === "extmap"),
  );
  answerCodecs(codecs, { kind: "video", preferred: [] });
  return looks;
}

test("reading a section costs twice as much for twice as many lines, whatever they are", () => {
  for (const [index, make] of KINDS.entries()) {
    const cost = (count: number) => costOf(Array.from({ length: count }, (_, at) => make(at)));
    const [small, large] = [cost(1_000), cost(4_000)];
    assert.ok(large <= small * 4.2, `kind ${index}: ${small} looks, then ${large}`);
    assert.ok(large <= 4_000 * 30, `kind ${index}: ${large} looks at 4000 lines`);
  }
});

test("a simulcast of a thousand alternatives costs one look at each", () => {
  const rids: Attribute[] = Array.from({ length: 2_000 }, (_, index) => ({
    kind: "rid",
    id: `r${index}`,
    direction: "recv",
    restrictions: [],
  }));
  const streams = rids.map((_, index) => [{ rid: `r${1_999 - index}`, isPaused: false }]);
  assert.ok(costOf([...rids, { kind: "simulcast", recv: streams }]) <= 2_001 * 30);
});

test("feedback for all formats is not copied to each of them without end", () => {
  const attributes: Attribute[] = [];
  const formats = Array.from({ length: 60 }, (_, index) => String(index));
  for (const format of formats) {
    const payloadType = Number(format);
    attributes.push({ kind: "rtpmap", payloadType, encodingName: "VP8", clockRate: 90_000 });
  }
  for (let index = 0; index < 2_000; index++) {
    attributes.push({ kind: "rtcp-fb", payloadType: "*", feedback: `f${index}` });
    attributes.push({ kind: "rtcp-fb", payloadType: 7, feedback: `g${index}` });
  }
  const protocol = "UDP/TLS/RTP/SAVPF";
  const { codecs } = readRtpSection({ kind: "video", port: 9, protocol, formats, attributes }, []);
  assert.equal(codecs.length, 60);
  for (const { rtcpFeedback } of codecs) assert.ok(rtcpFeedback.length <= 128);
});
