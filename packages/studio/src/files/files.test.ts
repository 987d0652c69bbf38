import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "vitest";
import { openFileSource } from "./file-source.ts";
import { openFolderSink } from "./folder-sink.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pallas-test-"));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

test("a file can be sent any number of times", async () => {
  const path = join(folder, "a.txt");
  writeFileSync(path, "content");
  const source = await openFileSource(path);
  assert.deepEqual([source.name, source.sizeBytes], ["a.txt", 7]);
  for (let round = 0; round < 2; round++) {
    const pieces = [];
    for await (const piece of source.chunks()) pieces.push(piece);
    assert.equal(Buffer.concat(pieces).toString(), "content");
  }
});

test("what cannot be sent is refused in words", async () => {
  await assert.rejects(
    openFileSource(join(folder, "none")),
    /^StudioError: cannot read .*: there is no such file$/,
  );
  await assert.rejects(openFileSource(folder), /is not a file$/);
  await assert.rejects(openFileSource("a\u0000b"), /^StudioError: cannot read/);
});

test("a received file is hidden behind .part until it is whole", async () => {
  const sink = await openFolderSink(folder, "a.txt");
  await sink.write(bytes("hello "));
  await sink.write(bytes("world"));
  assert.deepEqual(readdirSync(folder), ["a.txt.part"]);
  await sink.close();
  assert.deepEqual(readdirSync(folder), ["a.txt"]);
  assert.equal(sink.path, join(folder, "a.txt"));
  assert.equal(readFileSync(sink.path, "utf8"), "hello world");
});

test("a transfer that fails leaves nothing", async () => {
  const sink = await openFolderSink(folder, "a.txt");
  await sink.write(bytes("half"));
  await sink.abort();
  assert.deepEqual(readdirSync(folder), []);
});

test("no file is ever overwritten, even by two transfers at once", async () => {
  writeFileSync(join(folder, "a.txt"), "mine");
  const sinks = [await openFolderSink(folder, "a.txt"), await openFolderSink(folder, "a.txt")];
  for (const [index, sink] of sinks.entries()) await sink.write(bytes(`theirs ${index}`));
  for (const sink of sinks) await sink.close();
  assert.deepEqual(readdirSync(folder).toSorted(), ["a (2).txt", "a (3).txt", "a.txt"]);
  assert.equal(readFileSync(join(folder, "a.txt"), "utf8"), "mine");
});

test("nothing is written outside of the folder, whatever the name", async () => {
  const inner = join(folder, "inner");
  mkdirSync(inner);
  for (const name of [
    "../outside.txt",
    "/etc/outside.txt",
    "..",
    "inner/../../outside.txt",
    "..\\outside.txt",
  ]) {
    const sink = await openFolderSink(inner, name);
    await sink.close();
    assert.ok(sink.path.startsWith(inner));
  }
  assert.deepEqual(readdirSync(folder), ["inner"]);
  assert.equal(readdirSync(inner).length, 5);
});

test("a folder that is not there refuses the file", async () => {
  await assert.rejects(openFolderSink(join(folder, "none"), "a.txt"), /ENOENT/);
});
