import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const WITHIN_MS = 20_000;

/** The package as it is built, in a folder of its own, so that no stale build is tested. */
export class BuiltPackage {
  readonly #outDir: string;

  private constructor(outDir: string) {
    this.#outDir = outDir;
  }

  static async build(): Promise<BuiltPackage> {
    const outDir = await mkdtemp(join(tmpdir(), "pallas-webrtc-"));
    const project = ["-p", join(ROOT, "packages/webrtc"), "--outDir", outDir];
    const info = ["--tsBuildInfoFile", join(outDir, "info")];
    await run(join(ROOT, "node_modules/.bin/tsc"), [...project, ...info]);
    return new BuiltPackage(outDir);
  }

  /** What to import for one of the package's entries: `index`, `globals`. */
  url(entry: string): string {
    return pathToFileURL(join(this.#outDir, `${entry}.js`)).href;
  }

  /** Runs `program` in a process of its own; what it printed. */
  async run(program: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const args = ["--input-type=module", "--eval", program];
    const { stdout, stderr } = await run(process.execPath, args, { timeout: WITHIN_MS });
    return { stdout: stdout.trim(), stderr };
  }

  async remove(): Promise<void> {
    await rm(this.#outDir, { recursive: true });
  }
}
