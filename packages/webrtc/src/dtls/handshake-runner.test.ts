import assert from "node:assert/strict";
import { test } from "vitest";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { type ProtocolFailure, WireFormatError } from "../base/errors.ts";
import { HandshakeRunner } from "./handshake-runner.ts";
import { NO_STEP, refusal, type Handshake, type HandshakeStep } from "./handshakes/handshake.ts";
import { ALERT } from "./messages/alert.ts";
import {
  encodeHandshakeMessage,
  HANDSHAKE_TYPE,
  type HandshakeMessage,
} from "./messages/handshake-message.ts";

const FLIGHT: HandshakeStep = { flight: { items: [], isRepeatedOnTimeout: true } };
const HELLO = HANDSHAKE_TYPE.clientHello;

/** A handshake that does what its script says, and a world that writes down what is done to it. */
class Stage implements Handshake {
  isAwaitingHello = true;
  readonly seen: number[] = [];
  readonly done: string[] = [];
  failure: ProtocolFailure | undefined;
  readonly runner: HandshakeRunner;
  #script: (HandshakeStep | Error)[];

  constructor(...script: (HandshakeStep | Error)[]) {
    this.#script = script;
    const host = {
      applyStep: (step: HandshakeStep): void => {
        this.done.push(step.flight ? "flight" : "step");
      },
      resendFlight: (): void => {
        this.done.push("resend");
      },
      fail: (failure: ProtocolFailure): void => {
        this.failure = failure;
      },
    };
    this.runner = new HandshakeRunner(this, host, 0, 30_000);
  }

  start(): HandshakeStep {
    return NO_STEP;
  }

  handleMessage({ sequence }: HandshakeMessage): HandshakeStep {
    this.seen.push(sequence);
    const next = this.#script.shift() ?? NO_STEP;
    if (next instanceof Error) throw next;
    return next;
  }

  hear(type: number, sequence: number, nowMs = 0, epoch = 0): void {
    this.runner.handleRecord(
      encodeHandshakeMessage(type, sequence, new Uint8Array(4)),
      epoch,
      nowMs,
    );
  }
}

function refused(): ProtocolFailure {
  return refusal(ALERT.handshake_failure, "RFC 5246 §7.4.1.3", "no common cipher suite");
}

test("messages are handed on in order, once each, several of a record too (RFC 6347 §4.2.2)", () => {
  const stage = new Stage();
  stage.hear(HELLO, 1);
  assert.deepEqual(stage.seen, []);
  const two = [0, 2].map((sequence) => encodeHandshakeMessage(HELLO, sequence, new Uint8Array(4)));
  stage.runner.handleRecord(Buffer.concat(two), 0, 0);
  stage.hear(HELLO, 1);
  assert.deepEqual(stage.seen, [0, 1, 2]);
});

test("Finished counts under protection only, and everything else without it only (RFC 6347 §4.1)", () => {
  const stage = new Stage();
  stage.hear(HANDSHAKE_TYPE.finished, 0, 0, 0);
  stage.hear(HELLO, 0, 0, 1);
  assert.deepEqual(stage.seen, []);
  assert.equal(stage.runner.refusedMessages, 2);
  stage.hear(HANDSHAKE_TYPE.finished, 0, 0, 1);
  assert.deepEqual(stage.seen, [0]);
});

test("noise in a message makes room for the same message again", () => {
  const stage = new Stage(new WireFormatError("RFC 5246 §7.4", "bad"), NO_STEP);
  stage.hear(HELLO, 0);
  stage.hear(HELLO, 0);
  stage.hear(HELLO, 1);
  assert.deepEqual(stage.seen, [0, 0, 1]);
  assert.equal(stage.failure, undefined);
});

test("a refused hello waits 2 s for a better one, which clears it (CVE-2023-51443)", () => {
  const stage = new Stage(refused(), refused(), FLIGHT);
  stage.hear(HELLO, 0, 1000);
  stage.hear(HELLO, 0, 1500);
  assert.equal(stage.runner.nextTimeoutAtMs, 3000, "the second does not put it off");
  stage.hear(HELLO, 0, 2900);
  stage.runner.handleTimeout(3000);
  assert.equal(stage.failure, undefined);
  assert.equal(stage.runner.nextTimeoutAtMs, 30_000);
});

test("a refused hello that nothing follows is the reason of the failure", () => {
  const stage = new Stage(refused());
  stage.hear(HELLO, 0, 1000);
  stage.runner.handleTimeout(2999);
  assert.equal(stage.runner.nextTimeoutAtMs, 3000, "not yet");
  stage.runner.handleTimeout(3000);
  assert.equal(stage.failure?.detail.sentAlert, ALERT.handshake_failure);
  assert.equal(stage.runner.nextTimeoutAtMs, NEVER_AT_MS);
});

test("after the hellos a refusal is final, and nothing is heard any more", () => {
  const stage = new Stage(refused());
  stage.isAwaitingHello = false;
  stage.hear(HELLO, 0);
  stage.hear(HELLO, 0);
  stage.hear(HELLO, 1);
  assert.equal(stage.failure?.code, "ERR_HANDSHAKE_FAILED");
  assert.deepEqual(stage.seen, [0]);
});

test("a suspicion counts if the handshake does not move on within 2 s", () => {
  const moved = new Stage();
  moved.runner.suspect(refused(), 0);
  moved.hear(HELLO, 0, 1000);
  moved.runner.handleTimeout(2000);
  assert.equal(moved.failure, undefined);

  const stuck = new Stage();
  stuck.runner.suspect(refused(), 0);
  stuck.hear(HELLO, 3, 1000);
  stuck.runner.handleTimeout(2000);
  assert.ok(stuck.failure);
});

test("the flight is sent again only for the last message of the flight that it answered (RFC 6347 §4.2.4)", () => {
  const stage = new Stage(NO_STEP, FLIGHT, NO_STEP);
  for (const sequence of [0, 1, 2]) stage.hear(HELLO, sequence);
  stage.done.length = 0;
  stage.hear(HELLO, 0);
  stage.hear(HELLO, 2);
  assert.deepEqual(stage.done, []);
  stage.hear(HELLO, 1);
  assert.deepEqual(stage.done, ["resend"]);
});

test("the reason of a time-out tells silence, a peer that stopped and a peer that spoke nonsense apart", () => {
  const silent = new Stage();
  silent.runner.handleTimeout(30_000);
  assert.match(silent.failure!.message, /30 s: the peer never answered/);

  const stopped = new Stage();
  stopped.hear(HELLO, 0);
  stopped.runner.handleTimeout(30_000);
  assert.match(stopped.failure!.message, /stopped answering/);

  const nonsense = new Stage(new WireFormatError("RFC 8422 §5.4", "group 9 was not offered"));
  nonsense.hear(HELLO, 0);
  nonsense.runner.handleTimeout(30_000);
  assert.match(nonsense.failure!.message, /group 9 was not offered \(RFC 8422 §5\.4\)/);
  assert.ok(nonsense.failure!.cause instanceof WireFormatError);
});

test("a bug of ours is not mistaken for noise of the wire", () => {
  const stage = new Stage(new TypeError("a bug"));
  assert.throws(() => stage.hear(HELLO, 0), TypeError);
});
