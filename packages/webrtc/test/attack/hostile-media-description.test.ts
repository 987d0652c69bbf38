import assert from "node:assert/strict";
import { test } from "vitest";

import { NegotiationError, planSession } from "../../src/negotiation/index.ts";
import { SdpSyntaxError } from "../../src/sdp/index.ts";
import { NegotiatingPeer, negotiate } from "../support/negotiating-peer.ts";
import { Lab } from "../connection/support/lab.ts";
import {
  audioSection,
  dataSection,
  describe,
  FINGERPRINT,
  lookupsOf,
  manyMids,
  PROTOTYPE_NAMES,
  transport,
  videoSection,
} from "./support/hostile-media.ts";

/** A victim with audio, video and data in its offer, and the honest answer to it. */
function answeredOffer(): { readonly victim: NegotiatingPeer; readonly answer: string } {
  const victim = new NegotiatingPeer(1);
  const honest = new NegotiatingPeer(2);
  victim.add("audio");
  victim.add("video");
  victim.wantsDataChannel = true;
  honest.take(victim.offer());
  return { victim, answer: honest.answer() };
}

/** The sections of a text, the session level first. */
function parts(sdp: string): string[] {
  return sdp.split(/(?=m=)/);
}

function changeSection(sdp: string, index: number, change: (text: string) => string): string {
  return parts(sdp)
    .map((text, at) => (at === index + 1 ? change(text) : text))
    .join("");
}

const REFUSED_ANSWERS: Readonly<Record<string, readonly [(sdp: string) => string, RegExp]>> = {
  "takes DTLS-SRTP down to RTP/AVP in the section that speaks for the bundle": [
    (sdp) =>
      changeSection(sdp, 0, (text) =>
        text.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP").replace(/a=fingerprint.*\r\n/, ""),
      ),
    /section 0 of the answer is "RTP\/AVP" without a fingerprint.*RFC 8827 §6\.5/,
  ],
  "takes DTLS-SRTP down to RTP/SAVPF, with an SDES key": [
    (sdp) =>
      changeSection(sdp, 0, (text) =>
        text
          .replace("UDP/TLS/RTP/SAVPF", "RTP/SAVPF")
          .replace(
            /a=fingerprint.*/,
            `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${"A".repeat(40)}`,
          ),
      ),
    /section 0 of the answer is "RTP\/SAVPF" without a fingerprint/,
  ],
  "has no fingerprint in the section that speaks for the bundle": [
    (sdp) => changeSection(sdp, 0, (text) => text.replace(/a=fingerprint.*\r\n/, "")),
    /section 0 \(mid "0"\) has no a=fingerprint/,
  ],
  "accepts a section as something else": [
    (sdp) => changeSection(sdp, 1, (text) => text.replace("m=video", "m=audio")),
    /section 1 of the answer is "audio"/,
  ],
  "names the sections the other way round": [
    (sdp) =>
      sdp.replace("a=mid:0", "a=mid:x").replace("a=mid:1", "a=mid:0").replace("a=mid:x", "a=mid:1"),
    /section 0 of the answer has mid "1"/,
  ],
  "bundles a section that there is not": [
    (sdp) => sdp.replace("a=group:BUNDLE 0", "a=group:BUNDLE 0 zz"),
    /a=group:BUNDLE names "zz"/,
  ],
  "names a section twice in its group": [
    (sdp) => sdp.replace("a=group:BUNDLE 0", "a=group:BUNDLE 0 0"),
    /section "0" is in its BUNDLE group twice/,
  ],
  "has a section more": [(sdp) => sdp + audioSection("9"), /4 sections, the offer 3/],
  "leaves the roles open": [
    (sdp) => sdp.replace(/a=setup:\w+/g, "a=setup:actpass"),
    /must say a=setup:active or passive/,
  ],
};

