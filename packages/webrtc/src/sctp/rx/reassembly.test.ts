import assert from "node:assert/strict";
import { test } from "vitest";
import { Queue } from "../../base/queue.ts";
import { toTsn } from "../../base/serial-number.ts";
import type { DataFields } from "../packet/data-chunk.ts";
import { createDataFields } from "../packet/data-chunk.ts";
import type { SctpEvent } from "../sctp-events.ts";
import { Reassembly } from "./reassembly.ts";

const WHOLE = 3;
const UNORDERED = 4;

class Bench {
  readonly events = new Queue<SctpEvent>();
  readonly reassembly: Reassembly;
  #tsn = 0;

  constructor(isInterleaved = false) {
    this.reassembly = new Reassembly(isInterleaved, this.events);
  }

  take(fields: Partial<DataFields>, ...payload: number[]): void {
    const packet = Uint8Array.from(payload);
    const all = { ...createDataFields(), tsn: toTsn(this.#tsn++), flags: WHOLE, ...fields };
    this.reassembly.handleChunk(packet, { ...all, payloadStart: 0, payloadEnd: packet.byteLength });
  }

  delivered(): string[] {
    const texts: string[] = [];
    for (let event = this.events.shift(); event; event = this.events.shift()) {
      assert.ok(event.kind === "message");
      texts.push(`${event.streamId}:${event.payload.join(" ")}`);
    }
    return texts;
  }
}

test("ordered messages wait for the ones before them, on their stream only (RFC 9260 §6.6)", () => {
  const bench = new Bench();
  bench.take({ streamId: 1, sequence: 2 }, 2);
  bench.take({ streamId: 1, sequence: 1 }, 1);
  bench.take({ streamId: 2, sequence: 0 }, 7);
  assert.deepEqual(bench.delivered(), ["2:7"]);
  assert.equal(bench.reassembly.heldBytes, 2 * 65);
  bench.take({ streamId: 1, sequence: 0 }, 0);
  assert.deepEqual(bench.delivered(), ["1:0", "1:1", "1:2"]);
  assert.equal(bench.reassembly.heldBytes, 0);
  assert.equal(bench.reassembly.deliveredCount, 4);
});

test("unordered messages wait for nothing (RFC 9260 §6.6)", () => {
  const bench = new Bench();
  bench.take({ sequence: 5, flags: WHOLE | UNORDERED }, 5);
  assert.deepEqual(bench.delivered(), ["0:5"]);
});

test("stream sequence numbers wrap at 16 bits, message identifiers at 32 (RFC 9260 §6.5, RFC 8260 §2.1)", () => {
  const bench = new Bench();
  for (let sequence = 0; sequence <= 0x1_0000; sequence++) {
    bench.take({ sequence: sequence & 0xffff }, 1);
  }
  assert.equal(bench.delivered().length, 0x1_0001);
});

test("a number that was used before is dropped, delivered or waiting (RFC 9260 §6.6)", () => {
  const bench = new Bench();
  bench.take({ sequence: 0 }, 1);
  bench.take({ sequence: 0 }, 2);
  bench.take({ sequence: 3 }, 3);
  bench.take({ sequence: 3 }, 4);
  assert.equal(bench.reassembly.heldBytes, 65);
  bench.take({ sequence: 1 }, 5);
  bench.take({ sequence: 2 }, 6);
  assert.deepEqual(bench.delivered(), ["0:1", "0:5", "0:6", "0:3"]);
});

test("I-DATA: messages of one stream and of several come together at the same time (RFC 8260 §2.2)", () => {
  const bench = new Bench(true);
  const part = (streamId: number, sequence: number, fragmentIndex: number, flags: number) =>
    bench.take({ streamId, sequence, fragmentIndex, flags }, sequence * 10 + fragmentIndex);
  part(1, 0, 0, 2);
  part(2, 0, 0, 2);
  part(1, 1, 0, 2);
  part(1, 1, 1, 1);
  part(2, 0, 1, 0);
  part(2, 0, 2, 1);
  assert.deepEqual(bench.delivered(), ["2:0 1 2"]);
  part(1, 0, 1, 1);
  assert.deepEqual(bench.delivered(), ["1:0 1", "1:10 11"]);
  assert.equal(bench.reassembly.heldBytes, 0);
});

test("I-DATA: ordered and unordered messages have numbers of their own (RFC 8260 §2.1)", () => {
  const bench = new Bench(true);
  bench.take({ sequence: 0, flags: 2 }, 1);
  bench.take({ sequence: 0, flags: 2 | UNORDERED }, 2);
  bench.take({ sequence: 0, fragmentIndex: 1, flags: 1 | UNORDERED }, 3);
  bench.take({ sequence: 0, fragmentIndex: 1, flags: 1 }, 4);
  assert.deepEqual(bench.delivered(), ["0:2 3", "0:1 4"]);
});

test("a reset forgets what the stream held, and starts its numbers anew (RFC 6525 §5.2.2)", () => {
  for (const isInterleaved of [false, true]) {
    const bench = new Bench(isInterleaved);
    bench.take({ streamId: 4, sequence: 0 }, 1);
    bench.take({ streamId: 4, sequence: 9 }, 2);
    if (isInterleaved) bench.take({ streamId: 4, sequence: 5, flags: 2 }, 3);
    bench.reassembly.resetStreams([5]);
    assert.ok(bench.reassembly.heldBytes > 0);
    bench.reassembly.resetStreams([4, 5]);
    assert.equal(bench.reassembly.heldBytes, 0);
    bench.take({ streamId: 4, sequence: 0 }, 4);
    assert.deepEqual(bench.delivered(), ["4:1", "4:4"]);
  }
});

test("a reset of no stream in particular is one of all (RFC 6525 §4.1)", () => {
  const bench = new Bench();
  for (const streamId of [4, 9]) {
    bench.take({ streamId, sequence: 0 }, 1);
    bench.take({ streamId, sequence: 7 }, 2);
  }
  bench.reassembly.resetStreams([]);
  assert.equal(bench.reassembly.heldBytes, 0);
  for (const streamId of [4, 9]) bench.take({ streamId, sequence: 0 }, 3);
  assert.deepEqual(bench.delivered(), ["4:1", "9:1", "4:3", "9:3"]);
});

test("a stream that is skipped twice in one FORWARD TSN is skipped once (RFC 3758 §3.2)", () => {
  const bench = new Bench();
  bench.take({ sequence: 3 }, 3);
  const entry = { streamId: 0, isUnordered: false };
  const skipped = [
    { ...entry, sequence: 1 },
    { ...entry, sequence: 2 },
  ];
  bench.reassembly.skip({ newCumulativeTsn: toTsn(9), skipped });
  assert.deepEqual(bench.delivered(), []);
  bench.reassembly.skip({ newCumulativeTsn: toTsn(9), skipped: [{ ...entry, sequence: 2 }] });
  assert.deepEqual(bench.delivered(), ["0:3"]);
});
