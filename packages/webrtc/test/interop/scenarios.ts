import assert from "node:assert/strict";
import { test } from "vitest";
import { connect, openChannel } from "./handshake.ts";
import type { ChannelPair, Signaling } from "./handshake.ts";
import type { Payload } from "./peer-script.ts";
import type { RemotePeer } from "./remote-peer.ts";

const VANISHED_PATIENCE_MS = 60_000;
const TEST_PATIENCE_MS = 120_000;
const MANY_CHANNELS = 50;
const BURST_MESSAGES = 64;
const BURST_MESSAGE_BYTES = 32_768;
const NEGOTIATED_ID = 100;

/** Two kinds of peers that shall understand each other, and what they can do. */
export type Meeting = {
  readonly title: string;
  /** Makes the offer. */
  readonly offerer: () => Promise<RemotePeer>;
  readonly answerer: () => Promise<RemotePeer>;
  readonly signaling: Signaling;
  /** Everything, or only what depends on how the two have found each other. */
  readonly scope: "whole" | "messages";
  /** Which of them is the stack under test. */
  readonly pallas: "offerer" | "answerer";
  /** Largest message that is tried. */
  readonly maxMessageBytes: number;
  /** True if the other one accepts more than that, so that nothing larger is refused (RFC 8841 §6). */
  readonly acceptsMore?: boolean;
};

type Connected = {
  readonly offerer: RemotePeer;
  readonly answerer: RemotePeer;
  readonly main: ChannelPair;
};

/** `byteCount` bytes in which a shifted, lost or doubled piece shows. */
export function patternBytes(byteCount: number): Uint8Array {
  const bytes = new Uint8Array(byteCount);
  for (let index = 0; index < byteCount; index++) bytes[index] = (index * 31 + (index >> 8)) & 0xff;
  return bytes;
}

function binary(bytes: Uint8Array): Payload {
  return { base64: Buffer.from(bytes).toString("base64") };
}

async function assertArrives(
  from: RemotePeer,
  fromChannel: number,
  to: RemotePeer,
  toChannel: number,
  payload: Payload,
): Promise<void> {
  await from.call("send", { channel: fromChannel, ...payload });
  const isOnChannel = (event: { readonly channel: number }): boolean => event.channel === toChannel;
  const { kind, channel, ...received } = await to.next("message", isOnChannel, "a message");
  assert.deepEqual({ kind, channel }, { kind: "message", channel: toChannel });
  assert.deepEqual(received, payload);
}

async function assertArrivesBothWays(
  { offerer, answerer }: Connected,
  { a, b }: ChannelPair,
  payload: Payload,
): Promise<void> {
  await assertArrives(offerer, a, answerer, b, payload);
  await assertArrives(answerer, b, offerer, a, payload);
}

/** Defines the tests of one meeting. `defineTest` is Vitest's `test`, or its skipping twin. */
export function defineScenarios(meeting: Meeting, defineTest: typeof test.skip = test): void {
  const scenario = (what: string, run: (connected: Connected) => Promise<void>): void => {
    defineTest(`${meeting.title}: ${what}`, () => withConnection(meeting, run), TEST_PATIENCE_MS);
  };
  defineMessageScenarios(meeting, scenario);
  if (meeting.scope === "messages") return;
  defineChannelScenarios(scenario);
  defineEndScenarios(scenario);
}

async function withConnection(
  meeting: Meeting,
  run: (connected: Connected) => Promise<void>,
): Promise<void> {
  const offerer = await meeting.offerer();
  const answerer = await meeting.answerer();
  try {
    await run({ offerer, answerer, main: await connect(offerer, answerer, meeting.signaling) });
  } finally {
    await Promise.all([offerer.stop(), answerer.stop()]);
  }
}

type Define = (what: string, run: (connected: Connected) => Promise<void>) => void;

function defineMessageScenarios(meeting: Meeting, scenario: Define): void {
  scenario("text arrives both ways, as text (RFC 8831 §6.6)", async (connected) => {
    await assertArrivesBothWays(connected, connected.main, { text: "grüße, 世界 🌍" });
  });

  scenario("binary arrives both ways, as binary (RFC 8831 §6.6)", async (connected) => {
    await assertArrivesBothWays(connected, connected.main, binary(patternBytes(10_000)));
  });

  scenario("empty text and empty binary arrive both ways (RFC 8831 §6.6)", async (connected) => {
    await assertArrivesBothWays(connected, connected.main, { text: "" });
    await assertArrivesBothWays(connected, connected.main, binary(new Uint8Array(0)));
  });

  scenario(
    `${meeting.maxMessageBytes} bytes in one message arrive both ways`,
    async (connected) => {
      const payload = binary(patternBytes(meeting.maxMessageBytes));
      await assertArrivesBothWays(connected, connected.main, payload);
    },
  );

  scenario("messages sent both ways at once arrive all, whole and in order", (connected) =>
    assertBurstsArrive(connected),
  );

  if (meeting.acceptsMore === true) return;
  scenario("one byte more than the other side accepts is a TypeError, no more", (connected) =>
    assertTooLargeIsRefused(connected, meeting),
  );
}

async function assertBurstsArrive({ offerer, answerer, main }: Connected): Promise<void> {
  const burst = Array.from({ length: BURST_MESSAGES }, (_unused, index) =>
    binary(patternBytes(BURST_MESSAGE_BYTES + index)),
  );
  const sendAll = async (from: RemotePeer, channel: number): Promise<void> => {
    for (const payload of burst) await from.call("send", { channel, ...payload });
  };
  const receiveAll = async (at: RemotePeer, channel: number): Promise<void> => {
    for (const payload of burst) {
      const received = await at.next("message", (event) => event.channel === channel);
      assert.deepEqual(received, { kind: "message", channel, ...payload });
    }
  };
  await Promise.all([
    sendAll(offerer, main.a),
    sendAll(answerer, main.b),
    receiveAll(offerer, main.a),
    receiveAll(answerer, main.b),
  ]);
}

