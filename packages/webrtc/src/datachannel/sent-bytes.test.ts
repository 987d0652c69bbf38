import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { SentBytes } from "./sent-bytes.ts";

test("the bytes of the protocol are not the application's (W3C, bufferedAmount)", () => {
  const sent = new SentBytes();
  sent.addOverhead(16);
  sent.addData(100);
  sent.addOverhead(1);
  sent.addData(50);
  assert.equal(sent.take(16), 0);
  assert.equal(sent.take(40), 40);
  assert.equal(sent.take(61), 60);
  assert.equal(sent.pendingBytes, 50);
  assert.equal(sent.pendingMessages, 1);
  assert.equal(sent.take(50), 50);
  assert.equal(sent.pendingMessages, 0);
});

test("an OPEN that leaves in several packets counts in none of them", () => {
  const sent = new SentBytes();
  sent.addOverhead(3000);
  sent.addData(10);
  assert.deepEqual([sent.take(1100), sent.take(1100), sent.take(805)], [0, 0, 5]);
});

test("no more is taken than was put in", () => {
  const sent = new SentBytes();
  sent.addData(10);
  assert.equal(sent.take(1_000_000), 10);
  assert.equal(sent.take(1), 0);
  assert.equal(sent.pendingBytes, 0);
});

test("however the bytes leave, all data bytes are counted once (property)", () => {
  const entry = fc.record({ isData: fc.boolean(), bytes: fc.integer({ min: 1, max: 50 }) });
  const steps = fc.array(fc.integer({ min: 1, max: 70 }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.array(entry), steps, (entries, takes) => {
      const sent = new SentBytes();
      let dataBytes = 0;
      for (const { isData, bytes } of entries) {
        if (isData) sent.addData(bytes);
        else sent.addOverhead(bytes);
        if (isData) dataBytes += bytes;
      }
      let takenBytes = 0;
      for (const bytes of takes) {
        const taken = sent.take(bytes);
        assert.ok(taken >= 0 && taken <= bytes);
        takenBytes += taken;
      }
      takenBytes += sent.take(sent.pendingBytes);
      assert.equal(takenBytes, dataBytes);
    }),
  );
});
