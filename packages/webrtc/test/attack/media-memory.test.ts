import assert from "node:assert/strict";
import { test } from "vitest";

import { readRtpSection } from "../../src/negotiation/media/rtp-section.ts";
import { parseSessionDescription } from "../../src/sdp/index.ts";
import { RemoteStreams } from "../../src/w3c/remote-streams.ts";
import type { RTCDataChannel } from "../../src/w3c/rtc-data-channel.ts";
import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { Lab, trickle } from "../connection/support/lab.ts";
import { NegotiatingPeer } from "../support/negotiating-peer.ts";
import { THIRD_PARTY } from "./support/forgery.ts";
import {
  audioSection,
  dataSection,
  describe,
  manyMids,
  transport,
  videoSection,
} from "./support/hostile-media.ts";

/** The peer's offer, answered. */
async function answer(lab: Lab, victim: RTCPeerConnection, sdp: string): Promise<void> {
  await lab.run(victim.setRemoteDescription({ type: "offer", sdp }));
  await lab.run(victim.setLocalDescription());
}

test("a section that is stopped and named anew in every offer leaves no transceiver behind", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  for (let round = 0; round < 30; round++) {
    const mids = manyMids(4, `r${round}x`);
    await answer(
      lab,
      victim,
      describe(
        mids.map((mid) => audioSection(mid)),
        [mids],
      ),
    );
    assert.equal(victim.getTransceivers().length, 4);
    await answer(lab, victim, describe(mids.map((mid) => audioSection(mid, "", 0))));
    assert.equal(victim.getTransceivers().length, 0);
  }
  await lab.close();
});

test("sections whose codecs nobody knows, with new names in every offer, leave no transceiver behind", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  for (let round = 0; round < 30; round++) {
    const mids = manyMids(4, `r${round}x`);
    const sdp = describe(
      mids.map((mid) => audioSection(mid).replace("opus", "evil")),
      [mids],
    );
    await answer(lab, victim, sdp);
    assert.equal(victim.getTransceivers().length, 0);
    assert.equal(victim.localDescription!.sdp.match(/^m=audio 0 /gm)!.length, 4);
  }
  await lab.close();
});

test("a storm of offers, each rolled back, leaves nothing: no transceiver, socket, timer or description", async () => {
  const lab = new Lab();
  const host = lab.host();
  const victim = lab.connection({}, {}, host);
  for (let round = 0; round < 60; round++) {
    const mids = manyMids(5, `r${round}x`);
    const sdp = describe([
      ...mids.map((mid) => videoSection(mid, `a=msid:s${round}${mid} t\r\n`)),
      dataSection("d"),
    ]);
    await lab.run(victim.setRemoteDescription({ type: "offer", sdp }));
    assert.equal(victim.getTransceivers().length, 5);
    await lab.run(victim.setRemoteDescription({ type: "rollback" }));
    assert.equal(victim.getTransceivers().length, 0);
  }
  assert.equal(victim.remoteDescription, null);
  assert.equal(victim.sctp, null);
  assert.deepEqual(host.resources, { sockets: 0, deadlines: 0 });
  await lab.close();
});

test("a track is put in 64 streams at most, however many a section names", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  const msids = manyMids(2_000, "s").map((id) => `a=msid:${id} t\r\n`);
  let streams = 0;
  victim.addEventListener("track", (event) => (streams = event.streams.length));
  await answer(lab, victim, describe([audioSection("a", msids.join(""))]));
  assert.equal(streams, 64);
  await answer(lab, victim, describe([audioSection("a", msids.toReversed().join(""))]));
  assert.equal(streams, 64);
  await lab.close();
});

test("streams that a peer names anew for ever are forgotten with their objects, the rest is found again", () => {
  const streams = new RemoteStreams();
  const [held] = streams.of(["held"]);
  for (let round = 0; round < 2_000; round++) streams.of([`s${round}`]);
  // Nothing was collected within this task, so nothing is lost either.
  assert.ok(streams.size <= 2_001);
  assert.equal(streams.of(["held"])[0], held);
});

test("feedback for all formats that is longer than any that is known is copied to none of them", () => {
  const feedback = Array.from(
    { length: 60 },
    (_, index) => `a=rtcp-fb:* ${index}${"x".repeat(15_000)}`,
  );
  const text = describe([videoSection("v", [...feedback, "a=rtcp-fb:* nack", ""].join("\r\n"))]);
  const parsed = parseSessionDescription(text);
  const { codecs } = readRtpSection(parsed.media[0]!, parsed.attributes);
  assert.deepEqual(
    codecs.map(({ rtcpFeedback }) => rtcpFeedback),
    [["nack"]],
  );
});

