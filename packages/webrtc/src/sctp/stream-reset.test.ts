import assert from "node:assert/strict";
import { test } from "vitest";
import { readUint32 } from "../base/bytes.ts";
import { toTsn } from "../base/serial-number.ts";
import type { PairEnd } from "../../test/support/sctp-pair.ts";
import { SctpPair, messagesOf, testMessage, testPayload } from "../../test/support/sctp-pair.ts";
import { RawPeer, rawSack } from "../../test/support/sctp-raw-peer.ts";
import { CHUNK_TYPE } from "./packet/chunk.ts";
import { decodeInitChunk } from "./packet/init-chunk.ts";
import type { ReConfigParameter } from "./packet/re-config-chunk.ts";
import {
  RESET_RESULT,
  decodeReConfigChunk,
  encodeReConfigChunk,
} from "./packet/re-config-chunk.ts";
import { encodePacket, writeChecksum } from "./packet/sctp-packet.ts";

function eventsOf(end: PairEnd, kind: "streamsReset" | "streamResetDone") {
  return end.events.filter((event) => event.kind === kind);
}

/** Puts a RE-CONFIG of `a` into `b`'s hands; returns the answer's parameters. */
class ReConfigTalk {
  readonly pair: SctpPair;
  readonly #header;
  nextSequence: number;
  readonly initialTsn: number;

  constructor(maxStreams = 65_535) {
    this.pair = new SctpPair({ keepsPackets: true, a: { maxStreams } }).connect();
    const init = decodeInitChunk(this.pair.a.sentPackets[0]!.subarray(12));
    const initAck = decodeInitChunk(
      this.pair.b.sentPackets.find((packet) => packet[12] === CHUNK_TYPE.initAck)!.subarray(12),
    );
    const verificationTag = initAck.initiateTag;
    this.#header = { sourcePort: 5000, destinationPort: 5000, verificationTag };
    this.initialTsn = init.initialTsn;
    this.nextSequence = init.initialTsn;
  }

