import assert from "node:assert/strict";
import { test } from "vitest";

import { canonicalIpAddress } from "../../src/base/ip-address.ts";
import { HostilePeer } from "./support/hostile-peer.ts";
import { THIRD_PARTY, assertUnharmed, closeWithoutTrace, honestPair } from "./support/forgery.ts";

const fingerprintLine = /a=fingerprint:.*\r\n/;
const WRONG_256 = `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "AB").join(":")}\r\n`;
const WRONG_512 = `a=fingerprint:sha-512 ${Array.from({ length: 64 }, () => "AB").join(":")}\r\n`;
const MD5 = `a=fingerprint:md5 ${Array.from({ length: 16 }, () => "AB").join(":")}\r\n`;

/** What becomes of a victim that is offered `change`d text by a peer with another certificate than it says. */
async function outcomeOf(change: (sdp: string) => string): Promise<{
  readonly state: string;
  readonly reason: string;
  readonly hasData: boolean;
}> {
  const peer = new HostilePeer();
  const channel = peer.connection.createDataChannel("secret");
  let reason = "";
  try {
    await peer.secure(change);
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  await peer.world.advance(1_000);
  const { connectionState: state, sctp } = peer.connection;
  reason ||= peer.victim.failureReason ?? "";
  const hasData = channel.readyState === "open" || sctp?.state === "connected";
  await peer.close();
  return { state, reason, hasData };
}

const REFUSED_FINGERPRINTS: Readonly<Record<string, (sdp: string) => string>> = {
  "there is none": (sdp) => sdp.replace(fingerprintLine, ""),
  "it is of another certificate": (sdp) => sdp.replace(fingerprintLine, WRONG_256),
  "it is MD5": (sdp) => sdp.replace(fingerprintLine, MD5),
  "the strongest of several is wrong": (sdp) => sdp.replace(/(?=a=fingerprint)/, WRONG_512),
  "the right one stands at session level, a wrong one in the section": (sdp) => {
    const [right] = fingerprintLine.exec(sdp)!;
    return sdp.replace(fingerprintLine, WRONG_256).replace("t=0 0\r\n", `t=0 0\r\n${right}`);
  },
  "its hash is empty or cut": (sdp) => sdp.replace(/(a=fingerprint:sha-256 .{20}).*/, "$1"),
};

for (const [name, change] of Object.entries(REFUSED_FINGERPRINTS)) {
  test(`fingerprint: no connection and no data when ${name}, with the reason (RFC 8827 §6.5, RFC 8122 §5)`, async () => {
    const { state, reason, hasData } = await outcomeOf(change);
    assert.notEqual(state, "connected");
    assert.ok(!hasData);
    assert.match(reason, /fingerprint|certificate is not the one that signaling promised/);
  });
}

const ACCEPTED_FINGERPRINTS: Readonly<Record<string, (sdp: string) => string>> = {
  "is in lower case": (sdp) =>
    sdp.replace(fingerprintLine, (line) => line.toLowerCase().replace("sha-256", "SHA-256")),
  "is one of several of its hash": (sdp) => sdp.replace(/(?=a=fingerprint)/, WRONG_256),
  "stands beside one of a hash that nobody may use": (sdp) => sdp.replace(/(?=a=fingerprint)/, MD5),
  "stands in the section, and a wrong one at session level": (sdp) =>
    sdp.replace("t=0 0\r\n", `t=0 0\r\n${WRONG_256}`),
};

for (const [name, change] of Object.entries(ACCEPTED_FINGERPRINTS)) {
  test(`fingerprint: the right one counts when it ${name} (RFC 8122 §5)`, async () => {
    assert.equal((await outcomeOf(change)).state, "connected");
  });
}

test("a new offer with another ice-pwd under the same ice-ufrag is refused before anything changes", async () => {
  const pair = honestPair(1);
  const channels = await pair.connect();
  const { connection } = pair.answerer;
  const offer = pair.offerer.connection.localDescription!.sdp;
  const sdp = offer.replace(/a=ice-pwd:.*/g, `a=ice-pwd:${"A".repeat(24)}`);
  await assert.rejects(
    pair.world.settle(connection.setRemoteDescription({ type: "offer", sdp })),
    DOMException,
  );
  assert.equal(connection.signalingState, "stable");
  await assertUnharmed(pair, channels);
  await closeWithoutTrace(pair);
});

const UNPROTECTED = {
  "SCTP without DTLS": (sdp: string) => sdp.replace("UDP/DTLS/SCTP", "SCTP"),
  "UDP/SCTP": (sdp: string) => sdp.replace("UDP/DTLS/SCTP", "UDP/SCTP"),
  "audio over RTP/AVP with an SDES key (RFC 8827 §6.5)": (sdp: string) =>
    sdp
      .replace("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "m=audio 9 RTP/AVP 0")
      .replace("a=sctp-port:5000", `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${"A".repeat(40)}`),
};

for (const [name, change] of Object.entries(UNPROTECTED)) {
  test(`an offer that drops encryption is refused or its section is: ${name}`, async () => {
    const peer = new HostilePeer();
    const offered = peer.secure(change).then(
      () => "taken",
      () => "refused",
    );
    await peer.world.advance(35_000);
    const isAnswered = peer.connection.localDescription !== null;
    if (isAnswered) assert.match(peer.connection.localDescription.sdp, /^m=\w+ 0 /m);
    assert.notEqual(peer.connection.connectionState, "connected");
    assert.equal(peer.victim.host.resources.sockets, 0);
    await peer.close();
    void offered.catch(() => {});
  });
}

/** A victim that has applied an offer with `candidates`, its packets by destination. */
async function checksSentFor(candidates: readonly string[]): Promise<Map<string, Set<number>>> {
  const peer = new HostilePeer();
  const sent = new Map<string, Set<number>>();
  let packets = 0;
  peer.world.internet.intercept((packet) => {
    if (packet.sourceAddress !== "192.0.2.2") return [packet];
    packets++;
    const ports = sent.get(packet.destinationAddress) ?? new Set();
    sent.set(packet.destinationAddress, ports.add(packet.destinationPort));
    return [packet];
  });
  const lines = candidates.map((text) => `a=${text}\r\n`).join("");
  await peer.secure((sdp) => sdp.replace("a=end-of-candidates\r\n", lines));
  await peer.world.advance(60_000);
  assert.ok(packets < 5_000);
  await peer.close();
  return sent;
}

test("an offer full of somebody else's ports aims no flood at them (RFC 8445 §19.5.1)", async () => {
  const candidates = Array.from(
    { length: 250 },
    (_, index) =>
      `candidate:${index} 1 udp ${2_130_706_431 - index} ${THIRD_PARTY} ${1 + index} typ host`,
  );
  const ports = (await checksSentFor(candidates)).get(THIRD_PARTY) ?? new Set();
  assert.ok(ports.size <= 20, `${ports.size} ports of a third party were checked`);
});

test("candidates that are no address of a peer get no packet: own machine, everybody, nobody, a name, a port that is none", async () => {
  const addresses = [
    "127.0.0.1",
    "127.8.8.8",
    "::1",
    "::ffff:127.0.0.1",
    "0.0.0.0",
    "::",
    "224.0.0.251",
    "255.255.255.255",
    "ff02::fb",
    "localhost",
    "evil.example",
    "1.2.3",
    "0x7f.1",
  ];
  const candidates = addresses.map(
    (address, index) => `candidate:${index} 1 udp 2113929471 ${address} 4000 typ host`,
  );
  candidates.push(`candidate:90 1 udp 2113929471 ${THIRD_PARTY} 0 typ host`);
  const sent = await checksSentFor(candidates);
  for (const address of addresses) {
    assert.ok(!sent.has(canonicalIpAddress(address) ?? address), address);
  }
  assert.ok(!sent.has(THIRD_PARTY));
});

const NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype"];

test("attribute names of Object.prototype are names like any other (prototype pollution)", async () => {
  const peer = new HostilePeer();
  const before = Object.keys(Object.prototype).length;
  await peer.secure((sdp) => {
    const lines = NAMES.map((name) => `a=${name}:polluted\r\na=${name}\r\na=fmtp:0 ${name}=1\r\n`);
    return sdp.replace("a=sctp-port", `${lines.join("")}a=sctp-port`);
  });
  assert.equal(peer.connection.connectionState, "connected");
  assert.equal(Object.keys(Object.prototype).length, before);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  const kept = peer.connection.remoteDescription!.sdp;
  for (const name of NAMES) assert.ok(kept.includes(`a=${name}:polluted`));
  await peer.close();
});

test("a description that a page parsed from hostile JSON pollutes nothing", async () => {
  const peer = new HostilePeer();
  const init = JSON.parse(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"type":"offer","sdp":"v=0"}',
  ) as { type: "offer"; sdp: string };
  await assert.rejects(peer.world.settle(peer.connection.setRemoteDescription(init)));
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  assert.equal(peer.connection.signalingState, "stable");
});

test("512 sections for data channels open one transport (caps)", async () => {
  const peer = new HostilePeer();
  await peer.secure((sdp) => {
    const at = sdp.indexOf("m=application");
    const section = sdp.slice(at);
    const more = Array.from({ length: 511 }, (_, index) =>
      section.replace("a=mid:0", `a=mid:more${index}`),
    );
    return sdp + more.join("");
  });
  assert.ok(peer.victim.host.resources.sockets <= 1);
  await peer.close();
});

const OVER_THE_CAPS: Readonly<Record<string, (sdp: string) => string>> = {
  "600 sections": (sdp) => sdp + "m=audio 0 RTP/AVP 0\r\n".repeat(600),
  "300 candidates": (sdp) => sdp + "a=candidate:1 1 udp 1 198.51.100.9 9 typ host\r\n".repeat(300),
  "3,000 attributes": (sdp) => sdp + "a=x\r\n".repeat(3_000),
  "a line of 20,000 characters": (sdp) => `${sdp}a=${"x".repeat(20_000)}\r\n`,
  "2 MB": (sdp) => sdp + `a=${"x".repeat(10_000)}\r\n`.repeat(200),
  "40,000 lines": (sdp) => sdp + "b=AS:1\r\n".repeat(40_000),
};

for (const [name, change] of Object.entries(OVER_THE_CAPS)) {
  test(`an offer with ${name} is refused with the limit in words, and changes nothing`, async () => {
    const peer = new HostilePeer();
    await assert.rejects(peer.secure(change), /limit|more than|longer|most/i);
    assert.equal(peer.connection.signalingState, "stable");
    assert.equal(peer.connection.remoteDescription, null);
    assert.deepEqual(peer.victim.host.resources, { sockets: 0, deadlines: 0 });
    await peer.close();
  });
}
