import { toHex } from "../base/bytes.ts";
import type { Datagram, TransportAddress } from "../base/datagram.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { Queue } from "../base/queue.ts";
import type { ReceivedStunMessage } from "../stun/stun-message.ts";
import { checkIntegrity } from "../stun/stun-message.ts";
import { Retransmission } from "../stun/retransmission.ts";
import { TRANSACTION_ID_BYTES } from "../stun/stun-header.ts";
import type { AgentContext } from "./agent-context.ts";
import { encodeCheck } from "./binding-messages.ts";
import { NO_ANSWER } from "./candidate-pair.ts";
import type { CandidatePair } from "./candidate-pair.ts";
import type { IceRole } from "./ice-options.ts";
import { addressText } from "./ice-candidate.ts";

/** How a check ended. */
export type CheckOutcome =
  | {
      readonly kind: "succeeded";
      readonly pair: CandidatePair;
      /** Where the peer sees us. */
      readonly mapped: TransportAddress;
      readonly roundTripTimeMs: number;
      readonly wasNominating: boolean;
    }
  | { readonly kind: "roleConflict"; readonly pair: CandidatePair; readonly roleThen: IceRole }
  | { readonly kind: "failed"; readonly pair: CandidatePair; readonly problem: string };

type Check = {
  readonly pair: CandidatePair;
  readonly transactionId: string;
  readonly bytes: Uint8Array;
  readonly role: IceRole;
  readonly isNominating: boolean;
  readonly retransmission: Retransmission;
  sentAtMs: number;
  /** Replaced by a newer check: its answer is welcome, its silence means nothing. */
  isCancelled: boolean;
  /** An answer came from another address than asked. */
  isMisanswered: boolean;
};

/** Outstanding checks of one pair; the oldest is forgotten when there are more. */
const MAX_CHECKS_PER_PAIR = 4;

/**
 * The connectivity checks that are under way (RFC 8445 §7.2): sends, repeats, recognises the answers.
 * What an answer means for the pairs is decided elsewhere.
 */
export class ConnectivityChecks {
  readonly #context: AgentContext;
  readonly #checks = new Map<string, Check>();
  readonly #transmits = new Queue<Datagram>();
  readonly #outcomes = new Queue<CheckOutcome>();
  #asymmetricAnswers = 0;

  constructor(context: AgentContext) {
    this.#context = context;
  }

  /** Signed answers that came from another address than asked. */
  get asymmetricAnswers(): number {
    return this.#asymmetricAnswers;
  }

  get nextTimeoutAtMs(): number {
    let nextAtMs = NEVER_AT_MS;
    for (const { retransmission } of this.#checks.values()) {
      nextAtMs = Math.min(nextAtMs, retransmission.nextTimeoutAtMs);
    }
    return nextAtMs;
  }