for (const [name, [change, reason]] of Object.entries(REFUSED_ANSWERS)) {
  test(`an answer that ${name} is refused, and changes nothing`, () => {
    const { victim, answer } = answeredOffer();
    const before = victim.state;
    assert.notEqual(change(answer), answer);
    assert.throws(
      () => victim.setRemote("answer", change(answer)),
      (error) => error instanceof NegotiationError && reason.test(error.message),
    );
    assert.equal(victim.state, before);
    victim.setRemote("answer", answer);
    assert.equal(victim.state.signalingState, "stable");
  });
}

test("an answer that accepts what this side has stopped is refused (RFC 3264 §6)", () => {
  const { victim, answer } = answeredOffer();
  victim.setRemote("answer", answer);
  victim.change(victim.transceivers[1]!.id, { isStopping: true, direction: "inactive" });
  victim.offer();
  assert.throws(() => victim.setRemote("answer", answer), /section 1 accepts what was not offered/);
});

test("an answer that bundles what was offered apart is refused (RFC 8843 §7.3)", () => {
  const victim = new NegotiatingPeer(1);
  victim.take(describe([audioSection("a"), videoSection("v")]));
  victim.answer();
  const offer = victim.offer();
  assert.doesNotMatch(offer, /a=group:BUNDLE/);
  const together = describe(
    [audioSection("a", "a=sendonly\r\n"), videoSection("v", "a=sendonly\r\n")],
    [["a", "v"]],
    transport("abcd", undefined, "passive"),
  );
  assert.throws(
    () => victim.setRemote("answer", together),
    /bundles section 0 .* with what the offer did not/,
  );
});

test("header extensions that an answer invents are not negotiated (RFC 8285 §6)", () => {
  const { victim, answer } = answeredOffer();
  const hostile = answer.replaceAll(
    "a=rtcp-mux\r\n",
    "a=rtcp-mux\r\na=extmap:251 urn:invented\r\na=extmap:252 __proto__\r\n",
  );
  victim.setRemote("answer", hostile);
  for (const { negotiatedHeaderExtensions } of victim.transceivers) {
    assert.ok(negotiatedHeaderExtensions.length > 0);
    assert.ok(negotiatedHeaderExtensions.every(({ id }) => id < 250));
  }
});

test("an answer that numbers header extensions in its own way is refused (RFC 8285 §5)", () => {
  const { victim, answer } = answeredOffer();
  const before = victim.state;
  const hostile = answer.replaceAll(/a=extmap:\d+ (\S+mid)/g, "a=extmap:250 $1");
  assert.throws(() => victim.setRemote("answer", hostile), /a=extmap:250 .* fixed for the session/);
  assert.equal(victim.state, before);
});

test("codecs that were not offered, and numbers with other meanings, are not sent (RFC 3264 §6.1)", () => {
  const { victim, answer } = answeredOffer();
  const hostile = changeSection(answer, 0, (text) =>
    text
      .replace(/^(m=audio \d+ \S+) .*$/m, "$1 111 36 37")
      .replace("a=recvonly", "a=sendrecv")
      .replace(
        "a=rtcp-mux\r\n",
        "a=rtcp-mux\r\na=rtpmap:36 evil/48000\r\na=rtpmap:37 __proto__/8000\r\n",
      ),
  );
  victim.setRemote("answer", hostile);
  const [audio] = victim.transceivers;
  assert.deepEqual(
    audio!.sender.codecs.map(({ mimeType }) => mimeType),
    ["audio/opus"],
  );
  assert.deepEqual(
    audio!.receiver.codecs.map(({ mimeType }) => mimeType),
    ["audio/opus"],
  );
});

