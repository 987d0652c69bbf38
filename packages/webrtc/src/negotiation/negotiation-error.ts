import { PallasError } from "../base/errors.ts";

/**
 * What is wrong, as the API distinguishes it: `invalidState` (not now), `invalidContent` (a
 * description that contradicts itself or the state), `invalidModification` (a local description
 * that was not made here), `unsupported` (sound, but not done here).
 */
export type NegotiationErrorKind =
  | "invalidState"
  | "invalidContent"
  | "invalidModification"
  | "unsupported";

/** A description cannot be made or applied. The negotiation state is as it was before. */
export class NegotiationError extends PallasError {
  override readonly name = "NegotiationError";
  readonly code = "ERR_NEGOTIATION";
  readonly kind: NegotiationErrorKind;

  constructor(kind: NegotiationErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
