// Time from the constructor to an open channel at the offering side, one connection after another.
import { median, quantile } from "../lib/statistics.mjs";

export const title = "connect";
export const runs = 1;
export const metrics = {
  connectMs: { label: "connect, ms (median)", better: "lower" },
  connectP90Ms: { label: "connect, ms (90 %)", better: "lower" },
};

export async function offerer(context) {
  const samples = [];
  for (let id = 0; id < (context.options.isQuick ? 7 : 25); id++) {
    const startedAtMs = performance.now();
    const { close } = await context.connect(id);
    samples.push(performance.now() - startedAtMs);
    close();
  }
  return { connectMs: median(samples), connectP90Ms: quantile(samples, 0.9) };
}

export function answerer() {}