test("an answer has no more layers than were offered, whatever RIDs it lists (RFC 8853 §5.3.3)", () => {
  const victim = new NegotiatingPeer(1);
  const honest = new NegotiatingPeer(2);
  const rids = ["h", "l"];
  const encodings = rids.map(
    (rid) => ({ rid, active: true, priority: "low", networkPriority: "low" }) as const,
  );
  victim.add("video", { encodings });
  honest.take(victim.offer());
  const names = manyMids(900, "r");
  const lines = [...rids, ...names].map((rid) => `a=rid:${rid} recv\r\n`).join("");
  const simulcast = `a=simulcast:recv ${[...names, ...rids].join(";")}\r\n`;
  const answer = honest.answer().replace(/a=(rid|simulcast):.*\r\n/g, "");
  victim.setRemote("answer", answer + lines + simulcast);
  assert.deepEqual(
    victim.transceivers[0]!.sender.encodings.map(({ rid }) => rid),
    rids,
  );
});

test("fifty layers that an offer asks for are eight", () => {
  const victim = new NegotiatingPeer(1);
  const names = [...PROTOTYPE_NAMES.slice(1, 3), ...manyMids(50, "r")];
  const lines = names.map((rid) => `a=rid:${rid} recv\r\n`).join("");
  victim.take(describe([videoSection("v", `${lines}a=simulcast:recv ${names.join(";")}\r\n`)]));
  const { encodings } = victim.transceivers[0]!.sender;
  assert.deepEqual(
    encodings.map(({ rid }) => rid),
    ["constructor", "toString", ...manyMids(6, "r")],
  );
  assert.ok(victim.answer().length < 8_000);
});

test("an answer to RED repeats no list of any length (RFC 2198 §5)", () => {
  const victim = new NegotiatingPeer(1);
  const red = (blocks: number): string =>
    audioSection(
      "a",
      `a=rtpmap:63 red/48000/2\r\na=fmtp:63 ${Array.from({ length: blocks }, () => "111").join("/")}\r\n`,
    );
  victim.take(describe([red(4_000).replace(" 111\r\n", " 111 63\r\n")]));
  assert.doesNotMatch(victim.answer(), /red\/48000/);
  victim.take(describe([red(2).replace(" 111\r\n", " 111 63\r\n")]));
  assert.match(victim.answer(), /a=fmtp:63 111\/111\r\n/);
});

test("names of Object.prototype as mid, stream, track, RID, URI and parameter are names like any other", async () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  const lab = new Lab();
  const victim = lab.connection();
  const sections = PROTOTYPE_NAMES.map((name) =>
    videoSection(
      name,
      [
        `a=msid:${name} ${name}`,
        `a=extmap:3 ${name}`,
        `a=rid:${name} recv`,
        `a=simulcast:recv ${name}`,
        `a=fmtp:96 ${name}=1`,
        `a=ssrc:1 cname:${name}`,
        `a=${name}:1`,
        "",
      ].join("\r\n"),
    ),
  );
  const streams: string[] = [];
  victim.addEventListener("track", (event) => streams.push(...event.streams.map(({ id }) => id)));
  await lab.run(
    victim.setRemoteDescription({ type: "offer", sdp: describe(sections, [PROTOTYPE_NAMES]) }),
  );
  await lab.run(victim.setLocalDescription());
  assert.deepEqual(
    victim.getTransceivers().map(({ mid }) => mid),
    PROTOTYPE_NAMES,
  );
  assert.deepEqual(streams, PROTOTYPE_NAMES);
  assert.ok((await lab.run(victim.getStats())).size > 0);
  await lab.run(
    victim.setRemoteDescription({ type: "offer", sdp: describe(sections, [PROTOTYPE_NAMES]) }),
  );
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  await lab.close();
});

const LONG = "z".repeat(16_000);
const QUOTING: Readonly<Record<string, string>> = {
  "a mid": describe([audioSection(LONG)]),
  "a mid twice": describe([audioSection(LONG), audioSection(LONG)]),
  "a name in a group": describe([audioSection("a")], [["a", LONG]]),
  "the URIs of one id": describe([
    audioSection("a", `a=extmap:1 u${LONG}\r\na=extmap:1 v${LONG}\r\n`),
  ]),
  "a kind": describe([audioSection("a")]).replace("m=audio", `m=${LONG}`),
  "a profile": describe([audioSection("a")])
    .replace("UDP/TLS/RTP/SAVPF", `${LONG}/TLS/`)
    .replace(FINGERPRINT, ""),
};

