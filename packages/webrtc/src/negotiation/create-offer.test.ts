import assert from "node:assert/strict";
import { test } from "vitest";

import { negotiate, NegotiatingPeer } from "../../test/support/negotiating-peer.ts";
import {
  filterAttributes,
  findAttribute,
  hasAttribute,
  parseSessionDescription,
  type AttributeKind,
  type MediaDescription,
} from "../sdp/index.ts";

function sectionsOf(text: string): readonly MediaDescription[] {
  return parseSessionDescription(text).media;
}

function midsOf(text: string): readonly (string | undefined)[] {
  return sectionsOf(text).map(({ attributes }) => findAttribute(attributes, "mid")?.mid);
}

/** `audio 9`, with what marks the section. */
function outline(text: string, ...marks: AttributeKind[]): readonly string[] {
  return sectionsOf(text).map(({ kind, port, attributes }) =>
    [kind, port, ...marks.filter((mark) => hasAttribute(attributes, mark))].join(" "),
  );
}

function bundleOf(text: string): readonly string[] | undefined {
  return findAttribute(parseSessionDescription(text).attributes, "group")?.mids;
}

function directionsOf(text: string): readonly (string | undefined)[] {
  return sectionsOf(text).map(
    ({ attributes }) => findAttribute(attributes, "direction")?.direction,
  );
}

function peerWith(...kinds: ("audio" | "video")[]): NegotiatingPeer {
  const peer = new NegotiatingPeer(1);
  for (const kind of kinds) peer.add(kind);
  return peer;
}

test("an initial offer has a section per transceiver in their order, then data (RFC 9429 §5.2.1)", () => {
  const peer = peerWith("video", "audio");
  peer.wantsDataChannel = true;
  const text = peer.createOffer();
  assert.deepEqual(outline(text), ["video 9", "audio 9", "application 9"]);
  assert.deepEqual(midsOf(text), ["0", "1", "2"]);
  assert.deepEqual(bundleOf(text), ["0", "1", "2"]);
  assert.match(
    text,
    /\r\na=extmap-allow-mixed\r\na=ice-options:trickle ice2\r\na=msid-semantic:WMS \*\r\nm=/,
  );
});

test("a section of media says how it is sent, once and in the order that browsers use (RFC 9429 §5.2.1)", () => {
  const peer = new NegotiatingPeer(1);
  const id = peer.add("audio", { streamIds: ["stream"] });
  const { sender } = peer.transceiver(id);
  const [section] = sectionsOf(peer.createOffer());
  assert.equal(section!.protocol, "UDP/TLS/RTP/SAVPF");
  const kinds = section!.attributes.map(({ kind }) => kind);
  const inOrder = kinds.filter((kind, index) => kinds.indexOf(kind) === index);
  assert.deepEqual(inOrder, [
    "mid",
    "rtcp",
    "extmap",
    "direction",
    "msid",
    "rtcp-mux",
    "rtcp-rsize",
    "rtpmap",
    "rtcp-fb",
    "fmtp",
    "ssrc",
    "rtcp-mux-only",
    "ice-ufrag",
    "ice-pwd",
    "fingerprint",
    "setup",
    "tls-id",
  ]);
  assert.deepEqual(filterAttributes(section!.attributes, "msid"), [
    { kind: "msid", streamId: "stream", trackId: sender.msidTrackId },
  ]);
  const [cname] = filterAttributes(section!.attributes, "ssrc");
  assert.deepEqual(
    [cname!.ssrc, cname!.attribute, cname!.value],
    [sender.ssrc, "cname", "cname-1"],
  );
  assert.equal(findAttribute(section!.attributes, "setup")?.role, "actpass");
});

test.each([
  ["sendrecv", 2, true],
  ["sendonly", 2, true],
  ["recvonly", 0, false],
  ["inactive", 0, false],
] as const)("a %s transceiver names %i streams", (direction, streamCount, hasSources) => {
  const peer = new NegotiatingPeer(1);
  peer.add("video", { direction, streamIds: ["a", "b"] });
  const text = peer.createOffer();
  const [section] = sectionsOf(text);
  assert.deepEqual(directionsOf(text), [direction]);
  assert.equal(filterAttributes(section!.attributes, "msid").length, streamCount);
  assert.equal(hasAttribute(section!.attributes, "ssrc"), hasSources);
});

