import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocketSignaling } from "@pallas/peers";
import type { SignalingEvent } from "@pallas/peers";
import { afterEach, test } from "vitest";
import { WebSocket } from "ws";
import { TestClient } from "../../test/client.ts";
import { startStudioServer } from "./studio-server.ts";
import type { StudioServer, StudioServerOptions } from "./studio-server.ts";

const open: StudioServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(options: Partial<StudioServerOptions> = {}): Promise<StudioServer> {
  const server = await startStudioServer({ port: 0, ...options });
  open.push(server);
  return server;
}

test("descriptions and candidates are relayed between two participants, with their author", async () => {
  const { signalingUrl } = await start();
  const sender = await TestClient.join(signalingUrl, "sender");
  const receiver = await TestClient.join(signalingUrl, "receiver");
  receiver.say({ kind: "offerRequest" });
  const request = await sender.next("offerRequest");
  assert.equal(request["from"], receiver.id);
  sender.say({ kind: "offer", to: receiver.id, handshakeId: "h", sdp: "v=0" });
  const offer = await receiver.next("offer");
  assert.deepEqual([offer["from"], offer["sdp"]], [sender.id, "v=0"]);
  receiver.say({ kind: "candidate", to: sender.id, handshakeId: "h", candidate: null });
  assert.equal((await sender.next("candidate"))["candidate"], null);
});

test("an offer request by an outside entity names sender and receiver (the article's note 4)", async () => {
  const { signalingUrl } = await start();
  const sender = await TestClient.join(signalingUrl, "sender");
  const receiver = await TestClient.join(signalingUrl, "receiver");
  const observer = await TestClient.join(signalingUrl, "observer");
  observer.say({ kind: "offerRequest", senderId: sender.id, receiverId: receiver.id });
  const request = await sender.next("offerRequest");
  assert.deepEqual([request["from"], request["receiverId"]], [observer.id, receiver.id]);
});

test("rooms are apart: nobody is seen or reached from another", async () => {
  const { signalingUrl } = await start();
  const sender = await TestClient.join(signalingUrl, "sender", "one");
  const stranger = await TestClient.join(signalingUrl, "receiver", "two");
  stranger.say({ kind: "offerRequest" });
  assert.equal((await stranger.next("error"))["code"], "ERR_NO_SENDER");
  stranger.say({ kind: "answer", to: sender.id, handshakeId: "h", sdp: "" });
  assert.equal((await stranger.next("error"))["code"], "ERR_UNKNOWN_PARTICIPANT");
  assert.deepEqual(
    sender.heard.map(({ kind }) => kind),
    ["welcome", "resumeToken"],
  );
});

test("a participant that goes away is announced", async () => {
  const { signalingUrl } = await start();
  const sender = await TestClient.join(signalingUrl, "sender");
  const receiver = await TestClient.join(signalingUrl, "receiver");
  await sender.next("joined");
  receiver.socket.close(1000, "had enough");
  assert.deepEqual(await sender.next("left"), {
    kind: "left",
    participantId: receiver.id,
    reason: "had enough",
    isTaken: true,
  });
});

test("a participant that crashes is announced", async () => {
  const { signalingUrl } = await start();
  const sender = await TestClient.join(signalingUrl, "sender");
  const receiver = await TestClient.join(signalingUrl, "receiver");
  receiver.socket.terminate();
  assert.equal((await sender.next("left"))["reason"], "the connection was lost");
});

test("who does not answer pings is dropped (heartbeat)", async () => {
  const { signalingUrl } = await start({ limits: { heartbeatMs: 30 } });
  const deaf = await TestClient.join(signalingUrl, "receiver");
  const socket = deaf.socket as unknown as { pong(): void };
  socket.pong = () => {};
  assert.equal((await deaf.closed).code, 1006);
});

test("who answers pings stays", async () => {
  const { signalingUrl } = await start({ limits: { heartbeatMs: 20 } });
  const client = await TestClient.join(signalingUrl, "receiver");
  for (let count = 0; count < 4; count++) await once(client.socket, "ping");
  client.say({ kind: "ping" });
  await client.next("pong");
});

test("who does not join in time is turned away", async () => {
  const { signalingUrl } = await start({ limits: { joinWithinMs: 20 } });
  const silent = new TestClient(signalingUrl);
  assert.deepEqual(await silent.closed, { code: 1008, reason: "no join came in time" });
});

