import assert from "node:assert/strict";
import { test } from "vitest";
import { createNodeCrypto } from "../../crypto/node-crypto.ts";
import type { ClientHello } from "../messages/client-hello.ts";
import { CookieJar } from "./cookie.ts";

const HELLO: ClientHello = {
  version: 0xfefd,
  random: new Uint8Array(32).fill(1),
  sessionId: new Uint8Array(0),
  cookie: new Uint8Array(0),
  cipherSuites: [0xc02b],
  compressionMethods: new Uint8Array(1),
  extensions: new Map(),
};

test("a cookie is good for the hello that it was made for, and fits its field (RFC 6347 §4.2.1)", () => {
  const jar = new CookieJar(createNodeCrypto());
  const cookie = jar.cookieFor(HELLO);
  assert.ok(cookie.byteLength <= 32);
  assert.ok(jar.isValid({ ...HELLO, cookie }));
  assert.ok(!jar.isValid(HELLO));
});

test("a cookie is not good for a hello that differs, nor in another jar (RFC 6347 §4.2.1)", () => {
  const jar = new CookieJar(createNodeCrypto());
  const cookie = jar.cookieFor(HELLO);
  const others: Partial<ClientHello>[] = [
    { version: 0xfeff },
    { random: new Uint8Array(32).fill(2) },
    { sessionId: new Uint8Array(1) },
    { cipherSuites: [0xc02b, 0xc02c] },
    { compressionMethods: new Uint8Array(2) },
  ];
  for (const other of others) assert.ok(!jar.isValid({ ...HELLO, ...other, cookie }));
  assert.ok(!new CookieJar(createNodeCrypto()).isValid({ ...HELLO, cookie }));
});
