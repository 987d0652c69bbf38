import assert from "node:assert/strict";
import { test } from "vitest";

import { NegotiatingPeer } from "../../test/support/negotiating-peer.ts";
import { findAttribute, hasAttribute, parseSessionDescription } from "../sdp/index.ts";
import { NegotiationError } from "./negotiation-error.ts";
import { planSession } from "./plan-session.ts";

const DIRECTIONS = ["sendrecv", "sendonly", "recvonly", "inactive"] as const;

function offerOf(peer: NegotiatingPeer, ...kinds: ("audio" | "video")[]): string {
  for (const kind of kinds) peer.add(kind);
  return peer.offer();
}

function answerTo(offer: string, peer = new NegotiatingPeer(2)): string {
  peer.take(offer);
  return peer.answer();
}

function portsOf(text: string): readonly number[] {
  return parseSessionDescription(text).media.map(({ port }) => port);
}

function bundlesOf(text: string): readonly (readonly string[])[] {
  return parseSessionDescription(text).attributes.flatMap((attribute) =>
    attribute.kind === "group" ? [attribute.mids] : [],
  );
}

/** Columns: what the answerer wants. Rows: what is offered (RFC 3264 §6.1, RFC 9429 §5.3.1). */
const ANSWERED = {
  sendrecv: ["sendrecv", "sendonly", "recvonly", "inactive"],
  sendonly: ["recvonly", "inactive", "recvonly", "inactive"],
  recvonly: ["sendonly", "sendonly", "inactive", "inactive"],
  inactive: ["inactive", "inactive", "inactive", "inactive"],
} as const;

test.each(DIRECTIONS)("what can be answered to %s (RFC 9429 §5.3.1)", (direction) => {
  const answered = DIRECTIONS.map((wanted) => {
    const offerer = new NegotiatingPeer(1);
    offerer.add("audio", { direction });
    const answerer = new NegotiatingPeer(2);
    answerer.take(offerer.offer());
    answerer.change(1, { direction: wanted });
    const [section] = parseSessionDescription(answerer.answer()).media;
    return findAttribute(section!.attributes, "direction")?.direction;
  });
  assert.deepEqual(answered, ANSWERED[direction]);
});

test("all sections of the bundle have one transport and one set of credentials (RFC 8843 §7.3)", () => {
  const offerer = new NegotiatingPeer(1);
  offerer.wantsDataChannel = true;
  const text = answerTo(offerOf(offerer, "audio", "video"));
  assert.deepEqual(portsOf(text), [9, 9, 9]);
  assert.deepEqual(bundlesOf(text), [["0", "1", "2"]]);
  const { media } = parseSessionDescription(text);
  const ufrags = media.map(({ attributes }) => findAttribute(attributes, "ice-ufrag")?.ufrag);
  assert.equal(new Set(ufrags).size, 1);
  for (const { attributes } of media) {
    assert.equal(findAttribute(attributes, "setup")?.role, "active");
    assert.ok(!hasAttribute(attributes, "bundle-only"));
  }
});

test("a stopping transceiver is silent in an answer and refuses nothing (W3C stop)", () => {
  const answerer = new NegotiatingPeer(2);
  answerer.take(offerOf(new NegotiatingPeer(1), "audio"));
  answerer.change(1, { isStopping: true });
  const text = answerer.answer();
  assert.deepEqual(portsOf(text), [9]);
  assert.match(text, /\r\na=inactive\r\n/);
});

test("what is offered with port zero is answered with it", () => {
  const offerer = new NegotiatingPeer(1);
  const answerer = new NegotiatingPeer(2);
  answerer.take(offerOf(offerer, "audio", "video"));
  offerer.setRemote("answer", answerer.answer());
  offerer.change(1, { isStopping: true });
  assert.deepEqual(portsOf(answerTo(offerer.offer(), answerer)), [0, 9]);
  assert.deepEqual(
    answerer.transceivers.map(({ mid }) => mid),
    ["1"],
  );
});

test("without a common codec a section is refused, and what it speaks for with it (RFC 9429 §5.3.1)", () => {
  const strip = (text: string): string =>
    text
      .replaceAll(/m=audio 9 (\S+) .*/g, "m=audio 9 $1 99")
      .replaceAll(/a=(rtpmap|fmtp|rtcp-fb):\d+ .*\r\n/g, "")
      .replace("a=mid:0", "a=mid:0\r\na=rtpmap:99 G7221/32000");
  const offer = offerOf(new NegotiatingPeer(1, "max-compat"), "audio", "audio");
  const alone = strip(offer)
    .replace(/a=group:.*\r\n/, "")
    .replace(/(m=audio 9 \S+) 99(?=[^]*a=mid:1)(?![^]*m=)/, "$1 0");
  assert.deepEqual(portsOf(answerTo(alone, new NegotiatingPeer(2, "max-compat"))), [0, 9]);
  const bundled = answerTo(
    strip(offer).replace(/(m=audio 9 \S+) 99(?![^]*m=)/, "$1 0"),
    new NegotiatingPeer(2, "max-compat"),
  );
  assert.deepEqual(portsOf(bundled), [0, 0]);
  assert.deepEqual(bundlesOf(bundled), []);
});

