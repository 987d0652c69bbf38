import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { test } from "vitest";

import { negotiate, NegotiatingPeer } from "../../test/support/negotiating-peer.ts";
import { SdpSyntaxError } from "../sdp/index.ts";
import { NegotiationError } from "./negotiation-error.ts";
import { planSession } from "./plan-session.ts";

const VECTORS = new URL("../../test/vectors/sdp/", import.meta.url);

/** A change of a text, line by line. */
const mutation = fc.oneof(
  fc.record({ kind: fc.constant("drop" as const), line: fc.nat() }),
  fc.record({ kind: fc.constant("repeat" as const), line: fc.nat() }),
  fc.record({ kind: fc.constant("swap" as const), line: fc.nat(), other: fc.nat() }),
  fc.record({ kind: fc.constant("cut" as const), line: fc.nat(), at: fc.nat(40) }),
  fc.record({
    kind: fc.constant("number" as const),
    line: fc.nat(),
    value: fc.constantFrom("0", "1", "9", "63", "127", "128", "65536"),
  }),
  fc.record({
    kind: fc.constant("word" as const),
    line: fc.nat(),
    value: fc.constantFrom(
      "audio",
      "video",
      "text",
      "BUNDLE",
      "actpass",
      "active",
      "sendonly",
      "inactive",
      "rtx",
      "-",
    ),
  }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(text: string, mutations: readonly Mutation[]): string {
  let lines = text.split("\r\n");
  for (const change of mutations) {
    const at = change.line % lines.length;
    const line = lines[at]!;
    if (change.kind === "drop") lines = lines.toSpliced(at, 1);
    else if (change.kind === "repeat") lines = lines.toSpliced(at, 0, line);
    else if (change.kind === "cut") lines = lines.with(at, line.slice(0, change.at));
    else if (change.kind === "number") lines = lines.with(at, line.replace(/\d+/, change.value));
    else if (change.kind === "word")
      lines = lines.with(at, line.replace(/[a-zA-Z]{3,}/, change.value));
    else {
      const other = change.other % lines.length;
      lines = lines.with(at, lines[other]!).with(other, line);
    }
  }
  return lines.join("\r\n");
}

function connected(): readonly [NegotiatingPeer, NegotiatingPeer] {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  a.wantsDataChannel = true;
  a.add("audio", { streamIds: ["s1"] });
  a.add("video", { streamIds: ["s1"] });
  negotiate(a, b);
  a.add("video", { streamIds: ["s2"] });
  a.change(1, { direction: "inactive" });
  return [a, b];
}

/** Sets the text; the state is then the next one, or exactly what it was. */
function assertWholeOrNothing(
  peer: NegotiatingPeer,
  type: "offer" | "answer",
  text: string,
): boolean {
  const before = peer.state;
  const copy = structuredClone(before);
  try {
    peer.setRemote(type, text);
  } catch (error) {
    assert.ok(error instanceof NegotiationError || error instanceof SdpSyntaxError, String(error));
    assert.equal(peer.state, before);
    assert.deepEqual(structuredClone(before), copy);
    return false;
  }
  planSession(peer.state);
  assert.deepEqual(structuredClone(before), copy, "the state before is not touched");
  return true;
}

test("every mutated description applies wholly or leaves the state as it was (property)", () => {
  fc.assert(
    fc.property(
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (mutations, isOffer) => {
        const [a, b] = connected();
        const offer = a.offer();
        if (isOffer) {
          if (!assertWholeOrNothing(b, "offer", mutate(offer, mutations))) return;
          b.answer();
          return;
        }
        b.take(offer);
        assertWholeOrNothing(a, "answer", mutate(b.answer(), mutations));
      },
    ),
    { numRuns: 50 },
  );
});

test("every mutated offer of a real peer is answered or refused by name (property)", () => {
  const offers = readdirSync(VECTORS)
    .filter((name) => name.endsWith("offer.sdp"))
    .map((name) => readFileSync(new URL(name, VECTORS), "utf8").replaceAll(/\r?\n/g, "\r\n"));
  const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.constantFrom(...offers), mutations, (offer, changes) => {
      const peer = new NegotiatingPeer(2);
      if (assertWholeOrNothing(peer, "offer", mutate(offer, changes))) peer.answer();
    }),
    { numRuns: 50 },
  );
});

test("ten thousand sections, candidates or rids, and a megabyte of one attribute, are refused by the parser", () => {
  const [a, b] = connected();
  const offer = a.offer();
  const section = `${offer.slice(offer.lastIndexOf("m="))}`;
  for (const text of [
    offer + section.repeat(10_000),
    offer + "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n".repeat(10_000),
    `${offer}a=x-padding:${"x".repeat(1_048_576)}\r\n`,
    offer + Array.from({ length: 10_000 }, (_, index) => `a=rid:${index} recv\r\n`).join(""),
  ]) {
    assert.throws(() => b.take(text), SdpSyntaxError);
  }
});

test("a thousand renegotiations leave nothing behind", () => {
  const [a, b] = connected();
  negotiate(a, b);
  const sizes: string[] = [];
  for (let round = 0; round < 500; round++) {
    const [self, other] = round % 2 === 0 ? [a, b] : [b, a];
    const id = self.add("audio", { streamIds: [`s${round % 3}`] });
    negotiate(self, other);
    self.change(id, { isStopping: true });
    const { offer } = negotiate(self, other);
    if (round % 50 < 2) sizes.push(`${offer.split("\r\n").length} ${sizeOf(self)}`);
  }
  assert.ok(new Set(sizes.slice(2)).size <= 2, sizes.join("; "));
  assert.equal(a.transceivers.length, 3);
}, 120_000);

/** How many things a state holds. */
function sizeOf({ state }: NegotiatingPeer): string {
  const { transceivers, stableTransceivers, credentials, transportIds, credentialsToReplace } =
    state;
  const lists = [transceivers, stableTransceivers, credentialsToReplace, state.offeredTransceivers];
  const sizes = [...lists.map(({ length }) => length), credentials.size, transportIds.size];
  return [...sizes, state.currentLocal!.parsed.media.length].join("/");
}
