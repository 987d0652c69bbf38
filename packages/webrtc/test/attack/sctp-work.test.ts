import assert from "node:assert/strict";
import { Session } from "node:inspector";
import { afterAll, test } from "vitest";

import { addToTsn, toTsn } from "../../src/base/serial-number.ts";
import { encodeForwardTsnChunk } from "../../src/sctp/packet/forward-tsn-chunk.ts";
import { encodeIForwardTsnChunk } from "../../src/sctp/packet/i-forward-tsn-chunk.ts";
import { encodeReConfigChunk } from "../../src/sctp/packet/re-config-chunk.ts";
import { OutstandingData } from "../../src/sctp/tx/outstanding-data.ts";
import { SendQueue } from "../../src/sctp/tx/send-queue.ts";
import { testMessage } from "../support/sctp-pair.ts";
import { RawPeer, rawData, rawSack } from "../support/sctp-raw-peer.ts";

const ONE_BYTE = Uint8Array.of(1);
/** Chunks in a packet while a test fills the association. */
const CHUNKS_PER_PACKET = 40;

type Coverage = {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
};

/** The engine's counters. They begin before anything of SCTP is called: only what is compiled later has them. */
const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
afterAll(() => session.disconnect());

/** How many blocks of SCTP's code were executed since the last call, loop bodies once per turn. */
function takeSteps(): number {
  let steps = 0;
  session.post("Profiler.takePreciseCoverage", (error: Error | null, coverage: Coverage) => {
    assert.equal(error, null);
    for (const { url, functions } of coverage.result) {
      if (!url.includes("/src/sctp/")) continue;
      for (const { ranges } of functions) for (const { count } of ranges) steps += count;
    }
  });
  return steps;
}

/** What `work` costs, without a clock. */
function countSteps(work: () => void): number {
  takeSteps();
  work();
  const steps = takeSteps();
  assert.ok(steps > 0, "nothing was counted");
  return steps;
}

function fill(peer: RawPeer, count: number, chunkAt: (index: number) => Uint8Array): void {
  for (let index = 0; index < count; index += CHUNKS_PER_PACKET) {
    const size = Math.min(CHUNKS_PER_PACKET, count - index);
    peer.send(...Array.from({ length: size }, (_, offset) => chunkAt(index + offset)));
    peer.poll();
  }
}

/** What is held far ahead of all that the attack skips. */
const HELD = {
  "messages that wait for their turn": { flags: 3, isUnordered: false },
  "unfinished ordered messages": { flags: 2, isUnordered: false },
  "unfinished unordered messages": { flags: 2 | 4, isUnordered: true },
} as const;

for (const [what, { flags, isUnordered }] of Object.entries(HELD)) {
  for (const stride of [1, 100_000]) {
    test(`I-FORWARD-TSNs that skip ${stride} do not each walk over ${what}`, () => {
      const stepsWith = (heldCount: number): number => {
        const peer = new RawPeer({}, true);
        fill(peer, heldCount, (index) => {
          const fields = { tsn: peer.tsn(index), streamId: 1, flags, sequence: 1e8 + index };
          return rawData(fields, ONE_BYTE, true);
        });
        const chunks = Array.from({ length: 70 }, (_, index) =>
          encodeIForwardTsnChunk({
            newCumulativeTsn: peer.tsn(heldCount + index),
            skipped: [{ streamId: 1, isUnordered, sequence: stride * (index + 1) }],
          }),
        );
        return countSteps(() => peer.send(...chunks));
      };
      const [few, many] = [stepsWith(100), stepsWith(6_000)];
      assert.ok(many < 3 * few, `${few} steps with 100 held, ${many} with 6,000`);
    });
  }
}

