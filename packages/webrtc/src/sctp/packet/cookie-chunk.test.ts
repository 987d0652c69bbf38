import assert from "node:assert/strict";
import { test } from "vitest";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import {
  decodeCookieEchoChunk,
  encodeCookieAckChunk,
  encodeCookieEchoChunk,
} from "./cookie-chunk.ts";

// COOKIE ECHO of aiortc 1.4.0, recorded below DTLS.
const RECORDED = fromHex("0a00001c 6b03fc4a42b600f66d42812ed0f034fe15e0b574fa58a1cd");

test("a recorded COOKIE ECHO decodes and encodes (RFC 9260 §3.3.11)", () => {
  const cookie = decodeCookieEchoChunk(RECORDED);
  assert.equal(cookie.byteLength, 24);
  assert.deepEqual(encodeCookieEchoChunk(cookie), RECORDED);
});

test("COOKIE ACK is a header; a COOKIE ECHO without a cookie is refused (RFC 9260 §3.3.12)", () => {
  assert.deepEqual(encodeCookieAckChunk(), fromHex("0b000004"));
  assert.throws(() => decodeCookieEchoChunk(fromHex("0a000004")), WireFormatError);
});
