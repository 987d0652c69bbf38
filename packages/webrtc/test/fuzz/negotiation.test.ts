import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";

import { NegotiationError, planSession } from "../../src/negotiation/index.ts";
import { SdpSyntaxError } from "../../src/sdp/index.ts";
import {
  audioSection,
  dataSection,
  describe,
  transport,
  videoSection,
} from "../attack/support/hostile-media.ts";
import { NegotiatingPeer } from "../support/negotiating-peer.ts";

const MIDS = ["0", "1", "2", "a", "__proto__", "constructor", "a 2", "x".repeat(256)];
const FINGERPRINTS = [
  "",
  `a=fingerprint:sha-256 ${"CD:".repeat(31)}CD\r\n`,
  `a=fingerprint:md5 ${"AB:".repeat(15)}AB\r\n`,
];

const own = fc.constantFrom(
  "",
  "a=inactive\r\n",
  "a=sendonly\r\na=msid:- t\r\n",
  "a=recvonly\r\n",
  "a=bundle-only\r\n",
  "a=msid:__proto__ constructor\r\na=msid:s t\r\n",
  "a=extmap:1 urn:a\r\na=extmap:2 urn:a\r\n",
  "a=extmap:255 urn:b\r\n",
  "a=rid:h recv\r\na=rid:l recv\r\na=simulcast:recv h;l\r\n",
  "a=setup:active\r\n",
  "a=setup:passive\r\n",
  transport("wxyz"),
  ...FINGERPRINTS,
);
const section = fc
  .record({
    make: fc.constantFrom(audioSection, videoSection, dataSection),
    mid: fc.constantFrom(...MIDS),
    lines: own,
    isRefused: fc.boolean(),
    profile: fc.constantFrom("UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVPF", "RTP/SAVPF", "RTP/AVP"),
  })
  .map(({ make, mid, lines, isRefused, profile }) => {
    const text = make === dataSection ? make(mid) + lines : make(mid, lines);
    const port = isRefused ? " 0 " : " 9 ";
    return text.replace(" 9 ", port).replace("UDP/TLS/RTP/SAVPF", profile);
  });
const level = fc.constantFrom(
  transport(),
  transport(),
  transport("efgh"),
  transport("abcd", FINGERPRINTS[1]),
  transport("abcd", ""),
  transport("abcd", undefined, "active"),
  transport("abcd", undefined, "passive"),
  "",
);
const groups = fc.array(fc.subarray(MIDS.slice(0, 6), { minLength: 1 }), { maxLength: 2 });
const description = fc
  .tuple(fc.array(section, { minLength: 1, maxLength: 4 }), groups, level)
  .map(([sections, bundles, text]) => describe(sections, bundles, text));

type Step =
  | {
      readonly kind: "offer" | "answer" | "pranswer";
      readonly text: string;
      readonly change: number;
    }
  | { readonly kind: "rollBack" | "own" | "restart" | "addTrack" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("offer" as const),
      text: description,
      change: fc.integer({ min: -1, max: 10 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("answer" as const, "pranswer" as const),
      text: description,
      change: fc.integer({ min: -1, max: 10 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "rollBack" as const,
        "own" as const,
        "restart" as const,
        "addTrack" as const,
      ),
    }),
  },
);

/** What a man in the middle may do to an honest answer. */
const CHANGES: readonly ((sdp: string) => string)[] = [
  (sdp) => sdp,
  (sdp) => sdp.replace(/a=fingerprint.*\r\n/, ""),
  (sdp) => sdp.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP").replace(/a=fingerprint.*\r\n/, ""),
  (sdp) => sdp.replace(/a=group:BUNDLE.*\r\n/, ""),
  (sdp) => sdp.replace(/(a=group:BUNDLE) (\S+)(.*)\r\n/, "$1$3 $2\r\n"),
  (sdp) => sdp.replace("m=audio 9 ", "m=audio 0 "),
  (sdp) => sdp.replace(/ 111/, " 112").replace("rtpmap:111", "rtpmap:112"),
  (sdp) => sdp.replace(/a=extmap:\d+/g, "a=extmap:14"),
  (sdp) => sdp.replace("a=mid:0", "a=mid:1"),
  (sdp) => sdp.replace(/a=setup:\w+/, "a=setup:actpass"),
  (sdp) => sdp.replace(/a=recvonly/g, "a=sendrecv"),
];

/** A description of the peer's own making, or the changed answer of an honest one. */
function wordOf(
  victim: NegotiatingPeer,
  { text, change }: { text: string; change: number },
): string {
  const { signalingState, lastCreatedOffer } = victim.state;
  if (change < 0 || signalingState !== "have-local-offer") return text;
  const honest = new NegotiatingPeer(2);
  honest.take(lastCreatedOffer);
  return CHANGES[change]!(honest.answer());
}

function take(victim: NegotiatingPeer, step: Step): void {
  switch (step.kind) {
    case "offer":
      return victim.setRemote("offer", step.text);
    case "answer":
    case "pranswer":
      return victim.setRemote(step.kind, wordOf(victim, step));
    case "rollBack":
      return victim.rollBack(
        victim.state.signalingState === "have-remote-offer" ? "remote" : "local",
      );
    case "own":
      if (victim.state.signalingState === "have-remote-offer") victim.answer();
      else victim.offer();
      return;
    case "restart":
      return victim.restartIce();
    case "addTrack":
      if (victim.transceivers.length < 4) victim.add("audio", { isFromAddTrack: true });
  }
}

test("whatever a peer says in whatever order, it is taken, or refused whole in a few words that say where", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
      const victim = new NegotiatingPeer(1);
      victim.wantsDataChannel = true;
      let sections = 0;
      for (const next of steps) {
        const before = victim.state;
        try {
          take(victim, next);
        } catch (error) {
          assert.ok(
            error instanceof SdpSyntaxError || error instanceof NegotiationError,
            String(error),
          );
          assert.ok(error.message.length < 700, error.message);
          const isKept = victim.state.signalingState === before.signalingState;
          assert.ok(isKept && victim.state.pendingRemote === before.pendingRemote);
        }
        const { transceivers, currentLocal, pendingRemote } = victim.state;
        sections = Math.max(
          sections,
          currentLocal?.parsed.media.length ?? 0,
          pendingRemote?.parsed.media.length ?? 0,
        );
        assert.ok(transceivers.length <= sections + 4, `${transceivers.length} transceivers`);
        const mids = transceivers.flatMap(({ mid }) => mid ?? []);
        assert.equal(new Set(mids).size, mids.length);
        for (const { dtls } of planSession(victim.state).transports)
          assert.ok(dtls === undefined || dtls.remoteFingerprints.length > 0);
      }
    }),
    { numRuns: 400 },
  );
});