test("the first message must be a join", async () => {
  const { signalingUrl } = await start();
  const client = new TestClient(signalingUrl);
  await once(client.socket, "open");
  client.say({ kind: "offerRequest" });
  assert.equal((await client.next("error"))["message"], 'the first message must be "join"');
  assert.equal((await client.closed).code, 1008);
});

test("bad JSON is answered with an error that names the fault; ten of them end the connection", async () => {
  const { signalingUrl } = await start();
  const client = await TestClient.join(signalingUrl, "receiver");
  client.say("{");
  assert.equal((await client.next("error"))["message"], "bad signaling message: it is not JSON");
  client.say({ kind: "offer", to: 7 });
  assert.match(String((await client.next("error"))["message"]), /"to" must be a string/);
  for (let count = 0; count < 8; count++) client.say("{");
  assert.deepEqual(await client.closed, { code: 1008, reason: "too many bad messages" });
});

test("binary messages are refused", async () => {
  const { signalingUrl } = await start();
  const client = await TestClient.join(signalingUrl, "receiver");
  client.socket.send(new Uint8Array([1, 2, 3]));
  assert.equal((await client.next("error"))["message"], "messages are text");
});

test("a message over the size limit ends the connection with code 1009 (RFC 6455 §7.4.1)", async () => {
  const { signalingUrl } = await start({ limits: { maxMessageBytes: 1000 } });
  const client = await TestClient.join(signalingUrl, "receiver");
  client.say("x".repeat(1001));
  assert.equal((await client.closed).code, 1009);
});

test("a flood of messages ends the connection; the others do not notice", async () => {
  const { signalingUrl } = await start({ limits: { messagesPerSecond: 1, burstMessages: 20 } });
  const other = await TestClient.join(signalingUrl, "sender");
  const flooder = await TestClient.join(signalingUrl, "receiver");
  for (let count = 0; count < 500; count++) flooder.say({ kind: "ping" });
  assert.deepEqual(await flooder.closed, { code: 1008, reason: "too many messages" });
  assert.ok(flooder.heard.filter(({ kind }) => kind === "pong").length <= 20);
  other.say({ kind: "ping" });
  await other.next("pong");
});

test("rooms and participants are bounded", async () => {
  const { signalingUrl } = await start({ limits: { maxRooms: 1, maxParticipantsPerRoom: 2 } });
  await TestClient.join(signalingUrl, "sender");
  await TestClient.join(signalingUrl, "receiver");
  const refusals = [
    ["room", /the room is full \(2 participants\)/],
    ["other", /there are 1 rooms already/],
  ] as const;
  for (const [room, expected] of refusals) {
    const late = new TestClient(signalingUrl);
    await once(late.socket, "open");
    late.say({ kind: "join", room, role: "receiver", name: "late" });
    assert.match(String((await late.next("error"))["message"]), expected);
    assert.equal((await late.closed).code, 1008);
  }
});

test("a room that everybody has left makes place for another", async () => {
  const { signalingUrl, pageUrl } = await start({ limits: { maxRooms: 1 } });
  const first = await TestClient.join(signalingUrl, "sender", "one");
  first.socket.close();
  await first.closed;
  await TestClient.join(signalingUrl, "sender", "two");
  const health = (await (await fetch(`${pageUrl}/health`)).json()) as unknown;
  assert.deepEqual(health, { status: "ok", rooms: 1, participants: 1 });
});

test("connections are bounded", async () => {
  const { signalingUrl } = await start({ limits: { maxConnections: 1 } });
  await TestClient.join(signalingUrl, "sender");
  assert.equal(await new TestClient(signalingUrl).refusal(), 503);
});

test("a name is shown to others without control and override characters", async () => {
  const { signalingUrl } = await start();
  const sender = await TestClient.join(signalingUrl, "sender");
  await TestClient.join(signalingUrl, "receiver", "room", { name: "a\u001b[31m\u202Eb" });
  assert.equal(((await sender.next("joined"))["participant"] as { name: string }).name, "a[31mb");
});

test("a page of another origin is refused; one that is allowed, and the server's own, are not", async () => {
  const { signalingUrl, pageUrl } = await start({ allowedOrigins: ["https://app.example"] });
  assert.equal(
    await new TestClient(signalingUrl, { origin: "https://evil.example" }).refusal(),
    403,
  );
  for (const origin of ["https://app.example", pageUrl]) {
    const client = new TestClient(signalingUrl, { origin });
    await once(client.socket, "open");
  }
});

