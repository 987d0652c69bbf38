import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PeerEvent } from "./peer-script.ts";
import { RemotePeer } from "./remote-peer.ts";

const PYTHON = process.env["AIORTC_PYTHON"] ?? "/usr/bin/python3";
const PROGRAM = fileURLToPath(new URL("aiortc_peer.py", import.meta.url));

/** Version of the aiortc that can be tested with; `undefined` if there is none. */
export const AIORTC_VERSION: string | undefined = readVersion();

/** One line of the program: the answer to a command, or an event. */
type Line =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly event: PeerEvent };

type Pending = {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
};

/** How aiortc writes its offers: the form of the drafts before RFC 8841 (its default), or today's. */
export type AiortcForm = "old" | "new";

/** Starts a Python process that is one peer; it speaks JSON lines over its standard streams. */
export function openAiortcPeer(form: AiortcForm = "old"): RemotePeer {
  const args = ["-u", PROGRAM, ...(form === "new" ? ["--new-form"] : [])];
  const child = spawn(PYTHON, args, { stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000);
  });
  child.stdin.on("error", () => {}); // Writing to a killed process; its exit tells all.

  return new RemotePeer("aiortc", (report) => {
    const pending = new Map<number, Pending>();
    let lastId = 0;
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as Line;
      if ("event" in line) return report(line.event);
      if ("error" in line) pending.get(line.id)?.reject(new Error(`aiortc: ${line.error}`));
      else pending.get(line.id)?.resolve(line.result);
      pending.delete(line.id);
    });
    child.on("exit", () => {
      const reason = new Error(`aiortc has ended: ${complaints || "no message"}`);
      for (const { reject } of pending.values()) reject(reason);
    });
    return {
      call: (method, params) =>
        new Promise((resolve, reject) => {
          const id = ++lastId;
          pending.set(id, { resolve, reject });
          child.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
        }),
      kill: () => end(child, "SIGKILL"),
      stop: () => end(child, "SIGTERM"),
    };
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

function readVersion(): string | undefined {
  const { status, stdout } = spawnSync(PYTHON, ["-c", "import aiortc; print(aiortc.__version__)"]);
  return status === 0 ? stdout.toString().trim() : undefined;
}
