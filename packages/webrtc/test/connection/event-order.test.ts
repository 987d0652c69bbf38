import assert from "node:assert/strict";
import { test } from "vitest";

import type { RTCDataChannel } from "../../src/w3c/rtc-data-channel.ts";
import { Lab, record, recordTransports, trickle } from "./support/lab.ts";

test("the offering side sees every event in the order of webrtc-pc §4.4 and §5.6", async () => {
  const lab = new Lab();
  const offerer = lab.connection();
  const answerer = lab.connection();
  const log = record(offerer);
  const channel = offerer.createDataChannel("first");
  for (const type of ["open", "close"]) {
    channel.addEventListener(type, () => log.push(`channel ${type}`));
  }
  await lab.settleNow();
  await lab.run(offerer.setLocalDescription());
  recordTransports(offerer, log);
  log.push("- setLocalDescription resolved");
  await lab.settleNow();
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  await lab.run(answerer.setLocalDescription());
  await lab.settleNow();
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  log.push("- setRemoteDescription resolved");
  await lab.world.advanceUntil(() => channel.readyState === "open");
  await lab.world.advance(1_000);
  assert.deepEqual(log, [
    "negotiationneeded",
    "signalingstatechange have-local-offer",
    "- setLocalDescription resolved",
    "ice gatheringstatechange gathering",
    "icegatheringstatechange gathering",
    "icecandidate candidate",
    "icecandidate end",
    "ice gatheringstatechange complete",
    "icegatheringstatechange complete",
    "icecandidate null",
    "signalingstatechange stable",
    "- setRemoteDescription resolved",
    "ice statechange checking",
    "iceconnectionstatechange checking",
    "connectionstatechange connecting",
    "ice selectedcandidatepairchange connected",
    "ice statechange connected",
    "iceconnectionstatechange connected",
    "dtls statechange connecting",
    "ice statechange completed",
    "iceconnectionstatechange completed",
    "dtls statechange connected",
    "connectionstatechange connected",
    "sctp statechange connected",
    "channel open",
  ]);
  await lab.close();
});

test("the answering side sees every event in the order of webrtc-pc §4.4, §5.6 and §6.2", async () => {
  const lab = new Lab();
  const offerer = lab.connection();
  const answerer = lab.connection();
  trickle(offerer, answerer);
  const log = record(answerer);
  let incoming: RTCDataChannel | undefined;
  answerer.addEventListener("datachannel", ({ channel }) => {
    incoming = channel;
    log.push(`channel is ${channel.readyState}`);
    channel.addEventListener("open", () => log.push("channel open"));
    channel.addEventListener("message", ({ data }) => log.push(`message ${String(data)}`));
  });
  const channel = offerer.createDataChannel("first");
  channel.addEventListener("open", () => channel.send("at once"));
  await lab.run(offerer.setLocalDescription());
  await lab.settleNow();
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  recordTransports(answerer, log);
  log.push("- setRemoteDescription resolved");
  await lab.settleNow();
  await lab.run(answerer.setLocalDescription());
  log.push("- setLocalDescription resolved");
  await lab.settleNow();
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  await lab.world.advanceUntil(() => incoming?.readyState === "open");
  await lab.world.advance(1_000);
  assert.deepEqual(log, [
    "signalingstatechange have-remote-offer",
    "- setRemoteDescription resolved",
    "signalingstatechange stable",
    "- setLocalDescription resolved",
    "ice gatheringstatechange gathering",
    "icegatheringstatechange gathering",
    "ice statechange checking",
    "iceconnectionstatechange checking",
    "connectionstatechange connecting",
    "icecandidate candidate",
    "icecandidate end",
    "ice gatheringstatechange complete",
    "icegatheringstatechange complete",
    "icecandidate null",
    "ice selectedcandidatepairchange connected",
    "ice statechange connected",
    "iceconnectionstatechange connected",
    "dtls statechange connecting",
    "ice statechange completed",
    "iceconnectionstatechange completed",
    "dtls statechange connected",
    "connectionstatechange connected",
    "sctp statechange connected",
    "datachannel",
    "channel is open",
    "channel open",
    "message at once",
  ]);
  await lab.close();
});

test("all attributes have changed before the first of an event's listeners runs (webrtc-pc §4.4.1.5, §5.6)", async () => {
  const lab = new Lab();
  const offerer = lab.connection();
  const answerer = lab.connection();
  trickle(offerer, answerer);
  offerer.createDataChannel("first");
  const seen: unknown[] = [];
  offerer.addEventListener("signalingstatechange", () => {
    seen.push([offerer.signalingState, offerer.localDescription?.type, offerer.sctp !== null]);
  });
  await lab.run(offerer.setLocalDescription());
  const { iceTransport } = offerer.sctp!.transport;
  iceTransport.addEventListener("statechange", () => {
    seen.push([iceTransport.state, offerer.iceConnectionState]);
  });
  iceTransport.addEventListener("selectedcandidatepairchange", () => {
    seen.push([iceTransport.state, iceTransport.getSelectedCandidatePair() !== null]);
  });
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  await lab.run(answerer.setLocalDescription());
  await lab.run(offerer.setRemoteDescription(answerer.localDescription!));
  await lab.world.advanceUntil(() => offerer.connectionState === "connected");
  assert.deepEqual(seen, [
    ["have-local-offer", "offer", true],
    ["stable", "offer", true],
    ["checking", "checking"],
    ["connected", true],
    ["connected", "connected"],
    ["completed", "completed"],
  ]);
  await lab.close();
});

