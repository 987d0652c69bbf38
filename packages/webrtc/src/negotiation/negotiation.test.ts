import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "vitest";

import { SeededRandom } from "../base/random.ts";
import {
  findAttribute,
  parseSessionDescription,
  SdpSyntaxError,
  serializeSessionDescription,
} from "../sdp/index.ts";
import {
  applyLocalDescription,
  applyRemoteDescription as applyRemote,
} from "./apply-description.ts";
import { addLocalCandidate, addRemoteCandidate } from "./candidates.ts";
import { createAnswer } from "./create-answer.ts";
import { createOffer } from "./create-offer.ts";
import { isLive } from "./media-section.ts";
import { NegotiationError } from "./negotiation-error.ts";
import { initialNegotiationState, type NegotiationState } from "./negotiation-state.ts";
import { isNegotiationNeeded } from "./negotiation-needed.ts";
import { planSession } from "./plan-session.ts";
import { rollBack } from "./roll-back.ts";

/** Descriptions of browsers and other peers; each file's origin is told beside it. */
const VECTORS = new URL("../../test/vectors/sdp/", import.meta.url);
const FINGERPRINT = Array.from({ length: 32 }, () => "AB").join(":");

function newState(sessionId: string): NegotiationState {
  return initialNegotiationState({
    fingerprints: [{ algorithm: "sha-256", value: FINGERPRINT }],
    tlsId: "0123456789abcdef0123456789abcdef",
    sessionId,
    maxReceiveMessageBytes: 262_144,
    bundlePolicy: "balanced",
    cname: "cname",
  });
}

const random = new SeededRandom(1);
const wantsData = { wantsDataChannel: true, random };

function applyRemoteDescription(
  state: NegotiationState,
  type: "offer" | "pranswer" | "answer",
  text: string,
): NegotiationState {
  return applyRemote(state, type, text, random);
}

function offered(state = newState("1")): { state: NegotiationState; text: string } {
  const { state: created, text } = createOffer(state, wantsData);
  return { state: applyLocalDescription(created, "offer", text), text };
}

function answered(offer: string, state = newState("2")): { state: NegotiationState; text: string } {
  const created = createAnswer(applyRemoteDescription(state, "offer", offer), random);
  return {
    state: applyLocalDescription(created.state, "answer", created.text),
    text: created.text,
  };
}

function connected(): { offerer: NegotiationState; answerer: NegotiationState } {
  const offer = offered();
  const answer = answered(offer.text);
  return {
    offerer: applyRemoteDescription(offer.state, "answer", answer.text),
    answerer: answer.state,
  };
}

function errorOf(action: () => unknown): NegotiationError {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof NegotiationError, String(error));
    return error;
  }
  return assert.fail("nothing was thrown");
}

test("an initial offer describes one data section as RFC 9429 §5.2.1 asks", () => {
  const { text } = offered();
  const { ufrag, password } = planSession(offered().state).transports[0]!.localIce;
  assert.ok(ufrag.length >= 4 && password.length >= 22);
  const lines = text.split("\r\n");
  assert.deepEqual(
    lines.map((line) => line.replace(/^(a=ice-(?:ufrag|pwd)):.*/, "$1:…")),
    [
      "v=0",
      "o=- 1 1 IN IP4 127.0.0.1",
      "s=-",
      "t=0 0",
      "a=group:BUNDLE 0",
      "a=ice-options:trickle ice2",
      "a=msid-semantic:WMS *",
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
      "c=IN IP4 0.0.0.0",
      "a=mid:0",
      "a=sctp-port:5000",
      "a=max-message-size:262144",
      "a=ice-ufrag:…",
      "a=ice-pwd:…",
      `a=fingerprint:sha-256 ${FINGERPRINT}`,
      "a=setup:actpass",
      "a=tls-id:0123456789abcdef0123456789abcdef",
      "",
    ],
  );
});

