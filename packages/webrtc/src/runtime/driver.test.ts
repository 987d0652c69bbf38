import assert from "node:assert/strict";
import { test } from "vitest";

import { generateCertificate } from "../crypto/certificate.ts";
import { createNodeCrypto } from "../crypto/node-crypto.ts";
import { PeerSession } from "../session/peer-session.ts";
import type { SessionEvent } from "../session/session-events.ts";
import { Driver } from "./driver.ts";
import type { Runtime, UdpBindRequest, UdpSocketHandlers } from "./runtime.ts";

type Sent = { readonly bytes: Uint8Array; readonly address: string; readonly port: number };

/** The smallest world: a clock that stands where it is put, and sockets that remember. */
class TestWorld implements Runtime {
  readonly crypto = createNodeCrypto();
  readonly tasks: (() => void)[] = [];
  readonly microtasks: (() => void)[] = [];
  readonly sent: Sent[] = [];
  readonly bound: { request: UdpBindRequest; handlers: UdpSocketHandlers; isClosed: boolean }[] =
    [];
  deadlineAtMs: number | undefined;
  isBindingRefused = false;
  now = 0;
  #onReached: () => void = () => {};

  nowMs = (): number => this.now;
  epochMs = (): number => 1_767_225_600_000 + this.now;
  queueTask = (task: () => void): void => void this.tasks.push(task);
  queueMicrotask = (step: () => void): void => void this.microtasks.push(step);
  interfaceAddresses = (): readonly [] => [];
  resolveName = (): Promise<readonly string[]> => Promise.reject(new TypeError("no names here"));

  createDeadline(onReached: () => void): { set(atMs: number): void; clear(): void } {
    this.#onReached = onReached;
    return {
      set: (atMs) => (this.deadlineAtMs = atMs),
      clear: () => (this.deadlineAtMs = undefined),
    };
  }

  bindUdp(request: UdpBindRequest, handlers: UdpSocketHandlers): ReturnType<Runtime["bindUdp"]> {
    if (this.isBindingRefused) return Promise.reject(new TypeError("the address is gone"));
    const entry = { request, handlers, isClosed: false };
    this.bound.push(entry);
    return Promise.resolve({
      local: { address: request.address, port: 5000 },
      send: (bytes, address, port) => void this.sent.push({ bytes, address, port }),
      close: () => (entry.isClosed = true),
    });
  }

