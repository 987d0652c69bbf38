import { defineInterface, domString, requireArguments } from "./webidl/index.ts";

/** https://w3c.github.io/mediacapture-main/#overconstrainederror-interface */
export class OverconstrainedError extends DOMException {
  readonly #constraint: string;

  /** `constraint` is the name of the property that cannot be had: `frameRate`. */
  constructor(constraint: string, message: string = "") {
    requireArguments(arguments.length, 1, "OverconstrainedError constructor");
    const name = domString(constraint, "OverconstrainedError constructor: argument 1");
    super(
      domString(message, "OverconstrainedError constructor: argument 2"),
      "OverconstrainedError",
    );
    this.#constraint = name;
  }

  get constraint(): string {
    return this.#constraint;
  }
}

defineInterface(OverconstrainedError, "OverconstrainedError");
