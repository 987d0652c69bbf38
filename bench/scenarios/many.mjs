// Many connections of one process (200; 48 with --quick), 16 being set up at a time, then all idle.
import { setTimeout as pause } from "node:timers/promises";
import { cpuMsSince } from "../lib/transfer.mjs";

const AT_A_TIME = 16;
const SETTLE_MS = 1_000;
const BYTES_PER_MEGABYTE = 1_000_000;

export const title = "many";
export const runs = 1;
export const metrics = {
  ms: { label: "many connections, ms", better: "lower" },
  cpuMs: { label: "many connections, CPU ms of the offering side", better: "lower" },
  rssMegabytes: { label: "many connections, RSS MB of the offering side", better: "lower" },
  rssKilobytesEach: { label: "memory per idle connection, RSS, KB", better: "lower" },
  heapKilobytesEach: {
    label: "memory per idle connection, JS heap + external, KB",
    better: "lower",
  },
};

export async function offerer(context) {
  const total = context.options.isQuick ? 48 : 200;
  await warmUp(context, total);
  const before = await readMemory();
  const startedAtMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const kept = [];
  let nextId = 0;
  const work = async () => {
    while (nextId < total) kept.push(await context.connect(nextId++));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const ms = performance.now() - startedAtMs;
  const cpuMs = cpuMsSince(cpuBefore);
  const rssMegabytes = process.memoryUsage().rss / BYTES_PER_MEGABYTE;
  const after = await readMemory();
  return {
    ms,
    cpuMs,
    rssMegabytes,
    rssKilobytesEach: (after.rss - before.rss) / kept.length / 1_000,
    heapKilobytesEach: (after.heap - before.heap) / kept.length / 1_000,
  };
}

export function answerer() {}

/** What the first connections load, compile and make the heap grow by is not part of any connection. */
async function warmUp(context, firstId) {
  const ids = Array.from({ length: 2 * AT_A_TIME }, (_unused, index) => firstId + index);
  const connections = await Promise.all(ids.map((id) => context.connect(id)));
  for (const { close } of connections) close();
}

async function readMemory() {
  await pause(SETTLE_MS);
  globalThis.gc();
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}
