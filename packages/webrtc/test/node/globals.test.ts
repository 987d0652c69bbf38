import assert from "node:assert/strict";
import { afterAll, beforeAll, test } from "vitest";

import * as pallas from "../../src/index.ts";
import { BuiltPackage } from "../support/built-package.ts";

let built: BuiltPackage;

beforeAll(async () => {
  built = await BuiltPackage.build();
}, 120_000);

afterAll(() => built.remove());

/** What `body` printed, in a process that has imported the globals. */
async function runWithGlobals(body: string, before = ""): Promise<unknown> {
  const program = `
    import * as pallas from ${JSON.stringify(built.url("index"))};
    const inherited = new Set(Object.getOwnPropertyNames(globalThis));
    ${before}
    await import(${JSON.stringify(built.url("globals"))});
    const print = (value) => console.log(JSON.stringify(value));
    ${body}`;
  const { stdout, stderr } = await built.run(program);
  assert.equal(stderr, "");
  return JSON.parse(stdout) as unknown;
}

/** Every class of the package that the W3C has named. */
const INTERFACES = Object.entries(pallas)
  .filter(([name]) => /^(RTC|MediaStream|Overconstrained)/.test(name))
  .map(([name]) => name);

test("all interfaces become globals, and nothing else does", async () => {
  const print = `
    print(Object.getOwnPropertyNames(globalThis).filter((name) => !inherited.has(name)));`;
  const names = (await runWithGlobals(print)) as string[];
  assert.deepEqual(names.toSorted(), INTERFACES.toSorted());
});

test("they are the package's own, writable, configurable and not enumerable (Web IDL §3.7.1)", async () => {
  const print = `
    const added = Object.getOwnPropertyNames(globalThis).filter((name) => !inherited.has(name));
    print(added.filter((name) => {
      const { value, ...flags } = Object.getOwnPropertyDescriptor(globalThis, name);
      const isPlain = flags.writable && flags.configurable && !flags.enumerable;
      return value !== pallas[name] || !isPlain;
    }));`;
  assert.deepEqual(await runWithGlobals(print), []);
});

test("a name that is there already is left alone", async () => {
  const before = `globalThis.RTCPeerConnection = "own";`;
  const print = `print([RTCPeerConnection, typeof RTCDataChannel]);`;
  assert.deepEqual(await runWithGlobals(print, before), ["own", "function"]);
});

test("code that knows globals alone connects", async () => {
  const body = `
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate);
    b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate);
    b.ondatachannel = ({ channel }) => {
      channel.onmessage = ({ data }) => {
        print([data, channel instanceof RTCDataChannel]);
        a.close();
        b.close();
      };
    };
    const channel = a.createDataChannel("x");
    channel.onopen = () => channel.send("hello");
    await a.setLocalDescription();
    await b.setRemoteDescription(new RTCSessionDescription(a.localDescription));
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription);`;
  assert.deepEqual(await runWithGlobals(body), ["hello", true]);
});
