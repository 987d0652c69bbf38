import assert from "node:assert/strict";
import { test } from "vitest";

import { negotiate, NegotiatingPeer } from "../../test/support/negotiating-peer.ts";
import { supportedCodecs } from "../rtp/supported-codecs.ts";
import type { TransceiverState } from "./transceiver.ts";

function pair(): readonly [NegotiatingPeer, NegotiatingPeer] {
  return [new NegotiatingPeer(1), new NegotiatingPeer(2)];
}

function slots({
  mid,
  direction,
  currentDirection,
  firedDirection,
  isReceptive,
}: TransceiverState): readonly unknown[] {
  return [mid, direction, currentDirection, firedDirection, isReceptive];
}

test("an offer gives the transceiver its mid when it is set, not when it is made (RFC 9429 §5.9)", () => {
  const peer = new NegotiatingPeer(1);
  peer.add("audio");
  const offer = peer.createOffer();
  assert.deepEqual(slots(peer.transceiver(1)), [null, "sendrecv", null, null, false]);
  peer.setLocal("offer", offer);
  assert.deepEqual(slots(peer.transceiver(1)), ["0", "sendrecv", null, null, true]);
});

test("slots change as a negotiation goes on (W3C set a session description)", () => {
  const [a, b] = pair();
  const id = a.add("audio", { streamIds: ["stream"] });
  const offer = a.offer();
  b.take(offer);
  assert.deepEqual(slots(b.transceiver(1)), ["0", "recvonly", null, "sendrecv", false]);
  assert.deepEqual(b.transceiver(1).receiver.streamIds, ["stream"]);
  assert.deepEqual(b.transceiver(1).receiver.codecs, [], "nothing is received before the answer");
  const answer = b.answer();
  assert.deepEqual(slots(b.transceiver(1)), ["0", "recvonly", "recvonly", "recvonly", true]);
  assert.deepEqual(slots(a.transceiver(id)), ["0", "sendrecv", null, null, true]);
  a.setRemote("answer", answer);
  assert.deepEqual(slots(a.transceiver(id)), ["0", "sendrecv", "sendonly", "sendonly", false]);
  const { hasSent, sender, receiver, negotiatedHeaderExtensions } = a.transceiver(id);
  assert.ok(hasSent && !b.transceiver(1).hasSent);
  assert.ok(sender.codecs.length > 0 && negotiatedHeaderExtensions.length > 0);
  assert.deepEqual(receiver.codecs, []);
});

test("the codecs of both ends are what was agreed, under the payload types of who receives", () => {
  const [a, b] = pair();
  a.add("video");
  b.add("video", { isFromAddTrack: true });
  negotiate(a, b);
  const [ours, theirs] = [a.transceiver(1), b.transceiver(1)];
  const types = (codecs: typeof ours.sender.codecs): readonly string[] =>
    codecs.map(({ payloadType, mimeType }) => `${payloadType} ${mimeType}`);
  assert.deepEqual(types(ours.sender.codecs), types(theirs.receiver.codecs));
  assert.deepEqual(types(theirs.sender.codecs), types(ours.receiver.codecs));
});

test("an offer that would receive takes the first track of its kind that waits (RFC 9429 §5.10)", () => {
  const [a, b] = pair();
  a.add("audio");
  a.add("audio", { direction: "sendonly" });
  a.add("video", { direction: "recvonly" });
  b.add("audio"); // addTransceiver: not for this
  b.add("video", { isFromAddTrack: true });
  b.add("audio", { isFromAddTrack: true });
  b.take(a.offer());
  assert.deepEqual(
    b.transceivers.map(({ id, kind, mid, direction }) => [id, kind, mid, direction]),
    [
      [1, "audio", null, "sendrecv"],
      [2, "video", "2", "sendrecv"],
      [3, "audio", "0", "sendrecv"],
      [4, "audio", "1", "recvonly"],
    ],
  );
  assert.deepEqual(
    b.transceivers.map(({ isFromPendingOffer }) => isFromPendingOffer),
    [false, false, false, true],
  );
});

test("a stopping track does not wait for anything", () => {
  const [a, b] = pair();
  a.add("audio");
  b.add("audio", { isFromAddTrack: true });
  b.change(1, { isStopping: true });
  b.take(a.offer());
  assert.deepEqual(
    b.transceivers.map(({ mid }) => mid),
    [null, "0"],
  );
});

test("a track takes its name and its streams from a=msid (RFC 9429 §5.10)", () => {
  const [a, b] = pair();
  a.add("audio", { streamIds: ["s1", "s2"] });
  a.add("audio");
  b.take(a.offer());
  assert.deepEqual(b.transceiver(1).receiver.trackId, a.transceiver(1).sender.msidTrackId);
  assert.deepEqual(b.transceiver(1).receiver.streamIds, ["s1", "s2"]);
  assert.deepEqual(b.transceiver(2).receiver.streamIds, [], "a=msid:- is no stream");
});

