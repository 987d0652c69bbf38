import assert from "node:assert/strict";
import { test } from "vitest";
import { ProtocolFailure } from "../base/errors.ts";
import { RTCError, rtcErrorOf } from "./rtc-error.ts";
import type { RTCErrorDetailType } from "./rtc-error.ts";

const construct = (...values: unknown[]): unknown => Reflect.construct(RTCError, values);

test("an RTCError is a DOMException of name OperationError and code 0 (W3C §11.1)", () => {
  const error = new RTCError({ errorDetail: "data-channel-failure" }, "message");
  assert.ok(error instanceof DOMException && error instanceof Error);
  assert.equal(error.name, "OperationError");
  assert.equal(error.code, 0);
  assert.equal(error.message, "message");
  assert.equal(error.errorDetail, "data-channel-failure");
  assert.equal(Object.prototype.toString.call(error), "[object RTCError]");
  assert.equal(RTCError.length, 1);
});

test("the message is optional, the init and its detail are not (W3C §11.1)", () => {
  assert.equal(new RTCError({ errorDetail: "dtls-failure" }).message, "");
  for (const values of [[], [{}], [{ errorDetail: "bogus" }, "x"], [5]]) {
    assert.throws(() => construct(...values), TypeError);
  }
  assert.throws(() => construct({}), /RTCError constructor: argument 1: RTCErrorInit\.errorDetail/);
});

const NUMBERS = ["sdpLineNumber", "sctpCauseCode", "receivedAlert", "sentAlert"] as const;
for (const name of NUMBERS) {
  test(`${name} is null unless given, and readonly (W3C §11.1.2)`, () => {
    const errorDetail: RTCErrorDetailType = "sctp-failure";
    const plain = new RTCError({ errorDetail });
    assert.equal(plain[name], null);
    assert.throws(() => Object.assign(plain, { [name]: 42 }), TypeError);
    assert.equal(new RTCError({ errorDetail, [name]: 0 })[name], 0);
  });
}

test("httpRequestStatusCode is gone from the specification", () => {
  assert.ok(!("httpRequestStatusCode" in RTCError.prototype));
});

test("the error of a failure has its words, numbers and, as cause, its code", () => {
  const failure = new ProtocolFailure("ERR_HANDSHAKE_FAILED", "RFC 5246 §7.2", "no common suite", {
    detail: { receivedAlert: 40 },
  });
  const error = rtcErrorOf("dtls-failure", failure);
  assert.equal(error.message, "no common suite");
  assert.equal(error.receivedAlert, 40);
  assert.equal(error.sentAlert, null);
  assert.equal(error.cause, failure);
  assert.deepEqual(Object.keys(error), []);
});
