import assert from "node:assert/strict";
import { test } from "vitest";
import { settle } from "../../test/settle.ts";
import { SignalingError } from "../errors.ts";
import { InMemorySignaling } from "./in-memory-signaling.ts";
import type { SignalingChannel, SignalingEvent } from "./signal.ts";

function listen(channel: SignalingChannel): SignalingEvent[] {
  const events: SignalingEvent[] = [];
  channel.subscribe((event) => events.push(event));
  return events;
}

test("it speaks like the server: welcome, joined, left", async () => {
  const room = new InMemorySignaling();
  const sender = listen(room.join({ role: "sender", id: "s", name: "Sam" }));
  const receiverChannel = room.join({ role: "receiver", id: "r" });
  const receiver = listen(receiverChannel);
  await settle();
  receiverChannel.close("tired");
  await settle();
  assert.deepEqual(
    sender.map(({ kind }) => kind),
    ["welcome", "joined", "left"],
  );
  assert.deepEqual(
    receiver.map(({ kind }) => kind),
    ["welcome", "closed"],
  );
  const [welcome] = receiver;
  assert.deepEqual(welcome?.kind === "welcome" && welcome.participants, [
    { id: "s", role: "sender", name: "Sam" },
  ]);
});

test("nothing is delivered within send, and what is sent is copied", async () => {
  const room = new InMemorySignaling();
  const sender = room.join({ role: "sender", id: "s" });
  const heard = listen(room.join({ role: "receiver", id: "r" }));
  await settle();
  const candidate = { candidate: "before" };
  sender.send({ kind: "candidate", to: "r", handshakeId: "h", candidate });
  candidate.candidate = "after";
  assert.equal(heard.length, 1);
  await settle();
  const last = heard.at(-1);
  assert.equal(last?.kind === "candidate" && last.candidate?.candidate, "before");
});

test("what cannot be delivered comes back as an error", async () => {
  const channel = new InMemorySignaling().join({ role: "receiver", id: "r" });
  const heard = listen(channel);
  channel.send({ kind: "offerRequest" });
  await settle();
  assert.deepEqual(heard.at(-1), {
    kind: "error",
    code: "ERR_NO_SENDER",
    message: "there is no sender in the room",
  });
});

test("a closed channel hears nothing more and sends nothing; closing again is harmless", async () => {
  const room = new InMemorySignaling();
  const sender = room.join({ role: "sender", id: "s" });
  const channel = room.join({ role: "receiver", id: "r" });
  const heard = listen(channel);
  channel.close();
  channel.close();
  sender.send({ kind: "offer", to: "r", handshakeId: "h", sdp: "" });
  await settle();
  assert.deepEqual(
    heard.map(({ kind }) => kind),
    ["closed"],
  );
  assert.throws(() => channel.send({ kind: "offerRequest" }), SignalingError);
});

test("an id is unique, and the room has an end", () => {
  const room = new InMemorySignaling(2);
  room.join({ role: "sender", id: "s" });
  assert.throws(() => room.join({ role: "receiver", id: "s" }), SignalingError);
  const made = room.join({ role: "receiver" });
  assert.match(made.self?.id ?? "", /^[0-9a-f]{24}$/);
  assert.throws(() => room.join({ role: "receiver" }), SignalingError);
});