test("tracks without any a=msid share one drawn stream (RFC 9429 §5.8.2)", () => {
  const [a, b] = pair();
  a.add("audio");
  a.add("video");
  const offer = a.offer().replaceAll(/a=(msid|ssrc)[-:].*\r\n/g, "");
  b.take(offer);
  const [first, second] = b.transceivers.map(({ receiver }) => receiver.streamIds);
  assert.equal(first?.length, 1);
  assert.deepEqual(first, second);
  b.take(offer);
  assert.deepEqual(b.transceiver(1).receiver.streamIds, first, "the connection keeps it");
});

test("a change of streams is seen with the offer (W3C process remote tracks)", () => {
  const [a, b] = pair();
  a.add("audio", { streamIds: ["s1"] });
  negotiate(a, b);
  a.change(1, { streamIds: ["s2"] });
  b.take(a.offer());
  assert.deepEqual(b.transceiver(1).receiver.streamIds, ["s2"]);
});

test("what the peer no longer sends leaves its streams; what this side no longer takes, with the answer", () => {
  const [a, b] = pair();
  a.add("audio", { streamIds: ["s1"] });
  negotiate(a, b);
  a.change(1, { direction: "inactive" });
  b.take(a.offer());
  assert.deepEqual(b.transceiver(1).receiver.streamIds, []);
  assert.deepEqual(slots(b.transceiver(1)), ["0", "recvonly", "recvonly", "inactive", false]);
  const [c, d] = pair();
  c.add("audio", { streamIds: ["s1"] });
  negotiate(c, d);
  d.change(1, { direction: "inactive" });
  d.take(c.offer());
  assert.deepEqual(d.transceiver(1).receiver.streamIds, ["s1"], "the peer still sends");
  d.answer();
  assert.deepEqual(d.transceiver(1).receiver.streamIds, []);
  assert.deepEqual(slots(d.transceiver(1)), ["0", "inactive", "inactive", "inactive", false]);
});

test("a stopped transceiver ends on both sides (WPT RTCRtpTransceiver-stopping)", () => {
  const [a, b] = pair();
  a.add("audio");
  negotiate(a, b);
  a.change(1, { isStopping: true });
  const offer = a.offer();
  assert.deepEqual(slots(a.transceiver(1)), ["0", "sendrecv", "sendonly", "sendonly", false]);
  b.take(offer);
  const remote = b.transceiver(1);
  assert.ok(remote.isStopped && remote.isStopping, "the peer's is stopped at once");
  assert.deepEqual([remote.mid, remote.currentDirection], ["0", null]);
  const answer = b.answer();
  assert.deepEqual(b.transceivers, []);
  assert.ok(!a.transceiver(1).isStopped);
  a.setRemote("answer", answer);
  assert.deepEqual(a.transceivers, []);
});

test("a transceiver that stops after its offer was made is answered all the same (WPT RTCRtpTransceiver)", () => {
  const [a, b] = pair();
  a.add("audio", { isFromAddTrack: true });
  b.add("audio", { isFromAddTrack: true, streamIds: ["s"] });
  const offer = a.createOffer();
  a.change(1, { isStopping: true });
  b.take(offer);
  a.setLocal("offer", offer);
  a.setRemote("answer", b.answer());
  const { currentDirection, isStopped, receiver } = a.transceiver(1);
  assert.deepEqual([currentDirection, isStopped, receiver.streamIds], ["sendrecv", false, ["s"]]);
  assert.ok(a.isNegotiationNeeded);
});

