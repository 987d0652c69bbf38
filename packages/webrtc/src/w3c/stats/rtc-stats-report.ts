import {
  conversionError,
  defineInterface,
  describe,
  domString,
  requireArguments,
  constructionParts,
  type ConstructionArguments,
} from "../webidl/index.ts";
import type { RTCAnyStats } from "./stats-dictionaries.ts";

/**
 * https://w3c.github.io/webrtc-pc/#rtcstatsreport-object: a read-only map from the ids of objects to
 * their statistics (`readonly maplike`, https://webidl.spec.whatwg.org/#js-maplike).
 */
export class RTCStatsReport implements ReadonlyMap<string, RTCAnyStats> {
  readonly #entries: ReadonlyMap<string, RTCAnyStats>;

  /** @internal */
  constructor(...args: ConstructionArguments<[stats: Iterable<RTCAnyStats>]>) {
    const [stats] = constructionParts(args);
    this.#entries = new Map(Array.from(stats, (entry) => [entry.id, entry]));
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: string): RTCAnyStats | undefined {
    requireArguments(arguments.length, 1, "RTCStatsReport.get");
    return this.#entries.get(domString(id, "RTCStatsReport.get: argument 1"));
  }

  has(id: string): boolean {
    requireArguments(arguments.length, 1, "RTCStatsReport.has");
    return this.#entries.has(domString(id, "RTCStatsReport.has: argument 1"));
  }

  entries(): MapIterator<[string, RTCAnyStats]> {
    return this.#entries.entries();
  }

  keys(): MapIterator<string> {
    return this.#entries.keys();
  }

  values(): MapIterator<RTCAnyStats> {
    return this.#entries.values();
  }

  /** Calls back once for each object, with `thisArg` as `this`. Throws `TypeError` unless `callback` is a function. */
  forEach(
    callback: (stats: RTCAnyStats, id: string, report: RTCStatsReport) => void,
    thisArg: unknown = undefined,
  ): void {
    requireArguments(arguments.length, 1, "RTCStatsReport.forEach");
    if (typeof callback !== "function") {
      const context = "RTCStatsReport.forEach: argument 1";
      throw conversionError(context, `${describe(callback)} is not a function`);
    }
    for (const [id, stats] of this.#entries) callback.call(thisArg, stats, id, this);
  }

  declare [Symbol.iterator]: () => MapIterator<[string, RTCAnyStats]>;
}

defineInterface(RTCStatsReport, "RTCStatsReport");
// The iterator of a maplike is `entries` itself.
Object.defineProperty(RTCStatsReport.prototype, Symbol.iterator, {
  value: Object.getOwnPropertyDescriptor(RTCStatsReport.prototype, "entries")?.value,
  writable: true,
  configurable: true,
});
