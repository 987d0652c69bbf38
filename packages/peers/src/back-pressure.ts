import { PeerGoneError } from "./errors.ts";
import type { PeerData } from "./peer-event.ts";
import type { PeerChannel } from "./platform.ts";

/** Above this many bytes waiting in a channel, a sender waits. */
export const HIGH_WATER_BYTES = 1024 * 1024;
/** It goes on when no more than this many are left. */
export const LOW_WATER_BYTES = 256 * 1024;

/**
 * Sends `data` when the channel has room for it: resolves once the channel has taken it. Rejects with
 * {@link PeerGoneError} if the channel closes first, with the channel's own error if it refuses the data.
 */
export async function sendWhenWritable(
  channel: PeerChannel,
  data: PeerData,
  peerId: string,
): Promise<void> {
  await whenWritable(channel, peerId);
  if (channel.readyState !== "open") throw gone(peerId); // It may have closed since.
  if (typeof data === "string") channel.send(data);
  else channel.send(data);
}

/** Resolves when less than {@link HIGH_WATER_BYTES} wait in `channel`. */
export async function whenWritable(channel: PeerChannel, peerId: string): Promise<void> {
  while (channel.readyState === "open" && channel.bufferedAmount >= HIGH_WATER_BYTES) {
    channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
    await nextOf(channel, ["bufferedamountlow", "close"]);
  }
  if (channel.readyState !== "open") throw gone(peerId);
}

function gone(peerId: string): PeerGoneError {
  return new PeerGoneError(peerId, "the data channel is closed");
}

function nextOf(channel: PeerChannel, types: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const type of types) channel.removeEventListener(type, done);
      resolve();
    };
    for (const type of types) channel.addEventListener(type, done);
  });
}
