import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";

import * as pallas from "../../src/index.ts";
import { IDL, type IdlInterface } from "./support/idl-table.ts";
import { Lab } from "./support/lab.ts";

/** A class of the package, whatever it is. */
type AnyClass = { readonly name: string; readonly length: number; readonly prototype: object };
type AnyFunction = (...args: unknown[]) => unknown;
type Operation = {
  readonly name: string;
  readonly requiredArguments: number;
  readonly isAsync: boolean;
};

const lab = new Lab();
/** One object of each interface. */
const instances: Record<string, object> = {};

beforeAll(async () => {
  Object.assign(instances, await makeInstances());
});

afterAll(() => lab.close());

async function makeInstances(): Promise<Record<string, object>> {
  const { offerer } = await lab.connectedPair();
  const transceiver = offerer.addTransceiver("audio");
  const { sender, receiver } = transceiver;
  const { track } = receiver;
  const sctp = offerer.sctp!;
  const { iceTransport } = sctp.transport;
  const channel = offerer.createDataChannel("x");
  const stream = new pallas.MediaStream([track]);
  const error = new pallas.RTCError({ errorDetail: "sctp-failure" });
  const init = { receiver, track, transceiver, streams: [stream] };
  return {
    RTCPeerConnection: offerer,
    RTCSessionDescription: offerer.localDescription!,
    RTCIceCandidate: iceTransport.getLocalCandidates()[0]!,
    RTCIceCandidatePair: iceTransport.getSelectedCandidatePair()!,
    RTCCertificate: await pallas.RTCPeerConnection.generateCertificate({
      name: "ECDSA",
      namedCurve: "P-256",
    }),
    RTCRtpSender: sender,
    RTCRtpReceiver: receiver,
    RTCRtpTransceiver: transceiver,
    RTCDTMFSender: sender.dtmf!,
    RTCDtlsTransport: sctp.transport,
    RTCIceTransport: iceTransport,
    RTCSctpTransport: sctp,
    RTCDataChannel: channel,
    RTCStatsReport: await lab.run(offerer.getStats()),
    RTCError: error,
    RTCTrackEvent: new pallas.RTCTrackEvent("track", init),
    RTCDataChannelEvent: new pallas.RTCDataChannelEvent("datachannel", { channel }),
    RTCErrorEvent: new pallas.RTCErrorEvent("error", { error }),
    RTCPeerConnectionIceEvent: new pallas.RTCPeerConnectionIceEvent("icecandidate"),
    RTCPeerConnectionIceErrorEvent: new pallas.RTCPeerConnectionIceErrorEvent("x", {
      errorCode: 701,
    }),
    RTCDTMFToneChangeEvent: new pallas.RTCDTMFToneChangeEvent("tonechange"),
    MediaStream: stream,
    MediaStreamTrack: track,
    MediaStreamTrackEvent: new pallas.MediaStreamTrackEvent("addtrack", { track }),
    OverconstrainedError: new pallas.OverconstrainedError("width"),
  };
}

const CLASSES = pallas as unknown as Readonly<Record<string, AnyClass>>;
const GLOBALS = globalThis as unknown as Readonly<Record<string, AnyClass>>;

const wordsOf = (text = ""): string[] => text.split(/\s+/).filter((word) => word !== "");

function operationsOf(text: string | undefined): Operation[] {
  return wordsOf(text).map((word) => {
    const [, name, count, mark] = /^(\w+)\/(\d)(!?)$/.exec(word)!;
    return { name: name!, requiredArguments: Number(count), isAsync: mark === "!" };
  });
}

function writableOf({ writable, events }: IdlInterface): string[] {
  return [...wordsOf(writable), ...wordsOf(events).map((type) => `on${type}`)];
}

function descriptorOf(target: object, name: string): PropertyDescriptor {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  assert.ok(descriptor !== undefined, `${name} is not an own property`);
  return descriptor;
}

/** What no getter, setter or operation of `name` may be called on. */
function strangersFor(name: string): unknown[] {
  const other = name === "RTCDataChannel" ? "RTCPeerConnection" : "RTCDataChannel";
  return [{}, CLASSES[name]!.prototype, instances[other], null, undefined];
}

