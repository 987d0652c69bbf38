import type { DataFields } from "../packet/data-chunk.ts";
import { DATA_FLAG } from "../packet/data-chunk.ts";

/** More holes than that are no network's doing: chunks that would open another one are refused. */
const MAX_RUNS = 4096;

/** A link of a run: however its neighbours arrive, no fragment is ever moved. */
type Fragment = { readonly payload: Uint8Array; next: Fragment | undefined };

/** Consecutive fragments of one message. */
export type FragmentRun = {
  readonly streamId: number;
  readonly isUnordered: boolean;
  readonly sequence: number;
  /** Known once the first fragment is here. */
  ppid: number;
  firstKey: number;
  /** One after the last key. */
  nextKey: number;
  hasBegin: boolean;
  hasEnd: boolean;
  payloadBytes: number;
  fragmentCount: number;
  first: Fragment;
  last: Fragment;
};

/**
 * Fragments on their way to become messages, as runs without holes, in the order of their keys. A
 * key is the TSN for DATA, where the fragments of a message have consecutive ones (RFC 9260 §6.9),
 * and the fragment's number within its message for I-DATA (RFC 8260 §2.1).
 *
 * In-order arrival extends the last run: constant time. Otherwise a binary search finds the place,
 * and at most {@link MAX_RUNS} runs are shifted. The order of arrival, which is the peer's to choose,
 * makes no other difference.
 */
export class FragmentRuns {
  readonly #runs: FragmentRun[] = [];

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** False if there are so many holes that the fragment must be dropped unless it fills one. */
  get hasRoom(): boolean {
    return this.#runs.length < MAX_RUNS;
  }

  /** True if a fragment with `key` is there already. */
  has(key: number): boolean {
    const run = this.#runs[this.#countStartingAtOrBefore(key) - 1];
    return run !== undefined && isBefore(key, run.nextKey);
  }

  /** Adds a fragment that is not there yet. Returns the message, taken out, once it is complete. */
  insert(key: number, fields: DataFields, payload: Uint8Array): FragmentRun | undefined {
    const index = this.#countStartingAtOrBefore(key);
    const left = this.#runs[index - 1];
    const right = this.#runs[index];
    let run: FragmentRun;
    let runIndex = index;
    if (left && left.nextKey === key && canAppend(left, fields)) {
      appendFragment(left, fields, payload);
      run = left;
      runIndex = index - 1;
      if (right && canJoin(run, right)) {
        joinRuns(run, right);
        this.#runs.splice(index, 1);
      }
    } else {
      run = createRun(key, fields, payload);
      if (right && canJoin(run, right)) {
        joinRuns(run, right);
        this.#runs[index] = run;
      } else {
        this.#runs.splice(index, 0, run);
      }
    }
    if (!run.hasBegin || !run.hasEnd) return undefined;
    if (runIndex === this.#runs.length - 1) this.#runs.pop();
    else this.#runs.splice(runIndex, 1);
    return run;
  }

  /** Drops all runs that begin at or before `key`: their messages were given up. */
  dropThrough(key: number): readonly FragmentRun[] {
    return this.#runs.splice(0, this.#countStartingAtOrBefore(key));
  }

  /** Drops everything. */
  dropAll(): readonly FragmentRun[] {
    return this.#runs.splice(0);
  }

  /** How many runs have a first key that is not after `key`. */
  #countStartingAtOrBefore(key: number): number {
    const runs = this.#runs;
    const last = runs[runs.length - 1];
    if (!last) return 0;
    if (!isBefore(key, last.firstKey)) return runs.length;
    let low = 0;
    let high = runs.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(key, runs[middle]!.firstKey)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** On the circle of 32 bits (RFC 1982); fragment numbers stay in one half of it. */
function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

function createRun(key: number, fields: DataFields, payload: Uint8Array): FragmentRun {
  const fragment: Fragment = { payload, next: undefined };
  return {
    streamId: fields.streamId,
    isUnordered: (fields.flags & DATA_FLAG.unordered) !== 0,
    sequence: fields.sequence,
    ppid: fields.ppid,
    firstKey: key,
    nextKey: (key + 1) >>> 0,
    hasBegin: (fields.flags & DATA_FLAG.begin) !== 0,
    hasEnd: (fields.flags & DATA_FLAG.end) !== 0,
    payloadBytes: payload.byteLength,
    fragmentCount: 1,
    first: fragment,
    last: fragment,
  };
}

function canAppend(run: FragmentRun, fields: DataFields): boolean {
  return (
    !run.hasEnd &&
    (fields.flags & DATA_FLAG.begin) === 0 &&
    run.streamId === fields.streamId &&
    run.sequence === fields.sequence &&
    run.isUnordered === ((fields.flags & DATA_FLAG.unordered) !== 0)
  );
}

function appendFragment(run: FragmentRun, fields: DataFields, payload: Uint8Array): void {
  const fragment: Fragment = { payload, next: undefined };
  run.last.next = fragment;
  run.last = fragment;
  run.fragmentCount++;
  run.nextKey = (run.nextKey + 1) >>> 0;
  run.payloadBytes += payload.byteLength;
  if ((fields.flags & DATA_FLAG.end) !== 0) run.hasEnd = true;
}

function canJoin(left: FragmentRun, right: FragmentRun): boolean {
  return (
    left.nextKey === right.firstKey &&
    !left.hasEnd &&
    !right.hasBegin &&
    left.streamId === right.streamId &&
    left.sequence === right.sequence &&
    left.isUnordered === right.isUnordered
  );
}

/** `left` becomes both, in constant time; `right` is of no use after that. */
function joinRuns(left: FragmentRun, right: FragmentRun): void {
  left.last.next = right.first;
  left.last = right.last;
  left.fragmentCount += right.fragmentCount;
  left.nextKey = right.nextKey;
  left.hasEnd = right.hasEnd;
  left.payloadBytes += right.payloadBytes;
}

/** The payload of a complete run in one new array. */
export function assembleRun(run: FragmentRun): Uint8Array {
  const payload = new Uint8Array(run.payloadBytes);
  let offset = 0;
  for (let fragment: Fragment | undefined = run.first; fragment; fragment = fragment.next) {
    payload.set(fragment.payload, offset);
    offset += fragment.payload.byteLength;
  }
  return payload;
}
