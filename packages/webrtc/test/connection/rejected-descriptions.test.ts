import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";

import type { RTCSessionDescriptionInit } from "../../src/w3c/rtc-session-description.ts";
import { RTCError } from "../../src/w3c/rtc-error.ts";
import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { Lab, observe, record } from "./support/lab.ts";
import { sharedCertificate } from "./support/shared-certificate.ts";

type Attempt = (connection: RTCPeerConnection) => Promise<unknown>;

const setLocal =
  (description: RTCSessionDescriptionInit): Attempt =>
  (connection) =>
    connection.setLocalDescription(description);
const setRemote =
  (description: RTCSessionDescriptionInit): Attempt =>
  (connection) =>
    connection.setRemoteDescription(description);

/** A connection in each signaling state, with what its peer would say next. */
async function inState(
  lab: Lab,
  state: string,
): Promise<{ connection: RTCPeerConnection; offer: string; answer: string }> {
  const configuration = { certificates: [await sharedCertificate()] };
  const connection = lab.connection(configuration);
  const peer = lab.connection(configuration);
  connection.createDataChannel("ours");
  peer.createDataChannel("theirs");
  const offer = (await lab.run(peer.createOffer())).sdp!;
  const other = lab.connection(configuration);
  const ownOffer = await lab.run(connection.createOffer());
  await lab.run(other.setRemoteDescription(ownOffer));
  const answer = (await lab.run(other.createAnswer())).sdp!;
  if (state === "have-local-offer" || state === "have-remote-pranswer")
    await lab.run(connection.setLocalDescription(ownOffer));
  if (state === "have-remote-pranswer")
    await lab.run(connection.setRemoteDescription({ type: "pranswer", sdp: answer }));
  if (state === "have-remote-offer" || state === "have-local-pranswer")
    await lab.run(connection.setRemoteDescription({ type: "offer", sdp: offer }));
  if (state === "have-local-pranswer")
    await lab.run(connection.setLocalDescription({ type: "pranswer" }));
  await lab.settleNow();
  assert.equal(connection.signalingState, state);
  return { connection, offer, answer };
}

/** Runs `attempt`, which must fail, and compares all that can be seen before and after. */
async function rejects(
  lab: Lab,
  connection: RTCPeerConnection,
  attempt: Attempt,
): Promise<DOMException> {
  const before = observe(connection);
  const log = record(connection);
  const error = await lab.run(
    attempt(connection).then(
      () => assert.fail("it was accepted"),
      (reason: unknown) => reason,
    ),
  );
  await lab.settleNow();
  assert.deepEqual(observe(connection), before);
  assert.deepEqual(log, []);
  return error as DOMException;
}

const NOT_NOW: readonly (readonly [string, string, "offer" | "answer"])[] = [
  ["stable", "remote answer", "answer"],
  ["stable", "remote pranswer", "answer"],
  ["have-local-pranswer", "remote offer", "offer"],
  ["have-remote-offer", "remote answer", "answer"],
  ["have-remote-offer", "remote pranswer", "answer"],
  ["have-remote-pranswer", "remote offer", "offer"],
  ["stable", "local answer", "answer"],
  ["stable", "local pranswer", "answer"],
  ["have-local-offer", "local answer", "answer"],
  ["have-remote-offer", "local offer", "offer"],
  ["have-local-pranswer", "local offer", "offer"],
  ["have-remote-pranswer", "local offer", "offer"],
  ["have-remote-pranswer", "local answer", "answer"],
  ["stable", "local rollback", "offer"],
  ["stable", "remote rollback", "offer"],
  ["have-local-pranswer", "local rollback", "offer"],
  ["have-remote-pranswer", "remote rollback", "offer"],
];

test.each(NOT_NOW)(
  'in "%s" a %s is an InvalidStateError and changes nothing (webrtc-pc §4.4.1.5)',
  async (state, what, text) => {
    const lab = new Lab();
    const { connection, offer, answer } = await inState(lab, state);
    const [side, type] = what.split(" ") as ["local" | "remote", "offer"];
    const sdp = text === "offer" ? offer : answer;
    const attempt = side === "local" ? setLocal({ type, sdp }) : setRemote({ type, sdp });
    const error = await rejects(lab, connection, attempt);
    assert.ok(error instanceof DOMException);
    assert.equal(error.name, "InvalidStateError");
    assert.ok(error.message.includes(`"${state}"`), error.message);
    await lab.close();
  },
);

test.each([
  ["createOffer", "have-remote-offer"],
  ["createOffer", "have-local-pranswer"],
  ["createOffer", "have-remote-pranswer"],
  ["createAnswer", "stable"],
  ["createAnswer", "have-local-offer"],
  ["createAnswer", "have-remote-pranswer"],
] as const)('%s in "%s" is an InvalidStateError (webrtc-pc §4.4.2)', async (method, state) => {
  const lab = new Lab();
  const { connection } = await inState(lab, state);
  const error = await rejects(lab, connection, (target) => target[method]());
  assert.equal(error.name, "InvalidStateError");
  await lab.close();
});