test("a refused section stops its transceiver, on the side that refuses with the answer", () => {
  const [a, b] = pair();
  a.add("audio");
  b.take(
    a
      .offer()
      .replaceAll(/a=rtpmap:(\d+) \w[\w-]*\//g, "a=rtpmap:$1 unheard-of/")
      .replace(/(m=audio 9 \S+) .*/, "$1 111"),
  );
  assert.equal(b.transceivers.length, 1);
  const answer = b.answer("pranswer");
  assert.match(answer, /m=audio 0/);
  assert.ok(!b.transceiver(1).isStopped, "a provisional answer decides nothing");
  a.setRemote("answer", b.answer());
  assert.deepEqual([a.transceivers, b.transceivers], [[], []]);
});

test("an offer may bring a section that is refused from the start: it ends with the answer", () => {
  const [a, b] = pair();
  a.add("audio");
  const offer = a
    .offer()
    .replace("m=audio 9", "m=audio 0")
    .replace(/a=group:.*\r\n/, "");
  b.take(offer);
  assert.equal(b.transceivers[0]?.isStopped, true);
  b.answer();
  assert.deepEqual(b.transceivers, []);
  b.take(offer.replace("o=- 1 1", "o=- 1 2"));
  assert.deepEqual(b.transceivers, [], "what is over does not come again");
});

test("an answer cannot give what was not offered (RFC 3264 §6.1)", () => {
  const [a, b] = pair();
  a.add("audio", { direction: "recvonly" });
  b.add("audio", { isFromAddTrack: true });
  b.take(a.offer());
  const answer = b.answer().replace("a=sendonly", "a=sendrecv");
  const before = a.state;
  assert.throws(
    () => a.setRemote("answer", answer),
    /a=sendrecv, which does not answer a=recvonly/,
  );
  assert.equal(a.state, before);
});

test("an answer without mids is matched by place (WPT RTCRtpTransceiver)", () => {
  const [a, b] = pair();
  a.add("audio");
  const answer = negotiateText(a, b)
    .replace("a=mid:0\r\n", "")
    .replace(/a=group:.*\r\n/, "");
  a.setRemote("answer", answer);
  assert.deepEqual(slots(a.transceiver(1)), ["0", "sendrecv", "sendonly", "sendonly", false]);
  a.offer();
  assert.equal(a.transceiver(1).mid, "0");
});

test("two offers in a row count as one: what was there stays, what is new is added", () => {
  const [a, b] = pair();
  a.add("audio");
  b.take(a.offer());
  a.add("video");
  b.take(a.offer());
  assert.deepEqual(
    b.transceivers.map(({ id, mid }) => [id, mid]),
    [
      [1, "0"],
      [2, "1"],
    ],
  );
});

test("an encoding forgets a codec that was not agreed (W3C set a session description)", () => {
  const [a, b] = pair();
  const codec = { mimeType: "video/VP9", clockRate: 90_000, sdpFmtpLine: "profile-id=0" };
  const encoding = { active: true, priority: "low", networkPriority: "low", codec } as const;
  a.add("video", { encodings: [encoding] });
  b.take(a.offer());
  a.setRemote("pranswer", b.answer("pranswer"));
  assert.deepEqual(a.transceiver(1).sender.encodings[0]?.codec, codec);
  const answer = b.answer().replaceAll(/ VP9\//g, " VP0/");
  a.setRemote("answer", answer);
  assert.equal(a.transceiver(1).sender.encodings[0]?.codec, undefined);
});

/** The answer to an offer, which the offerer has not seen yet. */
function negotiateText(a: NegotiatingPeer, b: NegotiatingPeer): string {
  b.take(a.offer());
  return b.answer();
}

test("what the peer refuses of header extensions is not offered again, but taken when it offers it (webrtc-extensions)", () => {
  const uri = "urn:3gpp:video-orientation";
  const [a, b] = pair();
  const idA = a.add("video");
  const wanted = a.transceiver(idA).headerExtensions;
  const without = wanted.map((one) =>
    one.uri === uri ? { ...one, direction: "stopped" as const } : one,
  );
  a.change(idA, { headerExtensions: without });
  negotiate(a, b);
  const directionAt = (peer: NegotiatingPeer): string | undefined =>
    peer.transceivers[0]?.headerExtensions.find((one) => one.uri === uri)?.direction;
  assert.equal(directionAt(b), "stopped", "refused by the offer");
  assert.ok(!b.offer().includes(uri));
  b.rollBack("local");
  a.change(idA, { headerExtensions: wanted });
  negotiate(a, b);
  assert.equal(directionAt(b), "sendrecv", "the peer has changed its mind");
  const negotiated = a.transceiver(idA).negotiatedHeaderExtensions;
  assert.ok(negotiated.some((one) => one.uri === uri));
  b.change(1, { headerExtensions: without });
  negotiate(a, b);
  assert.ok(!a.transceiver(idA).negotiatedHeaderExtensions.some((one) => one.uri === uri));
});

test("an answer may list a codec that was not offered: it can be sent (RFC 9429 §5.3.1)", () => {
  const [a, b] = pair();
  const id = a.add("video");
  const [vp8] = supportedCodecs("video");
  a.change(id, { preferredCodecs: [vp8!] });
  b.take(a.offer());
  const answer = b
    .answer()
    .replace(/(m=video \S+ \S+) /, "$1 62 ")
    .replace("a=rtcp-mux", "a=rtpmap:62 VP9/90000\r\na=rtcp-mux");
  a.setRemote("answer", answer);
  const names = a.transceiver(id).sender.codecs.map(({ mimeType }) => mimeType);
  assert.deepEqual(names, ["video/VP9", "video/VP8"]);
});
