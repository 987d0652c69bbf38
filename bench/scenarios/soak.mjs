// Minutes of steady transfer in messages of 16 KiB: it must neither slow down nor grow.
import { receive, transfer } from "../lib/transfer.mjs";

const MESSAGE_BYTES = 16_384;
const MINUTE_MS = 60_000;

export const title = "soak";
export const runs = 1;
export const metrics = {};

export async function offerer(context) {
  const { channel } = await context.connect();
  await transfer(context, channel, MESSAGE_BYTES, 2_000);
  const minutes = [];
  for (let minute = 0; minute < context.options.soakMinutes; minute++) {
    const { bytes, ms, cpuMs } = await transfer(context, channel, MESSAGE_BYTES, MINUTE_MS);
    context.tell("memory?", {});
    minutes.push({
      megabytesPerSecond: bytes / 1_000 / ms,
      cpuMsPer100Megabytes: cpuMs / (bytes / 100_000_000),
      sender: readMemory(),
      receiver: await context.hear("memory"),
    });
  }
  return { minutes };
}

export function answerer(context) {
  context.accept((channel) => {
    void receive(context, channel);
    void answerQuestions(context);
  });
}

async function answerQuestions(context) {
  for (;;) {
    await context.hear("memory?");
    context.tell("memory", readMemory());
  }
}

function readMemory() {
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { heapMegabytes: (heapUsed + external) / 1_000_000, rssMegabytes: rss / 1_000_000 };
}
