import assert from "node:assert/strict";
import { test } from "vitest";
import { addToTsn, toTsn } from "../../base/serial-number.ts";
import type { MessageToSend } from "./outgoing-message.ts";
import { OutstandingData } from "./outstanding-data.ts";
import { SendQueue } from "./send-queue.ts";

const INITIAL_TSN = toTsn(0xffff_fffe);
const CHUNK_BYTES = 116;

/** Messages of 100-byte fragments on their way out, with a name for each TSN's distance. */
class Bench {
  readonly queue = new SendQueue(1e6);
  readonly outstanding: OutstandingData;

  constructor(canForwardTsn = true) {
    const options = { initialTsn: INITIAL_TSN, isInterleaved: false, canForwardTsn };
    this.outstanding = new OutstandingData(options, this.queue);
  }

  /** Queues a message and sends `sentFragments` of its `fragments`. */
  send(fragments: number, more: Partial<MessageToSend> = {}, sentFragments = fragments) {
    const payload = new Uint8Array(fragments * 100);
    this.queue.push({ streamId: 1, ppid: 1, payload, isUnordered: false, ...more }, 0);
    const message = this.queue.peek(0)!;
    for (let index = 0; index < sentFragments; index++) {
      this.outstanding.assign(message, 100);
      this.queue.advance(message, 100);
    }
    return message;
  }

  sack(index: number, gapBlocks: number[] = [], isInRecovery = false) {
    const cumulativeTsn = addToTsn(INITIAL_TSN, index);
    const sack = { cumulativeTsn, receiveWindowBytes: 1e6, gapBlocks, duplicateTsns: [] };
    return this.outstanding.handleSack(sack, isInRecovery, 0);
  }

  get flightChunks(): number {
    return this.outstanding.flightBytes / CHUNK_BYTES;
  }
}

test("cumulative acknowledgement takes chunks out of flight (RFC 9260 §6.2.1)", () => {
  const bench = new Bench();
  const { stream } = bench.send(5);
  assert.equal(bench.flightChunks, 5);
  assert.deepEqual(bench.sack(1), {
    ackedBytes: 2 * CHUNK_BYTES,
    hasAdvanced: true,
    hasLoss: false,
  });
  assert.deepEqual([bench.flightChunks, stream.outstandingChunks], [3, 3]);
  assert.equal(bench.sack(4)?.hasAdvanced, true);
  assert.equal(stream.isDrained, true);
});

test("what a gap block named counts once, also when the cumulative TSN passes it (RFC 9260 §6.2.1)", () => {
  const bench = new Bench();
  bench.send(5);
  assert.equal(bench.sack(-1, [2, 3])?.ackedBytes, 2 * CHUNK_BYTES);
  assert.equal(bench.sack(-1, [2, 3])?.ackedBytes, 0);
  assert.equal(bench.flightChunks, 3);
  assert.equal(bench.sack(4)?.ackedBytes, 3 * CHUNK_BYTES);
  assert.equal(bench.flightChunks, 0);
});

test("an old SACK, and one for what was never sent, are told apart from a good one", () => {
  const bench = new Bench();
  bench.send(5);
  bench.sack(2);
  assert.equal(bench.sack(1), undefined);
  assert.equal(bench.sack(5), undefined);
  assert.equal(bench.sack(2, [2, 3]), undefined);
  assert.ok(bench.sack(2));
});

test("misses count below the highest chunk that is newly acknowledged (RFC 9260 §7.2.4)", () => {
  const bench = new Bench();
  bench.send(9);
  assert.equal(bench.sack(-1, [3, 3])?.hasLoss, false);
  assert.equal(bench.sack(-1, [3, 4])?.hasLoss, false);
  assert.equal(bench.sack(-1, [3, 5])?.hasLoss, true);
  assert.equal(bench.outstanding.hasLost, true);
  assert.equal(bench.outstanding.firstLostTsn, INITIAL_TSN);
  assert.equal(bench.flightChunks, 9 - 3 - 2);
});

test("while repairing, progress makes everything that is reported missing count (RFC 9260 §7.2.4)", () => {
  const bench = new Bench();
  bench.send(9);
  bench.sack(-1, [3, 3, 6, 6]);
  bench.sack(-1, [3, 3, 6, 7]);
  bench.sack(0, [2, 2, 5, 6], true);
  assert.equal(bench.outstanding.firstLostTsn, addToTsn(INITIAL_TSN, 1));
});

test("an acknowledgement of a lost chunk ends its being lost", () => {
  const bench = new Bench();
  bench.send(4);
  bench.outstanding.loseAll(0);
  assert.equal(bench.flightChunks, 0);
  bench.sack(0, [2, 2]);
  assert.equal(bench.outstanding.firstLostTsn, addToTsn(INITIAL_TSN, 1));
  bench.outstanding.markRetransmitted(bench.outstanding.chunks.slotOf(addToTsn(INITIAL_TSN, 1)));
  assert.equal(bench.flightChunks, 1);
  bench.sack(3);
  assert.deepEqual([bench.flightChunks, bench.outstanding.hasLost], [0, false]);
});

