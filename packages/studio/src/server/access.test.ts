import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "vitest";
import { refusalOf, rulesFor } from "./access.ts";
import { ResumeTokens } from "./resume-token.ts";
import { TokenBucket } from "./token-bucket.ts";

const from = (host?: string, origin?: string): IncomingMessage =>
  ({ headers: { host, origin } }) as IncomingMessage;

test("programs without an Origin are let in", () => {
  assert.equal(refusalOf(from("localhost:7880"), {}), undefined);
});

test("a page of the server's own origin is let in, over http and https", () => {
  for (const scheme of ["http", "https"]) {
    assert.equal(refusalOf(from("localhost:7880", `${scheme}://localhost:7880`), {}), undefined);
  }
});

test("pages of other origins are refused unless they are on the list", () => {
  const rules = { allowedOrigins: ["https://app.example"] };
  assert.equal(refusalOf(from("h", "https://app.example"), rules), undefined);
  for (const origin of [
    "https://app.example.evil",
    "http://app.example",
    "null",
    "http://localhost:7881",
  ]) {
    assert.match(
      refusalOf(from("localhost:7880", origin), rules) ?? "",
      /are not allowed to connect/,
    );
  }
});

test("on loopback only loopback names are right (DNS rebinding)", () => {
  for (const listenHost of ["localhost", "127.0.0.1", "::1"]) {
    const rules = rulesFor(listenHost, {});
    for (const host of ["localhost:1", "127.0.0.1:1", "[::1]:1", "LOCALHOST"]) {
      assert.equal(refusalOf(from(host), rules), undefined, host);
    }
    for (const host of ["evil.example:1", "", undefined, "localhost.evil.example"]) {
      assert.match(refusalOf(from(host), rules) ?? "", /not to be reached/);
    }
  }
});

test("elsewhere any name will do, unless names are given", () => {
  assert.equal(refusalOf(from("studio.example"), rulesFor("0.0.0.0", {})), undefined);
  const rules = rulesFor("0.0.0.0", { allowedHosts: ["studio.example"] });
  assert.match(refusalOf(from("other.example"), rules) ?? "", /not to be reached/);
});

test("a bucket lets a burst through, and then so many a second", () => {
  const bucket = new TokenBucket(2, 3, 0);
  const taken = (nowMs: number, tries: number): number =>
    Array.from({ length: tries }, () => bucket.tryTake(nowMs)).filter(Boolean).length;
  assert.equal(taken(0, 10), 3);
  assert.equal(taken(499, 10), 0);
  assert.equal(taken(1000, 10), 2);
  assert.equal(taken(3_600_000, 10), 3);
  assert.equal(taken(0, 10), 0, "a clock that goes back earns nothing");
});

test("a resume token is good for one participant of one room of one server", () => {
  const tokens = new ResumeTokens();
  const token = tokens.issue("room", "me");
  assert.ok(tokens.isValid("room", "me", token));
  for (const [room, id, given] of [
    ["other", "me", token],
    ["room", "you", token],
    ["room", "me", ""],
    ["room", "me", `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`],
  ] as const) {
    assert.ok(!tokens.isValid(room, id, given));
  }
  assert.ok(!new ResumeTokens().isValid("room", "me", token));
});
