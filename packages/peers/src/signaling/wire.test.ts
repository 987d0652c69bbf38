import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { SignalingError } from "../errors.ts";
import type { ClientMessage, ServerMessage } from "./wire.ts";
import { MAX_SIGNAL_CHARS, parseClientMessage, parseServerMessage } from "./wire.ts";

const CANDIDATE = {
  candidate: "candidate:1",
  sdpMid: "0",
  sdpMLineIndex: 0,
  usernameFragment: "u",
};

const CLIENT_MESSAGES: readonly ClientMessage[] = [
  { kind: "join", room: "r", role: "sender", name: "Ann" },
  {
    kind: "join",
    room: "r",
    role: "receiver",
    name: "",
    resume: { participantId: "p", token: "t_-9" },
  },
  { kind: "ping" },
  { kind: "offerRequest" },
  { kind: "offerRequest", senderId: "s", receiverId: "r" },
  { to: "b", kind: "offer", handshakeId: "h", sdp: "v=0\r\n" },
  { to: "b", kind: "answer", handshakeId: "h", sdp: "v=0\r\n" },
  { to: "b", kind: "candidate", handshakeId: "h", candidate: CANDIDATE },
  { to: "b", kind: "candidate", handshakeId: "h", candidate: null },
  { to: "b", kind: "bye", handshakeId: "h", reason: "done" },
  {
    kind: "report",
    report: {
      peerId: "b",
      handshakeId: "h",
      atEpochMs: 1.5,
      step: "state",
      detail: "connection new",
    },
  },
];

const PARTICIPANT = { id: "a", role: "observer", name: "Ann" } as const;

const SERVER_MESSAGES: readonly ServerMessage[] = [
  { kind: "welcome", self: PARTICIPANT, participants: [PARTICIPANT] },
  { kind: "resumeToken", token: "abc" },
  { kind: "pong" },
  { kind: "closing", reason: "bye" },
  { kind: "joined", participant: PARTICIPANT },
  { kind: "left", participantId: "a", reason: "left" },
  { kind: "offerRequest", from: "a", receiverId: "b" },
  {
    kind: "report",
    from: "a",
    report: { peerId: "b", handshakeId: "h", atEpochMs: 0, step: "closed" },
  },
  { kind: "error", code: "ERR_NO_SENDER", message: "nobody" },
  { from: "a", kind: "offer", handshakeId: "h", sdp: "" },
  { from: "a", kind: "candidate", handshakeId: "h", candidate: null },
];

for (const message of CLIENT_MESSAGES) {
  test(`a participant's ${message.kind} survives the wire: ${JSON.stringify(message).slice(0, 70)}`, () => {
    assert.deepEqual(parseClientMessage(JSON.stringify(message)), message);
  });
}

for (const message of SERVER_MESSAGES) {
  test(`the server's ${message.kind} survives the wire: ${JSON.stringify(message).slice(0, 70)}`, () => {
    assert.deepEqual(parseServerMessage(JSON.stringify(message)), message);
  });
}

const BAD: readonly (readonly [string, unknown, RegExp])[] = [
  ["text that is no JSON", "{", /it is not JSON/],
  ["no object", [], /it is not an object/],
  ["an unknown kind", { kind: "shutdown" }, /"kind" must be one of join, ping/],
  [
    "a room with a path in it",
    { kind: "join", room: "../x", role: "sender", name: "" },
    /"room" must match/,
  ],
  [
    "a role that does not exist",
    { kind: "join", room: "r", role: "admin", name: "" },
    /"role" must be one of sender, receiver, observer/,
  ],
  [
    "a name that is too long",
    { kind: "join", room: "r", role: "sender", name: "x".repeat(65) },
    /"name" is longer than 64/,
  ],
  [
    "a bad resume",
    { kind: "join", room: "r", role: "sender", name: "", resume: { participantId: 1 } },
    /"resume.participantId" must be a string/,
  ],
  ["an offer to nobody", { kind: "offer", handshakeId: "h", sdp: "" }, /"to" must be a string/],
  [
    "an offer without a handshake",
    { kind: "offer", to: "b", sdp: "" },
    /"handshakeId" must be a string/,
  ],
  ["an offer without SDP", { kind: "offer", to: "b", handshakeId: "h" }, /"sdp" must be a string/],
  [
    "SDP beyond measure",
    { kind: "offer", to: "b", handshakeId: "h", sdp: "x".repeat(204_801) },
    /"sdp" is longer/,
  ],
  [
    "a candidate that is text",
    { kind: "candidate", to: "b", handshakeId: "h", candidate: "x" },
    /"candidate" is not an object/,
  ],
  [
    "a candidate with a bad line index",
    {
      kind: "candidate",
      to: "b",
      handshakeId: "h",
      candidate: { candidate: "", sdpMLineIndex: 1e9 },
    },
    /"candidate.sdpMLineIndex" must be a number/,
  ],
  [
    "a report of no step",
    { kind: "report", report: { peerId: "b", handshakeId: "h", atEpochMs: 0, step: "dance" } },
    /"report.step" must be one of/,
  ],
  [
    "a report from no time",
    { kind: "report", report: { peerId: "b", handshakeId: "h", atEpochMs: "now" } },
    /"report.atEpochMs" must be a number/,
  ],
  ["a member from the prototype", { kind: "toString" }, /"kind" must be one of/],
];

for (const [what, message, expected] of BAD) {
  test(`${what} is refused with an error that names the member`, () => {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    assert.throws(
      () => parseClientMessage(text),
      (error) =>
        error instanceof SignalingError &&
        error.code === "ERR_BAD_MESSAGE" &&
        expected.test(error.message),
    );
  });
}

test("a message longer than the limit is not even parsed", () => {
  assert.throws(
    () => parseClientMessage(" ".repeat(MAX_SIGNAL_CHARS + 1)),
    (error) => error instanceof SignalingError && error.code === "ERR_LIMIT",
  );
});

test("an id that the prototype of objects has is an id like any other", () => {
  const message = { to: "__proto__", kind: "bye", handshakeId: "constructor", reason: "" };
  assert.deepEqual(parseClientMessage(JSON.stringify(message)), message);
});

test("whatever JSON comes, only SignalingError is thrown", () => {
  const kinds = fc.constantFrom(
    "join",
    "offer",
    "candidate",
    "report",
    "bye",
    "welcome",
    "error",
    "left",
  );
  const members = fc.dictionary(
    fc.constantFrom(
      "room",
      "role",
      "name",
      "to",
      "from",
      "sdp",
      "candidate",
      "report",
      "resume",
      "participants",
      "self",
    ),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(kinds, members, (kind, rest) => {
      for (const parse of [parseClientMessage, parseServerMessage]) {
        try {
          parse(JSON.stringify({ ...rest, kind }));
        } catch (error) {
          assert.ok(error instanceof SignalingError, String(error));
        }
      }
    }),
    { numRuns: 500 },
  );
});