/** Calls an operation as Web IDL says it must fail: a `TypeError`, as a rejection if it gives a promise. */
async function assertRefused(
  { name, isAsync }: Operation,
  call: () => unknown,
  why: string,
): Promise<void> {
  if (!isAsync) return assert.throws(call, TypeError, `${name} ${why}`);
  const returned = call();
  assert.ok(returned instanceof Promise, `${name} ${why}`);
  await assert.rejects(returned, TypeError, `${name} ${why}`);
}

test("every class that the W3C has named is in the table", () => {
  const names = Object.keys(pallas).filter((name) => /^(RTC|MediaStream|Overcon)/.test(name));
  assert.deepEqual(names.toSorted(), Object.keys(IDL).toSorted());
});

describe.each(Object.entries(IDL))("%s", (name, idl) => {
  const target = CLASSES[name]!;
  const { prototype } = target;

  test("is a class with name, length and parent (Web IDL §3.7.1)", () => {
    const parent = GLOBALS[idl.parent]!;
    assert.equal(target.name, name);
    assert.equal(target.length, idl.construct ?? 0);
    assert.equal(Object.getPrototypeOf(prototype), parent.prototype);
    const parentOfClass = idl.parent === "Object" ? Function.prototype : parent;
    assert.equal(Object.getPrototypeOf(target), parentOfClass);
    const { value, ...flags } = descriptorOf(target, "prototype");
    assert.equal(value, prototype);
    assert.deepEqual(flags, { writable: false, enumerable: false, configurable: false });
    assert.equal(descriptorOf(prototype, "constructor").value, target);
    assert.ok(!descriptorOf(prototype, "constructor").enumerable);
  });

  test("says its name (Web IDL §3.7.3)", () => {
    assert.equal(Object.prototype.toString.call(instances[name]), `[object ${name}]`);
    assert.ok(Object.hasOwn(prototype, Symbol.toStringTag));
  });

  test("has just the members of the specification (Web IDL §3.7.6, §3.7.7)", () => {
    const operations = operationsOf(idl.operations).map((operation) => operation.name);
    const members = [...wordsOf(idl.readonly), ...writableOf(idl), ...operations];
    assert.deepEqual(Object.keys(prototype).toSorted(), members.toSorted());
    const statics = operationsOf(idl.statics).map((operation) => operation.name);
    assert.deepEqual(Object.keys(target), statics);
    assert.deepEqual(Object.keys(instances[name]!), Object.keys(new (bareClassOf(idl))()));
  });

  test("is constructed as the specification says, or not at all (Web IDL §3.7.1)", () => {
    const construct = (...args: unknown[]): unknown => Reflect.construct(target as never, args);
    assert.throws(() => Reflect.apply(target as never, undefined, []), TypeError);
    if (idl.construct === undefined) {
      for (const args of [[], [undefined], [{}], [Symbol("construction"), {}]]) {
        assert.throws(() => construct(...args), new TypeError("Illegal constructor"));
      }
    } else if (idl.construct > 0) {
      const tooFew = Array.from({ length: idl.construct - 1 }, () => "x");
      assert.throws(
        () => construct(...tooFew),
        /^TypeError: \w+ constructor: \d arguments? (is|are) /,
      );
    }
  });

  test("attributes are accessors that take objects of the interface alone (Web IDL §3.7.6)", () => {
    const writable = writableOf(idl);
    for (const attribute of [...wordsOf(idl.readonly), ...writable]) {
      const { get, set, enumerable, configurable } = descriptorOf(prototype, attribute);
      const isWritable = writable.includes(attribute);
      assert.deepEqual([enumerable, configurable], [true, true], attribute);
      assert.deepEqual([get?.name, get?.length], [`get ${attribute}`, 0]);
      assert.equal(set?.name, isWritable ? `set ${attribute}` : undefined);
      assert.equal(set?.length, isWritable ? 1 : undefined);
      for (const stranger of strangersFor(name)) {
        assert.throws(() => get?.call(stranger), TypeError, `get ${attribute}`);
        if (!isWritable) continue;
        const value = get?.call(instances[name]) as unknown;
        for (const newValue of [value, undefined, "of no enumeration"]) {
          assert.throws(() => set?.call(stranger, newValue), TypeError, `set ${attribute}`);
        }
      }
    }
  });

  test("a read-only attribute cannot be set, and [SameObject] gives the same one (Web IDL §3.7.6)", () => {
    const instance = instances[name]! as Record<string, unknown>;
    for (const attribute of wordsOf(idl.readonly)) {
      assert.throws(() => {
        instance[attribute] = "other";
      }, TypeError);
    }
    for (const attribute of wordsOf(idl.sameObject)) {
      assert.equal(typeof instance[attribute], "object");
      assert.notEqual(instance[attribute], null);
      assert.equal(instance[attribute], instance[attribute]);
    }
  });

  test("operations have length and name, and refuse other objects (Web IDL §3.7.7)", async () => {
    for (const operation of operationsOf(idl.operations)) {
      const { value, ...flags } = descriptorOf(prototype, operation.name);
      const run = value as AnyFunction;
      assert.deepEqual(flags, { writable: true, enumerable: true, configurable: true });
      assert.deepEqual([run.name, run.length], [operation.name, operation.requiredArguments]);
      for (const stranger of strangersFor(name)) {
        for (const args of [[], ["1", "2", "3"]]) {
          await assertRefused(operation, () => run.apply(stranger, args), `of ${String(stranger)}`);
        }
      }
    }
  });

  test("operations count their arguments before anything else (Web IDL §3.6)", async () => {
    const all = [
      ...operationsOf(idl.operations).map((operation) => [prototype, operation] as const),
      ...operationsOf(idl.statics).map((operation) => [target, operation] as const),
    ];
    for (const [owner, operation] of all) {
      const run = descriptorOf(owner, operation.name).value as AnyFunction;
      const self = owner === target ? target : instances[name];
      for (let count = 0; count < operation.requiredArguments; count++) {
        const args = Array.from({ length: count }, () => "x");
        await assertRefused(operation, () => run.apply(self, args), `with ${count} arguments`);
      }
    }
  });

  test("statics are functions of the class that need no this (Web IDL §3.7.7)", () => {
    for (const { name: staticName, requiredArguments } of operationsOf(idl.statics)) {
      const { value, ...flags } = descriptorOf(target, staticName);
      assert.deepEqual(flags, { writable: true, enumerable: true, configurable: true });
      const run = value as AnyFunction;
      assert.deepEqual([run.name, run.length], [staticName, requiredArguments]);
    }
    if (idl.statics === "getCapabilities/1") {
      const { getCapabilities } = target as unknown as { getCapabilities: AnyFunction };
      assert.equal(getCapabilities("neither"), null);
    }
  });
});

