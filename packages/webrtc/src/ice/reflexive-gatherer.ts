import { toHex } from "../base/bytes.ts";
import type { Datagram, SocketId, TransportAddress } from "../base/datagram.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import { isUnicastAddress } from "../base/ip-address.ts";
import { Queue } from "../base/queue.ts";
import type { Random } from "../base/random.ts";
import { Retransmission, RFC8489_TIMINGS } from "../stun/retransmission.ts";
import { encodeStunMessage } from "../stun/stun-encoder.ts";
import { BINDING_METHOD, TRANSACTION_ID_BYTES } from "../stun/stun-header.ts";
import type { ReceivedStunMessage } from "../stun/stun-message.ts";
import type { IceServer, IceTimings } from "./ice-options.ts";

/** One socket that asks one server where it is seen from outside. */
export type ReflexiveQuestion = {
  readonly socketId: SocketId;
  readonly server: IceServer;
  /** The server's position in the configuration. */
  readonly serverIndex: number;
  /** Where the server's name led to. */
  readonly serverAddress: TransportAddress;
};

/** What came of a question. */
export type ReflexiveOutcome =
  | {
      readonly kind: "mapped";
      readonly question: ReflexiveQuestion;
      readonly mapped: TransportAddress;
    }
  | {
      readonly kind: "failed";
      readonly question: ReflexiveQuestion;
      /** The server's, or 701. */
      readonly errorCode: number;
      readonly errorText: string;
    };

/** W3C `icecandidateerror`: the server could not be reached. */
export const UNREACHABLE_ERROR_CODE = 701;

type Transaction = {
  readonly question: ReflexiveQuestion;
  readonly bytes: Uint8Array;
  readonly retransmission: Retransmission;
};

/**
 * Finds server-reflexive addresses (RFC 8445 §5.1.1.2): all questions in parallel, new ones Ta apart,
 * and keeps the mappings that were found open (§5.1.1.4). A silent server delays nobody.
 */
export class ReflexiveGatherer {
  readonly #random: Random;
  readonly #timings: IceTimings;
  readonly #waiting = new Queue<ReflexiveQuestion>();
  readonly #transactions = new Map<string, Transaction>();
  readonly #transmits = new Queue<Datagram>();
  readonly #outcomes = new Queue<ReflexiveOutcome>();
  #mappings: ReflexiveQuestion[] = [];
  #nextStartAtMs = Number.NEGATIVE_INFINITY;
  #keepaliveAtMs = NEVER_AT_MS;

  constructor(random: Random, timings: IceTimings) {
    this.#random = random;
    this.#timings = timings;
  }

