import { parseArgs } from "node:util";
import { StudioError } from "../errors.ts";

/** What the command line asks for. */
export type JobOptions = {
  /** The file to send; `undefined` leaves the choice to the program. */
  readonly filePath: string | undefined;
  readonly port: number;
  readonly isOnce: boolean;
  readonly isHelp: boolean;
};

/** 7880, unless it is said otherwise. */
export const DEFAULT_PORT = 7880;

/** The text of `--help`. */
export const HELP = `Usage: npm start -- [options] [file]

Starts a signaling server with its page, a sender, and a receiver in a second process. They shake hands
(offer, answer, candidates), connect peer to peer, and the sender sends a file whose SHA-256 the receiver
checks. Then it stays up: every browser that opens the page joins as one more receiver.

  file           the file to send; one of the repository's unless given
  --once         end after the verified transfer, with exit status 0
  --port <n>     port of the server and the page (${DEFAULT_PORT}; also PALLAS_PORT; 0 takes a free one)
  --help         this text
`;

/** Reads the command line. Throws {@link StudioError} with what is wrong in one line. */
export function parseJobOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): JobOptions {
  const { values, positionals } = parse(argv);
  if (positionals.length > 1) {
    throw new StudioError("ERR_OPTIONS", `one file at a time, not ${positionals.length}`);
  }
  return {
    filePath: positionals[0],
    port: readPort(values.port, environment["PALLAS_PORT"]),
    isOnce: values.once,
    isHelp: values.help,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        once: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        port: { type: "string", short: "p" },
      },
    });
  } catch (error) {
    const [firstLine = ""] = (error as Error).message.split(/\. |\n/);
    throw new StudioError("ERR_OPTIONS", `${firstLine}; see --help`, error);
  }
}

function readPort(option: string | undefined, variable: string | undefined): number {
  const [text, source] = option === undefined ? [variable, "PALLAS_PORT"] : [option, "--port"];
  if (text === undefined || text === "") return DEFAULT_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) {
    throw new StudioError(
      "ERR_OPTIONS",
      `${source} must be a number from 0 to 65535, not "${text}"`,
    );
  }
  return port;
}
