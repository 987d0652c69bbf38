/** Time, handed in, so that a test can move it by hand. */
export interface Clock {
  /** Milliseconds since 1970 with fractions: comparable between processes of one machine. */
  epochMs(): number;
  /** Calls `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

/** The real one, of Node and of browsers. */
export const SYSTEM_CLOCK: Clock = {
  epochMs: () => performance.timeOrigin + performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
