import { EMPTY_MODEL } from "./model.ts";
import type { Model } from "./model.ts";
import { update } from "./update.ts";
import type { Action } from "./update.ts";

/** Holds the model; tells when it has changed, once per frame however much happens. */
export class Store {
  readonly #onChange: (model: Model) => void;
  #model: Model = EMPTY_MODEL;
  #isScheduled = false;

  constructor(onChange: (model: Model) => void) {
    this.#onChange = onChange;
  }

  get model(): Model {
    return this.#model;
  }

  dispatch(action: Action): void {
    this.#model = update(this.#model, action);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Not an animation frame: a page in the background should be right when it is looked at.
    setTimeout(() => {
      this.#isScheduled = false;
      this.#onChange(this.#model);
    }, 16);
  }
}
