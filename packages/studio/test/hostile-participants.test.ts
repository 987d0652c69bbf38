import assert from "node:assert/strict";
import { afterEach, test } from "vitest";
import { startStudioServer } from "../src/server/studio-server.ts";
import type { StudioServer, StudioServerOptions } from "../src/server/studio-server.ts";
import { TestClient } from "./client.ts";

const open: StudioServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(limits: StudioServerOptions["limits"] = {}): Promise<StudioServer> {
  const server = await startStudioServer({ port: 0, limits });
  open.push(server);
  return server;
}

const offerTo = ({ id }: TestClient, sdpChars: number) => ({
  kind: "offer",
  to: id,
  handshakeId: "h",
  sdp: "x".repeat(sdpChars),
});

test("attack: a flood of large offers costs its author the connection, not the receiver that lags", async () => {
  const { signalingUrl } = await start();
  const victim = await TestClient.join(signalingUrl, "receiver");
  const attacker = await TestClient.join(signalingUrl, "sender");
  victim.socket.pause();
  for (let count = 0; count < 990; count++) attacker.say(offerTo(victim, 200_000));
  const reason = "too many bytes in too short a time";
  assert.deepEqual(await attacker.closed, { code: 1008, reason });
  assert.equal((await attacker.next("error"))["message"], reason);
  victim.socket.resume();
  await victim.next("left");
  victim.say({ kind: "ping" });
  await victim.next("pong");
});

test("attack: many that flood one receiver together do not get it dropped; each hears that it lags", async () => {
  const plenty = { burstBytes: 2 ** 30, maxRelayBacklogBytes: 2 ** 18, maxUnsentBytes: 2 ** 20 };
  const { signalingUrl } = await start(plenty);
  const victim = await TestClient.join(signalingUrl, "receiver");
  const attackers = await Promise.all([1, 2, 3].map(() => TestClient.join(signalingUrl, "sender")));
  await Promise.all(attackers.map(() => victim.next("joined")));
  victim.socket.pause();
  for (const attacker of attackers) {
    for (let count = 0; count < 60; count++) attacker.say(offerTo(victim, 200_000));
    const { code, message } = await attacker.next("error");
    assert.equal(code, "ERR_LIMIT");
    assert.equal(message, `${victim.id} reads too slowly: the offer was not passed on`);
    attacker.say({ kind: "report", report: REPORT });
    attacker.say({ kind: "ping" });
    await attacker.next("pong");
  }
  victim.socket.resume();
  victim.say({ kind: "ping" });
  await victim.next("pong");
});

test("attack: nobody can make another send handshakes without end: offers and requests are rationed", async () => {
  const { signalingUrl } = await start({ handshakesPerSecond: 0, burstHandshakes: 3 });
  const victim = await TestClient.join(signalingUrl, "sender");
  const attacker = await TestClient.join(signalingUrl, "receiver");
  for (let count = 0; count < 10; count++) attacker.say({ kind: "offerRequest" });
  const message = "too many handshakes: no offerRequest is passed on";
  for (let count = 0; count < 7; count++) {
    assert.equal((await attacker.next("error"))["message"], message);
  }
  attacker.say({ kind: "ping" });
  await attacker.next("pong");
  assert.equal(victim.heard.filter(({ kind }) => kind === "offerRequest").length, 3);
});

test("a room that fills at once, with a handshake and 25 reports for each, is within the limits", async () => {
  const { signalingUrl } = await start();
  const receiver = await TestClient.join(signalingUrl, "receiver");
  const sender = await TestClient.join(signalingUrl, "sender");
  for (let count = 0; count < 63; count++) {
    sender.say(offerTo(receiver, 10_000));
    for (let step = 0; step < 25; step++) sender.say({ kind: "report", report: REPORT });
  }
  sender.say({ kind: "ping" });
  await sender.next("pong");
  assert.deepEqual(
    sender.heard.filter(({ kind }) => kind === "error"),
    [],
  );
});

test("a participant that vanishes without a goodbye has left after two heartbeats, for all to hear", async () => {
  const { signalingUrl } = await start({ heartbeatMs: 100 });
  const sender = await TestClient.join(signalingUrl, "sender");
  const frozen = await TestClient.join(signalingUrl, "receiver");
  frozen.socket.pause(); // The connection stays; nobody is behind it any more.
  const left = await sender.next("left");
  assert.equal(left["participantId"], frozen.id);
  assert.equal(left["reason"], "it did not answer the server's ping");
  frozen.socket.terminate();
});

test("who talks is alive, even if the answer to a ping is late", async () => {
  const { signalingUrl } = await start({ heartbeatMs: 100 });
  const client = await TestClient.join(signalingUrl, "receiver");
  (client.socket as unknown as { pong(): void }).pong = () => {};
  client.socket.on("ping", () => client.say({ kind: "ping" }));
  for (let count = 0; count < 4; count++) await client.next("pong");
});

const REPORT = {
  peerId: "r",
  handshakeId: "h",
  atEpochMs: 1,
  step: "state",
  detail: "connection connected",
};
