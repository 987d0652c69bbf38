import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { test } from "vitest";
import { FakeChannel } from "../../test/fake-connection.ts";
import { settle } from "../../test/settle.ts";
import { PeerGoneError, TransferError } from "../errors.ts";
import { FILE_PROTOCOL } from "./file-protocol.ts";
import type { FileHeader, FileSource, Hasher, ReceiveFileOptions } from "./file-types.ts";
import { createSubtleHasher } from "./hasher.ts";
import { receiveFile } from "./receive-file.ts";
import { sendFile } from "./send-file.ts";

const createHasher = (): Hasher => {
  const hash = createHash("sha256");
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest("hex") };
};

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function fileOf(bytes: Uint8Array, change: Partial<FileSource> = {}): FileSource {
  return {
    name: "data.bin",
    sizeBytes: bytes.byteLength,
    async *chunks() {
      if (bytes.byteLength > 0) yield bytes;
    },
    ...change,
  };
}

/** A receiver that keeps what it gets. */
function keeper(change: Partial<ReceiveFileOptions> = {}) {
  const kept = {
    bytes: [] as number[],
    state: "none",
    header: undefined as FileHeader | undefined,
  };
  const failures: Error[] = [];
  const options = {
    peerId: "sender",
    createHasher,
    openSink(header: FileHeader) {
      kept.state = "open";
      kept.header = header;
      return {
        write: (bytes: Uint8Array) => void kept.bytes.push(...bytes),
        close: () => void (kept.state = "closed"),
        abort: () => void (kept.state = "aborted"),
      };
    },
    onFailed: (error: Error) => void failures.push(error),
    ...change,
  };
  return { kept, failures, options };
}

async function transfer(source: FileSource, change: Partial<ReceiveFileOptions> = {}) {
  const [near, far] = FakeChannel.pair("file", FILE_PROTOCOL);
  const { kept, failures, options } = keeper(change);
  const received = receiveFile(far, options);
  const sent = sendFile(near, source, { createHasher, peerId: "receiver" });
  const outcome = await sent.catch((error: unknown) => error);
  await received;
  return { outcome, kept, failures, near, far };
}

const codeOf = (outcome: unknown): string =>
  outcome instanceof TransferError ? outcome.code : `no TransferError: ${String(outcome)}`;

test("a file arrives whole and both sides know its SHA-256", async () => {
  const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
  const { outcome, kept, near } = await transfer(fileOf(bytes, { mediaType: "image/png" }));
  const header = { name: "data.bin", sizeBytes: 300_000, mediaType: "image/png" };
  assert.deepEqual(outcome, { header, sha256: sha256(bytes) });
  assert.deepEqual(kept.header, header);
  assert.equal(kept.state, "closed");
  assert.equal(sha256(new Uint8Array(kept.bytes)), sha256(bytes));
  assert.notEqual(near.readyState, "open");
});

test("an empty file is a file", async () => {
  const { outcome, kept } = await transfer(fileOf(new Uint8Array(0)));
  assert.deepEqual(outcome, {
    header: { name: "data.bin", sizeBytes: 0 },
    sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  });
  assert.equal(kept.state, "closed");
});

test("any content in pieces of any size arrives unchanged", async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 90_000 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(pieces, async (chunks) => {
      const whole = Buffer.concat(chunks);
      const source = fileOf(whole, {
        async *chunks() {
          yield* chunks;
        },
      });
      const { kept, outcome } = await transfer(source);
      assert.ok(!(outcome instanceof Error), String(outcome));
      assert.equal(sha256(new Uint8Array(kept.bytes)), sha256(whole));
    }),
    { numRuns: 25 },
  );
});

test("progress is told on both sides, rises, and ends with the size", async () => {
  const seen: number[] = [];
  const [near, far] = FakeChannel.pair();
  const own: number[] = [];
  const { options } = keeper({ onProgress: ({ bytes }) => void own.push(bytes) });
  void receiveFile(far, options);
  await sendFile(near, fileOf(new Uint8Array(1_000_000)), {
    createHasher,
    peerId: "receiver",
    onProgress: ({ bytes }) => void seen.push(bytes),
  });
  for (const progress of [seen, own]) {
    assert.deepEqual(
      progress,
      [...progress].sort((a, b) => a - b),
    );
    assert.equal(progress.at(-1), 1_000_000);
  }
  assert.ok(seen.length >= 4);
});

test("the name is cleaned before the receiver's application sees it", async () => {
  const { kept } = await transfer(
    fileOf(new Uint8Array(1), { name: "../../../.ssh/authorized_keys" }),
  );
  assert.equal(kept.header?.name, "authorized_keys");
});

test("content changed on the way is refused, and the sink is aborted", async () => {
  const [near, far] = FakeChannel.pair();
  const { kept, failures, options } = keeper();
  const deliver = near.deliver.bind(near);
  near.deliver = (content) => {
    deliver(typeof content === "string" ? content : content.map((byte) => byte ^ 1));
  };
  const received = receiveFile(far, options);
  const sending = sendFile(near, fileOf(new Uint8Array(10)), { createHasher, peerId: "r" });
  await assert.rejects(sending, (error) => codeOf(error) === "ERR_HASH_MISMATCH");
  await received;
  assert.equal(kept.state, "aborted");
  assert.match(
    failures[0]?.message ?? "",
    /^SHA-256 is [0-9a-f]{64}, the sender says [0-9a-f]{64}$/,
  );
});