async function assertTooLargeIsRefused(connected: Connected, meeting: Meeting): Promise<void> {
  const sender = connected[meeting.pallas];
  const channel = meeting.pallas === "offerer" ? connected.main.a : connected.main.b;
  const payload = binary(new Uint8Array(meeting.maxMessageBytes + 1));
  await assert.rejects(sender.call("send", { channel, ...payload }), /TypeError/);
  await assertArrivesBothWays(connected, connected.main, { text: "still open" });
}

const RELIABILITIES: readonly RTCDataChannelInit[] = [
  { ordered: false },
  { ordered: false, maxRetransmits: 0 },
  { ordered: true, maxRetransmits: 3, protocol: "chat" },
  { ordered: false, maxPacketLifeTime: 500 },
];

function defineChannelScenarios(scenario: Define): void {
  for (const init of RELIABILITIES) {
    scenario(`a channel ${JSON.stringify(init)} is seen so and works`, async (connected) => {
      const { offerer, answerer } = connected;
      const a = await offerer.call("createChannel", { label: "special", init });
      await offerer.next("open", (event) => event.channel === a, "the channel to open");
      const seen = await answerer.next("channel", (event) => event.label === "special");
      assert.equal(seen.protocol, init.protocol ?? "");
      assert.equal(seen.ordered, init.ordered);
      assert.equal(seen.maxRetransmits, init.maxRetransmits ?? null);
      assert.equal(seen.maxPacketLifeTime, init.maxPacketLifeTime ?? null);
      await assertArrivesBothWays(connected, { a, b: seen.channel }, { text: "special" });
    });
  }

  scenario(
    `${MANY_CHANNELS} channels from both sides carry their own messages`,
    async (connected) => {
      const { offerer, answerer } = connected;
      for (let number = 0; number < MANY_CHANNELS; number++) {
        const label = `channel ${number}`;
        const isOfferers = number % 2 === 0;
        const pair = isOfferers
          ? await openChannel(offerer, answerer, label)
          : swap(await openChannel(answerer, offerer, label));
        await assertArrivesBothWays(connected, pair, { text: label });
      }
    },
  );

  scenario(
    "a channel negotiated out of band works on the id agreed (RFC 8831 §6.5)",
    async (connected) => {
      const { offerer, answerer } = connected;
      const request = { label: "agreed", init: { negotiated: true, id: NEGOTIATED_ID } };
      const a = await offerer.call("createChannel", request);
      const b = await answerer.call("createChannel", request);
      await offerer.next("open", (event) => event.channel === a, "the offerer's channel to open");
      await answerer.next("open", (event) => event.channel === b, "the answerer's channel to open");
      assert.equal(await offerer.call("channelId", { channel: a }), NEGOTIATED_ID);
      await assertArrivesBothWays(connected, { a, b }, { text: "agreed" });
    },
  );

  for (const side of ["offerer", "answerer"] as const) {
    scenario(
      `a channel that the ${side} closes is closed on both sides and its id is free again (RFC 8831 §6.7)`,
      (connected) => assertIdIsUsedAgain(connected, side),
    );
  }
}

async function assertIdIsUsedAgain(
  connected: Connected,
  side: "offerer" | "answerer",
): Promise<void> {
  const { offerer, answerer, main } = connected;
  const idBefore = await offerer.call("channelId", { channel: main.a });
  const channel = side === "offerer" ? main.a : main.b;
  await connected[side].call("closeChannel", { channel });
  await Promise.all([
    offerer.next("closed", (event) => event.channel === main.a, "the offerer's channel to close"),
    answerer.next("closed", (event) => event.channel === main.b, "the answerer's channel to close"),
  ]);
  const again = await openChannel(offerer, answerer, "again");
  assert.equal(await offerer.call("channelId", { channel: again.a }), idBefore);
  assert.equal(await answerer.call("channelId", { channel: again.b }), idBefore);
  await assertArrivesBothWays(connected, again, { text: "still here" });
}

function swap({ a, b }: ChannelPair): ChannelPair {
  return { a: b, b: a };
}

function defineEndScenarios(scenario: Define): void {
  scenario("when the offerer closes, the answerer's channel closes", async (connected) => {
    await connected.offerer.call("close", {});
    await connected.answerer.next("closed", ({ channel }) => channel === connected.main.b);
  });

  scenario("when the answerer closes, the offerer's channel closes", async (connected) => {
    await connected.answerer.call("close", {});
    await connected.offerer.next("closed", ({ channel }) => channel === connected.main.a);
  });
}

/**
 * Defines the test in which the other peer loses its power. Its process is killed, so `meeting` must
 * make a new one each time.
 */
export function defineVanishing(meeting: Meeting, defineTest: typeof test.skip = test): void {
  const title = `${meeting.title}: a peer that vanishes is noticed as "disconnected", then "failed" (RFC 7675 §5.1)`;
  const run = async (connected: Connected): Promise<void> => {
    const survivor = connected[meeting.pallas];
    await connected[meeting.pallas === "offerer" ? "answerer" : "offerer"].kill();
    await survivor.reaches("disconnected", VANISHED_PATIENCE_MS);
    await survivor.reaches("failed", VANISHED_PATIENCE_MS);
  };
  defineTest(title, () => withConnection(meeting, run), TEST_PATIENCE_MS);
}