test("an offer without anything to offer has no sections and gives an empty plan", () => {
  const { state, text } = createOffer(newState("1"), { wantsDataChannel: false, random });
  assert.ok(!text.includes("m="));
  assert.deepEqual(planSession(applyLocalDescription(state, "offer", text)), { transports: [] });
});

test("two offers in a row are the same, so that the first stays settable (W3C createOffer)", () => {
  const first = createOffer(newState("1"), wantsData);
  assert.equal(createOffer(first.state, wantsData).text, first.text);
});

test("offer and answer give both sides matching plans", () => {
  const { offerer, answerer } = connected();
  const [ours] = planSession(offerer).transports;
  const [theirs] = planSession(answerer).transports;
  assert.equal(ours?.iceRole, "controlling");
  assert.equal(theirs?.iceRole, "controlled");
  assert.equal(ours?.dtls?.role, "server", "the answerer is active (RFC 8842 §5.3)");
  assert.equal(theirs?.dtls?.role, "client");
  assert.deepEqual(ours?.remote?.ice, { ...theirs?.localIce, isLite: false });
  assert.deepEqual(theirs?.remote?.ice, { ...ours?.localIce, isLite: false });
  assert.deepEqual(ours?.sctp, { localPort: 5000, remotePort: 5000, maxSendMessageBytes: 262_144 });
});

test("while only the offer is set, the plan has a transport that can gather and no more", () => {
  const [transport] = planSession(offered().state).transports;
  assert.deepEqual(Object.keys(transport ?? {}).toSorted(), ["iceRole", "localIce", "transportId"]);
});

test("a remote offer alone changes no plan; the answer does (RFC 9429 §5.11)", () => {
  const state = applyRemoteDescription(newState("2"), "offer", offered().text);
  assert.deepEqual(planSession(state), { transports: [] });
});

test("the second negotiation keeps MID, credentials and DTLS roles (RFC 9429 §5.2.2, RFC 8842 §5.3)", () => {
  const { offerer, answerer } = connected();
  const again = createOffer(answerer, wantsData);
  const pending = applyLocalDescription(again.state, "offer", again.text);
  assert.match(again.text, /a=setup:actpass/);
  assert.match(again.text, /o=- 2 2 IN/);
  const answer = answered(again.text, offerer);
  assert.match(answer.text, /a=setup:passive/, "the first offerer stays the DTLS server");
  const settled = applyRemoteDescription(pending, "answer", answer.text);
  assert.deepEqual(planSession(settled), planSession(answerer));
  assert.deepEqual(planSession(answer.state), planSession(offerer));
});

test("what no transceiver can take is refused with port zero and leaves the bundle (RFC 9429 §5.3.1)", () => {
  const offer = offered().text.replace(
    "m=application",
    "m=text 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:a\r\na=rtcp-mux\r\na=rtpmap:111 t140/1000\r\nm=application",
  );
  const { text } = answered(offer.replace("BUNDLE 0", "BUNDLE 0 a"));
  const answer = parseSessionDescription(text);
  assert.deepEqual(
    answer.media.map(({ kind, port }) => [kind, port]),
    [
      ["text", 0],
      ["application", 9],
    ],
  );
  assert.deepEqual(findAttribute(answer.attributes, "group")?.mids, ["0"]);
});

test("the old form of the article's appendix is answered in its own form", () => {
  const offer = [
    "v=0",
    "o=- 3939468060 3939468060 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "a=msid-semantic:WMS *",
    "m=application 47419 DTLS/SCTP 5000",
    "c=IN IP4 192.168.1.158",
    "a=mid:0",
    "a=sctpmap:5000 webrtc-datachannel 65535",
    "a=max-message-size:65536",
    "a=candidate:92f48e2b25b0cf96833e74c0e6d4b612 1 udp 2130706431 192.168.1.158 47419 typ host",
    "a=end-of-candidates",
    "a=ice-ufrag:WnTS",
    "a=ice-pwd:TNMCpvqGZ4terU2c1tbn6w",
    `a=fingerprint:sha-256 ${FINGERPRINT}`,
    "a=setup:actpass",
    "",
  ].join("\r\n");
  const { state, text } = answered(offer);
  assert.match(text, /m=application 9 DTLS\/SCTP 5000\r\n/);
  assert.match(text, /a=sctpmap:5000 webrtc-datachannel 65535\r\n/);
  const [plan] = planSession(state).transports;
  assert.equal(plan?.remote?.candidates.length, 1);
  assert.equal(plan?.remote?.hasAllCandidates, true);
  assert.equal(plan?.sctp?.maxSendMessageBytes, 65_536);
});