  /**
   * Sends a check now. One that is under way for the pair is not repeated any more
   * (RFC 8445 §7.3.1.4). `activeCount`: checks waiting or in progress, which stretch the
   * retransmission timeout (§14.3).
   */
  start(pair: CandidatePair, isNominating: boolean, activeCount: number, nowMs: number): void {
    const { timings, crypto, role } = this.#context;
    this.cancel(pair, nowMs);
    const idBytes = crypto.random.bytes(TRANSACTION_ID_BYTES);
    const stretchedMs = Math.max(timings.checkRtoMs, timings.taMs * activeCount);
    const retransmission = new Retransmission(
      {
        rtoMs: Math.min(stretchedMs, timings.checkMaxRtoMs),
        maxRtoMs: timings.checkMaxRtoMs,
        maxRequests: timings.checkMaxRequests,
        lastWaitMs: timings.checkLastWaitMs,
      },
      nowMs,
    );
    const check: Check = {
      pair,
      transactionId: toHex(idBytes),
      bytes: encodeCheck(this.#context, pair.local, idBytes, isNominating),
      role,
      isNominating,
      retransmission,
      sentAtMs: nowMs,
      isCancelled: false,
      isMisanswered: false,
    };
    this.#checks.set(check.transactionId, check);
    pair.startCheck();
    this.#proceed(check, nowMs);
  }

  /** One more check of the pair would take the place of one whose answer may still come. */
  isSaturated(pair: CandidatePair): boolean {
    return this.#checksOf(pair).length >= MAX_CHECKS_PER_PAIR;
  }

  /** Stops repeating, but keeps listening for answers. */
  cancel(pair: CandidatePair, nowMs: number): void {
    const ofPair = this.#checksOf(pair);
    for (const check of ofPair) {
      if (check.isCancelled) continue;
      check.isCancelled = true;
      check.retransmission.cancel(nowMs + this.#context.timings.checkLastWaitMs);
    }
    for (const check of ofPair.slice(0, Math.max(0, ofPair.length - MAX_CHECKS_PER_PAIR + 1))) {
      this.#checks.delete(check.transactionId);
    }
  }

  /** Checks of pairs that nobody waits for any more end (RFC 8445 §8.1.2). */
  cancelFrozen(nowMs: number): void {
    for (const { pair } of [...this.#checks.values()]) {
      if (pair.state === "frozen") this.cancel(pair, nowMs);
    }
  }

  /** Forgets everything about a pair that is gone. */
  forget(pair: CandidatePair): void {
    for (const check of this.#checks.values()) {
      if (check.pair === pair) this.#checks.delete(check.transactionId);
    }
  }

  clear(): void {
    this.#checks.clear();
    this.#transmits.clear();
    this.#outcomes.clear();
  }

  /** True if the message answers a check of ours. */
  handleResponse(message: ReceivedStunMessage, datagram: Datagram, nowMs: number): boolean {
    const check = this.#checks.get(toHex(message.transactionId));
    if (check === undefined) return false;
    const { pair } = check;
    if (this.#verdictOf(message) !== "valid") {
      // As if it had not come (RFC 8489 §9.1.4), but worth telling if nothing better does.
      const code = message.attributes.errorCode?.code;
      if (code !== undefined) pair.noteProblem(`peer refused with an unsigned error ${code}`);
      return true;
    }
    const { socketId, remoteAddress, remotePort } = datagram;
    if (!pair.isPath(socketId, remoteAddress, remotePort)) {
      this.#handleAsymmetricAnswer(check, addressText(remoteAddress, remotePort), nowMs);
      return true;
    }
    this.#checks.delete(check.transactionId);
    if (message.class === "error") {
      this.#handleError(check, message);
    } else {
      this.#handleSuccess(check, message, nowMs);
    }
    return true;
  }

  handleTimeout(nowMs: number): void {
    for (const check of this.#checks.values()) {
      if (check.retransmission.nextTimeoutAtMs <= nowMs) this.#proceed(check, nowMs);
    }
  }

  pollTransmit(): Datagram | undefined {
    return this.#transmits.shift();
  }

  pollOutcome(): CheckOutcome | undefined {
    return this.#outcomes.shift();
  }

  /**
   * RFC 8445 §7.2.5.2.1 fails the pair at once. Then whoever sees an answer pass by could end any check
   * by sending a copy ahead of it. So the true answer still counts, if it comes; but the check is not
   * repeated: two NATs that give each answer a port of its own would keep each other busy.
   */
  #handleAsymmetricAnswer(check: Check, from: string, nowMs: number): void {
    this.#asymmetricAnswers++;
    check.pair.noteProblem(`answer came from another address, ${from}`);
    if (check.isMisanswered || check.isCancelled) return;
    check.isMisanswered = true;
    check.retransmission.cancel(nowMs + this.#context.timings.checkLastWaitMs);
  }

  #checksOf(pair: CandidatePair): readonly Check[] {
    return [...this.#checks.values()].filter((check) => check.pair === pair);
  }

  #verdictOf(message: ReceivedStunMessage): "valid" | "invalid" | "absent" {
    const key = this.#context.remoteKey;
    return key === undefined ? "absent" : checkIntegrity(message, key, this.#context.crypto);
  }

  #handleSuccess(check: Check, message: ReceivedStunMessage, nowMs: number): void {
    const mapped = message.attributes.xorMappedAddress;
    if (mapped === undefined || message.unknownRequiredTypes.length > 0) {
      this.#fail(check, "peer sent an answer that cannot be understood"); // RFC 8489 §6.3.3
      return;
    }
    this.#outcomes.push({
      kind: "succeeded",
      pair: check.pair,
      mapped,
      roundTripTimeMs: nowMs - check.sentAtMs,
      wasNominating: check.isNominating,
    });
  }

  #handleError(check: Check, message: ReceivedStunMessage): void {
    const code = message.attributes.errorCode?.code;
    if (code === 487) {
      this.#outcomes.push({ kind: "roleConflict", pair: check.pair, roleThen: check.role });
    } else {
      this.#fail(check, `peer refused with error ${code ?? "of no number"}`);
    }
  }

  #proceed(check: Check, nowMs: number): void {
    switch (check.retransmission.handleTimeout(nowMs)) {
      case "send":
        check.sentAtMs = nowMs;
        if (check.retransmission.requestsSent === 1) check.pair.counters.requestsSent++;
        else check.pair.counters.retransmissionsSent++;
        this.#transmits.push(datagramTo(check.pair, check.bytes));
        return;
      case "timedOut":
        this.#checks.delete(check.transactionId);
        this.#fail(check, NO_ANSWER);
        return;
      case "wait":
        return;
    }
  }

  #fail(check: Check, problem: string): void {
    if (check.isCancelled) return;
    this.#outcomes.push({ kind: "failed", pair: check.pair, problem });
  }
}

/** `bytes` on their way along a pair. */
export function datagramTo(pair: CandidatePair, bytes: Uint8Array): Datagram {
  const { address, port } = pair.remote.candidate;
  return { socketId: pair.local.socketId, remoteAddress: address, remotePort: port, bytes };
}
