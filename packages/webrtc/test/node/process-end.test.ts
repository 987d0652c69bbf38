import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "vitest";

import { BuiltPackage } from "../support/built-package.ts";

let built: BuiltPackage;

beforeAll(async () => {
  built = await BuiltPackage.build();
}, 120_000);

afterAll(() => built.remove());

/** Runs `body` as a program of its own on the package as built; what it printed. */
async function runProgram(body: string): Promise<string> {
  const program = `
    import { RTCPeerConnection } from ${JSON.stringify(built.url("index"))};
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
  const { stdout, stderr } = await built.run(program);
  assert.equal(stderr, "");
  return stdout;
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