test("an offer without BUNDLE and mid is answered without them (RFC 9429 §5.10)", () => {
  const offer = offered().text.replace("a=group:BUNDLE 0\r\n", "").replace("a=mid:0\r\n", "");
  const { text, state } = answered(offer);
  assert.ok(!text.includes("BUNDLE") && !text.includes("a=mid"));
  assert.equal(planSession(state).transports.length, 1);
});

test("transport attributes are found at the session level and in the bundle's first section", () => {
  const { text } = offered();
  const ice = /a=ice-ufrag:.*\r\na=ice-pwd:.*\r\na=fingerprint:.*\r\n/.exec(text)![0];
  const raised = text.replace(ice, "").replace("a=ice-options", `${ice}a=ice-options`);
  const [plan] = planSession(answered(raised).state).transports;
  assert.deepEqual(plan?.dtls?.remoteFingerprints, [{ algorithm: "sha-256", value: FINGERPRINT }]);
});

const SPOILED: readonly (readonly [string, RegExp | string, string, RegExp])[] = [
  ["no fingerprint", /a=fingerprint:.*\r\n/, "", /a=fingerprint/],
  ["no ICE credentials", /a=ice-pwd:.*\r\n/, "", /a=ice-ufrag and a=ice-pwd/],
  ["setup:holdconn", "setup:actpass", "setup:holdconn", /holdconn/],
];

test.each(SPOILED)("an offer with %s is refused by name", (_title, part, replacement, message) => {
  const { text } = offered();
  const error = errorOf(() =>
    applyRemoteDescription(newState("2"), "offer", text.replace(part, replacement)),
  );
  assert.equal(error.kind, "invalidContent");
  assert.match(error.message, message);
});

test.each([
  ["setup:actpass", "a=setup:active", "a=setup:actpass", /active or passive/],
  ["no section", /m=[^]*$/, "", /0 sections, the offer 1/],
  ["another kind", /m=application .*/, "m=audio 9 UDP/TLS/RTP/SAVPF 0", /"audio"/],
  ["another mid", "a=mid:0", "a=mid:7", /mid "7"/],
] as const)("an answer with %s is refused by name", (_title, part, replacement, message) => {
  const offer = offered();
  const answer = answered(offer.text).text.replace(part, replacement);
  const error = errorOf(() => applyRemoteDescription(offer.state, "answer", answer));
  assert.equal(error.kind, "invalidContent");
  assert.match(error.message, message);
});

test("a local description must be the one that was created (W3C setLocalDescription)", () => {
  const { state, text } = createOffer(newState("1"), wantsData);
  const error = errorOf(() => applyLocalDescription(state, "offer", `${text}a=x\r\n`));
  assert.equal(error.kind, "invalidModification");
});

test("rollback forgets the pending offer of either side and nothing else", () => {
  const { offerer } = connected();
  const pending = offered(offerer).state;
  const back = rollBack(pending, "local");
  assert.equal(back.signalingState, "stable");
  assert.equal(back.pendingLocal, undefined);
  assert.deepEqual(planSession(back), planSession(offerer));
  const first = rollBack(offered().state, "remote");
  assert.deepEqual(planSession(first), { transports: [] });
  assert.equal(first.iceRole, undefined, "the next offer decides anew who controls");
});

