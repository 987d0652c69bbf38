import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { addToTsn, toTsn } from "../../base/serial-number.ts";
import { CHUNK_STATE, InFlightChunks } from "./in-flight-chunks.ts";
import { OutgoingMessage } from "./outgoing-message.ts";
import { OutgoingStream } from "./outgoing-stream.ts";

function createMessage(): OutgoingMessage {
  const payload = new Uint8Array(10);
  return new OutgoingMessage(
    new OutgoingStream(1),
    { streamId: 1, ppid: 1, payload, isUnordered: false },
    0,
  );
}

test("chunks are found by their TSN through growth and wrap, like in an array", () => {
  const steps = fc.array(fc.oneof(fc.nat(5), fc.constant(-1), fc.constant(-3)), { maxLength: 300 });
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), steps, (start, moves) => {
      const chunks = new InFlightChunks(toTsn(start));
      const model: { tsn: number; payloadStart: number }[] = [];
      const message = createMessage();
      let counter = 0;
      for (const move of moves) {
        for (let round = 0; round < move; round++) {
          model.push({ tsn: chunks.nextTsn, payloadStart: ++counter });
          chunks.append(message, counter, counter & 0xffff);
        }
        for (let round = move; round < 0 && model.length > 0; round++) {
          model.shift();
          chunks.dropFirst();
        }
        assert.equal(chunks.count, model.length);
        for (const { tsn, payloadStart } of model) {
          const slot = chunks.slotOf(toTsn(tsn));
          assert.equal(chunks.payloadStart(slot), payloadStart);
          assert.equal(chunks.payloadBytes(slot), payloadStart & 0xffff);
          assert.equal(chunks.message(slot), message);
        }
      }
    }),
  );
});

test("a transmission clears the misses and moves the barrier behind all that was sent", () => {
  const chunks = new InFlightChunks(toTsn(0xffff_ffff));
  const slot = chunks.append(createMessage(), 0, 10);
  chunks.markTransmitted(slot);
  assert.equal(chunks.state(slot), CHUNK_STATE.inFlight);
  assert.equal(chunks.barrierTsn(slot), 0);
  assert.equal(chunks.addMiss(slot), 1);
  assert.equal(chunks.addMiss(slot), 2);
  chunks.append(createMessage(), 0, 10);
  chunks.markTransmitted(slot);
  assert.equal(chunks.barrierTsn(slot), 1);
  assert.equal(chunks.addMiss(slot), 1);
  assert.equal(chunks.transmits(slot), 2);
});

test("only TSNs between the first and the next are in the ring", () => {
  const chunks = new InFlightChunks(toTsn(5));
  assert.equal(chunks.has(toTsn(5)), false);
  chunks.append(createMessage(), 0, 1);
  assert.deepEqual(
    [4, 5, 6].map((tsn) => chunks.has(toTsn(tsn))),
    [false, true, false],
  );
  assert.equal(chunks.nextTsn, addToTsn(chunks.firstTsn, 1));
});
