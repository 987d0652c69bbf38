// The main job: npm start [-- options] [file]. Sets up first when that is needed.
import { join } from "node:path";
import { ROOT } from "./lib/repository.mjs";
import { ensureReady } from "./setup.mjs";

await ensureReady();
const { main } = await import("@pallas/studio/main");
process.exitCode = await main(process.argv.slice(2), {
  defaultFiles: [join(ROOT, "README.md"), join(ROOT, "package-lock.json")],
});