test("a file that is too large is refused before its first byte", async () => {
  const { outcome, kept, failures } = await transfer(fileOf(new Uint8Array(101)), {
    maxFileBytes: 100,
  });
  assert.equal(codeOf(outcome), "ERR_TOO_LARGE");
  assert.equal(kept.state, "none");
  assert.equal(failures.length, 1);
});

test("a sink that cannot be opened refuses the file and says why", async () => {
  const { outcome } = await transfer(fileOf(new Uint8Array(5)), {
    openSink: () => Promise.reject(new RangeError("the disk is full")),
  });
  assert.equal(codeOf(outcome), "ERR_SINK");
  assert.match(String(outcome), /the disk is full/);
});

test("a sink that fails in the middle ends the transfer on both sides", async () => {
  let wasAborted = false;
  const { outcome, failures } = await transfer(fileOf(new Uint8Array(500_000)), {
    openSink: () => ({
      write: () => Promise.reject(new RangeError("no space left")),
      close: () => {},
      abort: () => {
        wasAborted = true;
        throw new RangeError("and abort fails as well");
      },
    }),
  });
  assert.match(String(outcome), /no space left/);
  assert.equal(failures[0]?.message, "no space left");
  assert.ok(wasAborted);
});

for (const [what, sizeBytes] of [
  ["grew", 3],
  ["shrank", 30],
] as const) {
  test(`a file that ${what} while it was sent is not delivered`, async () => {
    const { outcome, kept } = await transfer(fileOf(new Uint8Array(10), { sizeBytes }));
    assert.equal(codeOf(outcome), "ERR_SIZE_MISMATCH");
    assert.equal(kept.state, "aborted");
  });
}

test("a file that cannot be read any more is not delivered, and both sides hear why", async () => {
  const source = fileOf(new Uint8Array(10), {
    async *chunks() {
      yield new Uint8Array(5);
      throw new RangeError("the disk broke");
    },
  });
  const { outcome, failures } = await transfer(source);
  assert.equal(codeOf(outcome), "ERR_SOURCE");
  assert.match(failures[0]?.message ?? "", /the sender gave up: .*the disk broke/);
});

test("the sender never gets further ahead than the window, however slow the sink", async () => {
  const [near, far] = FakeChannel.pair();
  let release = (): void => {};
  const blocked = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { options } = keeper({
    openSink: () => ({ write: () => blocked, close() {}, abort() {} }),
  });
  void receiveFile(far, options);
  const sizeBytes = 20 * 1024 * 1024;
  const sending = sendFile(near, fileOf(new Uint8Array(sizeBytes)), { createHasher, peerId: "r" });
  await settle(400);
  const sentBytes = near.sent.reduce(
    (sum, part) => sum + (typeof part === "string" ? 0 : part.length),
    0,
  );
  assert.equal(sentBytes, 8 * 1024 * 1024);
  release();
  await sending;
});

test("a sender that ignores the window is stopped before it fills the memory", async () => {
  const [near, far] = FakeChannel.pair();
  const { options, failures } = keeper({
    maxFileBytes: 2 ** 41,
    openSink: () => ({ write: () => new Promise(() => {}), close() {}, abort() {} }),
  });
  // The write never ends: what counts is that the queue behind it does not grow any more.
  void receiveFile(far, options);
  near.send(JSON.stringify({ kind: "file", name: "x", sizeBytes: 2 ** 40 }));
  for (let count = 0; count < 100; count++) near.send(new Uint8Array(262_144));
  await settle();
  assert.deepEqual(failures, []);
  assert.ok(near.sent.length > 64);
});

test("a peer that goes away ends both sides with PeerGoneError", async () => {
  const [near, far] = FakeChannel.pair();
  const { options, failures, kept } = keeper({});
  const received = receiveFile(far, options);
  const source = fileOf(new Uint8Array(10), { chunks: () => neverEnding() });
  const sending = sendFile(near, source, { createHasher, peerId: "r" });
  sending.catch(() => {});
  await settle();
  near.lose();
  far.lose();
  await received;
  assert.ok(failures[0] instanceof PeerGoneError);
  assert.equal(kept.state, "aborted");
});

test("a sender whose receiver goes away before the verdict rejects", async () => {
  const [near, far] = FakeChannel.pair();
  const sending = sendFile(near, fileOf(new Uint8Array(10)), { createHasher, peerId: "r" });
  await settle();
  far.send(JSON.stringify({ kind: "ready" }));
  await settle();
  near.lose();
  await assert.rejects(sending, PeerGoneError);
});

