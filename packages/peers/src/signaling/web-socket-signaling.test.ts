import assert from "node:assert/strict";
import { test } from "vitest";
import { ManualClock } from "../../test/manual-clock.ts";
import { SignalingError } from "../errors.ts";
import type { SocketLike } from "../platform.ts";
import type { SignalingEvent } from "./signal.ts";
import { WebSocketSignaling } from "./web-socket-signaling.ts";

/** A WebSocket whose other end is the test. */
class FakeSocket extends EventTarget {
  readonly url: string;
  readonly sent: { kind: string; [member: string]: unknown }[] = [];
  readyState = 0;
  bufferedAmount = 0;

  constructor(url: string) {
    super();
    this.url = url;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  say(message: unknown): void {
    const data = typeof message === "string" ? message : JSON.stringify(message);
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  lose(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
  }
}

function setUp() {
  const clock = new ManualClock();
  const sockets: FakeSocket[] = [];
  const WebSocket = class extends FakeSocket {
    constructor(url: string) {
      super(url);
      sockets.push(this);
    }
  };
  const signaling = new WebSocketSignaling({
    url: "ws://localhost/signaling",
    room: "room",
    role: "receiver",
    name: "test",
    WebSocket: WebSocket as unknown as new (url: string) => SocketLike,
    clock,
    jitter: () => 1,
  });
  const events: SignalingEvent[] = [];
  signaling.subscribe((event) => events.push(event));
  const socket = (): FakeSocket => {
    const newest = sockets.at(-1);
    assert.ok(newest);
    return newest;
  };
  const welcome = (): void => {
    socket().open();
    socket().say({ kind: "welcome", self: SELF, participants: [] });
    socket().say({ kind: "resumeToken", token: "token-1" });
  };
  return { clock, sockets, socket, signaling, events, welcome };
}

const SELF = { id: "me", role: "receiver", name: "test" };
const BYE = { kind: "bye", to: "s", handshakeId: "h", reason: "" } as const;

test("the first message is join; the welcome says who one is", () => {
  const { socket, signaling, welcome, events } = setUp();
  assert.equal(signaling.self, undefined);
  welcome();
  assert.deepEqual(socket().sent, [{ kind: "join", room: "room", role: "receiver", name: "test" }]);
  assert.deepEqual(signaling.self, SELF);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["welcome"],
  );
});

test("what is sent before the welcome waits for it, in order", () => {
  const { socket, signaling, welcome } = setUp();
  signaling.send({ kind: "offerRequest" });
  signaling.send(BYE);
  welcome();
  assert.deepEqual(
    socket().sent.map(({ kind }) => kind),
    ["join", "offerRequest", "bye"],
  );
});

test("the queue of what waits is bounded", () => {
  const { signaling } = setUp();
  for (let count = 0; count < 512; count++) signaling.send(BYE);
  assert.throws(
    () => signaling.send(BYE),
    (error) => error instanceof SignalingError && error.code === "ERR_LIMIT",
  );
});

test("a lost connection is made again under the same id, and what waited is sent", () => {
  const { clock, socket, sockets, signaling, welcome, events } = setUp();
  welcome();
  socket().lose();
  assert.deepEqual(events.at(-1), {
    kind: "offline",
    reason: "the connection to the signaling server was lost",
    retryInMs: 500,
  });
  signaling.send(BYE);
  clock.pass(500);
  assert.equal(sockets.length, 2);
  welcome();
  assert.deepEqual(socket().sent[0]?.["resume"], { participantId: "me", token: "token-1" });
  assert.equal(socket().sent[1]?.kind, "bye");
});

test("attempts get further apart, up to 15 s, and start over after a success", () => {
  const { clock, socket, welcome, events } = setUp();
  const waits: number[] = [];
  for (let attempt = 0; attempt < 7; attempt++) {
    socket().lose();
    const last = events.at(-1);
    const retryInMs = last?.kind === "offline" ? last.retryInMs : Number.NaN;
    waits.push(retryInMs);
    clock.pass(retryInMs);
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  welcome();
  socket().lose();
  const last = events.at(-1);
  assert.equal(last?.kind === "offline" && last.retryInMs, 500);
});

test("a server that is silent for 25 s counts as lost, even if the socket does not notice", () => {
  const { clock, socket, welcome, events } = setUp();
  welcome();
  clock.pass(10_000);
  assert.equal(socket().sent.at(-1)?.kind, "ping");
  socket().say({ kind: "pong" });
  clock.pass(20_000);
  assert.equal(events.at(-1)?.kind, "welcome");
  clock.pass(10_000);
  const last = events.at(-1);
  assert.equal(last?.kind === "offline" && last.reason, "the signaling server does not answer");
});

test("a server that says why it closes is quoted", () => {
  const { socket, welcome, events } = setUp();
  welcome();
  socket().say({ kind: "closing", reason: "maintenance" });
  socket().lose(1001);
  const last = events.at(-1);
  assert.equal(last?.kind === "offline" && last.reason, "maintenance");
});

test("a refusal by policy is final: no use in trying again (RFC 6455 §7.4.1)", () => {
  const { clock, socket, sockets, signaling, events } = setUp();
  socket().open();
  socket().lose(1008, "the room is full");
  assert.deepEqual(events.at(-1), { kind: "closed", reason: "the room is full" });
  clock.pass(60_000);
  assert.equal(sockets.length, 1);
  assert.throws(() => signaling.send(BYE), SignalingError);
});

test("a bad message of the server is reported and harms nothing", () => {
  const { socket, welcome, events } = setUp();
  welcome();
  socket().say("{");
  socket().say({ kind: "joined", participant: { id: 7 } });
  assert.deepEqual(
    events.slice(1).map(({ kind }) => kind),
    ["error", "error"],
  );
  const last = events.at(-1);
  assert.match(last?.kind === "error" ? last.message : "", /"participant.name" must be a string/);
});

test("close is final, is told once, and leaves no timer", () => {
  const { clock, socket, signaling, welcome, events } = setUp();
  welcome();
  signaling.close("done");
  signaling.close("again");
  socket().lose(1000);
  assert.deepEqual(events.slice(1), [{ kind: "closed", reason: "done" }]);
  assert.equal(clock.runningTimers, 0);
});

test("a URL that is none closes the channel with a reason", () => {
  const events: SignalingEvent[] = [];
  const signaling = new WebSocketSignaling({
    url: "no url",
    room: "r",
    role: "receiver",
    name: "",
    WebSocket: class {
      constructor() {
        throw new SyntaxError("Invalid URL");
      }
    } as unknown as new (url: string) => SocketLike,
  });
  signaling.subscribe((event) => events.push(event));
  assert.throws(() => signaling.send(BYE), SignalingError);
});