  /** Runs what is queued, microtasks first, until nothing is left. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) {
      await Promise.resolve();
      (this.microtasks.shift() ?? this.tasks.shift())?.();
    }
  }

  reachDeadline(): void {
    this.now = this.deadlineAtMs!;
    this.#onReached();
  }
}

const PEER = { address: "198.51.100.2", port: 7000 } as const;

function setUp(): { world: TestWorld; driver: Driver; events: SessionEvent[] } {
  const world = new TestWorld();
  const session = new PeerSession({ crypto: world.crypto, maxDatagramBytes: 1200 });
  const events: SessionEvent[] = [];
  const driver = new Driver(session, world, {
    portRange: { minPort: 40_000, maxPort: 40_010 },
    onEvent: (event) => events.push(event),
  });
  return { world, driver, events };
}

function start(driver: Driver, world: TestWorld): void {
  driver.run((session, nowMs) => {
    session.configure({
      certificate: generateCertificate({ nowEpochMs: world.epochMs() }),
      stunServers: [],
      transportPolicy: "all",
      interfaces: [
        { address: "198.51.100.1", interfaceName: "eth0", isInternal: false, family: "IPv4" },
      ],
    });
    session.applyPlan(
      {
        transports: [
          {
            transportId: "0",
            localIce: { ufrag: "ufragA", password: "password-of-at-least-22-A" },
            iceRole: "controlling",
            remote: {
              ice: { ufrag: "ufragB", password: "password-of-at-least-22-B", isLite: false },
              hasAllCandidates: true,
              candidates: [
                {
                  foundation: "1",
                  component: 1,
                  transport: "udp",
                  priority: 1_000,
                  ...PEER,
                  type: "host",
                  extensions: [],
                },
              ],
            },
          },
        ],
      },
      nowMs,
    );
  });
}

test("a command is flushed at the end of the task, not within it", async () => {
  const { world, driver } = setUp();
  start(driver, world);
  assert.equal(world.bound.length, 0);
  assert.equal(world.microtasks.length, 1, "many commands of one task share one flush");
  driver.run(() => {});
  assert.equal(world.microtasks.length, 1);
  await world.settle();
  assert.equal(world.bound.length, 1);
});

test("runNow is flushed before it returns", () => {
  const { world, driver, events } = setUp();
  start(driver, world);
  driver.runNow(() => {});
  assert.equal(world.bound.length, 1);
  assert.equal(events[0]?.kind, "iceGatheringStateChanged");
});

test("a socket is bound within the port range, and checks go out through it", async () => {
  const { world, driver } = setUp();
  start(driver, world);
  await world.settle();
  assert.deepEqual(world.bound[0]?.request, {
    address: "198.51.100.1",
    minPort: 40_000,
    maxPort: 40_010,
  });
  assert.deepEqual(
    world.sent.map(({ address, port }) => [address, port]),
    [[PEER.address, PEER.port]],
  );
});

test("a burst of datagrams is followed by one flush, in a task of its own", async () => {
  const { world, driver } = setUp();
  start(driver, world);
  await world.settle();
  for (let count = 0; count < 5; count++) {
    world.bound[0]!.handlers.onDatagram(Uint8Array.of(0, 1, 2), PEER.address, PEER.port);
  }
  assert.equal(world.tasks.length, 1);
  assert.equal(world.microtasks.length, 0);
});

test("the deadline follows the session and brings its timeouts", async () => {
  const { world, driver } = setUp();
  start(driver, world);
  await world.settle();
  const sentBefore = world.sent.length;
  for (let count = 0; count < 5; count++) world.reachDeadline();
  assert.ok(world.sent.length > sentBefore, "the unanswered check is repeated");
});

test("an address that cannot be bound is told to the session, which goes on without it", async () => {
  const { world, driver, events } = setUp();
  world.isBindingRefused = true;
  start(driver, world);
  await world.settle();
  const gathering = events.filter(({ kind }) => kind === "iceGatheringStateChanged");
  assert.deepEqual(gathering.at(-1), {
    kind: "iceGatheringStateChanged",
    transportId: "0",
    state: "complete",
  });
});

test("after stop nothing is sent, reported or armed, and the sockets are closed", async () => {
  const { world, driver, events } = setUp();
  start(driver, world);
  await world.settle();
  const [sentBefore, eventsBefore] = [world.sent.length, events.length];
  driver.runNow((session, nowMs) => session.close(nowMs));
  driver.stop();
  driver.stop();
  world.bound[0]!.handlers.onDatagram(Uint8Array.of(0, 1, 2), PEER.address, PEER.port);
  await world.settle();
  assert.equal(world.bound[0]?.isClosed, true);
  assert.equal(world.deadlineAtMs, undefined);
  assert.deepEqual([world.sent.length, events.length], [sentBefore, eventsBefore]);
});

test("an owner that throws while it is told something loses this connection, with a reason", async () => {
  const world = new TestWorld();
  const session = new PeerSession({ crypto: world.crypto, maxDatagramBytes: 1200 });
  const events: SessionEvent[] = [];
  const driver = new Driver(session, world, {
    portRange: { minPort: 0, maxPort: 0 },
    onEvent: (event) => {
      events.push(event);
      if (events.length === 1) throw new TypeError("a bug of the owner");
    },
  });
  start(driver, world);
  driver.runNow(() => {});
  await world.settle();
  const failed = events.findLast(({ kind }) => kind === "iceStateChanged");
  assert.ok(failed?.kind === "iceStateChanged" && failed.failure?.code === "ERR_INTERNAL");
  assert.match(failed.failure.message, /a bug of the owner/);
  assert.equal(world.deadlineAtMs, undefined);
});

test("a socket whose binding ends after stop is closed at once", async () => {
  const { world, driver } = setUp();
  start(driver, world);
  driver.runNow(() => {});
  driver.stop();
  await world.settle();
  assert.equal(world.bound[0]?.isClosed, true);
});

test("a socket whose binding ends after the session has given it up is closed at once", async () => {
  const { world, driver } = setUp();
  start(driver, world);
  driver.runNow(() => {});
  driver.runNow((session, nowMs) => session.applyPlan({ transports: [] }, nowMs));
  await world.settle();
  assert.equal(world.bound[0]?.isClosed, true);
});

test.each(["handleDatagram", "handleTimeout", "pollTransmit"] as const)(
  "an unforeseen exception in %s ends this connection with a reason, not the process",
  async (method) => {
    const { world, driver, events } = setUp();
    start(driver, world);
    await world.settle();
    driver.run((session) => {
      Object.defineProperty(session, method, {
        value: () => {
          throw new TypeError("boom");
        },
      });
    });
    world.bound[0]!.handlers.onDatagram(Uint8Array.of(0, 1, 2), PEER.address, PEER.port);
    if (world.deadlineAtMs !== undefined) world.reachDeadline();
    await world.settle();
    const failed = events.findLast(({ kind }) => kind === "iceStateChanged");
    assert.ok(failed?.kind === "iceStateChanged" && failed.state === "failed");
    assert.equal(failed.failure?.code, "ERR_INTERNAL");
    assert.match(failed.failure?.message ?? "", /report it.*boom/);
    assert.equal(world.bound[0]?.isClosed, true);
    assert.equal(world.deadlineAtMs, undefined);
  },
);