test("giving up takes all chunks of the message, acknowledged or not (RFC 3758 §3.5, A3)", () => {
  const bench = new Bench();
  bench.send(1);
  const message = bench.send(3);
  bench.send(1);
  bench.sack(-1, [3, 3]);
  bench.outstanding.abandon(message);
  assert.equal(bench.flightChunks, 2);
  assert.equal(bench.outstanding.hasAbandonedFirst, false);
  bench.sack(0);
  assert.equal(bench.outstanding.hasAbandonedFirst, true);
  assert.deepEqual(bench.outstanding.createForwardTsn(10), {
    newCumulativeTsn: addToTsn(INITIAL_TSN, 3),
    skipped: [{ streamId: 1, isUnordered: false, sequence: 1 }],
  });
});

test("giving up a message that is half sent closes it with one more TSN and drops the rest", () => {
  const bench = new Bench();
  const message = bench.send(5, {}, 2);
  bench.sack(1);
  assert.equal(bench.outstanding.chunks.count, 0);
  bench.outstanding.abandon(message);
  assert.equal(bench.outstanding.chunks.count, 1);
  assert.equal(bench.queue.isEmpty, true);
  assert.equal(bench.queue.bufferedBytes(1), 0);
  assert.equal(bench.outstanding.createForwardTsn(10).newCumulativeTsn, addToTsn(INITIAL_TSN, 2));
  bench.sack(2);
  assert.equal(message.stream.isDrained, true);
});

test("FORWARD TSN names each stream's last message, and as many streams as fit (RFC 3758 §3.5, C4)", () => {
  const bench = new Bench();
  for (const streamId of [1, 2, 1, 3]) bench.outstanding.abandon(bench.send(1, { streamId }));
  assert.deepEqual(bench.outstanding.createForwardTsn(10).skipped, [
    { streamId: 1, isUnordered: false, sequence: 1 },
    { streamId: 2, isUnordered: false, sequence: 0 },
    { streamId: 3, isUnordered: false, sequence: 0 },
  ]);
  const short = bench.outstanding.createForwardTsn(2);
  assert.equal(short.newCumulativeTsn, addToTsn(INITIAL_TSN, 2));
  assert.equal(short.skipped.length, 2);
});

test("a loss beyond maxRetransmits gives the message up, unless the peer cannot be told (RFC 7496 §4.2)", () => {
  for (const canForwardTsn of [true, false]) {
    const bench = new Bench(canForwardTsn);
    bench.send(1, { maxRetransmits: 0 });
    bench.outstanding.loseAll(0);
    assert.equal(bench.outstanding.hasLost, !canForwardTsn);
    assert.equal(bench.outstanding.abandonedMessages, canForwardTsn ? 1 : 0);
  }
});

test("T3 with an acknowledged chunk in front means that the peer has dropped it again (RFC 9260 §6.2.1)", () => {
  const bench = new Bench();
  bench.send(3);
  bench.sack(-1, [2, 3]);
  bench.sack(0);
  bench.outstanding.loseAll(0);
  assert.equal(bench.outstanding.hasLost, true);
  assert.equal(bench.outstanding.firstLostTsn, addToTsn(INITIAL_TSN, 1));
});

test("giving up one of several interleaved messages leaves the others in flight (RFC 3758 §3.5, A3)", () => {
  const queue = new SendQueue(1e6);
  const options = { initialTsn: INITIAL_TSN, isInterleaved: true, canForwardTsn: true };
  const outstanding = new OutstandingData(options, queue);
  queue.setInterleaved(true);
  for (const streamId of [1, 2, 3]) {
    queue.push({ streamId, ppid: 1, payload: new Uint8Array(400), isUnordered: false }, 0);
  }
  const sent = Array.from({ length: 9 }, () => {
    const message = queue.peek(0)!;
    outstanding.assign(message, 100);
    queue.advance(message, 100);
    return message;
  });
  assert.deepEqual(
    sent.map(({ stream }) => stream.id),
    [1, 2, 3, 1, 2, 3, 1, 2, 3],
  );
  const { flightBytes, chunks } = outstanding;
  outstanding.abandon(sent[1]!);
  assert.equal(outstanding.flightBytes, (flightBytes * 2) / 3);
  const states = Array.from({ length: chunks.count }, (_, index) =>
    chunks.state(chunks.slotOf(addToTsn(INITIAL_TSN, index))),
  );
  assert.deepEqual(states, [1, 4, 1, 1, 4, 1, 1, 4, 1, 4]); // The last one closes the message.
});
