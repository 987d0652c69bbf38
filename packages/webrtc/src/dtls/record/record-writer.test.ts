import assert from "node:assert/strict";
import { test } from "vitest";
import { toHex } from "../../base/bytes.ts";
import { createNodeCrypto } from "../../crypto/node-crypto.ts";
import { CIPHER_SUITES } from "../cipher-suite.ts";
import { readRecordEpoch, readRecordSequence } from "./record-header.ts";
import { recordOverheadBytesOf, RecordSealer } from "./record-protection.ts";
import { RecordWriter } from "./record-writer.ts";

const PAYLOAD = Uint8Array.of(0xaa);

function installedWriter(maxRecords: number): RecordWriter {
  const [suite] = CIPHER_SUITES;
  const key = { key: new Uint8Array(16), iv: new Uint8Array(4) };
  const writer = new RecordWriter();
  const sealer = new RecordSealer(createNodeCrypto(), suite!, key, maxRecords);
  writer.installSealer(sealer, recordOverheadBytesOf(suite!));
  return writer;
}

test("plain records say DTLS 1.0 until the version is agreed on (RFC 6347 §4.2.1)", () => {
  const writer = new RecordWriter();
  assert.equal(toHex(writer.write(0, 22, PAYLOAD)!), "16feff00000000000000000001aa");
  writer.useNegotiatedVersion();
  assert.equal(toHex(writer.write(0, 21, PAYLOAD)!), "15fefd00000000000000010001aa");
});

test("each epoch counts its own records (RFC 6347 §4.1)", () => {
  const writer = installedWriter(100);
  writer.write(0, 22, PAYLOAD);
  writer.write(0, 22, PAYLOAD);
  const first = writer.write(1, 22, PAYLOAD)!;
  assert.equal(readRecordEpoch(first, 0), 1);
  assert.equal(readRecordSequence(first, 0), 0);
  assert.equal(readRecordSequence(writer.write(1, 23, PAYLOAD)!, 0), 1);
  assert.equal(readRecordSequence(writer.write(0, 22, PAYLOAD)!, 0), 2);
});

test("the overhead that is promised is the one that is added", () => {
  const writer = installedWriter(100);
  for (const epoch of [0, 1]) {
    const record = writer.write(epoch, 22, PAYLOAD)!;
    assert.equal(record.byteLength - PAYLOAD.byteLength, writer.overheadBytes(epoch));
  }
});

test("nothing is written in epoch 1 without a key, or with one that is used up", () => {
  assert.equal(new RecordWriter().write(1, 23, PAYLOAD), undefined);
  const writer = installedWriter(1);
  assert.ok(writer.write(1, 23, PAYLOAD));
  assert.equal(writer.write(1, 23, PAYLOAD), undefined);
});
