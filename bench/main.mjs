// Runs WebRTC stacks side by side: two processes on this machine, one scenario after another, and
// prints medians and ratios. It only measures; it never judges.
//
//   npm run bench -- --help
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runPair } from "./lib/pair.mjs";
import { advantage, formatNumber, formatTable, median } from "./lib/statistics.mjs";

const STACKS = ["pallas", "werift", "node-datachannel", "wrtc"];
const SCENARIOS = [
  "connect",
  "ping-pong",
  "bulk-64k",
  "bulk-16k",
  "messages-1k",
  "messages-64",
  "many",
];
const LIMIT_MS = 120_000;
const STALL_MS = 15_000;
const MINUTE_MS = 60_000;

const HELP = `Measures WebRTC stacks beside each other on this machine. "negotiation" instead of options: what
offers and answers cost.

  --only <a,b>       stacks: ${STACKS.join(", ")}
  --scenario <a,b>   scenarios, or beginnings of their names: ${SCENARIOS.join(", ")}
  --quick            short measurements, for a first look
  --runs <n>         how often each is repeated (processes of their own; the median counts)
  --soak <minutes>   instead of all that: steady transfer, throughput and memory minute by minute
  --profile <folder> a CPU profile of each process, for Chromium's developer tools
  --json <path>      where the figures go (bench/.cache/results.json)`;

const { values: cli } = parseArgs({
  options: {
    only: { type: "string" },
    scenario: { type: "string" },
    quick: { type: "boolean", default: false },
    runs: { type: "string" },
    soak: { type: "string" },
    profile: { type: "string" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (cli.help) console.log(HELP);
else await main();

async function main() {
  const stacks = choose(STACKS, cli.only ?? (cli.soak ? "pallas" : undefined));
  console.log(`${cpus().length} x ${cpus()[0]?.model ?? "CPU"}, Node ${process.version}`);
  const outcomes = cli.soak ? await soak(stacks) : await compare(stacks);
  const path = cli.json ?? fileURLToPath(new URL(".cache/results.json", import.meta.url));
  mkdirSync(dirname(path), { recursive: true });
  const machine = { cpu: cpus()[0]?.model, cpus: cpus().length, node: process.version };
  const report = { at: new Date().toISOString(), machine, isQuick: cli.quick, outcomes };
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(`\nfigures: ${path}`);
}

function choose(all, wanted) {
  if (wanted === undefined) return all;
  const chosen = wanted.split(",").flatMap((name) => all.filter((one) => one.startsWith(name)));
  if (chosen.length > 0) return chosen;
  console.error(`bench: there is no ${wanted}; there are ${all.join(", ")}`);
  process.exit(1);
}

async function compare(stacks) {
  const rows = [["", ...stacks, ...stacks.slice(1).map((stack) => `vs ${stack}`)]];
  const outcomes = [];
  for (const name of choose(SCENARIOS, cli.scenario)) {
    const scenario = await import(`./scenarios/${name}.mjs`);
    const measured = {};
    for (const stack of stacks) {
      const outcome = await measure(stack, name, scenario);
      measured[stack] = outcome;
      outcomes.push({ scenario: name, stack, ...outcome });
      console.log(`  ${name}, ${stack}: ${describe(scenario, outcome)}`);
    }
    rows.push(...tableRows(stacks, scenario, measured));
  }
  console.log(`\n${formatTable(rows)}`);
  if (stacks.length > 1)
    console.log(`\nvs: how many times better ${stacks[0]} is; above 1 is better`);
  return outcomes;
}

/** Repeats one scenario with one stack; the median of each metric, or what went wrong. */
async function measure(stack, name, scenario) {
  const options = { isQuick: cli.quick };
  const runs = cli.runs ? Number(cli.runs) : cli.quick ? 1 : scenario.runs;
  const results = [];
  let version;
  for (let run = 0; run < runs; run++) {
    const outcome = await runPair({
      stack,
      scenario: name,
      options,
      limitMs: LIMIT_MS,
      stallMs: STALL_MS,
      profileFolder: cli.profile,
    });
    // A stack that stalls once would most likely do so again, and take its time.
    if (outcome.status !== "done") return { status: outcome.status, message: outcome.message };
    version = outcome.version;
    results.push(outcome.result);
  }
  const medians = Object.keys(scenario.metrics).map((metric) => [
    metric,
    median(results.map((result) => result[metric])),
  ]);
  return { status: "done", version, medians: Object.fromEntries(medians), results };
}

function describe(scenario, outcome) {
  if (outcome.status !== "done") return `${outcome.status} (${outcome.message})`;
  return Object.entries(scenario.metrics)
    .map(([metric, { label }]) => `${label} ${formatNumber(outcome.medians[metric])}`)
    .join("; ");
}

function tableRows(stacks, scenario, measured) {
  return Object.entries(scenario.metrics).map(([metric, { label, better }]) => {
    const value = (stack) => measured[stack].medians?.[metric];
    const cells = stacks.map((stack) =>
      value(stack) === undefined ? measured[stack].status : formatNumber(value(stack)),
    );
    const ratios = stacks.slice(1).map((stack) => {
      const [ours, theirs] = [value(stacks[0]), value(stack)];
      if (ours === undefined || theirs === undefined) return "";
      return `${formatNumber(advantage(ours, theirs, better))}x`;
    });
    return [label, ...cells, ...ratios];
  });
}

async function soak(stacks) {
  const soakMinutes = Number(cli.soak);
  const outcomes = [];
  for (const stack of stacks) {
    const limitMs = (soakMinutes + 2) * 1.5 * MINUTE_MS;
    const options = { soakMinutes };
    const outcome = await runPair({ stack, scenario: "soak", options, limitMs, stallMs: STALL_MS });
    outcomes.push({ scenario: "soak", stack, ...outcome });
    console.log(`\n${stack}: ${outcome.status} ${outcome.message ?? ""}`);
    if (outcome.status === "done") console.log(formatTable(soakRows(outcome.result.minutes)));
  }
  return outcomes;
}

function soakRows(minutes) {
  const head = [
    "minute",
    "MB/s",
    "CPU ms/100 MB",
    "heap MB (s)",
    "heap MB (r)",
    "RSS MB (s)",
    "RSS MB (r)",
  ];
  const rows = minutes.map((minute, index) => [
    String(index + 1),
    ...[
      minute.megabytesPerSecond,
      minute.cpuMsPer100Megabytes,
      minute.sender.heapMegabytes,
      minute.receiver.heapMegabytes,
      minute.sender.rssMegabytes,
      minute.receiver.rssMegabytes,
    ].map(formatNumber),
  ]);
  return [head, ...rows];
}