  /** No question is open. */
  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#transactions.size === 0;
  }

  get nextTimeoutAtMs(): number {
    let nextAtMs = this.#keepaliveAtMs;
    if (this.#waiting.size > 0) nextAtMs = Math.min(nextAtMs, this.#nextStartAtMs);
    for (const { retransmission } of this.#transactions.values()) {
      nextAtMs = Math.min(nextAtMs, retransmission.nextTimeoutAtMs);
    }
    return nextAtMs;
  }

  ask(question: ReflexiveQuestion, nowMs: number): void {
    this.#waiting.push(question);
    this.#startNext(nowMs);
  }

  /** True if the message answers a question of ours. */
  handleResponse(message: ReceivedStunMessage, datagram: Datagram, nowMs: number): boolean {
    const id = toHex(message.transactionId);
    const transaction = this.#transactions.get(id);
    if (transaction === undefined || !isFromServer(transaction.question, datagram)) return false;
    this.#transactions.delete(id);
    const { question } = transaction;
    const { xorMappedAddress, mappedAddress, errorCode } = message.attributes;
    const mapped = xorMappedAddress ?? mappedAddress;
    if (message.class === "error") {
      const { code, reason } = errorCode ?? { code: 500, reason: "error of no number" };
      this.#fail(question, code, withoutControls(reason));
    } else if (mapped === undefined || !isUnicastAddress(mapped.address) || mapped.port === 0) {
      this.#fail(question, UNREACHABLE_ERROR_CODE, "STUN server gave no usable address");
    } else {
      this.#outcomes.push({ kind: "mapped", question, mapped });
      this.#mappings.push(question);
      this.#keepaliveAtMs = Math.min(
        this.#keepaliveAtMs,
        nowMs + this.#timings.reflexiveKeepaliveMs,
      );
    }
    return true;
  }

  handleTimeout(nowMs: number): void {
    this.#startNext(nowMs);
    for (const [id, transaction] of this.#transactions) this.#proceed(id, transaction, nowMs);
    if (nowMs >= this.#keepaliveAtMs) this.#keepAlive(nowMs);
  }

  /** Ends every open question; each is reported as unreachable. */
  giveUp(): void {
    const open = [...this.#transactions.values()].map(({ question }) => question);
    this.#transactions.clear();
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) open.push(next);
    for (const question of open) this.#failUnanswered(question);
  }

  /** ICE is done, so the mappings are held open by its own checks or not needed any more. */
  stopKeepalives(): void {
    this.#mappings = [];
    this.#keepaliveAtMs = NEVER_AT_MS;
  }

  /** The socket is gone, and all that was asked through it. */
  forgetSocket(socketId: SocketId): void {
    for (const [id, { question }] of this.#transactions) {
      if (question.socketId === socketId) this.#transactions.delete(id);
    }
    const waiting: ReflexiveQuestion[] = [];
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) waiting.push(next);
    for (const next of waiting) if (next.socketId !== socketId) this.#waiting.push(next);
    this.#mappings = this.#mappings.filter((question) => question.socketId !== socketId);
    if (this.#mappings.length === 0) this.stopKeepalives();
  }

  close(): void {
    this.#waiting.clear();
    this.#transactions.clear();
    this.#transmits.clear();
    this.#outcomes.clear();
    this.stopKeepalives();
  }

  pollTransmit(): Datagram | undefined {
    return this.#transmits.shift();
  }

  pollOutcome(): ReflexiveOutcome | undefined {
    return this.#outcomes.shift();
  }

  #startNext(nowMs: number): void {
    if (nowMs < this.#nextStartAtMs) return;
    const question = this.#waiting.shift();
    if (question === undefined) return;
    this.#nextStartAtMs = nowMs + this.#timings.taMs;
    const idBytes = this.#random.bytes(TRANSACTION_ID_BYTES);
    const transaction = {
      question,
      bytes: encodeQuestion(idBytes),
      retransmission: new Retransmission(RFC8489_TIMINGS, nowMs),
    };
    const id = toHex(idBytes);
    this.#transactions.set(id, transaction);
    this.#proceed(id, transaction, nowMs);
  }

  #proceed(id: string, { question, bytes, retransmission }: Transaction, nowMs: number): void {
    const action = retransmission.handleTimeout(nowMs);
    if (action === "send") {
      this.#transmits.push(datagramToServer(question, bytes));
    } else if (action === "timedOut") {
      this.#transactions.delete(id);
      this.#failUnanswered(question);
    }
  }

  #keepAlive(nowMs: number): void {
    for (const question of this.#mappings) {
      const idBytes = this.#random.bytes(TRANSACTION_ID_BYTES);
      this.#transmits.push(datagramToServer(question, encodeQuestion(idBytes)));
    }
    this.#keepaliveAtMs = nowMs + this.#timings.reflexiveKeepaliveMs;
  }

  #failUnanswered(question: ReflexiveQuestion): void {
    this.#fail(question, UNREACHABLE_ERROR_CODE, "STUN server did not answer");
  }

  #fail(question: ReflexiveQuestion, errorCode: number, errorText: string): void {
    this.#outcomes.push({ kind: "failed", question, errorCode, errorText });
  }
}

/** Anybody on the path can write it, and it ends up in logs and on terminals. */
function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "\u{fffd}");
}

function encodeQuestion(transactionId: Uint8Array): Uint8Array {
  return encodeStunMessage(
    { class: "request", method: BINDING_METHOD, transactionId, attributes: {} },
    { hasFingerprint: true },
  );
}

function datagramToServer(question: ReflexiveQuestion, bytes: Uint8Array): Datagram {
  const { address, port } = question.serverAddress;
  return { socketId: question.socketId, remoteAddress: address, remotePort: port, bytes };
}

function isFromServer(question: ReflexiveQuestion, datagram: Datagram): boolean {
  return (
    question.socketId === datagram.socketId &&
    question.serverAddress.port === datagram.remotePort &&
    question.serverAddress.address === datagram.remoteAddress
  );
}
