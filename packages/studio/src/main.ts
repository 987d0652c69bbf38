import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { StudioError } from "./errors.ts";
import { MainJob } from "./job/main-job.ts";
import { HELP, parseJobOptions } from "./job/options.ts";
import { Printer } from "./job/printer.ts";

/** Where things are in this checkout. */
export type MainSurroundings = {
  /** The first of these that exists is sent when the command line names no file. */
  readonly defaultFiles: readonly string[];
};

/** As a shell says it of a program that Ctrl-C ended. */
const INTERRUPTED = 130;
const CONSOLE_FOLDER = fileURLToPath(new URL("./console/", import.meta.url));

/**
 * The main job as a command: `npm start`. Resolves to the exit status: 0, or 1 after a problem, which
 * has been told in one line.
 */
export async function main(
  argv: readonly string[],
  surroundings: MainSurroundings,
): Promise<number> {
  const printer = new Printer(process.stdout, process.stderr, "NO_COLOR" in process.env);
  try {
    const options = parseJobOptions(argv, process.env);
    if (options.isHelp) {
      process.stdout.write(HELP);
      return 0;
    }
    const filePath = options.filePath ?? surroundings.defaultFiles.find((path) => existsSync(path));
    if (filePath === undefined)
      throw new StudioError("ERR_FILE", "there is no file to send; name one");
    const { port, isOnce } = options;
    const job = new MainJob({ filePath, port, isOnce, consoleFolder: CONSOLE_FOLDER }, printer);
    await runUntilSignal(job);
    return isOnce && !job.isVerified ? INTERRUPTED : 0;
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    printer.problem(error.message);
    return 1;
  }
}

async function runUntilSignal(job: MainJob): Promise<void> {
  const stop = (): void => job.stop();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    await job.run();
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}
