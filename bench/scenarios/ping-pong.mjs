// Round trips of 64 bytes, one at a time.
import { quantile } from "../lib/statistics.mjs";

const MESSAGE_BYTES = 64;
const WARM_UP_ROUNDS = 200;

export const title = "ping-pong";
export const runs = 3;
export const metrics = {
  p50Ms: { label: "ping-pong p50, ms", better: "lower" },
  p99Ms: { label: "ping-pong p99, ms", better: "lower" },
};

export async function offerer(context) {
  const { channel } = await context.connect();
  const ping = Buffer.alloc(MESSAGE_BYTES, 1);
  const samples = [];
  let onPong = () => {};
  channel.onMessage(() => onPong());
  const rounds = WARM_UP_ROUNDS + (context.options.isQuick ? 1_000 : 5_000);
  for (let round = 0; round < rounds; round++) {
    const startedAtMs = performance.now();
    await new Promise((resolve) => {
      onPong = resolve;
      channel.send(ping);
    });
    if (round >= WARM_UP_ROUNDS) samples.push(performance.now() - startedAtMs);
    context.progress();
  }
  return { p50Ms: quantile(samples, 0.5), p99Ms: quantile(samples, 0.99) };
}

export function answerer(context) {
  const pong = Buffer.alloc(MESSAGE_BYTES, 2);
  context.accept((channel) => channel.onMessage(() => channel.send(pong)));
}
