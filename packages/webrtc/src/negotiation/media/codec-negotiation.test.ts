import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { codecIdentity } from "../../rtp/codec-match.ts";
import type { Codec, MediaKind, NegotiatedCodec } from "../../rtp/codec.ts";
import { encodingNameOf, isMediaCodec, supportedCodecs } from "../../rtp/supported-codecs.ts";
import { associatedPayloadTypeOf, isRtx } from "./dependent-codecs.ts";
import { answerCodecs, offerCodecs, PayloadTypes } from "./payload-types.ts";

function canInterwork(a: Codec, b: Codec): boolean {
  return codecIdentity(a) === codecIdentity(b);
}

// Offers and answers of any peer, however odd: what must hold whatever is drawn.

const KINDS: readonly MediaKind[] = ["audio", "video"];
const kinds = fc.constantFrom(...KINDS);
const payloadTypes = fc.oneof(fc.integer({ min: 96, max: 127 }), fc.integer({ min: 0, max: 63 }));

/** Codecs of ours, of others, and RTX and RED that point anywhere. */
function codecsOf(kind: MediaKind): fc.Arbitrary<Codec> {
  const foreign: Codec = { mimeType: `${kind}/x-unknown`, clockRate: 90_000 };
  const pointing = payloadTypes.map((payloadType): Codec =>
    kind === "video"
      ? {
          mimeType: "video/rtx",
          clockRate: 90_000,
          sdpFmtpLine:
            payloadType % 2 === 0 ? `apt=${payloadType}` : `rtx-time=9; apt=${payloadType}`,
        }
      : {
          mimeType: "audio/red",
          clockRate: 48_000,
          channels: 2,
          sdpFmtpLine: `${payloadType}/${payloadType}`,
        },
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...supportedCodecs(kind)) },
    { weight: 3, arbitrary: pointing },
    fc.constant(foreign),
    fc.constant<Codec>({
      mimeType: "video/h264",
      clockRate: 90_000,
      sdpFmtpLine: "profile-level-id=42C034;packetization-mode=1",
    }),
  );
}

/** A list as a section may have it: each number once. */
function sectionsOf(kind: MediaKind): fc.Arbitrary<readonly NegotiatedCodec[]> {
  const numbered = fc
    .tuple(codecsOf(kind), payloadTypes)
    .map(([codec, payloadType]): NegotiatedCodec => ({ ...codec, payloadType, rtcpFeedback: [] }));
  return fc.uniqueArray(numbered, { selector: ({ payloadType }) => payloadType, maxLength: 60 });
}

/** None, or what the API takes: at least one medium (webrtc-pc, setCodecPreferences). */
function preferencesOf(kind: MediaKind): fc.Arbitrary<readonly Codec[]> {
  return fc
    .shuffledSubarray([...supportedCodecs(kind)])
    .filter((codecs) => codecs.length === 0 || codecs.some(isMediaCodec));
}

const negotiations = kinds.chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    offered: sectionsOf(kind),
    preferred: preferencesOf(kind),
  }),
);

function offer(
  kind: MediaKind,
  previous: readonly NegotiatedCodec[],
  types: PayloadTypes,
  preferred: readonly Codec[] = [],
): readonly NegotiatedCodec[] {
  return offerCodecs({ kind, preferred, previous, direction: "sendrecv" }, types);
}

function isSameMeaning(a: NegotiatedCodec, b: NegotiatedCodec): boolean {
  const isSameTarget = !isRtx(a) || associatedPayloadTypeOf(a) === associatedPayloadTypeOf(b);
  return canInterwork(a, b) && isSameTarget;
}

function checkIsSound(codecs: readonly NegotiatedCodec[]): void {
  const numbers = codecs.map(({ payloadType }) => payloadType);
  assert.equal(new Set(numbers).size, numbers.length, "no number twice");
  const repaired = codecs.filter(isRtx).map(associatedPayloadTypeOf);
  assert.equal(new Set(repaired).size, repaired.length, "no codec with two RTX");
  for (const apt of repaired) {
    const codec = codecs.find(({ payloadType }) => payloadType === apt);
    assert.ok(codec !== undefined && !isRtx(codec), `RTX for ${apt}, which is not there`);
  }
  assert.ok(codecs.length === 0 || codecs.some(isMediaCodec), "no medium");
}

test("an answer is sound, and a part of the offer under the same numbers (RFC 3264 §6.1)", () => {
  fc.assert(
    fc.property(negotiations, ({ kind, offered, preferred }) => {
      const answered = answerCodecs(offered, { kind, preferred });
      checkIsSound(answered);
      const own = preferred.length > 0 ? preferred : supportedCodecs(kind);
      for (const codec of answered) {
        const source = offered.find(({ payloadType }) => payloadType === codec.payloadType)!;
        assert.ok(canInterwork(codec, source));
        assert.ok(own.some((candidate) => canInterwork(candidate, codec)));
      }
    }),
  );
});