test("an a=fmtp of a megabyte is read, and no answer repeats it", () => {
  const victim = new NegotiatingPeer(1);
  const lines = Array.from(
    { length: 60 },
    (_, index) => `a=fmtp:96 p${index}=${"x".repeat(16_000)}\r\n`,
  );
  victim.take(describe([videoSection("v", lines.join(""))]));
  assert.ok(victim.answer().length < 5_000);
});

test("10,000 candidates for many sections grow no description beyond what could be read back", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  const mids = manyMids(50);
  await answer(
    lab,
    victim,
    describe(
      mids.map((mid) => audioSection(mid)),
      [mids],
    ),
  );
  const pending: Promise<void>[] = [];
  const filler = ` x ${"y".repeat(1_000)}`;
  for (let index = 0; index < 10_000; index++) {
    const candidate = `candidate:1 1 udp 1 198.51.${index >> 8}.${index & 255} 9 typ host${filler}`;
    pending.push(victim.addIceCandidate({ candidate, sdpMid: mids[index % 50]! }));
  }
  await lab.run(Promise.allSettled(pending));
  const { sdp } = victim.remoteDescription!;
  assert.ok(sdp.length < 600_000, `${sdp.length} characters`);
  assert.equal(parseSessionDescription(sdp).media.length, 50);
  const [receiver] = victim.getReceivers();
  assert.ok(receiver!.transport!.iceTransport.getRemoteCandidates().length <= 256);
  await lab.close();
});

test("the end of candidates, said 300 times for 300 sections, changes the description once", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  const mids = manyMids(300);
  await answer(
    lab,
    victim,
    describe(
      mids.map((mid) => audioSection(mid)),
      [mids],
    ),
  );
  await lab.run(victim.addIceCandidate());
  const once = victim.remoteDescription;
  assert.equal(once!.sdp.match(/a=end-of-candidates/g)!.length, 300);
  const pending = Array.from({ length: 300 }, () => victim.addIceCandidate());
  await lab.run(Promise.all(pending));
  assert.equal(victim.remoteDescription, once);
  await lab.close();
});

test("a candidate for a section that is bundled away costs no packet, and the connection nothing", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  let packets = 0;
  lab.world.internet.intercept((packet) => {
    if (packet.destinationAddress === "203.0.113.77") packets++;
    return [packet];
  });
  const sdp = describe([audioSection("a"), videoSection("v")], [["a", "v"]]);
  await answer(lab, victim, sdp);
  for (let port = 1; port <= 100; port++) {
    const candidate = `candidate:1 1 udp ${port} 203.0.113.77 ${port} typ host`;
    await lab.run(victim.addIceCandidate({ candidate, sdpMid: "v" }));
  }
  await lab.world.advance(5_000);
  assert.equal(packets, 0);
  await lab.close();
});

test("a peer that restarts ICE in every offer grows nothing: sockets, timers, candidates (restart storm)", async () => {
  const lab = new Lab();
  const hosts = [lab.host(), lab.host()];
  const [attacker, victim] = hosts.map((host) => lab.connection({}, {}, host)) as [
    RTCPeerConnection,
    RTCPeerConnection,
  ];
  const channel = attacker.createDataChannel("data");
  trickle(attacker, victim);
  await lab.negotiate(attacker, victim);
  await lab.world.advanceUntil(() => channel.readyState === "open");
  for (let round = 0; round < 60; round++) {
    attacker.restartIce();
    await lab.negotiate(attacker, victim);
    if (round % 5 === 0) await lab.world.advance(300);
    const { iceTransport } = victim.sctp!.transport;
    assert.ok(iceTransport.getLocalCandidates().length <= 2);
    assert.ok(hosts[1]!.resources.sockets <= 4, `${hosts[1]!.resources.sockets} sockets`);
    assert.ok(hosts[1]!.resources.deadlines <= 2);
  }
  await lab.world.advance(10_000);
  assert.equal(victim.connectionState, "connected");
  assert.equal(hosts[1]!.resources.sockets, 1);
  assert.equal(channel.readyState, "open");
  await lab.close();
});