/** What an object has of its own by being an object of the interface's parent. */
function bareClassOf({ parent }: IdlInterface): new () => object {
  if (parent !== "Event") return parent === "EventTarget" ? EventTarget : Object;
  return class extends Event {
    constructor() {
      super("x");
    }
  };
}

test("a stats report is a map that can be iterated (Web IDL §3.7.11)", () => {
  const report = instances["RTCStatsReport"] as pallas.RTCStatsReport;
  assert.equal(report[Symbol.iterator], report.entries);
  assert.deepEqual(
    [...report.keys()],
    Array.from(report, ([id]) => id),
  );
});

test("dictionaries have the defaults of the specification (Web IDL §3.2.17)", () => {
  const connection = new pallas.RTCPeerConnection();
  assert.deepEqual(connection.getConfiguration(), {
    iceServers: [],
    iceTransportPolicy: "all",
    bundlePolicy: "balanced",
    rtcpMuxPolicy: "require",
    certificates: [],
    iceCandidatePoolSize: 0,
  });
  const { ordered, negotiated, protocol, maxPacketLifeTime, maxRetransmits, id } =
    connection.createDataChannel("");
  assert.deepEqual(
    { ordered, negotiated, protocol, maxPacketLifeTime, maxRetransmits, id },
    {
      ordered: true,
      negotiated: false,
      protocol: "",
      maxPacketLifeTime: null,
      maxRetransmits: null,
      id: null,
    },
  );
  const transceiver = connection.addTransceiver("video");
  assert.equal(transceiver.direction, "sendrecv");
  const [encoding] = transceiver.sender.getParameters().encodings;
  assert.deepEqual([encoding?.active, encoding?.priority], [true, "low"]);
  connection.close();
  const description = new pallas.RTCSessionDescription({ type: "offer" });
  assert.deepEqual(description.toJSON(), { type: "offer", sdp: "" });
  const candidate = new pallas.RTCIceCandidate({ sdpMid: "0" });
  assert.deepEqual(candidate.toJSON(), {
    candidate: "",
    sdpMid: "0",
    sdpMLineIndex: null,
    usernameFragment: null,
  });
});
