import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { afterEach, beforeEach, test } from "vitest";
import { SIGNALING_PATH, startStudioServer } from "../src/server/studio-server.ts";
import type { StudioServer } from "../src/server/studio-server.ts";
import { TestClient } from "./client.ts";

let server: StudioServer;
beforeEach(async () => {
  server = await startStudioServer({ port: 0 });
});
afterEach(async () => {
  await server.close();
});

const UPGRADE = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

/** What the server answers to these bytes, up to the end of the connection. */
async function answerTo(bytes: string): Promise<string> {
  const socket = connect(server.port, "localhost");
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
  socket.write(bytes, "latin1");
  await ended(socket);
  return answer;
}

/** A reset is an end as well. */
function ended(socket: Socket): Promise<void> {
  socket.on("error", () => {});
  return new Promise((resolve) => socket.on("close", () => resolve()));
}

function requestFor(target: string, headers: readonly string[]): string {
  const host = `Host: localhost:${server.port}`;
  return [`GET ${target} HTTP/1.1`, host, ...headers, "", ""].join("\r\n");
}

async function assertStillServes(): Promise<void> {
  const client = await TestClient.join(server.signalingUrl, "receiver");
  client.socket.terminate();
}

const TARGETS: readonly (readonly [name: string, target: string])[] = [
  ["two slashes", "//"],
  ["an open bracket for a host", "//["],
  ["an asterisk", "*"],
  ["nothing but a query", "?"],
  ["a broken percent code", "/%"],
  ["a port out of range", "//a:99999"],
  ["the absolute form (RFC 9112 §3.2.2)", "http://localhost/elsewhere"],
  ["an absolute form that is no URL", "http://["],
  ["the authority form", "localhost:80"],
  ["bytes above ASCII", "/\xff\xfe"],
  ["10,000 slashes", "/".repeat(10_000)],
  ["more than a header may have", `/${"a".repeat(20_000)}`],
  ["control bytes", "/\x00\x01\x1b[2J"],
  ["a line feed", "/\n/"],
];

for (const [name, target] of TARGETS) {
  for (const [what, headers] of [
    ["upgrade", UPGRADE],
    ["request", ["Connection: close"]],
  ] as const) {
    test(`attack: the target of a plain ${what} is ${name}: it is refused, and the server goes on`, async () => {
      assert.match(await answerTo(requestFor(target, headers)), /^HTTP\/1\.1 4(00|04|31) /);
      await assertStillServes();
    });
  }
}

const BROKEN_UPGRADES: readonly (readonly [name: string, headers: readonly string[]])[] = [
  ["no key", UPGRADE.slice(0, 3)],
  ["another version", UPGRADE.with(2, "Sec-WebSocket-Version: 99")],
  ["another protocol", UPGRADE.with(1, "Upgrade: h2c")],
  ["a sub-protocol that is no token", [...UPGRADE, "Sec-WebSocket-Protocol: ,,"]],
];

for (const [name, headers] of BROKEN_UPGRADES) {
  test(`attack: an upgrade with ${name} is refused, and the server goes on`, async () => {
    const answer = await answerTo(requestFor(SIGNALING_PATH, headers));
    assert.match(answer, /^HTTP\/1\.1 4\d\d /);
    await assertStillServes();
  });
}

test("attack: connections reset before, during and after the handshake leave the server as it was", async () => {
  const whole = requestFor(SIGNALING_PATH, UPGRADE);
  const pieces = ["", "GET ", whole.slice(0, -2), requestFor("/nothing", UPGRADE), whole];
  for (const piece of [...pieces, `${whole}\x81`, `${whole}\xff\xff\xff\xff`]) {
    const socket = connect(server.port, "localhost");
    await once(socket, "connect");
    await new Promise((resolve) => socket.write(piece, "latin1", resolve));
    socket.resetAndDestroy();
    await once(socket, "close");
  }
  await assertStillServes();
});

test("attack: who is refused and does not close its side is not kept", async () => {
  const socket = connect({ port: server.port, host: "localhost", allowHalfOpen: true });
  const end = ended(socket);
  socket.resume().write(requestFor("/nothing", UPGRADE));
  await once(socket, "end");
  // The server has no such connection any more: a reset answers, and the write after it fails.
  const writeOn = (error?: Error | null): void => {
    if (!error) setImmediate(() => socket.write("still here", writeOn));
  };
  writeOn();
  await end;
});
