import { PallasError } from "../base/errors.ts";

/**
 * A simulation did not come to its end: a cap was reached, or nothing is left that could happen. The
 * message names the virtual instant, what was waited for and the last things that happened.
 */
export class SimulationError extends PallasError {
  override readonly name = "SimulationError";
  readonly code: "ERR_CAP_REACHED" | "ERR_NOTHING_LEFT" | "ERR_LIVELOCK";

  constructor(code: SimulationError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** What an operating system would answer, with the code that Node uses for it. */
export class VirtualSystemError extends PallasError {
  override readonly name = "VirtualSystemError";
  readonly code: "EADDRINUSE" | "EADDRNOTAVAIL" | "ENOTFOUND";

  constructor(code: VirtualSystemError["code"], message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}
