import { MultiBar, Presets } from "cli-progress";
import type { SingleBar } from "cli-progress";
import type { HandshakeReport } from "@pallas/peers";
import { formatBytes } from "./amounts.ts";
import { narrate } from "./narration.ts";

const WHO_COLUMNS = 28;
const TIME_COLUMNS = 10;
const PLAIN_STEPS = 4;
const STATES: Readonly<Record<string, string>> = {
  connecting: "33",
  connected: "32;1",
  disconnected: "33;1",
  failed: "31;1",
  closed: "90",
};

/** Shows how far one transfer is. */
export interface ProgressDisplay {
  update(bytes: number): void;
  end(): void;
}

/** Where the main job says what happens. On anything but a terminal: plain lines, no control character. */
export class Printer {
  readonly #out: NodeJS.WriteStream;
  readonly #err: NodeJS.WriteStream;
  readonly #isTerminal: boolean;
  readonly #hasColors: boolean;
  readonly #startedAtMs = new Map<string, number>();
  #bars: MultiBar | undefined;
  #barCount = 0;

  constructor(out: NodeJS.WriteStream, err: NodeJS.WriteStream, hasNoColor: boolean) {
    this.#out = out;
    this.#err = err;
    this.#isTerminal = out.isTTY === true;
    this.#hasColors = this.#isTerminal && !hasNoColor;
  }

  /** A line about the whole. */
  line(text = ""): void {
    this.#write(visible(text));
  }

  /** One line on the error output: what went wrong, and what to do. */
  problem(text: string): void {
    this.#err.write(`pallas: ${visible(text)}\n`);
  }

  /** One step of a handshake, with its time since the handshake began. */
  step(who: string, report: HandshakeReport): void {
    const startedAtMs = this.#startedAtMs.get(report.handshakeId) ?? report.atEpochMs;
    this.#startedAtMs.set(report.handshakeId, startedAtMs);
    if (report.step === "closed") this.#forget(report.handshakeId);
    const ms = Math.max(0, report.atEpochMs - startedAtMs);
    const time = `${ms.toFixed(1)} ms`.padStart(TIME_COLUMNS);
    const text = visible(narrate(report));
    this.#write(
      `${this.#paint("90", time)}  ${visible(who).padEnd(WHO_COLUMNS)}  ${this.#highlight(text)}`,
    );
  }

  /** A progress bar on a terminal, a line for each quarter elsewhere. */
  progress(label: string, totalBytes: number): ProgressDisplay {
    const name = visible(label);
    return this.#isTerminal && totalBytes > 0
      ? this.#barFor(name, totalBytes)
      : this.#plainProgress(name, totalBytes);
  }

  #write(line: string): void {
    if (this.#bars) this.#bars.log(`${line}\n`);
    else this.#out.write(`${line}\n`);
  }

  #paint(code: string, text: string): string {
    return this.#hasColors ? `\u001b[${code}m${text}\u001b[0m` : text;
  }

  #highlight(text: string): string {
    const state = /^connection is (\w+)$/.exec(text)?.[1];
    return state === undefined ? text : `connection is ${this.#paint(STATES[state] ?? "1", state)}`;
  }

  #barFor(label: string, totalBytes: number): ProgressDisplay {
    this.#bars ??= new MultiBar(
      {
        format: "            {label}  {bar} {percentage} %  {amount}",
        stream: this.#out,
        hideCursor: true,
        clearOnComplete: false,
        barsize: 30,
      },
      Presets.shades_classic,
    );
    this.#barCount++;
    const bars = this.#bars;
    const payload = { label: label.padEnd(WHO_COLUMNS), amount: formatBytes(totalBytes) };
    const bar: SingleBar = bars.create(totalBytes, 0, payload);
    return { update: (bytes) => bar.update(bytes), end: () => this.#endBar(bar) };
  }

  #endBar(bar: SingleBar): void {
    bar.stop();
    if (--this.#barCount > 0) return;
    this.#bars?.stop();
    this.#bars = undefined;
  }

  #plainProgress(label: string, totalBytes: number): ProgressDisplay {
    let shown = 0;
    return {
      update: (bytes) => {
        const quarters =
          totalBytes === 0 ? PLAIN_STEPS : Math.floor((bytes / totalBytes) * PLAIN_STEPS);
        if (quarters <= shown) return;
        shown = quarters;
        const percent = `${quarters * 25} %`.padStart(TIME_COLUMNS);
        this.#write(`${percent}  ${label.padEnd(WHO_COLUMNS)}  has ${formatBytes(bytes)}`);
      },
      end: () => {},
    };
  }

  #forget(handshakeId: string): void {
    this.#startedAtMs.delete(handshakeId);
  }
}

/** What other machines say is shown, never obeyed: no escape sequence of theirs reaches the terminal. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, " ");
}