for (const [name, sdp] of Object.entries(QUOTING)) {
  test(`an error shortens what it quotes of a peer: ${name} of 16,000 characters`, () => {
    const victim = new NegotiatingPeer(1);
    victim.take(describe([audioSection("a")]));
    victim.answer();
    assert.throws(
      () => victim.take(sdp),
      (error) => {
        assert.ok(
          error instanceof NegotiationError || error instanceof SdpSyntaxError,
          String(error),
        );
        assert.match(error.message, /section|line|group/i);
        return error.message.length < 600;
      },
    );
  });
}

test("a candidate's target that there is not is quoted in few characters", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  await lab.run(victim.setRemoteDescription({ type: "offer", sdp: describe([audioSection("a")]) }));
  const candidate = "candidate:1 1 udp 1 192.0.2.9 9 typ host";
  for (const target of [{ sdpMid: LONG }, { sdpMid: "a", usernameFragment: LONG }]) {
    await assert.rejects(
      lab.run(victim.addIceCandidate({ candidate, ...target })),
      (error) => error instanceof DOMException && error.message.length < 300,
    );
  }
  await lab.close();
});

const DOWNGRADES: Readonly<Record<string, string>> = {
  "RTP/AVP": "RTP/AVP",
  "RTP/AVPF": "RTP/AVPF",
  "RTP/SAVPF with an SDES key": "RTP/SAVPF",
};