test("I-FORWARD-TSNs that each free one waiting message do not each walk over the rest", () => {
  const stepsWith = (heldCount: number): number => {
    const peer = new RawPeer({}, true);
    fill(peer, heldCount, (index) =>
      rawData({ tsn: peer.tsn(index), streamId: 1, sequence: 10 * (index + 1) }, ONE_BYTE, true),
    );
    const chunks = Array.from({ length: 70 }, (_, index) =>
      encodeIForwardTsnChunk({
        newCumulativeTsn: peer.tsn(heldCount + index),
        skipped: [{ streamId: 1, isUnordered: false, sequence: 10 * (index + 1) }],
      }),
    );
    return countSteps(() => peer.send(...chunks));
  };
  const [few, many] = [stepsWith(100), stepsWith(6_000)];
  assert.ok(many < 3 * few, `${few} steps with 100 held, ${many} with 6,000`);
});

test("DATA and FORWARD TSN a window apart cost no walk over the window's TSNs", () => {
  const peer = new RawPeer();
  const pairs = 39;
  const chunks = Array.from({ length: pairs }, (_, index) => {
    const base = 32_767 * index - 1;
    return [
      rawData({ tsn: peer.tsn(base + 32_767), streamId: 1, flags: 7 }, ONE_BYTE),
      encodeForwardTsnChunk({ newCumulativeTsn: peer.tsn(base + 32_766), skipped: [] }),
    ];
  }).flat();
  const steps = countSteps(() => peer.send(...chunks));
  assert.equal(peer.pollSack().cumulativeTsn, peer.tsn(32_767 * pairs - 1));
  assert.ok(steps < 2_000 * pairs, `${steps} steps for ${pairs} pairs`);
});

test("many SACKs in one packet cost what one does (RFC 9260 §6.2)", () => {
  const stepsOf = (sackCount: number): number => {
    const peer = new RawPeer();
    for (let index = 0; index < 200; index++) {
      peer.association.send(testMessage(1, ONE_BYTE), peer.nowMs);
    }
    peer.poll();
    const cumulativeTsn = addToTsn(peer.theirTsn, -1);
    const sack = rawSack({ cumulativeTsn, gapBlocks: [2, 190] });
    return countSteps(() => peer.send(...Array.from({ length: sackCount }, () => sack)));
  };
  const [one, many] = [stepsOf(1), stepsOf(60)];
  assert.ok(many < one + 60 * 20, `${one} and ${many} steps`);
});

test("a peer that acknowledges nothing makes no message that is given up walk over the others", () => {
  const stepsOf = (messageCount: number, fragmentCount: number): number => {
    const queue = new SendQueue(1e7);
    const options = { initialTsn: toTsn(0), isInterleaved: true, canForwardTsn: true };
    const outstanding = new OutstandingData(options, queue);
    queue.setInterleaved(true);
    for (let streamId = 0; streamId < messageCount; streamId++) {
      const payload = new Uint8Array(fragmentCount);
      const message = { streamId, ppid: 1, payload, isUnordered: false, maxRetransmits: 0 };
      queue.push(message, 0);
    }
    for (let message = queue.peek(0); message; message = queue.peek(0)) {
      outstanding.assign(message, 1);
      queue.advance(message, 1);
    }
    const steps = countSteps(() => outstanding.loseAll(0));
    assert.equal(outstanding.abandonedMessages, messageCount);
    return steps;
  };
  const [few, many] = [stepsOf(2, 2_000), stepsOf(200, 20)];
  assert.ok(many < 2 * few, `${few} steps for 2 messages, ${many} for 200 of the same size in all`);
});

test("resets of all streams in one packet are told a few times at most (RFC 6525 §5.1.1)", () => {
  const peer = new RawPeer();
  const chunks = Array.from({ length: 60 }, (_, index) =>
    encodeReConfigChunk([
      {
        kind: "outgoingReset",
        requestSequence: peer.tsn(index),
        responseSequence: 0,
        lastAssignedTsn: peer.tsn(-1),
        streamIds: [],
      },
    ]),
  );
  peer.send(...chunks);
  peer.poll();
  const told = peer.events.filter(({ kind }) => kind === "streamsReset").length;
  assert.ok(told >= 1 && told <= 4, `${told} events`);
});
