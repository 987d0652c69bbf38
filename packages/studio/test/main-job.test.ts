import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Participant } from "@pallas/peers";
import { afterAll, test, vi } from "vitest";
import { startStudioServer } from "../src/server/studio-server.ts";
import { TestClient } from "./client.ts";
import { MainProcess } from "./main-process.ts";

// The first of them may have to build.
vi.setConfig({ testTimeout: 240_000 });
const folder = mkdtempSync(join(tmpdir(), "pallas-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test("--once shows the handshake, sends a file of the repository, and ends with status 0", async () => {
  const { status, output, problems } = await new MainProcess("--once").ended;
  assert.deepEqual([status, problems], [0, []]);
  const steps = [
    /^signaling +ws:\/\/localhost:\d+\/signaling$/m,
    /ms {2}sender +is asked for an offer$/m,
    /ms {2}sender +creates the offer and sets it as its local description$/m,
    /ms {2}sender +finds candidate \S+:\d+ udp host$/m,
    /ms {2}Node receiver, process \d+ +sets the offer as its remote description$/m,
    /ms {2}Node receiver, process \d+ +creates the answer and sets it as its local description$/m,
    /ms {2}sender +sets the answer as its remote description$/m,
    /ms {2}sender +connection is connecting$/m,
    /ms {2}sender +connection is connected$/m,
    /ms {2}sender +uses the path \S+ udp \w+ <-> \S+ udp \w+$/m,
    /ms {2}sender +has the data channel "pallas" open$/m,
    /^ +100 % {2}Node receiver/m,
    /^ {2}SHA-256 {3}[0-9a-f]{64}, the same at both ends$/m,
  ];
  for (const step of steps) assert.match(output, step);
  assert.doesNotMatch(output, /(?!\n)\p{Cc}/u, "no control characters in a pipe");
  const stored = /^received +goes to (.+)$/m.exec(output)?.[1];
  assert.ok(stored && !existsSync(stored), "the temporary folder is removed");
});

for (const [name, content] of [
  ["empty file", ""],
  ["ünïcode & spaces.txt", "content"],
] as const) {
  test(`a path is sent as it is: "${name}"`, async () => {
    const { status, output } = await new MainProcess("--once", fileWith(name, content)).ended;
    assert.equal(status, 0, output);
    assert.ok(output.includes(createHash("sha256").update(content).digest("hex")));
  });
}

test("without --once it stays up, serves the page, and Ctrl-C ends it with status 0", async () => {
  const main = new MainProcess(fileWith("stay.txt", "stays"));
  const [, pageUrl = ""] = await main.until(/^Open (\S+) to join/m);
  const [, saved = ""] = await main.until(/^ {2}saved {5}(.+)$/m);
  assert.match(await (await fetch(pageUrl)).text(), /<title>Pallas console<\/title>/);
  assert.equal(readFileSync(saved, "utf8"), "stays");
  main.signal("SIGINT");
  const { status, problems } = await main.ended;
  assert.deepEqual([status, problems], [0, []]);
  rmSync(join(saved, ".."), { recursive: true });
});

test("a receiver that vanishes in the middle of the file is one clear line and status 1", async () => {
  const large = fileWith("large.bin", "");
  truncateSync(large, 20 * 1024 ** 3);
  const main = new MainProcess("--once", large);
  const [, processId = ""] = await main.until(/^receiver +process (\d+)$/m);
  await main.until(/sender +sends large\.bin/);
  process.kill(Number(processId), "SIGKILL");
  const { status, problems } = await main.ended;
  assert.equal(status, 1);
  const expected = `pallas: the receiver (process ${processId}) has vanished: it was ended by SIGKILL`;
  assert.deepEqual(problems, [expected]);
});

test("a receiver that vanishes after the transfer is one clear line; the rest goes on", async () => {
  const main = new MainProcess(fileWith("small.txt", "small"));
  const [, processId = ""] = await main.until(/^receiver +process (\d+)$/m);
  const [, pageUrl = ""] = await main.until(/^Open (\S+) to join/m);
  process.kill(Number(processId), "SIGKILL");
  await main.until(/has vanished: it was ended by SIGKILL; the sender and the page go on$/m);
  await main.until(/releases the connection: its process ended$/m);
  assert.equal((await fetch(`${pageUrl}/health`)).status, 200);
  main.signal("SIGTERM");
  const { status, problems, output } = await main.ended;
  assert.deepEqual([status, problems.length], [0, 1]);
  const stored = /^received +goes to (.+)$/m.exec(output)?.[1];
  if (stored) rmSync(stored, { recursive: true });
});

