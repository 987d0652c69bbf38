/** An instant that is never reached: "no timer is running". */
export const NEVER_AT_MS = Number.POSITIVE_INFINITY;

/**
 * A protocol state machine that touches no socket, no clock and no global random source.
 *
 * It has four kinds of methods: getters, `handle…` (the world tells it something), commands (the
 * owner wants something) and `poll…` (it is asked what is to be done). After every `handle…` call or
 * command, drain `pollTransmit` and `pollEvent` until both return `undefined`. Only then is
 * `nextTimeoutAtMs` meaningful.
 */
export interface Endpoint<Outgoing, Event> {
  /** Tells that `nowMs` has come; calling too early is harmless. */
  handleTimeout(nowMs: number): void;
  /** The next thing to send, or `undefined` when there is none for now. */
  pollTransmit(): Outgoing | undefined;
  /** The next thing that the owner should know, or `undefined` when there is none for now. */
  pollEvent(): Event | undefined;
  /** When to call `handleTimeout` at the latest, on the monotonic clock; {@link NEVER_AT_MS} if never. */
  readonly nextTimeoutAtMs: number;
}