test("a sender in no stream says a=msid:- (RFC 8830 §2)", () => {
  const peer = peerWith("audio");
  const trackId = peer.transceivers[0]!.sender.msidTrackId;
  assert.match(peer.createOffer(), new RegExp(`\\r\\na=msid:- ${trackId}\\r\\n`));
});

test("the streams stay named once they were sent, whatever the direction (RFC 9429 §5.2.2)", () => {
  const [a, b] = [peerWith("audio"), new NegotiatingPeer(2)];
  negotiate(a, b);
  a.change(1, { direction: "recvonly" });
  const text = a.createOffer();
  assert.deepEqual(directionsOf(text), ["recvonly"]);
  assert.match(text, /\r\na=msid:- /);
  assert.doesNotMatch(text, /\r\na=ssrc:/);
});

const POLICY_OFFERS = [
  [
    "balanced",
    ["audio 9", "audio 0 bundle-only", "video 9", "video 0 bundle-only", "application 9"],
  ],
  ["max-compat", ["audio 9", "audio 9", "video 9", "video 9", "application 9"]],
  [
    "max-bundle",
    [
      "audio 9",
      "audio 0 bundle-only",
      "video 0 bundle-only",
      "video 0 bundle-only",
      "application 0 bundle-only",
    ],
  ],
] as const;

test.each(POLICY_OFFERS)("bundle policy %s (RFC 9429 §4.1.1)", (policy, expected) => {
  const peer = new NegotiatingPeer(1, policy);
  for (const kind of ["audio", "audio", "video", "video"] as const) peer.add(kind);
  peer.wantsDataChannel = true;
  const text = peer.createOffer();
  assert.deepEqual(outline(text, "bundle-only"), expected);
  assert.deepEqual(bundleOf(text), ["0", "1", "2", "3", "4"]);
  for (const { port, attributes } of sectionsOf(text)) {
    for (const kind of ["ice-ufrag", "ice-pwd", "setup", "tls-id"] as const)
      assert.equal(hasAttribute(attributes, kind), port !== 0, kind);
    assert.ok(hasAttribute(attributes, "fingerprint"), "browsers want one in every section");
  }
  const ufrags = sectionsOf(text).flatMap(
    ({ attributes }) => findAttribute(attributes, "ice-ufrag")?.ufrag ?? [],
  );
  assert.equal(new Set(ufrags).size, ufrags.length, "each transport has its own credentials");
});

test("what comes after the bundle was agreed goes into it, with its credentials (RFC 9429 §5.2.2)", () => {
  const [a, b] = [peerWith("audio", "video"), new NegotiatingPeer(2)];
  negotiate(a, b);
  a.add("audio");
  a.wantsDataChannel = true;
  const text = a.createOffer();
  assert.deepEqual(outline(text, "bundle-only", "rtcp", "rtcp-mux-only"), [
    "audio 9",
    "video 9",
    "audio 9",
    "application 9",
  ]);
  const ufrags = sectionsOf(text).map(
    ({ attributes }) => findAttribute(attributes, "ice-ufrag")?.ufrag,
  );
  assert.equal(new Set(ufrags).size, 1);
  assert.deepEqual(bundleOf(text), ["0", "1", "2", "3"]);
});

test("a stopped transceiver that was never described gets no section (WPT RTCRtpTransceiver-stop)", () => {
  const peer = peerWith("audio", "video");
  peer.change(1, { isStopping: true });
  assert.deepEqual(outline(peer.createOffer()), ["video 9"]);
});

test("a stopped one that has a section refuses it, silently, and leaves the bundle (RFC 9429 §5.2.2)", () => {
  const [a, b] = [peerWith("audio", "video"), new NegotiatingPeer(2)];
  negotiate(a, b);
  a.change(1, { isStopping: true });
  const text = a.createOffer();
  assert.deepEqual(outline(text), ["audio 0", "video 9"]);
  assert.deepEqual(directionsOf(text)[0], "inactive");
  assert.doesNotMatch(text.split("m=video")[0]!, /a=msid:/);
  assert.deepEqual(bundleOf(text), ["1"]);
});

