/** One thing that will happen at a virtual instant. */
export type QueuedEvent = {
  /** The place in the queue. Never later than {@link dueAtMs}. */
  queuedAtMs: number;
  /** When it really is to happen: moving an event later costs one assignment. */
  dueAtMs: number;
  /** Breaks ties: what was queued first happens first. */
  sequence: number;
  isCancelled: boolean;
  /** False for a step inside the network, after which no code of a user can have anything to do. */
  readonly isVisible: boolean;
  readonly run: () => void;
};

/** Events ordered by instant, then by when they were queued: a binary heap. */
export class EventQueue {
  readonly #heap: QueuedEvent[] = [];
  #nextSequence = 0;
  #liveCount = 0;

  /** Events that will happen, those cancelled left out. */
  get size(): number {
    return this.#liveCount;
  }

  /** Queues `run` for `atMs`. */
  push(atMs: number, run: () => void, isVisible: boolean): QueuedEvent {
    const sequence = this.#nextSequence++;
    const event = { queuedAtMs: atMs, dueAtMs: atMs, sequence, isCancelled: false, isVisible, run };
    this.#liveCount++;
    this.#insert(event);
    return event;
  }

  /** The event happens no more. Harmless when it has happened already. */
  cancel(event: QueuedEvent): void {
    if (event.isCancelled) return;
    event.isCancelled = true;
    this.#liveCount--;
  }

  /** The instant of the next event, `Infinity` if there is none. */
  get nextAtMs(): number {
    this.#settleTop();
    return this.#heap[0]?.dueAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** Takes the next event out. It counts as cancelled from here on: it cannot happen twice. */
  shift(): QueuedEvent | undefined {
    this.#settleTop();
    const event = this.#removeTop();
    if (event !== undefined) this.cancel(event);
    return event;
  }

  /** Drops cancelled events from the top and puts moved ones where they belong. */
  #settleTop(): void {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (!top.isCancelled && top.dueAtMs === top.queuedAtMs) return;
      this.#removeTop();
      if (top.isCancelled) continue;
      top.queuedAtMs = top.dueAtMs;
      top.sequence = this.#nextSequence++;
      this.#insert(top);
    }
  }

  #insert(event: QueuedEvent): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex]!;
      if (!isBefore(event, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = event;
  }

  #removeTop(): QueuedEvent | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || last === top) return top;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= heap.length) break;
      const sibling = heap[childIndex + 1];
      if (sibling !== undefined && isBefore(sibling, heap[childIndex]!)) childIndex++;
      const child = heap[childIndex]!;
      if (!isBefore(child, last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
    return top;
  }
}

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.queuedAtMs < b.queuedAtMs || (a.queuedAtMs === b.queuedAtMs && a.sequence < b.sequence);
}