test("attack: a second sender in the room disturbs no transfer, neither with offers nor with requests", async () => {
  const large = fileWith("disputed.bin", "");
  truncateSync(large, 20 * 1024 ** 3);
  const main = new MainProcess(large);
  const [, url = ""] = await main.until(/^signaling +(\S+)$/m);
  await main.until(/sender +sends disputed\.bin/);
  const intruder = await TestClient.join(url, "sender", "pallas");
  const { participants } = intruder.heard[0] as unknown as { participants: Participant[] };
  const [senderId, id] = (["sender", "receiver"] as const).map(
    (wanted) => participants.find(({ role }) => role === wanted)?.id,
  );
  intruder.say({ kind: "bye", to: id, handshakeId: "none", reason: "give up" });
  intruder.say({ kind: "offer", to: id, handshakeId: "h", sdp: "v=0" });
  assert.match(String((await intruder.next("bye"))["reason"]), /this receiver keeps to sender-/);
  intruder.say({ kind: "offerRequest", receiverId: id, senderId });
  assert.match(String((await intruder.next("bye"))["reason"]), /only itself may ask for another/);
  intruder.socket.close();
  main.signal("SIGINT");
  const { status, problems, output } = await main.ended;
  assert.deepEqual([status, problems.length], [0, 1]);
  assert.match(problems[0] ?? "", /the request of sender-\w+ is refused/);
  assert.equal(output.match(/connection is connected/g)?.length, 2, "one at each end");
});

test("when the main process is killed, the receiver's process ends by itself", async () => {
  const large = fileWith("orphaned.bin", "");
  truncateSync(large, 20 * 1024 ** 3);
  const main = new MainProcess("--once", large);
  const [, stored = ""] = await main.until(/^received +goes to (.+)$/m);
  await main.until(/sender +sends orphaned\.bin/);
  main.signal("SIGKILL");
  // The receiver prints to the same pipe: its end is seen only when both processes are gone.
  assert.equal((await main.ended).status, null);
  rmSync(stored, { recursive: true });
}, 60_000);

test("Ctrl-C before the file is verified ends --once with status 130, and leaves nothing", async () => {
  const large = fileWith("interrupted.bin", "");
  truncateSync(large, 20 * 1024 ** 3);
  const main = new MainProcess("--once", large);
  await main.until(/sender +sends interrupted\.bin/);
  main.signal("SIGINT");
  const { status, output } = await main.ended;
  assert.equal(status, 130);
  const stored = /^received +goes to (.+)$/m.exec(output)?.[1];
  assert.ok(stored && !existsSync(stored));
});

test("a port in use is one clear line and status 1", async () => {
  const server = await startStudioServer({ port: 0 });
  const main = new MainProcess("--once", "--port", String(server.port));
  const { status, problems } = await main.ended;
  await server.close();
  const expected = `pallas: port ${server.port} on localhost is in use; choose another with --port or PALLAS_PORT`;
  assert.deepEqual([status, problems], [1, [expected]]);
});

const REFUSED: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    "a file that does not exist",
    ["/nowhere/at all"],
    /^pallas: cannot read \/nowhere\/at all: there is no such file$/,
  ],
  ["a folder instead of a file", [tmpdir()], /is not a file$/],
  ["two files", ["a", "b"], /^pallas: one file at a time, not 2$/],
  [
    "a port that is none",
    ["--port", "http"],
    /^pallas: --port must be a number from 0 to 65535, not "http"$/,
  ],
  ["an unknown option", ["--fast"], /^pallas: Unknown option '--fast'; see --help$/],
];

for (const [what, args, expected] of REFUSED) {
  test(`${what} is one clear line and status 1`, async () => {
    const { status, problems } = await new MainProcess(...args).ended;
    assert.deepEqual([status, problems.length], [1, 1]);
    assert.match(problems[0] ?? "", expected);
  });
}

test("--help says what there is to say", async () => {
  const { status, output } = await new MainProcess("--help").ended;
  assert.equal(status, 0);
  for (const word of ["--once", "--port", "PALLAS_PORT", "7880"]) assert.ok(output.includes(word));
});