test("a refused data section is offered again in its place (RFC 9429 §5.2.2)", () => {
  const offer = offered();
  const refusal = answered(offer.text).text.replace(/m=application 9/, "m=application 0");
  const state = applyRemoteDescription(offer.state, "answer", refusal);
  assert.deepEqual(planSession(state), { transports: [] });
  const { state: created, text } = createOffer(state, wantsData);
  const pending = applyLocalDescription(created, "offer", text);
  assert.equal(planSession(pending).transports[0]?.transportId, "1", "it can gather");
  const media = parseSessionDescription(text).media;
  assert.deepEqual(
    media.map(({ port, attributes }) => [port, findAttribute(attributes, "mid")?.mid]),
    [[9, "1"]],
  );
});

const CANDIDATE = {
  foundation: "1",
  component: 1,
  transport: "udp",
  priority: 2_130_706_431,
  address: "198.51.100.7",
  port: 5001,
  type: "host",
  extensions: [],
} as const;

test("gathered candidates stand in the local description, with the default one in m= and c=", () => {
  let { state } = offered();
  state = addLocalCandidate(state, "0", { ...CANDIDATE, address: "2001:db8::1", port: 5002 });
  assert.match(
    serializeSessionDescription(state.pendingLocal!.parsed),
    /m=application 5002[^]*c=IN IP6 2001:db8::1/,
  );
  state = addLocalCandidate(state, "0", CANDIDATE);
  state = addLocalCandidate(state, "0", undefined);
  const text = serializeSessionDescription(state.pendingLocal!.parsed);
  assert.match(text, /m=application 5001/);
  assert.match(text, /c=IN IP4 198\.51\.100\.7/);
  assert.match(
    text,
    /a=candidate:1 1 udp 2130706431 198\.51\.100\.7 5001 typ host\r\na=end-of-candidates\r\n$/,
  );
});

test("later offers carry what was gathered", () => {
  const { offerer } = connected();
  const { text } = createOffer(addLocalCandidate(offerer, "0", CANDIDATE), wantsData);
  assert.match(text, /m=application 5001/);
  assert.match(text, /typ host/);
});

test("a remote candidate is found by mid or index and reaches the plan", () => {
  const { offerer } = connected();
  for (const target of [
    { mid: "0", mediaIndex: null, ufrag: null },
    { mid: null, mediaIndex: 0, ufrag: null },
    { mid: "0", mediaIndex: null, ufrag: planSession(offerer).transports[0]!.remote!.ice.ufrag },
  ]) {
    const plan = planSession(addRemoteCandidate(offerer, target, CANDIDATE)).transports[0];
    assert.equal(plan?.remote?.candidates[0]?.address, CANDIDATE.address);
  }
});

test("the end of candidates without a target concerns all sections", () => {
  const { offerer } = connected();
  const state = addRemoteCandidate(
    offerer,
    { mid: null, mediaIndex: null, ufrag: null },
    undefined,
  );
  assert.equal(planSession(state).transports[0]?.remote?.hasAllCandidates, true);
});

test.each([
  [{ mid: "9", mediaIndex: null, ufrag: null }, /mid "9"/],
  [{ mid: null, mediaIndex: 1, ufrag: null }, /sdpMLineIndex is 1/],
  [{ mid: "0", mediaIndex: null, ufrag: "other" }, /"other"/],
] as const)("a remote candidate for %o is refused", (target, message) => {
  const { offerer } = connected();
  assert.match(errorOf(() => addRemoteCandidate(offerer, target, CANDIDATE)).message, message);
});

test("a candidate before any remote description is refused as too early", () => {
  const target = { mid: "0", mediaIndex: null, ufrag: null };
  assert.equal(
    errorOf(() => addRemoteCandidate(newState("1"), target, CANDIDATE)).kind,
    "invalidState",
  );
});

test("another password for the same username fragment is refused (RFC 8839 §4.4.1.1.1)", () => {
  const { offerer, answerer } = connected();
  const { text } = createOffer(answerer, wantsData);
  const changed = text.replace(/a=ice-pwd:.*/, `a=ice-pwd:${"p".repeat(24)}`);
  const error = errorOf(() => applyRemoteDescription(offerer, "offer", changed));
  assert.equal(error.kind, "invalidContent");
  assert.match(error.message, /another a=ice-pwd/);
});

