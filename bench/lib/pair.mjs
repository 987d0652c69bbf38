// Runs one scenario with one stack: two processes, and everything that they say to each other.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const SIDE = fileURLToPath(new URL("side.mjs", import.meta.url));
const COMPLAINT_CHARACTERS = 2_000;
const PROFILE_PATIENCE_MS = 10_000;

/**
 * Resolves to `{ status: "done", result, version }`, or to `{ status, message }` with status "stalled"
 * (no progress for `stallMs`), "timed out" (not done after `limitMs`) or "crashed". Both processes are
 * gone by then. Never rejects and never hangs. With `profileFolder` both leave a CPU profile there.
 */
export function runPair({ stack, scenario, options, limitMs, stallMs, profileFolder }) {
  return new Promise((resolve) => {
    const sides = new Map();
    let lastProgressMs = performance.now();
    const finish = (outcome) => {
      clearInterval(watchdog);
      clearTimeout(limit);
      for (const { child } of sides.values()) {
        child.removeAllListeners();
        child.on("error", () => {});
        // A profile is written at an orderly exit, which some stacks do not survive.
        if (profileFolder === undefined) child.kill("SIGKILL");
        else setTimeout(() => child.kill("SIGKILL"), PROFILE_PATIENCE_MS).unref();
        if (profileFolder !== undefined && child.connected) child.disconnect();
      }
      resolve(outcome);
    };
    const watchdog = setInterval(() => {
      if (performance.now() - lastProgressMs < stallMs) return;
      finish({ status: "stalled", message: `no progress for ${stallMs / 1000} s` });
    }, 250);
    const limit = setTimeout(
      () => finish({ status: "timed out", message: `not done after ${limitMs / 1000} s` }),
      limitMs,
    );
    const handle = (role, message) => {
      lastProgressMs = performance.now();
      const other = sides.get(role === "offerer" ? "answerer" : "offerer");
      if (message.relay) other?.child.send({ relayed: message.relay });
      else if (message.ready) start("offerer");
      else if (message.failed) finish({ status: "crashed", message: `${role}: ${message.failed}` });
      else if (message.result) finish({ status: "done", ...message });
    };
    const start = (role) => {
      const child = fork(SIDE, [stack, scenario, role, JSON.stringify(options)], {
        execArgv: ["--expose-gc", ...profileArgs(profileFolder, `${stack}-${scenario}-${role}`)],
        stdio: ["ignore", "ignore", "pipe", "ipc"],
      });
      const side = { child, complaint: "" };
      sides.set(role, side);
      child.stderr.on("data", (chunk) => {
        side.complaint = (side.complaint + chunk).slice(-COMPLAINT_CHARACTERS);
      });
      child.on("message", (message) => handle(role, message));
      child.on("error", (error) => finish({ status: "crashed", message: error.message }));
      child.on("exit", (code, signal) => {
        const message = `${role} ended (${signal ?? code}): ${firstLine(side.complaint)}`;
        finish({ status: "crashed", message });
      });
    };
    start("answerer");
  });
}

function profileArgs(folder, name) {
  if (folder === undefined) return [];
  return ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`];
}

function firstLine(text) {
  return (
    text.split("\n").find((line) => /\w*Error\b/.test(line)) ?? text.trim().split("\n")[0] ?? ""
  );
}