test.each([
  ["balanced", [9, 0, 9, 9]],
  ["max-bundle", [9, 0, 0, 0]],
  ["max-compat", [9, 9, 9, 9]],
] as const)(
  "without a bundle in the offer, policy %s takes what it allows (RFC 9429 §5.3.1)",
  (policy, ports) => {
    const offerer = new NegotiatingPeer(1, "max-compat");
    offerer.wantsDataChannel = true;
    const offer = offerOf(offerer, "audio", "audio", "video").replace(/a=group:.*\r\n/, "");
    const answerer = new NegotiatingPeer(2, policy);
    const text = answerTo(offer, answerer);
    assert.deepEqual(portsOf(text), ports);
    assert.equal(
      planSession(answerer.state).transports.length,
      ports.filter((port) => port !== 0).length,
    );
  },
);

test("two bundles are answered as two (RFC 8843 §7.3)", () => {
  const offerer = new NegotiatingPeer(1, "max-compat");
  const offer = offerOf(offerer, "audio", "video", "audio", "video").replace(
    /a=group:.*/,
    "a=group:BUNDLE 0 1\r\na=group:BUNDLE 3 2",
  );
  const answerer = new NegotiatingPeer(2, "max-compat");
  assert.deepEqual(bundlesOf(answerTo(offer, answerer)), [
    ["0", "1"],
    ["3", "2"],
  ]);
  const plans = planSession(answerer.state).transports;
  assert.deepEqual(
    plans.map(({ transportId }) => transportId),
    ["0", "3"],
  );
});

test("the profile is the offer's, whichever of the old names it has (RFC 9429 §5.1.2)", () => {
  const offer = offerOf(new NegotiatingPeer(1), "audio").replace("UDP/TLS/RTP/SAVPF", "RTP/AVP");
  assert.match(answerTo(offer), /m=audio 9 RTP\/AVP /);
});

test("RTP in the clear is refused: nothing but DTLS-SRTP is spoken (RFC 8827 §6.5)", () => {
  const offer = offerOf(new NegotiatingPeer(1), "audio")
    .replace("UDP/TLS/RTP/SAVPF", "RTP/AVP")
    .replace(/a=fingerprint:.*\r\n/, "");
  assert.deepEqual(portsOf(answerTo(offer)), [0]);
});

test("what was not offered is not answered: ICE options, mixed extensions, short RTCP", () => {
  const offer = offerOf(new NegotiatingPeer(1), "audio")
    .replace(/a=ice-options:.*\r\n/, "a=ice-options:trickle\r\n")
    .replace("a=extmap-allow-mixed\r\n", "")
    .replace("a=rtcp-rsize\r\n", "");
  const text = answerTo(offer);
  assert.match(text, /\r\na=ice-options:trickle\r\n/);
  assert.doesNotMatch(text, /extmap-allow-mixed|rtcp-rsize/);
  const mixed = offer.replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=extmap-allow-mixed\r\n");
  assert.match(answerTo(mixed), /m=audio[^]*a=extmap-allow-mixed/);
});

test("the peer chooses who is the DTLS client if it wants to (RFC 8842 §5.3)", () => {
  const offer = offerOf(new NegotiatingPeer(1), "audio");
  assert.match(answerTo(offer.replace("setup:actpass", "setup:active")), /\r\na=setup:passive\r\n/);
  assert.match(answerTo(offer.replace("setup:actpass", "setup:passive")), /\r\na=setup:active\r\n/);
});

test("an answer may be made again and is the same", () => {
  const peer = new NegotiatingPeer(2);
  peer.take(offerOf(new NegotiatingPeer(1), "audio", "video"));
  const first = peer.answer("pranswer");
  assert.equal(peer.state.signalingState, "have-local-pranswer");
  assert.equal(peer.answer().replace(/o=.*/, ""), first.replace(/o=.*/, ""));
});

test("nothing is answered when nothing is offered", () => {
  assert.throws(
    () => new NegotiatingPeer(1).answer(),
    (error) => error instanceof NegotiationError && error.kind === "invalidState",
  );
});