test("a data section that contradicts itself is refused when it is set, not when it is answered", () => {
  const text = offered().text.replace("webrtc-datachannel", "webrtc-datachannel 5000");
  assert.throws(() => applyRemoteDescription(newState("2"), "offer", text), SdpSyntaxError);
});

test("a candidate twice counts once, and a flood of them is capped at what can be read back", () => {
  const target = { mid: "0", mediaIndex: null, ufrag: null };
  let state = addRemoteCandidate(connected().offerer, target, CANDIDATE);
  assert.equal(
    addRemoteCandidate(state, target, CANDIDATE).currentRemote!.parsed.media[0],
    state.currentRemote!.parsed.media[0],
  );
  for (let port = 1; port <= 400; port++) {
    state = addRemoteCandidate(state, target, { ...CANDIDATE, port });
  }
  const { parsed } = state.currentRemote!;
  assert.equal(planSession(state).transports[0]!.remote!.candidates.length, 256);
  parseSessionDescription(serializeSessionDescription(parsed));
});

test("an offer of media in the clear, or without rtcp-mux, is refused whole (RFC 8827 §6.5, RFC 9429 §4.1.1)", () => {
  const media = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:a\r\n";
  const { text } = offered();
  const bundled = text
    .replace("BUNDLE 0", "BUNDLE 0 a")
    .concat(media, "a=rtpmap:111 opus/48000/2\r\n");
  assert.match(refusalOf(bundled), /a=rtcp-mux/);
  const apart = text.concat(media, "a=rtcp-mux\r\n");
  assert.match(refusalOf(apart), /section 1 \(mid "a"\) has no a=ice-ufrag/);
  const rejected = text.concat(media.replace("m=audio 9", "m=audio 0"));
  assert.equal(answered(rejected).state.signalingState, "stable", "port zero needs nothing");
});

function refusalOf(offer: string): string {
  const error = errorOf(() => applyRemoteDescription(newState("2"), "offer", offer));
  assert.equal(error.kind, "invalidContent");
  return error.message;
}

test("a section in use keeps its mid, one that was refused may get another (RFC 9429 §5.2.2)", () => {
  const { offerer, answerer } = connected();
  const renamed = createOffer(answerer, wantsData).text.replaceAll(/mid:0|BUNDLE 0/g, (name) =>
    name.replace("0", "7"),
  );
  const error = errorOf(() => applyRemoteDescription(offerer, "offer", renamed));
  assert.match(error.message, /section 0 has mid "7", but had "0"/);
  const fewer = createOffer(answerer, wantsData).text.replace(/m=[^]*/, "");
  assert.match(
    errorOf(() => applyRemoteDescription(offerer, "offer", fewer)).message,
    /the offer has 0 sections/,
  );
});

test("the final answer cannot change what ICE runs on since the provisional one (RFC 8839 §4.4.1.1.1)", () => {
  const offer = offered();
  const answer = answered(offer.text).text;
  const provisional = applyRemoteDescription(offer.state, "pranswer", answer);
  const other = answer.replace(/a=ice-ufrag:.*/, "a=ice-ufrag:other");
  assert.equal(
    errorOf(() => applyRemoteDescription(provisional, "answer", other)).kind,
    "unsupported",
  );
  assert.equal(applyRemoteDescription(provisional, "answer", answer).signalingState, "stable");
});

