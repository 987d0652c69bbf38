import assert from "node:assert/strict";
import { test } from "vitest";

import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { Lab } from "../connection/support/lab.ts";
import { observeAll } from "../connection/support/observe-media.ts";
import { sharedCertificate } from "../connection/support/shared-certificate.ts";
import { countWork } from "./support/count-work.ts";

/** `change`s the lines of the first section, which is video with simulcast, or adds others. */
type Attack = (offer: string, count: number) => string;

const times = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\r\n`).join("");

/** Adds lines at the end of the last section. */
const append =
  (line: (index: number) => string): Attack =>
  (offer, count) =>
    offer + times(count, line);

const inMediaLine: Attack = (offer, count) =>
  offer.replace(
    /^(m=video .*)/m,
    `$1 ${Array.from({ length: count }, (_, n) => n % 128).join(" ")}`,
  );

const ATTACKS: Readonly<Record<string, Attack>> = {
  sections: append(() => "m=audio 9 UDP/TLS/RTP/SAVPF 0"),
  "data sections": append(() => "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"),
  candidates: append((n) => `a=candidate:${n} 1 udp 1 198.51.100.9 ${1 + n} typ host`),
  streams: append((n) => `a=msid:stream${n} track`),
  rids: append((n) => `a=rid:layer${n} send`),
  "header extensions": append((n) => `a=extmap:${1 + (n % 200)} urn:extension:${n % 200}`),
  "payload types": inMediaLine,
  formats: append((n) => `a=rtpmap:${n % 128} VP8/90000\r\na=fmtp:${n % 128} x=${n}`),
  "feedback lines": append((n) => `a=rtcp-fb:* nack ${n}`),
  sources: append((n) => `a=ssrc:${n} cname:x`),
  "source groups": append((n) => `a=ssrc-group:FID ${n} ${n + 1}`),
  fingerprints: append(
    (n) => `a=fingerprint:sha-1 ${(n % 256).toString(16).padStart(2, "0")}${":AB".repeat(19)}`,
  ),
  "bundle groups": (offer, count) =>
    offer.replace(
      /^a=group.*\r\n/m,
      times(count, (n) => `a=group:BUNDLE ${n}`),
    ),
  "names in a bundle": (offer, count) =>
    offer.replace(
      /^a=group:BUNDLE/m,
      `$& ${Array.from({ length: count }, (_, n) => `n${n}`).join(" ")}`,
    ),
  "layers in simulcast": (offer, count) =>
    offer + `a=simulcast:send ${Array.from({ length: count }, (_, n) => `l${n}`).join(";")}\r\n`,
  "alternatives in simulcast": (offer, count) =>
    offer + `a=simulcast:send ${Array.from({ length: count }, (_, n) => `~l${n}`).join(",")}\r\n`,
  "payload types of a rid": (offer, count) =>
    offer + `a=rid:x send pt=${Array.from({ length: count }, (_, n) => n % 128).join(",")}\r\n`,
  "characters in an attribute": (offer, count) => `${offer}a=${"x".repeat(count * 100)}\r\n`,
  "characters of fmtp": (offer, count) => `${offer}a=fmtp:96 ${"a=1;".repeat(count * 25)}\r\n`,
};

async function victim(): Promise<{ lab: Lab; connection: RTCPeerConnection; offer: string }> {
  const lab = new Lab();
  const configuration = { certificates: [await sharedCertificate()] };
  const peer = lab.connection(configuration);
  peer.addTransceiver("audio");
  peer.addTransceiver("video", { sendEncodings: [{ rid: "h" }, { rid: "l" }] });
  const { sdp } = await lab.run(peer.createOffer());
  return { lab, connection: lab.connection(configuration), offer: sdp! };
}

/** What an offer comes to, answered if it is taken; and how much work that was. */
async function outcomeOf(
  attack: Attack,
  count: number,
): Promise<{ error?: unknown; work: number }> {
  const { lab, connection, offer } = await victim();
  const before = await observeAll(lab, connection);
  const sdp = attack(offer, count);
  assert.notEqual(sdp, offer);
  let error: unknown;
  const work = await countWork(async () => {
    try {
      await lab.run(connection.setRemoteDescription({ type: "offer", sdp }));
      await lab.run(connection.createAnswer());
    } catch (reason) {
      error = reason;
    }
  });
  if (error !== undefined) {
    assert.ok(error instanceof DOMException, String((error as Error).stack));
    assert.deepEqual(await observeAll(lab, connection), before);
  }
  await lab.close();
  return { error, work };
}

for (const [what, attack] of Object.entries(ATTACKS)) {
  test(`10,000 ${what} in an offer are refused with little work`, async () => {
    const plain = await outcomeOf((offer) => `${offer}a=x\r\n`, 0);
    const { error, work } = await outcomeOf(attack, 10_000);
    assert.ok(error, "it was refused");
    // To look at each character a few times is what reading costs.
    const length = attack((await victim()).offer, 10_000).length;
    assert.ok(work < 6 * length + plain.work, `${work} for ${length} characters`);
  });

  test(`as many ${what} as are let pass cost work in proportion`, async () => {
    const works: number[] = [];
    for (const count of [100, 200, 400]) works.push((await outcomeOf(attack, count)).work);
    const [first, second, third] = works as [number, number, number];
    assert.ok(third - second <= 2.6 * Math.max(second - first, first), works.join());
  });
}

test("10,000 candidates that trickle cost work in proportion, and a bounded number is kept", async () => {
  const works: number[] = [];
  for (const count of [1_000, 2_000, 10_000]) {
    const { lab, connection, offer } = await victim();
    await lab.run(connection.setRemoteDescription({ type: "offer", sdp: offer }));
    await lab.run(connection.setLocalDescription());
    let refused = 0;
    const work = await countWork(async () => {
      const all = Array.from({ length: count }, (_, index) =>
        connection
          .addIceCandidate({
            candidate: `candidate:${index} 1 udp 1 198.51.100.9 ${1 + index} typ host`,
            sdpMid: "0",
          })
          .catch(() => refused++),
      );
      await lab.run(Promise.all(all));
    });
    works.push(work);
    assert.equal(connection.remoteDescription!.sdp.split("a=candidate:").length - 1, 256);
    assert.equal(
      connection.getTransceivers()[0]!.sender.transport!.iceTransport.getRemoteCandidates().length,
      256,
    );
    await lab.close();
  }
  assert.ok(works[2]! - works[1]! <= 1.2 * 8 * (works[1]! - works[0]!), works.join());
});