test("restarts that the peer begins and never completes keep two generations beside the one that works: a rollback may return to one", async () => {
  const lab = new Lab();
  const host = lab.host();
  const attacker = lab.connection();
  const victim = lab.connection({}, {}, host);
  const channel = attacker.createDataChannel("data");
  trickle(attacker, victim);
  const incoming: RTCDataChannel[] = [];
  victim.addEventListener("datachannel", (event) => incoming.push(event.channel));
  await lab.negotiate(attacker, victim);
  await lab.world.advanceUntil(() => channel.readyState === "open");
  const honest = attacker.localDescription!.sdp.replace(/a=(candidate|end-of).*\r\n/g, "");
  for (let round = 0; round < 40; round++) {
    const restarted = honest
      .replace(/a=ice-ufrag:.*/g, `a=ice-ufrag:evil${round}`)
      .replace(/a=ice-pwd:.*/g, `a=ice-pwd:${"p".repeat(30)}${round}`);
    await answer(lab, victim, restarted);
    await lab.settleNow();
    assert.ok(host.resources.sockets <= 3, `${host.resources.sockets} sockets`);
  }
  await lab.world.advance(500);
  assert.ok(host.resources.sockets <= 3);
  assert.equal(victim.connectionState, "connected");
  const [far] = incoming;
  let heard = 0;
  far!.addEventListener("message", () => heard++);
  channel.send("still here");
  await lab.world.advance(1_000);
  assert.equal(heard, 1);
  await lab.close();
});

test("a peer whose offer has 512 short sections does not keep this side from offering them again", () => {
  const victim = new NegotiatingPeer(1);
  const mids = manyMids(512);
  victim.take(
    describe(
      mids.map((mid) => videoSection(mid)),
      [mids],
    ),
  );
  victim.answer();
  assert.ok(victim.offer().length > 1_048_576);
  assert.equal(victim.state.signalingState, "have-local-offer");
});

test("a storm of restarts full of a third party's ports is paced: a check every 20 ms for each generation, and there are three (RFC 8445 §14.2)", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  const ports = new Set<number>();
  let packets = 0;
  lab.world.internet.intercept((packet) => {
    if (packet.destinationAddress !== THIRD_PARTY) return [packet];
    packets++;
    ports.add(packet.destinationPort);
    return [packet];
  });
  const startMs = lab.world.nowMs;
  for (let round = 0; round < 40; round++) {
    const candidates = Array.from(
      { length: 200 },
      (_, index) =>
        `a=candidate:${index} 1 udp ${9_000 - index} ${THIRD_PARTY} ${1 + round * 200 + index} typ host\r\n`,
    );
    const sections = [audioSection("a", candidates.join("")), videoSection("v")];
    await answer(lab, victim, describe(sections, [["a", "v"]], transport(`ev${round}il`)));
    await lab.world.advance(100);
  }
  const seconds = (lab.world.nowMs - startMs) / 1_000;
  // A check every 20 ms from each of the three generations that there may be.
  assert.ok(packets <= seconds * 150, `${packets} packets in ${seconds} s`);
  assert.ok(ports.size <= 20 * 40);
  await lab.close();
});

test("10,000 candidates of a third party for three transports are checked at a few ports each", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  const ports = new Set<number>();
  lab.world.internet.intercept((packet) => {
    if (packet.destinationAddress === THIRD_PARTY) ports.add(packet.destinationPort);
    return [packet];
  });
  const mids = ["a", "v", "d"];
  await answer(lab, victim, describe([audioSection("a"), videoSection("v"), dataSection("d")]));
  const pending: Promise<void>[] = [];
  for (let index = 0; index < 10_000; index++) {
    const candidate = `candidate:1 1 udp ${10_001 - index} ${THIRD_PARTY} ${1 + index} typ host`;
    pending.push(victim.addIceCandidate({ candidate, sdpMid: mids[index % 3]! }));
  }
  await lab.run(Promise.allSettled(pending));
  await lab.world.advance(60_000);
  assert.ok(ports.size > 0 && ports.size <= 20 * 3, `${ports.size} ports`);
  await lab.close();
});

test("getStats in a loop while all that goes on keeps nothing, and ends with the connection", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  const reports: Promise<unknown>[] = [];
  let isOver = false;
  const ask = (): void => {
    if (isOver) return;
    reports.push(victim.getStats());
    victim.getReceivers().forEach((receiver) => reports.push(receiver.getStats()));
  };
  victim.addEventListener("track", ask);
  victim.addEventListener("signalingstatechange", ask);
  for (let round = 0; round < 20; round++) {
    const mids = manyMids(5, `r${round}x`);
    await answer(
      lab,
      victim,
      describe(
        mids.map((mid) => audioSection(mid, `a=msid:${mid} ${mid}\r\n`)),
        [mids],
        transport(`ab${round}c`),
      ),
    );
    await answer(lab, victim, describe(mids.map((mid) => audioSection(mid, "", 0))));
    ask();
  }
  await lab.run(Promise.all(reports));
  const last = (await lab.run(victim.getStats())) as ReadonlyMap<string, unknown>;
  assert.ok(last.size < 40, `${last.size} objects`);
  isOver = true;
  victim.close();
  const afterwards = (await lab.run(victim.getStats())) as ReadonlyMap<string, unknown>;
  assert.ok(afterwards.size < 40);
  await lab.close();
});