const RECEIVER_NOISE: readonly (readonly [string, unknown])[] = [
  ["no JSON", "{"],
  ["no object", "[]"],
  ["an unknown kind", '{"kind":"launch"}'],
  ["no kind", "{}"],
  ["a count that is too high", '{"kind":"written","bytes":11}'],
  ["a negative count", '{"kind":"written","bytes":-1}'],
  ["a refusal with an unknown code", '{"kind":"refused","code":"x","reason":"y"}'],
  ["another verified hash", `{"kind":"verified","sha256":"${"0".repeat(64)}"}`],
  ["far too much", JSON.stringify({ kind: "ready", filler: "x".repeat(5000) })],
];

for (const [what, frame] of RECEIVER_NOISE) {
  test(`a receiver that says ${what} ends the transfer with a TransferError`, async () => {
    const [near, far] = FakeChannel.pair();
    const sending = sendFile(near, fileOf(new Uint8Array(10)), { createHasher, peerId: "r" });
    far.send(JSON.stringify({ kind: "ready" }));
    far.send(String(frame));
    await assert.rejects(sending, TransferError);
  });
}

const SENDER_NOISE: readonly (readonly [
  string,
  readonly (string | Uint8Array<ArrayBuffer>)[],
  RegExp,
])[] = [
  ["content before the header", [new Uint8Array(3)], /does not start with a header/],
  ["no JSON", ["nonsense"], /it is not JSON/],
  [
    "another frame first",
    ['{"kind":"end","sha256":"' + "0".repeat(64) + '"}'],
    /starts with "end"/,
  ],
  [
    "a size that is no number",
    ['{"kind":"file","name":"x","sizeBytes":"1"}'],
    /"sizeBytes" must be a number/,
  ],
  [
    "a size below zero",
    ['{"kind":"file","name":"x","sizeBytes":-1}'],
    /"sizeBytes" must be a number from 0/,
  ],
  [
    "a fraction of a byte",
    ['{"kind":"file","name":"x","sizeBytes":0.5}'],
    /must be a whole number/,
  ],
  ["no name", ['{"kind":"file","sizeBytes":1}'], /"name" must be a string/],
  [
    "a second header",
    ['{"kind":"file","name":"x","sizeBytes":1}', '{"kind":"file","name":"x","sizeBytes":1}'],
    /in the middle/,
  ],
  [
    "a hash that is none",
    ['{"kind":"file","name":"x","sizeBytes":0}', '{"kind":"end","sha256":"XYZ"}'],
    /"sha256" must match/,
  ],
  [
    "an early end",
    ['{"kind":"file","name":"x","sizeBytes":9}', `{"kind":"end","sha256":"${"0".repeat(64)}"}`],
    /0 bytes came, 9 were announced/,
  ],
  [
    "more than announced",
    ['{"kind":"file","name":"x","sizeBytes":2}', new Uint8Array(3)],
    /more bytes came/,
  ],
];

for (const [what, frames, expected] of SENDER_NOISE) {
  test(`a sender that sends ${what} is refused with a reason`, async () => {
    const [near, far] = FakeChannel.pair();
    const { options, failures, kept } = keeper();
    const received = receiveFile(far, options);
    for (const frame of frames) near.send(frame as string);
    await received;
    assert.match(failures[0]?.message ?? "", expected);
    assert.notEqual(kept.state, "closed");
    const reply = far.sent.at(-1);
    assert.equal(JSON.parse(String(reply)).kind, "refused");
  });
}

for (const [what, frame] of [
  ["text", "x".repeat(256 * 1024)],
  ["content", new Uint8Array(256 * 1024)],
] as const) {
  test(`attack: ${what} that is sent while the receiver decides where to put the file is bounded`, async () => {
    const [near, far] = FakeChannel.pair();
    const { options, failures, kept } = keeper();
    let decide = (): void => {};
    const decision = new Promise<void>((resolve) => (decide = resolve));
    const openSink: ReceiveFileOptions["openSink"] = async (header) => {
      await decision;
      return { ...options.openSink(header), write: () => {} };
    };
    const received = receiveFile(far, { ...options, openSink });
    near.send(JSON.stringify({ kind: "file", name: "x", sizeBytes: 2 ** 31 }));
    let sentBytes = 0;
    for (; near.readyState === "open" && sentBytes < 2 ** 26; sentBytes += frame.length) {
      near.send(frame);
      await settle();
    }
    assert.ok(sentBytes <= 2 ** 24 + frame.length, `${sentBytes} bytes were taken`);
    const { kind, reason } = JSON.parse(String(far.sent.at(-1)));
    assert.deepEqual([kind, reason], ["refused", "the sender ignores the window"]);
    decide();
    await received;
    assert.equal(failures.length, 1);
    assert.equal(kept.state, "aborted");
  });
}

test("the browser's hasher gives the same SHA-256 as node:crypto", async () => {
  const hasher = createSubtleHasher(globalThis.crypto.subtle);
  hasher.update(new TextEncoder().encode("hello "));
  hasher.update(new TextEncoder().encode("world"));
  assert.equal(await hasher.digestHex(), sha256(new TextEncoder().encode("hello world")));
});

async function* neverEnding(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
  await new Promise(() => {});
}
