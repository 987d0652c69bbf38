import assert from "node:assert/strict";

import { readUint32, writeUint32 } from "../../../src/base/bytes.ts";
import type { RTCDataChannel } from "../../../src/w3c/rtc-data-channel.ts";

const LOW_WATER_BYTES = 65_536;
const HIGH_WATER_BYTES = 262_144;
const HEADER_BYTES = 8;

/** Message number `index` of `seed`: its number, its seed, and bytes that follow from both. */
export function makeMessage(
  seed: number,
  index: number,
  byteCount: number,
): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(Math.max(byteCount, HEADER_BYTES));
  message.fill((seed * 31 + index * 7) & 0xff);
  writeUint32(message, 0, index);
  writeUint32(message, 4, seed);
  return message;
}

/** Checks every byte and returns the message's number. */
export function checkMessage(seed: number, data: unknown, byteCount: number): number {
  assert.ok(data instanceof ArrayBuffer);
  const received = new Uint8Array(data);
  const index = readUint32(received, 0);
  assert.deepEqual(received, makeMessage(seed, index, byteCount));
  return index;
}

/**
 * Sends `totalBytes` in messages of `messageBytes` over a reliable ordered channel, with regard to its
 * buffer; resolves when all have arrived, each whole and in its place.
 */
export function transfer(
  from: RTCDataChannel,
  to: RTCDataChannel,
  seed: number,
  totalBytes: number,
  messageBytes = 16_384,
): Promise<void> {
  const messageCount = Math.ceil(totalBytes / messageBytes);
  let nextToSend = 0;
  const sendSome = (): void => {
    while (nextToSend < messageCount && from.bufferedAmount < HIGH_WATER_BYTES) {
      from.send(makeMessage(seed, nextToSend++, messageBytes));
    }
  };
  from.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  from.addEventListener("bufferedamountlow", sendSome);
  to.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    let nextToArrive = 0;
    to.addEventListener("message", ({ data }) => {
      try {
        assert.equal(checkMessage(seed, data, messageBytes), nextToArrive++);
        if (nextToArrive === messageCount) resolve();
      } catch (error) {
        reject(error);
      }
    });
    to.addEventListener("close", () => reject(new Error(`closed after ${nextToArrive} messages`)));
    sendSome();
  });
}

/** {@link transfer} both ways at once. */
export async function exchange(
  near: RTCDataChannel,
  far: RTCDataChannel,
  seed: number,
  totalBytes: number,
  messageBytes?: number,
): Promise<void> {
  await Promise.all([
    transfer(near, far, seed, totalBytes, messageBytes),
    transfer(far, near, seed + 1, totalBytes, messageBytes),
  ]);
}
