import { canonicalIpAddress } from "../base/ip-address.ts";
import { VirtualSystemError } from "./errors.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** The domain name system of a world: one table for all hosts. */
export class NameTable {
  readonly #clock: VirtualClock;
  readonly #names = new Map<
    string,
    { readonly addresses: readonly string[]; readonly delayMs: number }
  >();

  /** @internal Made by `VirtualWorld`. */
  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /**
   * Makes `name` resolve to `addresses`, `delayMs` after each question. No addresses: the name does
   * not exist. A `delayMs` of `Infinity`: the server never answers.
   */
  set(name: string, addresses: readonly string[], delayMs = 0): void {
    this.#names.set(name.toLowerCase(), { addresses, delayMs });
  }

  /** Rejects with {@link VirtualSystemError} `ENOTFOUND`. An IP address resolves to itself. */
  resolve(name: string): Promise<readonly string[]> {
    const literal = canonicalIpAddress(name);
    const entry = this.#names.get(name.toLowerCase());
    const addresses = literal === undefined ? (entry?.addresses ?? []) : [literal];
    return new Promise((resolve, reject) => {
      const answer = (): void => {
        if (addresses.length > 0) resolve(addresses);
        else reject(new VirtualSystemError("ENOTFOUND", `no such name: ${name}`));
      };
      const delayMs = entry?.delayMs ?? 0;
      this.#clock.schedule(this.#clock.nowMs + delayMs, answer);
    });
  }
}
