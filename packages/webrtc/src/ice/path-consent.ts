import { fromHex } from "../base/bytes.ts";
import type { Datagram } from "../base/datagram.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { ReceivedStunMessage } from "../stun/stun-message.ts";
import { checkIntegrity } from "../stun/stun-message.ts";
import type { AgentContext } from "./agent-context.ts";
import { encodeCheck } from "./binding-messages.ts";
import type { CandidatePair } from "./candidate-pair.ts";
import { datagramTo } from "./connectivity-checks.ts";
import type { ConsentEvent } from "./consent-monitor.ts";
import { ConsentMonitor } from "./consent-monitor.ts";

/** Joins the {@link ConsentMonitor} with the pair that is in use: builds its checks, judges answers. */
export class PathConsent {
  readonly #context: AgentContext;
  #watched: { readonly pair: CandidatePair; readonly monitor: ConsentMonitor } | undefined;
  #confirmedAtMs = 0;

  constructor(context: AgentContext) {
    this.#context = context;
  }

  get isMissing(): boolean {
    return this.#watched?.monitor.isMissing ?? false;
  }

  get nextTimeoutAtMs(): number {
    return this.#watched?.monitor.nextTimeoutAtMs ?? NEVER_AT_MS;
  }

  /** `pair` has just become the selected one; `undefined`: there is none. */
  watch(pair: CandidatePair | undefined, nowMs: number): void {
    if (pair === undefined) return this.stop();
    const { crypto, timings } = this.#context;
    // A pair that worked long ago is asked at once, and gets the time to answer.
    const graceAtMs = nowMs - timings.consentLifetimeMs + timings.consentPatienceMs;
    const confirmedAtMs = Math.max(pair.succeededAtMs, graceAtMs);
    const monitor = new ConsentMonitor(crypto.random, timings, confirmedAtMs);
    this.#watched = { pair, monitor };
    this.#confirmedAtMs = pair.succeededAtMs;
    monitor.handleTimeout(nowMs);
  }

  /** No pair is in use any more. */
  stop(): void {
    this.#watched = undefined;
  }

  /** A connectivity check on the watched pair proves as much. True if it was news. */
  confirmBy(selected: CandidatePair | undefined, nowMs: number): boolean {
    if (selected === undefined || selected !== this.#watched?.pair) return false;
    if (selected.succeededAtMs <= this.#confirmedAtMs) return false;
    this.#confirmedAtMs = selected.succeededAtMs;
    this.#watched.monitor.confirm(nowMs);
    return true;
  }

  /** The peer itself was heard on the watched pair: if it was missing, it is asked soon. */
  hasten(nowMs: number): void {
    this.#watched?.monitor.hasten(nowMs);
    this.#watched?.monitor.handleTimeout(nowMs);
  }

  /** There is reason to doubt the watched pair: asks at once whether it still works. */
  probe(nowMs: number): void {
    this.#watched?.monitor.probe(nowMs);
    this.#watched?.monitor.handleTimeout(nowMs);
  }

  /** True if the message answers a consent check. */
  handleResponse(
    transactionId: string,
    message: ReceivedStunMessage,
    datagram: Datagram,
    nowMs: number,
  ): boolean {
    const watched = this.#watched;
    const key = this.#context.remoteKey;
    if (watched === undefined || key === undefined || message.class !== "success") return false;
    const { pair, monitor } = watched;
    const { socketId, remoteAddress, remotePort } = datagram;
    if (!pair.isPath(socketId, remoteAddress, remotePort)) return false;
    if (checkIntegrity(message, key, this.#context.crypto) !== "valid") return false;
    const roundTripTimeMs = monitor.handleResponse(transactionId, nowMs);
    if (roundTripTimeMs === undefined) return false;
    pair.countRoundTrip(roundTripTimeMs);
    return true;
  }

  handleTimeout(nowMs: number): void {
    this.#watched?.monitor.handleTimeout(nowMs);
  }

  pollTransmit(): Datagram | undefined {
    const transactionId = this.#watched?.monitor.pollTransmit();
    if (this.#watched === undefined || transactionId === undefined) return undefined;
    const { pair } = this.#watched;
    pair.counters.requestsSent++;
    pair.counters.consentRequestsSent++;
    // If our NAT has moved us, the check reaches the peer from a new address, where nothing is
    // nominated: saying again that this is the pair in use lets a controlled peer follow.
    const isNominating = pair.isNominated && this.#context.role === "controlling";
    const bytes = encodeCheck(this.#context, pair.local, fromHex(transactionId), isNominating);
    return datagramTo(pair, bytes);
  }

  pollEvent(): ConsentEvent | undefined {
    return this.#watched?.monitor.pollEvent();
  }
}