for (const [name, profile] of Object.entries(DOWNGRADES)) {
  test(`an offer of ${name} without a fingerprint is answered with port 0, and opens no socket (RFC 8827 §6.5)`, async () => {
    const lab = new Lab();
    const host = lab.host();
    const victim = lab.connection({}, {}, host);
    const crypto = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${"A".repeat(40)}\r\n`;
    const section = audioSection("a", crypto).replace("UDP/TLS/RTP/SAVPF", profile);
    const sdp = describe([section], [], transport("abcd", ""));
    await lab.run(victim.setRemoteDescription({ type: "offer", sdp }));
    await lab.run(victim.setLocalDescription());
    await lab.settleNow();
    assert.match(victim.localDescription!.sdp, /^m=audio 0 /m);
    assert.equal(host.resources.sockets, 0);
    assert.deepEqual(victim.getSenders(), []);
    await lab.close();
  });
}

test("of several fingerprints in one bundle those of the section that speaks for it count (RFC 8843 §9.1)", () => {
  const victim = new NegotiatingPeer(1);
  const other = FINGERPRINT.replaceAll("AB", "CD");
  victim.take(
    describe(
      [audioSection("a"), videoSection("v", other), dataSection("d") + other],
      [["a", "v", "d"]],
    ),
  );
  victim.answer();
  const { transports } = planSession(victim.state);
  assert.equal(transports.length, 1);
  assert.deepEqual(
    transports[0]!.dtls!.remoteFingerprints.map(({ value }) => value.slice(0, 2)),
    ["AB"],
  );
});

const LATER_OFFERS: Readonly<Record<string, readonly [string, RegExp]>> = {
  "has another certificate": [
    describe(
      [audioSection("a"), videoSection("v")],
      [["a", "v"]],
      transport("abcd", FINGERPRINT.replaceAll("AB", "CD")),
    ),
    /another a=fingerprint/,
  ],
  "takes the bundle apart": [
    describe([audioSection("a"), videoSection("v", transport("wxyz"))], [["a"]]),
    /has left its bundle/,
  ],
  "makes two bundles of one": [
    describe([audioSection("a"), videoSection("v")], [["a"], ["v"]]),
    /has left its bundle/,
  ],
  "exchanges the mids": [
    describe([audioSection("v"), videoSection("a")], [["a", "v"]]),
    /section 0 has mid "v", but had "a"/,
  ],
  "has fewer sections": [describe([audioSection("a")], [["a"]]), /1 sections, the session has 2/],
  "has another password under the same name": [
    describe(
      [audioSection("a"), videoSection("v")],
      [["a", "v"]],
      transport().replace("ppp", "qqq"),
    ),
    /another a=ice-pwd/,
  ],
  "drops the encryption of a section in the bundle": [
    describe(
      [audioSection("a"), videoSection("v", transport("abcd", ""))],
      [["a", "v"]],
      transport("abcd", ""),
    ),
    /fingerprint/,
  ],
};

for (const [name, [sdp, reason]] of Object.entries(LATER_OFFERS)) {
  test(`a later offer that ${name} is refused, and changes nothing`, () => {
    const victim = new NegotiatingPeer(1);
    victim.take(describe([audioSection("a"), videoSection("v")], [["a", "v"]]));
    victim.answer();
    const before = victim.state;
    assert.throws(
      () => victim.take(sdp),
      (error) => error instanceof NegotiationError && reason.test(error.message),
    );
    assert.equal(victim.state, before);
  });
}

test("sections that a later offer moves into one bundle share its transport, and the others are planned away", () => {
  const victim = new NegotiatingPeer(1);
  const sections = [audioSection("a"), videoSection("v"), dataSection("d")];
  for (const groups of [
    [],
    [["v", "a"]],
    [["v", "a", "d"]],
    [["d", "v", "a"]],
    [["a", "d", "v"]],
  ]) {
    victim.take(describe(sections, groups));
    victim.answer();
    const { transports } = planSession(victim.state);
    assert.equal(transports.length, groups.length === 0 ? 3 : 4 - groups[0]!.length);
    assert.equal(transports.filter(({ sctp }) => sctp !== undefined).length, 1);
  }
});

test("the work for an offer of 512 sections, bundled or not, is bounded (counted, not timed)", () => {
  const mids = manyMids(511);
  const shapes: Readonly<Record<string, readonly (readonly string[])[]>> = {
    "none is bundled": [],
    "all but the one for data": [mids],
    all: [[...mids, "d"]],
    "two by two": mids
      .slice(0, 510)
      .flatMap((mid, index) => (index % 2 === 0 ? [[mid, mids[index + 1]!]] : [])),
  };
  for (const [name, groups] of Object.entries(shapes)) {
    const victim = new NegotiatingPeer(1, "max-compat");
    const sdp = describe([...mids.map((mid) => audioSection(mid)), dataSection("d")], groups);
    const cost = lookupsOf(() => {
      victim.take(sdp);
      victim.answer();
      victim.take(sdp);
      victim.rollBack("remote");
    });
    assert.ok(cost < 6_000_000, `${name}: ${cost} look-ups`);
  }
});

test("an answer to 512 sections on transports of their own opens no more than 32 of them", () => {
  const mids = manyMids(512);
  const victim = new NegotiatingPeer(1, "max-compat");
  victim.take(describe(mids.map((mid) => audioSection(mid))));
  const answer = victim.answer();
  assert.equal(planSession(victim.state).transports.length, 32);
  assert.equal(answer.match(/^m=audio 0 /gm)!.length, 480);
  assert.equal(victim.transceivers.length, 32);
});

test("a restart of all that there is keeps its transports, though they are as many as there may be", () => {
  const mids = manyMids(32);
  const victim = new NegotiatingPeer(1, "max-compat");
  for (const ufrag of ["abcd", "efgh"]) {
    victim.take(
      describe(
        mids.map((mid) => audioSection(mid)),
        [],
        transport(ufrag),
      ),
    );
    assert.doesNotMatch(victim.answer(), /^m=audio 0 /m);
  }
  const honest = new NegotiatingPeer(2);
  honest.add("audio");
  negotiate(honest, new NegotiatingPeer(3));
  assert.equal(honest.state.signalingState, "stable");
});