test("a local description that was changed is an InvalidModificationError (webrtc-pc §4.4.2, steps 4.2 and 4.3)", async () => {
  const lab = new Lab();
  const { connection, offer } = await inState(lab, "stable");
  const { sdp } = await lab.run(connection.createOffer());
  for (const changed of [
    offer,
    `${sdp!}a=x\r\n`,
    sdp!.replace("a=setup:actpass", "a=setup:active"),
  ]) {
    const error = await rejects(lab, connection, setLocal({ type: "offer", sdp: changed }));
    assert.equal(error.name, "InvalidModificationError");
  }
  const answering = await inState(lab, "have-remote-offer");
  const answer = await lab.run(answering.connection.createAnswer());
  for (const type of ["answer", "pranswer"] as const) {
    const sdp = answer.sdp!.replace("a=setup:active", "a=setup:passive");
    const error = await rejects(lab, answering.connection, setLocal({ type, sdp }));
    assert.equal(error.name, "InvalidModificationError");
  }
  await lab.close();
});

test("what is not SDP is an RTCError with the number of the line (webrtc-pc §4.4.1.5, step 4.4.3)", async () => {
  const lab = new Lab();
  for (const [spoil, line] of [
    [(sdp: string) => sdp.replace("t=0 0", "t=zero"), 4],
    [(sdp: string) => sdp.replace("v=0", "v=1"), 1],
    [(sdp: string) => sdp.replace(/a=setup:.*/, "a=setup:perhaps"), 16],
    [() => "", 1],
    [() => "Hello", 1],
  ] as const) {
    const { connection, offer } = await inState(lab, "stable");
    const error = await rejects(lab, connection, setRemote({ type: "offer", sdp: spoil(offer) }));
    assert.ok(error instanceof RTCError, String(error));
    assert.equal(error.name, "OperationError");
    assert.equal(error.errorDetail, "sdp-syntax-error");
    assert.equal(error.sdpLineNumber, line, error.message);
  }
  await lab.close();
});

test("content that cannot be is an InvalidAccessError that says what (webrtc-pc §4.4.1.5, step 4.4.6)", async () => {
  const lab = new Lab();
  const cases: readonly (readonly [string, string | RegExp, string, RegExp])[] = [
    ["have-local-offer", /a=setup:.*/, "a=setup:actpass", /active or passive/],
    ["have-local-offer", /a=mid:0/, "a=mid:9", /mid "9"/],
    ["have-local-offer", /m=[^]*/, "", /0 sections/],
    ["have-local-offer", /UDP\/DTLS\/SCTP \S+/, "UDP/DTLS/BFCP x", /something else/],
    ["stable", /a=fingerprint:.*\r\n/, "", /fingerprint/],
    ["stable", /a=ice-ufrag:.*\r\n/, "", /ice-ufrag/],
    ["stable", /a=setup:.*/, "a=setup:holdconn", /holdconn/],
    [
      "stable",
      /m=application/,
      "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:a\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\nm=application",
      /section 0/,
    ],
    [
      "stable",
      /a=group:BUNDLE 0([^]*)m=application/,
      "a=group:BUNDLE 0 a$1m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:a\r\nm=application",
      /rtcp-mux/,
    ],
  ];
  for (const [state, part, replacement, message] of cases) {
    const { connection, offer, answer } = await inState(lab, state);
    const type = state === "stable" ? "offer" : "answer";
    const sdp = (type === "offer" ? offer : answer).replace(part, replacement);
    const error = await rejects(lab, connection, setRemote({ type, sdp }));
    assert.equal(error.name, "InvalidAccessError", error.message);
    assert.match(error.message, message);
  }
  await lab.close();
});

test.each([
  [(pc: RTCPeerConnection) => Reflect.apply(pc.setRemoteDescription, pc, []), /1 argument/],
  [(pc: RTCPeerConnection) => pc.setRemoteDescription({} as never), /\.type: required/],
  [
    (pc: RTCPeerConnection) => pc.setRemoteDescription({ type: "no" } as never),
    /\.type: "no" is not a valid RTCSdpType/,
  ],
  [(pc: RTCPeerConnection) => pc.setLocalDescription({ type: null } as never), /\.type: "null"/],
  [(pc: RTCPeerConnection) => pc.setLocalDescription(7 as never), /7 is not an object/],
  [(pc: RTCPeerConnection) => pc.createOffer(7 as never), /7 is not an object \(RTCOfferOptions\)/],
  [(pc: RTCPeerConnection) => pc.createAnswer("x" as never), /is not an object/],
  [
    (pc: RTCPeerConnection) => pc.addIceCandidate({ candidate: "candidate:1" }),
    /sdpMid and sdpMLineIndex are both null/,
  ],
  [(pc: RTCPeerConnection) => pc.addIceCandidate("x" as never), /is not an object/],
] as const)(
  "a wrong argument is a rejection with a TypeError that names it (%#)",
  async (attempt, message) => {
    const lab = new Lab();
    const error = await rejects(lab, lab.connection(), attempt as Attempt);
    assert.ok(error instanceof TypeError);
    assert.match(error.message, message);
    await lab.close();
  },
);