test("a listener that is attached right after an await has missed nothing", async () => {
  const lab = new Lab();
  const offerer = lab.connection();
  const answerer = lab.connection();
  const near = offerer.createDataChannel("first");
  const heard: string[] = [];
  const script = async (): Promise<void> => {
    await offerer.setLocalDescription();
    offerer.addEventListener("icegatheringstatechange", () => heard.push("gathering"), {
      once: true,
    });
    offerer.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate !== null) void answerer.addIceCandidate(candidate);
      else heard.push("all candidates of the offerer");
    });
    await answerer.setRemoteDescription(offerer.localDescription!);
    answerer.addEventListener("datachannel", ({ channel }) => {
      heard.push("datachannel");
      channel.addEventListener("message", ({ data }) => heard.push(String(data)));
    });
    await answerer.setLocalDescription();
    answerer.addEventListener("iceconnectionstatechange", () => heard.push("ice"), { once: true });
    await offerer.setRemoteDescription(answerer.localDescription!);
    offerer.addEventListener("connectionstatechange", () => heard.push("connecting"), {
      once: true,
    });
    await new Promise((resolve) => near.addEventListener("open", resolve));
    near.send("a message");
  };
  await lab.run(script());
  await lab.world.advance(1_000);
  assert.deepEqual(heard.toSorted(), [
    "a message",
    "all candidates of the offerer",
    "connecting",
    "datachannel",
    "gathering",
    "ice",
  ]);
  await lab.close();
});

test("after close() no event is fired at any object, whatever is under way (webrtc-pc §4.4.1.10)", async () => {
  for (let closeAfterMs = 0; closeAfterMs <= 60; closeAfterMs += 3) {
    const lab = new Lab(closeAfterMs + 1);
    const offerer = lab.connection({}, {}, lab.host({ delayMs: 3 }));
    const answerer = lab.connection();
    trickle(offerer, answerer);
    const channel = offerer.createDataChannel("first");
    const log = record(offerer);
    for (const type of ["open", "message", "close", "closing", "error", "bufferedamountlow"]) {
      channel.addEventListener(type, () => log.push(`channel ${type}`));
    }
    answerer.addEventListener("datachannel", ({ channel: far }) => far.send("hello"));
    const negotiation = lab.negotiate(offerer, answerer).catch(() => {});
    await lab.world.advance(closeAfterMs);
    if (offerer.sctp !== null) recordTransports(offerer, log);
    offerer.close();
    log.length = 0;
    await lab.world.advance(60_000);
    assert.deepEqual(log, [], `closed after ${closeAfterMs} ms`);
    assert.equal(channel.readyState, "closed");
    assert.equal(offerer.signalingState, "closed");
    void negotiation;
    await lab.close();
  }
});

test.each([
  "negotiationneeded",
  "signalingstatechange",
  "icegatheringstatechange",
  "icecandidate",
  "iceconnectionstatechange",
  "connectionstatechange",
])(
  "when a listener of %s closes the connection, nothing else is fired, in its task or later",
  async (type) => {
    const lab = new Lab();
    const offerer = lab.connection();
    const answerer = lab.connection();
    trickle(offerer, answerer);
    const log = record(offerer);
    offerer.addEventListener(type, () => {
      offerer.close();
      log.length = 0;
    });
    offerer.createDataChannel("first");
    await lab.settleNow();
    void lab.negotiate(offerer, answerer).catch(() => {});
    await lab.world.advance(10_000);
    assert.equal(offerer.signalingState, "closed");
    assert.deepEqual(log, []);
    await lab.close();
  },
);

test("close() ends everything at once: states, sockets, timers; and twice is once (webrtc-pc §4.4.1.10)", async () => {
  const lab = new Lab();
  const { offerer, answerer } = await lab.connectedPair();
  const sctp = offerer.sctp!;
  offerer.close();
  offerer.close();
  assert.equal(offerer.signalingState, "closed");
  assert.equal(offerer.connectionState, "closed");
  assert.equal(offerer.iceConnectionState, "closed");
  assert.equal(offerer.iceGatheringState, "complete");
  assert.equal(sctp.state, "closed");
  assert.equal(sctp.transport.state, "closed");
  assert.equal(sctp.transport.iceTransport.state, "closed");
  assert.equal(sctp.transport.iceTransport.getSelectedCandidatePair(), null);
  await lab.world.advance(100);
  assert.equal(answerer.sctp?.state, "closed", "the peer was told");
  assert.equal(answerer.sctp.transport.state, "closed");
  answerer.close();
  await lab.world.advance(1_000);
  assert.equal(lab.world.clock.nextAtMs, Number.POSITIVE_INFINITY, "nothing is left to happen");
});
