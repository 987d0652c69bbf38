import assert from "node:assert/strict";
import { test } from "vitest";

import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { Lab } from "./support/lab.ts";

/** How often the event was fired so far; and only while "stable". */
function countEvents(connection: RTCPeerConnection): { count: number } {
  const counter = { count: 0 };
  connection.addEventListener("negotiationneeded", () => {
    assert.equal(connection.signalingState, "stable");
    counter.count++;
  });
  return counter;
}

test("the first channel asks for negotiation, in a task, and only the first (webrtc-pc §6.1, step 20)", async () => {
  const lab = new Lab();
  for (const init of [{}, { negotiated: true, id: 3 }]) {
    const connection = lab.connection();
    const events = countEvents(connection);
    connection.createDataChannel("a", init);
    connection.createDataChannel("b");
    assert.equal(events.count, 0);
    await lab.settleNow();
    assert.equal(events.count, 1);
    connection.createDataChannel("c");
    await lab.settleNow();
    assert.equal(events.count, 1);
  }
  await lab.close();
});

test("a new connection asks for nothing, nor does one that negotiated without data", async () => {
  const lab = new Lab();
  const offerer = lab.connection();
  const answerer = lab.connection();
  const events = countEvents(offerer);
  await lab.negotiate(offerer, answerer);
  await lab.settleNow();
  assert.equal(events.count, 0);
  offerer.createDataChannel("now");
  await lab.settleNow();
  assert.equal(events.count, 1);
  await lab.close();
});

test("once data is negotiated no channel asks again, at either side (webrtc-pc §4.7.3)", async () => {
  const lab = new Lab();
  const { offerer, answerer } = await lab.connectedPair();
  const events = [countEvents(offerer), countEvents(answerer)];
  offerer.createDataChannel("more");
  answerer.createDataChannel("more");
  await lab.negotiate(answerer, offerer);
  await lab.world.advance(100);
  assert.deepEqual(events, [{ count: 0 }, { count: 0 }]);
  await lab.close();
});

test("while an offer is pending the event waits, and is not fired if the answer settles it (webrtc-pc §4.7.3, step 2.3)", async () => {
  const lab = new Lab();
  const offerer = lab.connection();
  const answerer = lab.connection();
  const events = countEvents(offerer);
  await lab.run(offerer.setLocalDescription()); // Without data.
  offerer.createDataChannel("late");
  await lab.settleNow();
  assert.equal(events.count, 0);
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  await lab.run(answerer.setLocalDescription());
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  await lab.settleNow();
  assert.equal(events.count, 1, "the offer had no data section");

  const other = lab.connection();
  const otherEvents = countEvents(other);
  await lab.run(offerer.setLocalDescription());
  await lab.run(other.setRemoteDescription(offerer.localDescription!));
  other.createDataChannel("in the peer's section");
  await lab.run(other.setLocalDescription());
  await lab.settleNow();
  assert.equal(otherEvents.count, 0, "the peer's offer has room for it");
  await lab.close();
});

test("the event is fired only when the operations chain is empty (webrtc-pc §4.7.3, steps 1 and 2.2)", async () => {
  const lab = new Lab();
  const connection = lab.connection();
  const events = countEvents(connection);
  const operations = [connection.createOffer(), connection.createOffer()];
  connection.createDataChannel("a");
  const countAtEnd = Promise.all(operations).then(() => events.count);
  assert.equal(await lab.run(countAtEnd), 0);
  await lab.settleNow();
  assert.equal(events.count, 1);

  const second = lab.connection();
  const secondEvents = countEvents(second);
  second.createDataChannel("a");
  const created = second.createOffer(); // Between the request and its task.
  assert.equal(await lab.run(created.then(() => secondEvents.count)), 0);
  await lab.settleNow();
  assert.equal(secondEvents.count, 1);
  await lab.close();
});

test("after a rollback what was offered is needed again (webrtc-pc §4.4.1.5, step 5.11)", async () => {
  const lab = new Lab();
  const connection = lab.connection();
  const events = countEvents(connection);
  connection.createDataChannel("a");
  await lab.settleNow();
  await lab.run(connection.setLocalDescription());
  await lab.run(connection.setLocalDescription({ type: "rollback" }));
  await lab.settleNow();
  assert.equal(events.count, 2);
  await lab.close();
});

test("a connection that is closed first fires nothing", async () => {
  const lab = new Lab();
  const connection = lab.connection();
  const events = countEvents(connection);
  connection.createDataChannel("a");
  connection.close();
  await lab.settleNow();
  assert.equal(events.count, 0);
});