test("an answer leaves out no media codec that both sides have (RFC 9429 §5.3.1)", () => {
  fc.assert(
    fc.property(negotiations, ({ kind, offered, preferred }) => {
      const own = preferred.length > 0 ? preferred : supportedCodecs(kind);
      const answered = answerCodecs(offered, { kind, preferred });
      for (const codec of offered.filter(isMediaCodec)) {
        const isOurs = own.some((candidate) => canInterwork(candidate, codec));
        assert.equal(
          answered.some((candidate) => canInterwork(candidate, codec)),
          isOurs,
        );
      }
    }),
  );
});

test("the order is the offer's, or that of our preferences (RFC 9429 §5.3.1)", () => {
  fc.assert(
    fc.property(negotiations, ({ kind, offered, preferred }) => {
      const rank = (codec: NegotiatedCodec): number =>
        preferred.length > 0
          ? preferred.findIndex((candidate) => canInterwork(candidate, codec))
          : offered.findIndex(({ payloadType }) => payloadType === codec.payloadType);
      const ranks = answerCodecs(offered, { kind, preferred })
        .filter((codec) => preferred.length === 0 || !isRtx(codec))
        .map(rank);
      assert.deepEqual(
        ranks,
        ranks.toSorted((a, b) => a - b),
      );
    }),
  );
});

test("an answer to an answer is the same: both sides end with one list", () => {
  fc.assert(
    fc.property(negotiations, ({ kind, offered }) => {
      const answered = answerCodecs(offered, { kind, preferred: [] });
      assert.deepEqual(
        answerCodecs(answered, { kind, preferred: [] }).map(({ payloadType }) => payloadType),
        answered.map(({ payloadType }) => payloadType),
      );
    }),
  );
});

test("our own offer is answered whole by ourselves", () => {
  for (const kind of KINDS) {
    const offered = offer(kind, [], new PayloadTypes([]));
    assert.deepEqual(answerCodecs(offered, { kind, preferred: [] }), offered);
  }
});

test("a subsequent offer keeps every number of the answer (RFC 3264 §8.3.2)", () => {
  fc.assert(
    fc.property(negotiations, ({ kind, offered, preferred }) => {
      const answered = answerCodecs(offered, { kind, preferred });
      const again = offer(kind, answered, new PayloadTypes(offered), preferred);
      checkIsSound(again);
      for (const codec of answered) {
        const kept = again.find(({ payloadType }) => payloadType === codec.payloadType);
        assert.ok(kept !== undefined && isSameMeaning(kept, codec), `${codec.payloadType} is gone`);
      }
    }),
  );
});

test("an offer repeated is the same offer", () => {
  fc.assert(
    fc.property(kinds, sectionsOf("video"), (kind, inUse) => {
      const first = offer(kind, [], new PayloadTypes(inUse));
      assert.deepEqual(offer(kind, first, new PayloadTypes([...inUse, ...first])), first);
    }),
  );
});

test("no number has two meanings in a bundle, old sections and new ones (RFC 8843 §9.1)", () => {
  fc.assert(
    fc.property(sectionsOf("audio"), sectionsOf("video"), (audio, video) => {
      const inUse = [...audio, ...video];
      const types = new PayloadTypes(inUse);
      const meaning = new Map<number, NegotiatedCodec>();
      for (const codec of inUse) {
        if (!meaning.has(codec.payloadType)) meaning.set(codec.payloadType, codec);
      }
      const sections = [
        offer("audio", audio, types),
        offer("video", [], types),
        offer("video", video, types),
        offer("audio", [], types),
      ];
      for (const section of sections) {
        checkIsSound(section);
        for (const codec of section) {
          const known = meaning.get(codec.payloadType);
          if (known === undefined) meaning.set(codec.payloadType, codec);
          else assert.ok(isSameMeaning(known, codec), `${codec.payloadType} has two meanings`);
        }
      }
    }),
  );
});

test("an offer with preferences has these and RTX for them, nothing else (webrtc-pc, setCodecPreferences)", () => {
  fc.assert(
    fc.property(
      kinds.chain((kind) => fc.tuple(fc.constant(kind), preferencesOf(kind))),
      (drawn) => {
        const [kind, preferred] = drawn;
        fc.pre(preferred.some(isMediaCodec));
        const offered = offer(kind, [], new PayloadTypes([]), preferred);
        checkIsSound(offered);
        assert.deepEqual(
          offered.filter(isMediaCodec).map(({ mimeType, sdpFmtpLine }) => [mimeType, sdpFmtpLine]),
          preferred
            .filter(isMediaCodec)
            .map(({ mimeType, sdpFmtpLine }) => [mimeType, sdpFmtpLine]),
        );
        const names = new Set(preferred.map(encodingNameOf));
        assert.ok(offered.every((codec) => names.has(encodingNameOf(codec))));
        const retransmitted = offered.filter(isMediaCodec).length;
        if (kind === "video" && names.has("rtx")) {
          assert.ok(offered.filter(isRtx).length >= retransmitted);
        }
      },
    ),
  );
});
