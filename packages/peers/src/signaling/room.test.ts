import assert from "node:assert/strict";
import { test } from "vitest";
import { SignalingError } from "../errors.ts";
import { SignalingRoom } from "./room.ts";
import type { ParticipantRole } from "./signal.ts";

const person = (id: string, role: ParticipantRole) => ({ id, role, name: id });

function roomOf(...people: [string, ParticipantRole][]): SignalingRoom {
  const room = new SignalingRoom(4);
  for (const [id, role] of people) room.join(person(id, role));
  return room;
}

const refusal = (code: SignalingError["code"]) => (error: unknown) =>
  error instanceof SignalingError && error.code === code;

test("who joins is welcomed with the others, and the others are told", () => {
  const room = roomOf(["s", "sender"]);
  assert.deepEqual(room.join(person("r", "receiver")), [
    {
      to: "r",
      signal: {
        kind: "welcome",
        self: person("r", "receiver"),
        participants: [person("s", "sender")],
      },
    },
    { to: "s", signal: { kind: "joined", participant: person("r", "receiver") } },
  ]);
});

test("who leaves is announced once", () => {
  const room = roomOf(["s", "sender"], ["r", "receiver"]);
  const left = { to: "s", signal: { kind: "left", participantId: "r", reason: "gone" } };
  assert.deepEqual(room.leave("r", "gone"), [left]);
  assert.deepEqual(room.leave("r", "gone"), []);
  assert.deepEqual(room.participants, [person("s", "sender")]);
});

test("an id is unique, and a room has an end", () => {
  const room = roomOf(["a", "sender"], ["b", "receiver"], ["c", "receiver"], ["d", "observer"]);
  assert.throws(() => room.join(person("e", "receiver")), refusal("ERR_LIMIT"));
  room.leave("d", "");
  assert.throws(() => room.join(person("a", "receiver")), refusal("ERR_BAD_MESSAGE"));
});

test("an offer request names nobody: the first sender makes an offer for who asks", () => {
  const room = roomOf(["s1", "sender"], ["s2", "sender"], ["r", "receiver"]);
  assert.deepEqual(room.route("r", { kind: "offerRequest" }), [
    { to: "s1", signal: { kind: "offerRequest", from: "r", receiverId: "r" } },
  ]);
});

test("an offer request by an outside entity names sender and receiver (the article's note 4)", () => {
  const room = roomOf(["s1", "sender"], ["s2", "sender"], ["r", "receiver"], ["o", "observer"]);
  assert.deepEqual(room.route("o", { kind: "offerRequest", senderId: "s2", receiverId: "r" }), [
    { to: "s2", signal: { kind: "offerRequest", from: "o", receiverId: "r" } },
  ]);
});

test("an offer request for nobody, for no receiver or to no sender is refused", () => {
  const room = roomOf(["r", "receiver"], ["o", "observer"]);
  assert.throws(() => room.route("r", { kind: "offerRequest" }), refusal("ERR_NO_SENDER"));
  assert.throws(() => room.route("o", { kind: "offerRequest" }), refusal("ERR_BAD_MESSAGE"));
  assert.throws(
    () => room.route("r", { kind: "offerRequest", senderId: "o" }),
    refusal("ERR_NO_SENDER"),
  );
  assert.throws(
    () => room.route("r", { kind: "offerRequest", receiverId: "x" }),
    refusal("ERR_UNKNOWN_PARTICIPANT"),
  );
});

test("descriptions and candidates reach their addressee alone, with the true author", () => {
  const room = roomOf(["s", "sender"], ["r", "receiver"], ["o", "observer"]);
  assert.deepEqual(room.route("s", { kind: "offer", to: "r", handshakeId: "h", sdp: "v=0" }), [
    { to: "r", signal: { kind: "offer", from: "s", handshakeId: "h", sdp: "v=0" } },
  ]);
  const forged = { kind: "bye", to: "s", from: "o", handshakeId: "h", reason: "" } as const;
  assert.deepEqual(room.route("r", forged), [
    { to: "s", signal: { kind: "bye", from: "r", handshakeId: "h", reason: "" } },
  ]);
});

test("only a sender makes offers", () => {
  const room = roomOf(["s", "sender"], ["r", "receiver"]);
  assert.throws(
    () => room.route("r", { kind: "offer", to: "s", handshakeId: "h", sdp: "" }),
    refusal("ERR_BAD_MESSAGE"),
  );
});

test("a message from or to somebody who is not there is refused", () => {
  const room = roomOf(["s", "sender"]);
  const answer = { kind: "answer", to: "x", handshakeId: "h", sdp: "" } as const;
  assert.throws(() => room.route("s", answer), refusal("ERR_UNKNOWN_PARTICIPANT"));
  assert.throws(() => room.route("x", { ...answer, to: "s" }), refusal("ERR_UNKNOWN_PARTICIPANT"));
});

test("a report goes to everybody else", () => {
  const room = roomOf(["s", "sender"], ["r", "receiver"], ["o", "observer"]);
  const report = { peerId: "r", handshakeId: "h", atEpochMs: 0, step: "offerCreated" } as const;
  const to = room.route("s", { kind: "report", report }).map((delivery) => delivery.to);
  assert.deepEqual(to, ["r", "o"]);
});

test("a goodbye to somebody who is gone already has nothing left to say: it is no error", () => {
  const room = roomOf(["s", "sender"]);
  assert.deepEqual(room.route("s", { kind: "bye", to: "x", handshakeId: "h", reason: "" }), []);
});
