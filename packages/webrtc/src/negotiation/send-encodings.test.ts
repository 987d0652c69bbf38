import assert from "node:assert/strict";
import { test } from "vitest";

import { negotiate, NegotiatingPeer } from "../../test/support/negotiating-peer.ts";
import type { SendEncoding } from "./transceiver.ts";

const PLAIN = { active: true, priority: "low", networkPriority: "low" } as const;
const LAYERS: readonly SendEncoding[] = [
  { ...PLAIN, rid: "foo", scaleResolutionDownBy: 2 },
  { ...PLAIN, rid: "bar", scaleResolutionDownBy: 1 },
];

function ridsOf(peer: NegotiatingPeer, id = 1): readonly (string | undefined)[] {
  return peer.transceiver(id).sender.encodings.map(({ rid }) => rid);
}

/** An offer of video that asks for layers. */
function askingOffer(
  a: NegotiatingPeer,
  streams: string,
  kind: "audio" | "video" = "video",
): string {
  if (a.transceivers.length === 0) a.add(kind);
  const rids = streams.split(/[;,]/).filter((rid, index, all) => all.indexOf(rid) === index);
  const lines = rids.map((rid) => `a=rid:${rid} recv\r\n`).join("");
  return a
    .offer()
    .replace("a=rtcp-mux\r\n", `a=rtcp-mux\r\n${lines}a=simulcast:recv ${streams}\r\n`);
}

/** The answer of a peer that takes these layers. */
function takingAnswer(b: NegotiatingPeer, offer: string, rids: readonly string[]): string {
  b.take(offer);
  const lines = rids.map((rid) => `a=rid:${rid} recv\r\n`).join("");
  const simulcast = rids.length > 0 ? `a=simulcast:recv ${rids.join(";")}\r\n` : "";
  return b.answer().replace("a=rtcp-mux\r\n", `a=rtcp-mux\r\n${lines}${simulcast}`);
}

function senderAndReceiver(): readonly [NegotiatingPeer, NegotiatingPeer] {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  a.add("video", { encodings: LAYERS });
  return [a, b];
}

test("an offer that asks for layers makes them of a lone encoding (W3C set a session description)", () => {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  b.add("video", { isFromAddTrack: true });
  b.take(askingOffer(a, "foo;bar;baz"));
  assert.deepEqual(
    b
      .transceiver(1)
      .sender.encodings.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy]),
    [
      ["foo", 4],
      ["bar", 2],
      ["baz", 1],
    ],
  );
  assert.match(b.answer(), /\r\na=simulcast:send foo;bar;baz\r\n/);
  assert.deepEqual(ridsOf(b), ["foo", "bar", "baz"]);
});

test.each([
  ["foo;bar;foo", ["foo", "bar"], "repeated ones count once"],
  ["foo,bar;1,2", ["foo", "1"], "of alternatives the first is taken"],
  ["a;b;c;d;e;f;g;h;i;j", [..."abcdefgh"], "no more than can be sent"],
])("layers that are asked for as %s", (streams, rids) => {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  b.take(askingOffer(a, streams));
  assert.deepEqual(ridsOf(b), rids);
});

test("sound has no layers (WPT simulcast/negotiation-encodings)", () => {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  b.take(askingOffer(a, "foo;bar", "audio"));
  assert.deepEqual(ridsOf(b), [undefined]);
});

test.each([
  [
    ["foo", "bar"],
    ["foo", "bar"],
  ],
  [
    ["bar", "foo"],
    ["foo", "bar"],
  ],
  [["bar"], ["bar"]],
  [["foo"], ["foo"]],
  [[], ["foo"]],
])(
  "an answer that takes %o leaves %o, as they were (W3C set a session description)",
  (taken, left) => {
    const [a, b] = senderAndReceiver();
    const answer = takingAnswer(b, a.offer(), taken);
    assert.deepEqual(ridsOf(a), ["foo", "bar"]);
    a.setRemote("answer", answer);
    assert.deepEqual(ridsOf(a), left);
    const { encodings } = a.transceiver(1).sender;
    assert.deepEqual(
      encodings,
      LAYERS.filter(({ rid }) => left.includes(rid!)),
    );
  },
);

test("an answer that lets nothing be sent leaves all layers for later (WPT simulcast/negotiation-encodings)", () => {
  const [a, b] = senderAndReceiver();
  a.setRemote("answer", takingAnswer(b, a.offer(), ["foo", "bar"]));
  b.change(1, { direction: "inactive" });
  negotiate(a, b);
  assert.deepEqual(ridsOf(a), ["foo", "bar"]);
  a.change(1, { direction: "recvonly" });
  negotiate(a, b);
  assert.deepEqual(ridsOf(a), ["foo", "bar"]);
});

test("a later offer changes layers with its answer only, and can only take away", () => {
  const [a, b] = senderAndReceiver();
  a.setRemote("answer", takingAnswer(b, a.offer(), ["foo", "bar"]));
  a.take(askingOffer(b, "bar;new"));
  assert.deepEqual(ridsOf(a), ["foo", "bar"]);
  assert.match(a.answer(), /\r\na=rid:bar send\r\na=simulcast:send bar\r\n/);
  assert.deepEqual(ridsOf(a), ["bar"]);
});

test("a rollback brings the lone encoding back (WPT simulcast/negotiation-encodings)", () => {
  for (const isFirst of [true, false]) {
    const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
    if (isFirst) b.add("video", { isFromAddTrack: true });
    b.take(askingOffer(a, "foo;bar"));
    if (!isFirst) b.change(1, { hasAddedTrack: true });
    assert.deepEqual(ridsOf(b), ["foo", "bar"]);
    b.rollBack("remote");
    assert.deepEqual(ridsOf(b), [undefined]);
  }
});

test("a rollback of a later offer leaves the layers (WPT simulcast/negotiation-encodings)", () => {
  const [a, b] = senderAndReceiver();
  a.setRemote("answer", takingAnswer(b, a.offer(), ["foo", "bar"]));
  a.take(askingOffer(b, "bar"));
  a.rollBack("remote");
  assert.deepEqual(ridsOf(a), ["foo", "bar"]);
});