test("the place of a refused section is used again, for any kind, under a new mid (RFC 9429 §5.2.2)", () => {
  const [a, b] = [peerWith("audio", "video"), new NegotiatingPeer(2)];
  negotiate(a, b);
  a.change(1, { isStopping: true });
  negotiate(a, b);
  assert.deepEqual(
    a.transceivers.map(({ mid }) => mid),
    ["1"],
  );
  a.add("video");
  const text = a.createOffer();
  assert.deepEqual(outline(text), ["video 9", "video 9"]);
  assert.deepEqual(
    midsOf(text),
    ["2", "1"],
    '"0" still names the section that ended, and its transport',
  );
  a.wantsDataChannel = true;
  assert.deepEqual(outline(a.createOffer()), ["video 9", "video 9", "application 9"]);
});

test("what is only offered as stopped is not used again yet (RFC 9429 §5.2.2)", () => {
  const [a, b] = [peerWith("audio"), new NegotiatingPeer(2)];
  negotiate(a, b);
  a.change(1, { isStopping: true });
  a.offer();
  a.add("audio");
  assert.deepEqual(outline(a.createOffer()), ["audio 0", "audio 9"]);
});

test("while an offer is open, the next one keeps its sections and adds to them (RFC 9429 §5.2.2)", () => {
  const peer = peerWith("audio");
  const first = peer.offer();
  peer.add("video");
  const second = peer.createOffer();
  assert.deepEqual(midsOf(second), ["0", "1"]);
  const ufrag = /a=ice-ufrag:(.*)/;
  assert.equal(ufrag.exec(second)![1], ufrag.exec(first)![1], "ICE is not restarted by that");
});

test("the same state gives the same text, another one a higher version (RFC 9429 §5.2.2)", () => {
  const peer = peerWith("audio");
  const text = peer.createOffer();
  assert.equal(peer.createOffer(), text);
  peer.add("video");
  const next = peer.createOffer();
  assert.match(text, /\r\no=- 1 1 IN/);
  assert.match(next, /\r\no=- 1 2 IN/);
  assert.equal(peer.createOffer(), next);
});

test("codec preferences order and limit what is offered (RFC 9429 §5.2.1)", () => {
  const peer = peerWith("audio");
  const preferredCodecs = [
    { mimeType: "audio/PCMU", clockRate: 8000, channels: 1 },
    { mimeType: "audio/opus", clockRate: 48_000, channels: 2 },
  ];
  peer.change(1, { preferredCodecs });
  const [section] = sectionsOf(peer.createOffer());
  const names = filterAttributes(section!.attributes, "rtpmap").map(
    ({ encodingName }) => encodingName,
  );
  assert.deepEqual(names, ["PCMU", "opus"]);
});

test("payload types mean the same in all sections and stay what they were (RFC 8843 §9.1)", () => {
  const [a, b] = [peerWith("audio", "video"), new NegotiatingPeer(2)];
  const meanings = (text: string): readonly string[] =>
    sectionsOf(text).flatMap(({ attributes }) =>
      filterAttributes(attributes, "rtpmap").map(
        ({ payloadType, encodingName, clockRate }) => `${payloadType} ${encodingName}/${clockRate}`,
      ),
    );
  const first = meanings(negotiate(a, b).offer);
  b.add("video");
  const second = meanings(negotiate(b, a).offer);
  for (const text of [first, second, [...first, ...second]]) {
    const numbers = new Set(text.map((meaning) => meaning.split(" ")[0]));
    assert.equal(new Set(text).size, numbers.size);
  }
});

test("layers are offered under their rids, without a=ssrc (RFC 9429 §5.2.1, RFC 8853 §5.1)", () => {
  const peer = new NegotiatingPeer(1);
  const layer = { active: true, priority: "low", networkPriority: "low" } as const;
  peer.add("video", {
    encodings: [
      { ...layer, rid: "hi" },
      { ...layer, rid: "lo" },
    ],
  });
  const text = peer.createOffer();
  assert.match(text, /\r\na=rid:hi send\r\na=rid:lo send\r\na=simulcast:send hi;lo\r\n/);
  assert.doesNotMatch(text, /\r\na=ssrc:/);
});
