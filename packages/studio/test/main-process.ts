import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const START = fileURLToPath(new URL("../../../scripts/start.mjs", import.meta.url));

/** How a run of the main job ended. */
export type Ending = {
  readonly status: number | null;
  readonly output: string;
  readonly problems: readonly string[];
};

/** The main job in a process of its own, as `npm start` runs it. */
export class MainProcess {
  readonly ended: Promise<Ending>;
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  readonly #waiting: { readonly pattern: RegExp; resolve(match: RegExpExecArray): void }[] = [];
  #output = "";
  #errors = "";

  constructor(...args: string[]) {
    this.#process = spawn(process.execPath, [START, "--port", "0", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PALLAS_PORT: undefined },
    });
    this.#process.stdout.on("data", (chunk: Buffer) => {
      this.#output += chunk.toString();
      this.#tellWaiting();
    });
    this.#process.stderr.on("data", (chunk: Buffer) => {
      this.#errors += chunk.toString();
      this.#tellWaiting();
    });
    this.ended = new Promise((resolve) => {
      this.#process.on("close", (status) => {
        const problems = this.#errors.split("\n").filter((line) => line !== "");
        resolve({ status, output: this.#output, problems });
      });
    });
  }

  /** Resolves when `pattern` is in what was printed; rejects if the process ends without. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    const found = new Promise<RegExpExecArray>((resolve) => {
      this.#waiting.push({ pattern, resolve });
      this.#tellWaiting();
    });
    const ended = this.ended.then(({ output, problems }) => {
      throw new RangeError(`ended without ${pattern}:\n${output}\n${problems.join("\n")}`);
    });
    return Promise.race([found, ended]);
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  #tellWaiting(): void {
    for (const { pattern, resolve } of this.#waiting) {
      const match = pattern.exec(`${this.#output}\n${this.#errors}`);
      if (match) resolve(match);
    }
  }
}
