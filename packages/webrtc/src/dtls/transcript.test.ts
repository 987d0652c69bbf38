import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex, toHex } from "../base/bytes.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { MessageLog } from "./handshakes/message-log.ts";
import { Transcript } from "./transcript.ts";

test("the transcript is all messages in order, and its hash follows (RFC 5246 §7.4.9)", () => {
  const crypto = createNodeCrypto();
  const transcript = new Transcript();
  transcript.add(fromHex("0102"));
  transcript.add(fromHex("03"));
  assert.equal(toHex(transcript.bytes()), "010203");
  assert.deepEqual(transcript.hash(crypto, "sha-256"), crypto.hash("sha-256", fromHex("010203")));
  transcript.clear();
  assert.equal(transcript.bytes().byteLength, 0);
});

test("messages are numbered from 0 and recorded as if unfragmented (RFC 6347 §4.2.6)", () => {
  const log = new MessageLog();
  const first = log.addSent(1, fromHex("aa"));
  const second = log.addSentProtected(20, fromHex("bb"));
  assert.equal(first.kind === "message" && first.epoch, 0);
  assert.equal(second.kind === "message" && second.epoch, 1);
  const expected = "01000001 0000 000000 000001 aa 14000001 0001 000000 000001 bb";
  assert.equal(toHex(log.transcript.bytes()), expected.replaceAll(" ", ""));
});

test("numbers go on when the transcript starts over after a cookie (RFC 6347 §4.2.2)", () => {
  const log = new MessageLog();
  log.addSent(1, fromHex("aa"));
  log.transcript.clear();
  log.addSent(1, fromHex("bb"));
  assert.equal(toHex(log.transcript.bytes()), "010000010001000000000001bb");
});
