// Runs an example on any Node that Pallas supports: node examples/run.mjs data-channel
// (From Node 22.18 on, `node examples/data-channel.ts` does the same.)
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const folder = fileURLToPath(new URL(".", import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
  .map((name) => name.slice(0, -".ts".length));
const [name] = process.argv.slice(2);

if (name !== undefined && names.includes(name)) {
  await runnerImport(`${folder}${name}.ts`, { configFile: false, logLevel: "error" });
} else {
  console.error(`usage: node examples/run.mjs <name>, one of ${names.join(", ")}`);
  process.exitCode = 1;
}