test("on loopback another host name is refused, even with its own origin (DNS rebinding)", async () => {
  const { signalingUrl } = await start();
  const host = "rebound.example:7880";
  const client = new TestClient(signalingUrl, { origin: `http://${host}`, headers: { host } });
  assert.equal(await client.refusal(), 403);
});

test("there is no WebSocket at other paths", async () => {
  const { signalingUrl } = await start();
  assert.equal(await new TestClient(`${signalingUrl}/more`).refusal(), 404);
});

test("a server that closes says so first, and then the connection ends with 1001", async () => {
  const server = await startStudioServer({ port: 0 });
  const client = await TestClient.join(server.signalingUrl, "receiver");
  const closing = server.close();
  assert.equal((await client.next("closing"))["reason"], "the signaling server is shutting down");
  assert.equal((await client.closed).code, 1001);
  await closing;
});

test("a participant comes back under its id with its token, and with no other", async () => {
  const { signalingUrl } = await start();
  const first = await TestClient.join(signalingUrl, "receiver");
  const { token } = await first.next("resumeToken");
  const participantId = first.id;
  const second = await TestClient.join(signalingUrl, "receiver", "room", {
    resume: { participantId, token },
  });
  assert.equal(second.id, participantId);
  assert.equal((await first.closed).reason, "replaced by a new connection");
  const forger = await TestClient.join(signalingUrl, "receiver", "room", {
    resume: { participantId, token: "A".repeat(43) },
  });
  assert.notEqual(forger.id, participantId);
});

test("a port in use is told in one clear line", async () => {
  const { port } = await start();
  await assert.rejects(startStudioServer({ port }), {
    code: "ERR_PORT_IN_USE",
    message: `port ${port} on localhost is in use; choose another with --port or PALLAS_PORT`,
  });
});

test("the console is served whole, with headers that let no other site in", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pallas-test-"));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html>hello");
  writeFileSync(join(folder, "assets", "a-1.js"), "1");
  const { pageUrl, port } = await start({ consoleFolder: folder });
  const page = await fetch(pageUrl);
  assert.equal(await page.text(), "<!doctype html>hello");
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'self'/);
  const script = await fetch(`${pageUrl}/assets/a-1.js`);
  assert.match(script.headers.get("cache-control") ?? "", /immutable/);
  const again = await fetch(pageUrl, {
    headers: { "if-none-match": page.headers.get("etag") ?? "" },
  });
  assert.equal(again.status, 304);
  for (const path of ["/..%2f..%2fetc/passwd", "/../package.json", "/nothing", "/assets/"]) {
    assert.equal(await statusOf(port, path), 404, path);
  }
  rmSync(folder, { recursive: true });
});

test("the signaling client of @pallas/peers comes back after the server was restarted", async () => {
  const first = await startStudioServer({ port: 0 });
  const events: SignalingEvent[] = [];
  const client = new WebSocketSignaling({
    url: first.signalingUrl,
    room: "room",
    role: "receiver",
    name: "test",
    WebSocket,
    jitter: () => 0,
  });
  const next = (kind: SignalingEvent["kind"]) =>
    new Promise<SignalingEvent>((resolve) => {
      const stop = client.subscribe((event) => {
        events.push(event);
        if (event.kind === kind) resolve(event);
        if (event.kind === kind) stop();
      });
    });
  await next("welcome");
  const offline = next("offline");
  await first.close();
  const lost = await offline;
  assert.equal(lost.kind === "offline" && lost.reason, "the signaling server is shutting down");
  const back = next("welcome");
  await start({ port: first.port });
  await back;
  client.close();
});

test("a signaling URL where nothing listens is reported, and tried again", async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as AddressInfo;
  free.close();
  const client = new WebSocketSignaling({
    url: `ws://127.0.0.1:${port}`,
    room: "room",
    role: "receiver",
    name: "test",
    WebSocket,
  });
  const event = await new Promise<SignalingEvent>((resolve) => client.subscribe(resolve));
  assert.match(event.kind === "offline" ? event.reason : "", /ECONNREFUSED/);
  client.close();
});

/** Unlike `fetch` it sends the path as it is. */
function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: "localhost", port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}
