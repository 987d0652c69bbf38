import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { Queue } from "../base/queue.ts";
import { FlightSender, type Flight, type FlightItem } from "./flight.ts";
import {
  decodeHandshakeFragment,
  encodeHandshakeMessage,
  HANDSHAKE_HEADER_BYTES,
  HANDSHAKE_TYPE,
} from "./messages/handshake-message.ts";
import { Reassembler } from "./reassembler.ts";
import { findRecordEnd, RECORD_HEADER_BYTES } from "./record/record-header.ts";
import { RecordWriter } from "./record/record-writer.ts";

function message(sequence: number, byteCount: number): FlightItem {
  const body = new Uint8Array(byteCount).fill(sequence);
  const bytes = encodeHandshakeMessage(HANDSHAKE_TYPE.certificate, sequence, body);
  return { kind: "message", epoch: 0, bytes };
}

function flightOf(...items: FlightItem[]): Flight {
  return { items, isRepeatedOnTimeout: true };
}

function senderWith(maxDatagramBytes = 1200): { sender: FlightSender; sent: () => Uint8Array[] } {
  const transmits = new Queue<Uint8Array>();
  const sender = new FlightSender(new RecordWriter(), transmits, maxDatagramBytes);
  const sent = (): Uint8Array[] => {
    const datagrams: Uint8Array[] = [];
    for (let bytes = transmits.shift(); bytes; bytes = transmits.shift()) datagrams.push(bytes);
    return datagrams;
  };
  return { sender, sent };
}

function reassemble(datagrams: readonly Uint8Array[]): Uint8Array[] {
  const reassembler = new Reassembler();
  const bodies: Uint8Array[] = [];
  for (const datagram of datagrams) {
    for (let offset = 0; offset < datagram.byteLength;) {
      const end = findRecordEnd(datagram, offset);
      const payload = datagram.subarray(offset + RECORD_HEADER_BYTES, end);
      const fragment = decodeHandshakeFragment(payload, 0);
      assert.equal(HANDSHAKE_HEADER_BYTES + fragment.fragment.byteLength, payload.byteLength);
      reassembler.accept(fragment, 0);
      offset = end;
    }
    for (let whole = reassembler.peek(); whole; whole = reassembler.peek()) {
      bodies.push(whole.body);
      reassembler.advance();
    }
  }
  return bodies;
}

test("small messages share one datagram (RFC 6347 §4.1.1)", () => {
  const { sender, sent } = senderWith();
  sender.send(flightOf(message(0, 100), message(1, 200), message(2, 0)), 0);
  const datagrams = sent();
  assert.equal(datagrams.length, 1);
  assert.deepEqual(
    reassemble(datagrams).map((body) => body.byteLength),
    [100, 200, 0],
  );
});

test("any flight comes over in datagrams of any size, none of which is too large (RFC 6347 §4.2.3)", () => {
  const anySizes = fc.array(fc.nat(3000), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(anySizes, fc.integer({ min: 128, max: 1500 }), (sizes, maxDatagramBytes) => {
      const { sender, sent } = senderWith(maxDatagramBytes);
      sender.send(flightOf(...sizes.map((size, index) => message(index, size))), 0);
      const datagrams = sent();
      for (const datagram of datagrams) assert.ok(datagram.byteLength <= maxDatagramBytes);
      assert.deepEqual(
        reassemble(datagrams).map((body) => body.byteLength),
        sizes,
      );
    }),
  );
});

test("an empty message at the very end of a datagram is not lost", () => {
  for (let size = 100; size < 200; size++) {
    const { sender, sent } = senderWith(200);
    sender.send(flightOf(message(0, size), message(1, 0)), 0);
    assert.equal(reassemble(sent()).length, 2, `size ${size}`);
  }
});

test("datagrams are filled: no fragment of a few bytes is squeezed in", () => {
  const { sender, sent } = senderWith(300);
  sender.send(flightOf(message(0, 200), message(1, 200)), 0);
  assert.deepEqual(
    sent().map((datagram) => datagram.byteLength),
    [225, 225],
  );
});

test("a flight is repeated after 400 ms, and then after twice as long each time (RFC 6347 §4.2.4.1)", () => {
  const { sender, sent } = senderWith();
  sender.send(flightOf(message(0, 10)), 1000);
  assert.equal(sent().length, 1);
  const gaps: number[] = [];
  for (let nowMs = 1000; gaps.length < 10;) {
    const atMs = sender.nextTimeoutAtMs;
    sender.handleTimeout(atMs - 1);
    assert.equal(sent().length, 0, "too early is harmless");
    sender.handleTimeout(atMs);
    assert.equal(sent().length, 1);
    gaps.push(atMs - nowMs);
    nowMs = atMs;
  }
  assert.deepEqual(gaps, [400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]);
  assert.equal(sender.resentFlights, 10);
});

test("after a repetition the next flight starts with the longer timeout (RFC 6347 §4.2.4.1)", () => {
  const { sender } = senderWith();
  sender.send(flightOf(message(0, 10)), 0);
  sender.handleTimeout(400);
  sender.send(flightOf(message(1, 10)), 500);
  assert.equal(sender.nextTimeoutAtMs, 1300);
  sender.send(flightOf(message(2, 10)), 600);
  assert.equal(sender.nextTimeoutAtMs, 1000, "and back to the first after one without");
});

test("after two timeouts datagrams get smaller: the path may swallow large ones (RFC 6347 §4.1.1.1)", () => {
  const { sender, sent } = senderWith(1200);
  sender.send(flightOf(message(0, 2000)), 0);
  const largest = (): number => Math.max(...sent().map((datagram) => datagram.byteLength));
  assert.equal(largest(), 1200);
  sender.handleTimeout(400);
  assert.equal(largest(), 1200);
  sender.handleTimeout(1200);
  assert.equal(largest(), 548);
});

test("for the peer's sake a flight is sent again at most every 50 ms, and the timer starts anew", () => {
  const { sender, sent } = senderWith();
  sender.resend(0);
  assert.equal(sent().length, 0, "there is nothing yet");
  sender.send(flightOf(message(0, 10)), 0);
  sent();
  sender.resend(49);
  assert.equal(sent().length, 0);
  sender.resend(50);
  assert.equal(sent().length, 1);
  assert.equal(sender.nextTimeoutAtMs, 450);
  sender.resend(60);
  assert.equal(sent().length, 0);
});

test("a flight that the peer asks for by itself has no timer; one that is over is never sent again", () => {
  const { sender, sent } = senderWith();
  sender.send({ items: [message(0, 10)], isRepeatedOnTimeout: false }, 0);
  assert.equal(sender.nextTimeoutAtMs, NEVER_AT_MS);
  sender.resend(100);
  assert.equal(sent().length, 2);
  sender.stop();
  sender.resend(1000);
  sender.handleTimeout(100_000);
  assert.equal(sent().length, 0);
});

test("ChangeCipherSpec is one record of one byte, and from there we speak in epoch 1 (RFC 5246 §7.1)", () => {
  const { sender, sent } = senderWith();
  assert.equal(sender.writeEpoch, 0);
  sender.send(flightOf({ kind: "changeCipherSpec" }), 0);
  assert.deepEqual([...sent()[0]!], [20, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
  assert.equal(sender.writeEpoch, 1);
});
