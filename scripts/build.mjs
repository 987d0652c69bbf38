// Builds every package: TypeScript's project references, then the web console of studio with Vite.
//
//   npm run build
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./lib/repository.mjs";
import { localBin, run } from "./lib/run.mjs";

/** Resolves to the exit status of the first step that failed, or 0. Dependencies must be there. */
export async function buildAll() {
  const status = await run(localBin("tsc"), ["-b"]);
  if (status !== 0) return status;
  const studio = join(ROOT, "packages", "studio");
  const hasConsole =
    existsSync(studio) && readdirSync(studio).some((name) => name.startsWith("vite.config."));
  if (!hasConsole) return 0;
  return run(localBin("vite"), ["build", "--logLevel", "warn"], { cwd: studio });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { ensureReady } = await import("./setup.mjs");
  await ensureReady({ build: false });
  process.exitCode = await buildAll();
}