  ask(parameter: ReConfigParameter): ReConfigParameter[] {
    const { association } = this.pair.b;
    association.handlePacket(
      encodePacket(this.#header, [encodeReConfigChunk([parameter])]),
      this.pair.nowMs,
    );
    const answer = association.pollTransmit()!;
    assert.equal(answer[12], CHUNK_TYPE.reConfig);
    return decodeReConfigChunk(answer.subarray(12, 12 + answer[15]!));
  }

  askNext(kind: "incomingReset" | "ssnTsnReset" | "addOutgoing" | "addIncoming", streamCount = 1) {
    const requestSequence = this.nextSequence++;
    const [answer] = this.ask({ kind, requestSequence, streamCount, streamIds: [1] });
    assert.ok(answer?.kind === "response" && answer.responseSequence === requestSequence);
    return answer.result;
  }
}

test("a reset waits until what is queued was delivered, then both ends are told (RFC 8831 §6.7)", () => {
  const pair = new SctpPair({ seed: 4, wire: { delayMs: 20, loss: 0.1 } }).connect();
  pair.a.association.send(testMessage(7, testPayload(50_000, 1)), pair.nowMs);
  pair.a.association.resetStream(7, pair.nowMs);
  assert.ok(pair.runUntil(() => eventsOf(pair.a, "streamResetDone").length === 1, 60_000));
  assert.deepEqual(eventsOf(pair.a, "streamResetDone"), [{ kind: "streamResetDone", streamId: 7 }]);
  const interesting = pair.b.events.filter(({ kind }) => kind !== "connected");
  assert.deepEqual(
    interesting.map(({ kind }) => kind),
    ["message", "streamsReset"],
  );
  assert.deepEqual(interesting[1], { kind: "streamsReset", streamIds: [7] });
});

test("after the reset the stream numbers its messages from zero, with DATA and with I-DATA (RFC 6525 §5.2.2)", () => {
  for (const isInterleavingOffered of [true, false]) {
    const pair = new SctpPair({ a: { isInterleavingOffered }, wire: { delayMs: 10 } }).connect();
    for (let life = 0; life < 3; life++) {
      for (let index = 0; index < 5; index++) {
        const message = testMessage(2, testPayload(30 + index, life));
        pair.a.association.send(message, pair.nowMs);
      }
      pair.a.association.resetStream(2, pair.nowMs);
      assert.ok(
        pair.runUntil(() => eventsOf(pair.a, "streamResetDone").length === life + 1, 5_000),
      );
    }
    assert.equal(messagesOf(pair.b.events).length, 15);
  }
});

test("what is sent on a stream during its reset belongs to its next life", () => {
  const pair = new SctpPair({ wire: { delayMs: 10 } }).connect();
  pair.a.association.send(testMessage(2, testPayload(10, 1)), pair.nowMs);
  pair.a.association.resetStream(2, pair.nowMs);
  pair.a.association.send(testMessage(2, testPayload(10, 2)), pair.nowMs);
  assert.equal(pair.a.association.bufferedBytes(2), 20);
  pair.run(2_000);
  const kinds = pair.b.events.map(({ kind }) => kind);
  assert.deepEqual(kinds, ["connected", "message", "streamsReset", "message"]);
  assert.equal(pair.a.association.bufferedBytes(2), 0);
});

test("a reset asked for before the association exists is carried out once it does", () => {
  const pair = new SctpPair();
  pair.a.association.send(testMessage(2, testPayload(10, 1)), pair.nowMs);
  pair.a.association.resetStream(2, pair.nowMs);
  pair.connect().run(1_000);
  assert.equal(eventsOf(pair.a, "streamResetDone").length, 1);
  assert.deepEqual(eventsOf(pair.b, "streamsReset"), [{ kind: "streamsReset", streamIds: [2] }]);
});

test("both ends may reset the same stream at the same time", () => {
  const pair = new SctpPair({ wire: { delayMs: 10 } }).connect();
  pair.a.association.resetStream(1, pair.nowMs);
  pair.b.association.resetStream(1, pair.nowMs);
  pair.run(1_000);
  for (const end of [pair.a, pair.b]) {
    assert.equal(eventsOf(end, "streamsReset").length, 1);
    assert.equal(eventsOf(end, "streamResetDone").length, 1);
  }
});

test("many streams go in few requests, one request at a time (RFC 6525 §5.1.1)", () => {
  const pair = new SctpPair({ keepsPackets: true, wire: { delayMs: 10 } }).connect();
  for (let id = 0; id < 600; id++) pair.a.association.resetStream(id, pair.nowMs);
  pair.run(2_000);
  assert.equal(eventsOf(pair.a, "streamResetDone").length, 600);
  const requests = pair.a.sentPackets.filter((packet) => packet[12] === CHUNK_TYPE.reConfig);
  assert.ok(requests.length <= 5, `${requests.length} requests`);
});

test("lost requests and lost answers are made up for; the reset happens once (RFC 6525 §5.1.1)", () => {
  for (const from of ["a", "b"]) {
    let lost = 0;
    const pair = new SctpPair({
      filter: (name, packet) => name !== from || packet[12] !== CHUNK_TYPE.reConfig || lost++ >= 2,
    }).connect();
    pair.a.association.resetStream(1, pair.nowMs);
    pair.run(10_000);
    assert.ok(lost >= 2);
    assert.equal(eventsOf(pair.a, "streamResetDone").length, 1);
    assert.equal(eventsOf(pair.b, "streamsReset").length, 1);
  }
});

test("a reset that overtakes its data waits for it (RFC 6525 §5.2.2, E2)", () => {
  const talk = new ReConfigTalk();
  const { pair } = talk;
  const requestSequence = talk.nextSequence++;
  const request = {
    kind: "outgoingReset",
    requestSequence,
    responseSequence: 0,
    lastAssignedTsn: toTsn(talk.initialTsn),
    streamIds: [1],
  } as const;
  const inProgress = { kind: "response", responseSequence: requestSequence, result: 6 };
  assert.deepEqual(talk.ask(request), [inProgress]);
  assert.deepEqual(talk.ask(request), [inProgress]); // Repeated, as the peer does until it is done.
  pair.a.association.send(testMessage(1, testPayload(10, 1)), pair.nowMs);
  pair.run(1_000);
  const kinds = pair.b.events.map(({ kind }) => kind);
  assert.deepEqual(kinds, ["connected", "message", "streamsReset"]);
  const performed = { ...inProgress, result: RESET_RESULT.performed };
  assert.deepEqual(talk.ask(request), [performed]);
  assert.equal(eventsOf(pair.b, "streamsReset").length, 1);
});

test("only the peer's own streams are reset or added; other requests are denied (RFC 6525 §5.2)", () => {
  const talk = new ReConfigTalk();
  assert.equal(talk.askNext("incomingReset"), RESET_RESULT.denied);
  assert.equal(talk.askNext("ssnTsnReset"), RESET_RESULT.denied);
  assert.equal(talk.askNext("addIncoming"), RESET_RESULT.denied);
  assert.equal(talk.askNext("addOutgoing"), RESET_RESULT.denied); // There are 65,535 already.
});

test("the peer may add outgoing streams up to 65,535 in all (RFC 6525 §5.2.5)", () => {
  const talk = new ReConfigTalk(10);
  const connected = talk.pair.b.events[0];
  assert.ok(connected?.kind === "connected" && connected.maxIncomingStreams === 10);
  assert.equal(talk.askNext("addOutgoing", 65_525), RESET_RESULT.performed);
  assert.equal(talk.askNext("addOutgoing", 1), RESET_RESULT.denied);
});

test("a request out of sequence is refused, and an old one gets its old answer (RFC 6525 §5.2.1)", () => {
  const talk = new ReConfigTalk();
  const early = talk.ask({
    kind: "ssnTsnReset",
    requestSequence: (talk.nextSequence + 5) >>> 0,
  });
  assert.ok(early[0]?.kind === "response");
  assert.equal(early[0].result, RESET_RESULT.badSequenceNumber);
  assert.equal(talk.askNext("ssnTsnReset"), RESET_RESULT.denied);
  talk.nextSequence--;
  assert.equal(talk.askNext("ssnTsnReset"), RESET_RESULT.denied);
});

test("a reset of all streams is told as such, whichever were in use (RFC 6525 §4.1)", () => {
  const talk = new ReConfigTalk();
  const { pair } = talk;
  for (const id of [4, 9]) {
    pair.a.association.send(testMessage(id, testPayload(1, id)), pair.nowMs);
  }
  pair.run(100);
  const [answer] = talk.ask({
    kind: "outgoingReset",
    requestSequence: talk.nextSequence++,
    responseSequence: 0,
    lastAssignedTsn: toTsn(talk.initialTsn + 1),
    streamIds: [],
  });
  assert.ok(answer?.kind === "response" && answer.result === RESET_RESULT.performed);
  pair.drain();
  assert.deepEqual(eventsOf(pair.b, "streamsReset"), [{ kind: "streamsReset", streamIds: [] }]);
});

test("answers to no request are ignored", () => {
  const pair = new SctpPair({ keepsPackets: true }).connect();
  pair.a.association.send(testMessage(1, testPayload(1, 1)), pair.nowMs);
  pair.drain();
  const verificationTag = readUint32(pair.a.sentPackets.at(-1)!, 4);
  const header = { sourcePort: 5000, destinationPort: 5000, verificationTag };
  const response = { kind: "response", responseSequence: 5, result: 1 } as const;
  pair.b.association.handlePacket(
    encodePacket(header, [encodeReConfigChunk([response])]),
    pair.nowMs,
  );
  pair.run(100);
  assert.equal(eventsOf(pair.b, "streamResetDone").length, 0);
});

test("a reset does not wait for messages that have expired", () => {
  const pair = new SctpPair().connect();
  const message = testMessage(1, testPayload(10, 1), { lifetimeMs: 0 });
  pair.a.association.send(message, pair.nowMs);
  pair.a.association.resetStream(1, pair.nowMs);
  pair.run(100);
  assert.equal(eventsOf(pair.a, "streamResetDone").length, 1);
  assert.equal(messagesOf(pair.b.events).length, 0);
});

test("where the peer denies a reset, the numbering goes on (RFC 6525 §5.2.7)", () => {
  const peer = new RawPeer();
  const send = (label: number) =>
    peer.association.send(testMessage(1, testPayload(10, label)), peer.nowMs);
  const poll = (type: number) => peer.poll().findLast((chunk) => chunk[0] === type)!;
  send(1);
  peer.poll();
  peer.send(rawSack({ cumulativeTsn: peer.theirTsn }));
  peer.association.resetStream(1, peer.nowMs);
  const [request] = decodeReConfigChunk(poll(CHUNK_TYPE.reConfig));
  assert.ok(request?.kind === "outgoingReset");
  assert.equal(request.lastAssignedTsn, peer.theirTsn);
  const { requestSequence: responseSequence } = request;
  const result = RESET_RESULT.denied;
  peer.send(encodeReConfigChunk([{ kind: "response", responseSequence, result }]));
  send(2);
  assert.deepEqual(poll(CHUNK_TYPE.data).subarray(10, 12), Uint8Array.of(0, 1));
  assert.equal(peer.events.filter(({ kind }) => kind === "streamResetDone").length, 1);
});

test("without RE-CONFIG at the peer a reset is over once the stream is drained (RFC 6525 §3.1)", () => {
  const pair = new SctpPair({
    a: { isInterleavingOffered: false },
    filter: (from, packet) => {
      const isInit = packet[12] === CHUNK_TYPE.init || packet[12] === CHUNK_TYPE.initAck;
      if (from === "b" && isInit) hideReConfig(packet);
      return true;
    },
  }).connect();
  pair.a.association.send(testMessage(1, testPayload(10, 1)), pair.nowMs);
  pair.a.association.resetStream(1, pair.nowMs);
  pair.run(1_000);
  assert.equal(eventsOf(pair.a, "streamResetDone").length, 1);
  assert.equal(eventsOf(pair.b, "streamsReset").length, 0);
});

/** Puts another type in place of RE-CONFIG's in the list of supported extensions. */
function hideReConfig(packet: Uint8Array): void {
  for (let offset = 32; offset + 4 < packet.byteLength; offset += 4) {
    if (readUint32(packet, offset) >>> 16 === 0x8008) packet[offset + 4] = 0x81;
  }
  writeChecksum(packet, 0, packet.byteLength);
}