test("a filter of the application that throws leaves the connection as it was", async () => {
  const lab = new Lab();
  let isBroken = true;
  const interfaceFilter = (): boolean => {
    if (isBroken) throw new RangeError("broken filter");
    return true;
  };
  const connection = lab.connection({}, { interfaceFilter });
  connection.createDataChannel("x");
  await lab.settleNow();
  const error = await rejects(lab, connection, (target) => target.setLocalDescription());
  assert.equal(error.message, "broken filter");
  isBroken = false;
  await lab.run(connection.setLocalDescription());
  await lab.settleNow();
  assert.equal(connection.iceGatheringState, "complete");
  await lab.close();
});

const mutation = fc.oneof(
  fc.record({ kind: fc.constant("drop" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("repeat" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("swap" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat() }),
  fc.record({
    kind: fc.constant("write" as const),
    at: fc.nat(),
    text: fc.constantFrom(
      "a=setup:passive",
      "a=setup:active",
      "a=ice-ufrag:abcd",
      "a=ice-lite",
      "a=sctp-port:0",
      "a=sctp-port:7",
      "a=max-message-size:0",
      "a=max-message-size:1",
      "a=mid:1",
      "a=bundle-only",
      "a=fingerprint:md5 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
      "a=candidate:1 1 udp 1 ::1 0 typ host",
      "a=candidate:1 1 tcp 1 x.local 9 typ host tcptype so",
      "a=end-of-candidates",
      "a=group:BUNDLE 0 1",
      "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
      "m=application 9 DTLS/SCTP 5000",
      "m=video 9 UDP/TLS/RTP/SAVPF 96",
    ),
  }),
);

function mutate(
  sdp: string,
  mutations: readonly (typeof mutation extends fc.Arbitrary<infer T> ? T : never)[],
): string {
  let lines = sdp.split("\r\n").slice(0, -1);
  for (const change of mutations) {
    const at = change.at % Math.max(lines.length, 1);
    const [line = "", next = ""] = lines.slice(at);
    if (change.kind === "drop") lines = lines.toSpliced(at, 1);
    else if (change.kind === "repeat") lines = lines.toSpliced(at, 0, line);
    else if (change.kind === "swap") lines = lines.toSpliced(at, 2, next, line);
    else if (change.kind === "cut") lines = lines.with(at, line.slice(0, -1));
    else lines = lines.toSpliced(at + 1, 0, change.text);
  }
  return lines.map((line) => `${line}\r\n`).join("");
}

test("every mutated description is taken whole or refused whole, with an error of the specification (property)", async () => {
  const names = new Set<string>();
  // A connection takes what is refused one after another: what left a trace would be seen the next time.
  const fresh = async (state: string) => {
    const lab = new Lab();
    const peers = await inState(lab, state);
    return { lab, ...peers, before: observe(peers.connection), log: record(peers.connection) };
  };
  const subjects = new Map<string, Awaited<ReturnType<typeof fresh>>>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("stable", "have-local-offer"),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
      async (state, mutations) => {
        const subject = subjects.get(state) ?? (await fresh(state));
        subjects.set(state, subject);
        const { lab, connection, offer, answer, before, log } = subject;
        const type = state === "stable" ? "offer" : "answer";
        const sdp = mutate(type === "offer" ? offer : answer, mutations);
        const outcome: unknown = await lab.run(
          connection.setRemoteDescription({ type, sdp }).then(
            () => "accepted",
            (reason: unknown) => reason,
          ),
        );
        await lab.settleNow();
        if (outcome === "accepted") {
          subjects.delete(state);
          assert.notEqual(connection.signalingState, state);
          if (type === "offer") await lab.run(connection.setLocalDescription());
          await lab.world.advance(100); // Whatever was agreed on, the parts below can take it.
          await lab.close();
          names.add("accepted");
        } else {
          assert.ok(outcome instanceof DOMException, String((outcome as Error).stack));
          names.add(outcome.name);
          assert.deepEqual(observe(connection), before);
          assert.deepEqual(log, []);
        }
      },
    ),
    { numRuns: 250 },
  );
  assert.deepEqual([...names].toSorted(), ["InvalidAccessError", "OperationError", "accepted"]);
});
