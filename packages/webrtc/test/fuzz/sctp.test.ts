import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { WireFormatError } from "../../src/base/errors.ts";
import { toTsn } from "../../src/base/serial-number.ts";
import {
  decodeCookieEchoChunk,
  encodeCookieEchoChunk,
} from "../../src/sctp/packet/cookie-chunk.ts";
import { createDataFields, decodeDataChunk } from "../../src/sctp/packet/data-chunk.ts";
import { reasonCause } from "../../src/sctp/packet/error-cause.ts";
import {
  decodeErrorCauses,
  encodeAbortChunk,
  encodeErrorChunk,
} from "../../src/sctp/packet/error-chunk.ts";
import {
  decodeForwardTsnChunk,
  encodeForwardTsnChunk,
} from "../../src/sctp/packet/forward-tsn-chunk.ts";
import {
  decodeHeartbeatChunk,
  encodeHeartbeatChunk,
} from "../../src/sctp/packet/heartbeat-chunk.ts";
import { decodeIDataChunk } from "../../src/sctp/packet/i-data-chunk.ts";
import {
  decodeIForwardTsnChunk,
  encodeIForwardTsnChunk,
} from "../../src/sctp/packet/i-forward-tsn-chunk.ts";
import { decodeInitChunk, encodeInitChunk } from "../../src/sctp/packet/init-chunk.ts";
import { decodeReConfigChunk, encodeReConfigChunk } from "../../src/sctp/packet/re-config-chunk.ts";
import { decodeSackChunk } from "../../src/sctp/packet/sack-chunk.ts";
import { decodeShutdownChunk, encodeShutdownChunk } from "../../src/sctp/packet/shutdown-chunk.ts";
import { PATIENT, SctpPair, messagesOf, testMessage, testPayload } from "../support/sctp-pair.ts";
import { RawPeer, rawData, rawSack } from "../support/sctp-raw-peer.ts";

const SKIPPED = [
  { streamId: 1, isUnordered: false, sequence: 2 },
  { streamId: 3, isUnordered: true, sequence: 4 },
];
const INIT = {
  initiateTag: 1,
  receiveWindowBytes: 100_000,
  outgoingStreams: 10,
  incomingStreams: 10,
  initialTsn: toTsn(7),
  supportsForwardTsn: true,
  supportedChunkTypes: [130, 192],
  zeroChecksumMethod: 1,
  stateCookie: Uint8Array.of(1, 2, 3),
  unrecognized: [],
};
const RESET = {
  kind: "outgoingReset",
  requestSequence: 1,
  responseSequence: 2,
  lastAssignedTsn: toTsn(3),
  streamIds: [1, 2, 3],
} as const;

/** A valid chunk of every kind. */
const VALID_CHUNKS: readonly Uint8Array[] = [
  rawData({ tsn: toTsn(1) }, testPayload(30, 1)),
  rawData({ tsn: toTsn(1), flags: 2 }, testPayload(30, 1), true),
  rawSack({ cumulativeTsn: toTsn(5), gapBlocks: [2, 3, 5, 9], duplicateTsns: [1, 2] }),
  encodeInitChunk("init", INIT),
  encodeInitChunk("initAck", INIT),
  encodeCookieEchoChunk(testPayload(20, 2)),
  encodeHeartbeatChunk("heartbeat", testPayload(9, 3)),
  encodeErrorChunk([reasonCause(13, "why"), reasonCause(12, "because")]),
  encodeAbortChunk([reasonCause(12, "bye")], true),
  encodeShutdownChunk(toTsn(9)),
  encodeForwardTsnChunk({ newCumulativeTsn: toTsn(3), skipped: SKIPPED }),
  encodeIForwardTsnChunk({ newCumulativeTsn: toTsn(3), skipped: SKIPPED }),
  encodeReConfigChunk([RESET, { kind: "response", responseSequence: 1, result: 1 }]),
];
const FIELDS = createDataFields();
const DECODERS: readonly ((chunk: Uint8Array) => unknown)[] = [
  (chunk) => decodeDataChunk(chunk, 0, chunk.byteLength, FIELDS),
  (chunk) => decodeIDataChunk(chunk, 0, chunk.byteLength, FIELDS),
  (chunk) => decodeSackChunk(chunk, 0, chunk.byteLength),
  decodeInitChunk,
  decodeCookieEchoChunk,
  decodeHeartbeatChunk,
  decodeErrorCauses,
  decodeShutdownChunk,
  decodeForwardTsnChunk,
  decodeIForwardTsnChunk,
  decodeReConfigChunk,
];

/** A valid chunk with some bytes changed and an end cut off or grown. */
const mutatedChunk = fc
  .tuple(
    fc.constantFrom(...VALID_CHUNKS),
    fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }),
    fc.integer({ min: -12, max: 12 }),
  )
  .map(([valid, changes, growth]) => {
    const chunk = new Uint8Array(Math.max(4, valid.byteLength + growth));
    chunk.set(valid.subarray(0, chunk.byteLength));
    for (const [offset, value] of changes) if (offset < chunk.byteLength) chunk[offset] = value;
    return chunk;
  });

test("decoders throw WireFormatError and nothing else", () => {
  fc.assert(
    fc.property(fc.oneof(mutatedChunk, fc.uint8Array({ minLength: 4, maxLength: 80 })), (chunk) => {
      for (const decode of DECODERS) {
        try {
          decode(chunk);
        } catch (error) {
          assert.ok(error instanceof WireFormatError, String(error));
        }
      }
    }),
    { numRuns: 3_000 },
  );
});

test("an association survives every packet, bounded in memory and in what it sends", () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.array(fc.array(mutatedChunk, { minLength: 1, maxLength: 4 })),
      (isInterleaved, packets) => {
        const peer = new RawPeer({ receiveWindowBytes: 50_000 }, isInterleaved);
        peer.association.send(testMessage(1, testPayload(20_000, 1)), peer.nowMs);
        peer.association.resetStream(2, peer.nowMs);
        for (const chunks of packets) {
          peer.send(...chunks.map(pad));
          peer.nowMs += 50;
          peer.association.handleTimeout(peer.nowMs);
          assert.ok(peer.poll().length <= 100);
          assert.ok(peer.association.stats.heldBytes <= 110_000);
        }
      },
    ),
    { numRuns: 400 },
  );
});

function pad(chunk: Uint8Array): Uint8Array {
  const padded = new Uint8Array((chunk.byteLength + 3) & ~3);
  padded.set(chunk);
  return padded;
}

test("bit errors on the wire cost packets, never messages (RFC 9260 §6.8)", () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.array(fc.tuple(fc.nat(60), fc.nat(9_000))), (seed, flips) => {
      const damage = new Map(flips);
      let count = 0;
      const pair = new SctpPair({
        seed,
        wire: { delayMs: 5 },
        a: { ...PATIENT, isZeroChecksumOffered: false },
        b: PATIENT,
        filter: (_from, packet) => {
          const bit = damage.get(count++);
          if (bit !== undefined) packet[(bit >> 3) % packet.byteLength]! ^= 1 << (bit & 7);
          return true;
        },
      }).connect();
      const payload = testPayload(30_000, seed);
      pair.a.association.send(testMessage(1, payload), pair.nowMs);
      assert.ok(pair.runUntil(() => messagesOf(pair.b.events).length === 1, 600_000));
      assert.deepEqual(messagesOf(pair.b.events)[0]?.payload, payload);
    }),
    { numRuns: 60 },
  );
});