test("the plan's list of remote candidates only grows, whatever later descriptions repeat", () => {
  const { offerer, answerer } = connected();
  const target = { mid: "0", mediaIndex: null, ufrag: null };
  const at = (port: number): typeof CANDIDATE => ({ ...CANDIDATE, port }) as typeof CANDIDATE;
  const ports = (state: NegotiationState): readonly number[] =>
    planSession(state).transports[0]!.remote!.candidates.map(({ port }) => port);
  let state = addRemoteCandidate(offerer, target, at(1));
  state = addRemoteCandidate(state, target, at(2));
  const peer = addLocalCandidate(addLocalCandidate(answerer, "0", at(2)), "0", at(3));
  const again = createOffer(peer, wantsData);
  const next = answered(again.text, state).state;
  assert.deepEqual(ports(next), [1, 2, 3]);
  assert.deepEqual(ports(addRemoteCandidate(next, target, at(4))), [1, 2, 3, 4]);
  const rolledBack = rollBack(applyRemoteDescription(state, "offer", again.text), "remote");
  assert.deepEqual(ports(rolledBack), [1, 2]);
});

test("gathered candidates stay when a text from before the gathering is set (RFC 9429 §5.9)", () => {
  const created = createOffer(newState("1"), wantsData);
  const first = applyLocalDescription(created.state, "offer", created.text);
  const gathered = addLocalCandidate(first, "0", CANDIDATE);
  const again = applyLocalDescription(gathered, "offer", created.text);
  assert.deepEqual(again.pendingLocal!.parsed.media, gathered.pendingLocal!.parsed.media);
});

test("where state and text are both wrong, the state is named", () => {
  const { state, text } = offered();
  const error = errorOf(() => applyLocalDescription(state, "answer", `${text}a=x\r\n`));
  assert.equal(error.kind, "invalidState");
});

test.each(
  readdirSync(VECTORS)
    .filter((name) => name.endsWith("offer.sdp"))
    .map((name) => [name]),
)("the recorded %s is answered: all that it offers is taken, in one transport", (name) => {
  const offer = readFileSync(new URL(name, VECTORS), "utf8").replaceAll(/\r?\n/g, "\r\n");
  const parsed = parseSessionDescription(offer);
  const { text, state } = answered(offer);
  const answer = parseSessionDescription(text);
  assert.deepEqual(
    answer.media.map(({ kind, port, protocol }) => [kind, port, protocol]),
    parsed.media.map(({ kind, protocol }, index) => [
      kind,
      isLive(parsed, index) ? 9 : 0,
      protocol,
    ]),
  );
  const [plan, ...others] = planSession(state).transports;
  assert.equal(others.length, 0);
  assert.equal(
    plan?.hasRtp === true,
    parsed.media.some(({ kind }) => kind !== "application"),
  );
  assert.equal(
    plan?.sctp !== undefined,
    parsed.media.some(({ kind }) => kind === "application"),
  );
  assert.equal(isNegotiationNeeded(state, true), plan?.sctp === undefined);
});

test.each([
  ["certificate", /a=fingerprint:sha-256 AB/, "a=fingerprint:sha-256 CD"],
  ["SCTP port", "a=sctp-port:5000", "a=sctp-port:5001"],
] as const)(
  "another %s in a later offer is refused in words: what was checked stays what is described",
  (_what, part, replacement) => {
    const { offerer, answerer } = connected();
    const text = createOffer(answerer, wantsData).text.replace(part, replacement);
    const error = errorOf(() => applyRemoteDescription(offerer, "offer", text));
    assert.equal(error.kind, "unsupported");
    assert.match(error.message, /new DTLS or SCTP association/);
  },
);

test.each(["constructor", "__proto__", "toString"])(
  'a section that is called "%s" is like any other (prototype names)',
  (mid) => {
    const offer = offered()
      .text.replace("a=mid:0", `a=mid:${mid}`)
      .replace("BUNDLE 0", `BUNDLE ${mid}`);
    const { state, text } = answered(offer);
    assert.match(text, new RegExp(`a=mid:${mid}\\r\\n`));
    assert.equal(planSession(state).transports[0]?.transportId, mid);
    const target = { mid, mediaIndex: null, ufrag: null };
    const extended = addRemoteCandidate(state, target, CANDIDATE);
    assert.equal(planSession(extended).transports[0]?.remote?.candidates.length, 1);
  },
);
