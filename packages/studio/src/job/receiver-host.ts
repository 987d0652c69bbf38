import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FromReceiver, ToReceiver } from "./receiver-link.ts";

const ENTRY = fileURLToPath(new URL("./receiver-process.js", import.meta.url));
const STOP_PATIENCE_MS = 2000;

/** The receiver's process, seen from the main one. */
export class ReceiverHost {
  readonly #process: ChildProcess;
  readonly #onMessage: (message: FromReceiver) => void;
  readonly #exited: Promise<void>;
  #isStopping = false;

  /** Starts the process. `onGone` is called if it ends without having been told to. */
  constructor(
    start: Omit<ToReceiver & { kind: "start" }, "kind">,
    onMessage: (message: FromReceiver) => void,
    onGone: (how: string) => void,
  ) {
    this.#onMessage = onMessage;
    this.#process = fork(ENTRY, [], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#process.on("message", (message: FromReceiver) => {
      if (message.kind === "ready") this.#tell({ kind: "start", ...start });
      else this.#onMessage(message);
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once("error", (error) =>
        this.#handleEnd(`it cannot be started: ${error.message}`, onGone, resolve),
      );
      this.#process.once("exit", (status, signal) => {
        const how =
          signal === null ? `it ended with status ${status}` : `it was ended by ${signal}`;
        this.#handleEnd(how, onGone, resolve);
      });
    });
  }

  /** The number of the process, for people. */
  get processId(): number | undefined {
    return this.#process.pid;
  }

  /** Asks it to end and resolves when it has; after two seconds it is ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#tell({ kind: "stop" });
    const force = setTimeout(() => this.#process.kill("SIGKILL"), STOP_PATIENCE_MS);
    await this.#exited;
    clearTimeout(force);
  }

  #handleEnd(how: string, onGone: (how: string) => void, resolve: () => void): void {
    if (!this.#isStopping) onGone(how);
    this.#isStopping = true;
    resolve();
  }

  #tell(message: ToReceiver): void {
    // A process that is just ending may have closed its side: its exit is reported by itself.
    if (this.#process.connected) this.#process.send(message, () => {});
  }
}
