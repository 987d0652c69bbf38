// Runs other programs for the scripts of this folder.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { ROOT } from "./repository.mjs";

/** The path of a program that npm installed, `tsc`. */
export function localBin(name) {
  return join(ROOT, "node_modules", ".bin", process.platform === "win32" ? `${name}.cmd` : name);
}

/**
 * Runs a program to its end with this terminal as its own and resolves to its exit status; a signal
 * becomes 128 + its number, as in a shell. Rejects only if the program cannot be started.
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: "inherit", ...options });
    child.on("error", reject);
    child.on("exit", (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
  });
}

/** Like {@link run}, but keeps what the program prints; `output` has both streams in order. */
export function capture(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      ...options,
    });
    const chunks = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (status, signal) =>
      resolve({
        status: status ?? 128 + constants.signals[signal],
        output: Buffer.concat(chunks).toString("utf8"),
      }),
    );
  });
}

/** Ends the process with status 1 and one plain line. */
export function fail(message) {
  console.error(`pallas: ${message}`);
  process.exit(1);
}
