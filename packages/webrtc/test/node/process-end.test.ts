import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, test } from "vitest";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const WITHIN_MS = 20_000;

let outDir = "";

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), "pallas-webrtc-"));
  const project = ["-p", join(ROOT, "packages/webrtc"), "--outDir", outDir];
  const info = ["--tsBuildInfoFile", join(outDir, "info")];
  await run(join(ROOT, "node_modules/.bin/tsc"), [...project, ...info]);
}, 60_000);

afterAll(() => rm(outDir, { recursive: true }));

/** Runs `body` as a program of its own on the package as built; what it printed. */
async function runProgram(body: string): Promise<string> {
  const entry = pathToFileURL(join(outDir, "index.js")).href;
  const program = `
    import { RTCPeerConnection } from ${JSON.stringify(entry)};
    const settings = { bindAddresses: ["127.0.0.1"] };
    const [a, b] = [new RTCPeerConnection({}, settings), new RTCPeerConnection({}, settings)];
    a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
    b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
    const negotiate = async () => {
      await a.setLocalDescription();
      await b.setRemoteDescription(a.localDescription);
      await b.setLocalDescription();
      await a.setRemoteDescription(b.localDescription);
    };
    ${body}`;
  const args = ["--input-type=module", "--eval", program];
  const { stdout, stderr } = await run(process.execPath, args, { timeout: WITHIN_MS });
  assert.equal(stderr, "");
  return stdout.trim();
}

test("a process whose connections are closed ends by itself", async () => {
  const printed = await runProgram(`
    const channel = a.createDataChannel("x");
    channel.onopen = () => { console.log("open"); a.close(); b.close(); };
    await negotiate();`);
  assert.equal(printed, "open");
});

test("a process that closes in the middle of the negotiation ends by itself", async () => {
  const printed = await runProgram(`
    a.createDataChannel("x");
    void negotiate();
    setTimeout(() => { a.close(); b.close(); console.log("closed"); }, 2);`);
  assert.equal(printed, "closed");
});

test("a process that never negotiates ends by itself, without close()", async () => {
  assert.equal(
    await runProgram(`a.createDataChannel("x"); console.log(a.signalingState);`),
    "stable",
  );
});

test("an error of a listener is the process's uncaught exception, and the connection goes on", async () => {
  const printed = await runProgram(`
    process.on("uncaughtException", (error) => console.log(error.message));
    a.addEventListener("signalingstatechange", () => { throw new Error("listener"); }, { once: true });
    const channel = a.createDataChannel("x");
    channel.onopen = () => { console.log("open"); a.close(); b.close(); };
    await negotiate();`);
  assert.equal(printed, "listener\nopen");
});
