import assert from "node:assert/strict";
import { test } from "vitest";

import { NegotiatingPeer } from "../../test/support/negotiating-peer.ts";
import { SeededRandom } from "../base/random.ts";
import { afterRemoval, defaultEncoding, drawId, wantedDirection } from "./transceivers.ts";

test("a new transceiver has the slots of W3C create an RTCRtpTransceiver", () => {
  const peer = new NegotiatingPeer(1);
  const id = peer.add("video", { direction: "sendonly", streamIds: ["a", "b", "a"] });
  const { sender, receiver, headerExtensions, ...slots } = peer.transceiver(id);
  assert.deepEqual(slots, {
    id: 1,
    kind: "video",
    mid: null,
    mediaIndex: null,
    direction: "sendonly",
    currentDirection: null,
    firedDirection: null,
    isReceptive: false,
    isStopping: false,
    isStopped: false,
    isFromAddTrack: false,
    hasAddedTrack: false,
    isFromPendingOffer: false,
    hasSent: false,
    preferredCodecs: [],
    refusedHeaderExtensions: [],
    negotiatedHeaderExtensions: [],
  });
  assert.deepEqual(sender.streamIds, ["a", "b"], "each stream once");
  assert.deepEqual(sender.encodings, [defaultEncoding("video")]);
  assert.deepEqual([receiver.streamIds, receiver.codecs, sender.codecs], [[], [], []]);
  assert.ok(headerExtensions.some(({ direction }) => direction === "sendrecv"));
  assert.notEqual(sender.ssrc, sender.rtxSsrc);
});

test("only video says at once how large it is sent (W3C create an RTCRtpSender)", () => {
  assert.equal(defaultEncoding("video").scaleResolutionDownBy, 1);
  assert.equal(defaultEncoding("audio").scaleResolutionDownBy, undefined);
});

test("ids are not used again, and the set keeps its order", () => {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  a.add("audio");
  b.take(a.offer());
  b.rollBack("remote");
  assert.equal(b.add("audio"), 2);
});

test("the API changes one transceiver, and none that is gone or stopped", () => {
  const peer = new NegotiatingPeer(1);
  peer.add("audio");
  peer.add("video");
  peer.change(2, { direction: "inactive", streamIds: ["s"], encodings: [] });
  const [first, second] = peer.transceivers;
  assert.equal(first?.direction, "sendrecv");
  assert.deepEqual([second?.direction, second?.sender.streamIds], ["inactive", ["s"]]);
  const before = peer.transceivers;
  peer.change(9, { direction: "inactive" });
  assert.deepEqual(peer.transceivers, before);
  const answerer = new NegotiatingPeer(2);
  answerer.take(
    peer
      .offer()
      .replace("m=audio 9", "m=audio 0")
      .replace(/a=group:.*\r\n/, ""),
  );
  answerer.change(1, { direction: "sendrecv" });
  assert.equal(answerer.transceiver(1).direction, "recvonly");
});

test("a stopping transceiver wants nothing; a removed one shows that it is over (W3C stop)", () => {
  const [a, b] = [new NegotiatingPeer(1), new NegotiatingPeer(2)];
  a.add("audio", { streamIds: ["s"] });
  b.take(a.offer());
  b.answer();
  b.change(1, { isStopping: true });
  assert.equal(wantedDirection(b.transceiver(1)), "inactive");
  const over = afterRemoval(b.transceiver(1));
  assert.deepEqual(
    [over.mid, over.mediaIndex, over.isStopped, over.currentDirection, over.receiver.streamIds],
    [null, null, true, null, []],
  );
});

test("drawn ids look like those of browsers and differ", () => {
  const random = new SeededRandom(3);
  const [first, second] = [drawId(random), drawId(random)];
  assert.match(first, /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/);
  assert.notEqual(first, second);
});
