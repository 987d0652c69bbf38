import { createHmac, timingSafeEqual } from "node:crypto";
import { UsageError } from "../../src/base/errors.ts";
import { SeededRandom } from "../../src/base/random.ts";
import type { CryptoPort } from "../../src/crypto/crypto-port.ts";
import { SctpAssociation } from "../../src/sctp/association.ts";
import type { AssociationOptions } from "../../src/sctp/association-options.ts";
import type { SctpEvent } from "../../src/sctp/sctp-events.ts";

function notForSctp(): never {
  throw new UsageError("ERR_UNSUPPORTED", "SCTP needs randomness and HMAC only");
}

/** The part of a crypto port that SCTP uses, repeatable from a seed. */
export function sctpTestCrypto(seed: number): CryptoPort {
  return {
    random: new SeededRandom(seed),
    hmac(name, key, parts) {
      const hmac = createHmac(name.replace("-", ""), key);
      for (const part of parts) hmac.update(part);
      return hmac.digest();
    },
    equalInConstantTime: (a, b) => a.byteLength === b.byteLength && timingSafeEqual(a, b),
    hash: notForSctp,
    runningHash: notForSctp,
    aead: notForSctp,
    keyAgreement: notForSctp,
    publicKeyOf: notForSctp,
  };
}

/** How one direction of a wire treats packets. Probabilities are per packet. */
export type WireOptions = {
  readonly delayMs: number;
  /** Added to the delay, uniformly from 0: packets overtake each other. */
  readonly jitterMs: number;
  readonly loss: number;
  /** Chance that a loss swallows the following packets too, each time. */
  readonly burstiness: number;
  readonly duplication: number;
  /** Packets larger than that vanish. */
  readonly mtuBytes: number;
};

/** A wire that delivers everything at once. */
export const PERFECT_WIRE: WireOptions = {
  delayMs: 0,
  jitterMs: 0,
  loss: 0,
  burstiness: 0,
  duplication: 0,
  mtuBytes: 65_535,
};

type InTransit = { readonly atMs: number; readonly order: number; readonly bytes: Uint8Array };

/** A burst of losses is over when the wire was silent for so long. */
const MAX_BURST_GAP_MS = 100;

class Wire {
  readonly #options: WireOptions;
  readonly #random: SeededRandom;
  readonly #packets: InTransit[] = [];
  #order = 0;
  #burstUntilMs = 0;

  constructor(options: WireOptions, random: SeededRandom) {
    this.#options = options;
    this.#random = random;
  }

  get nextAtMs(): number {
    return this.#packets[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  put(bytes: Uint8Array, nowMs: number): void {
    const { loss, burstiness, duplication, mtuBytes } = this.#options;
    const isLost = this.#random.fraction() < (nowMs < this.#burstUntilMs ? burstiness : loss);
    this.#burstUntilMs = isLost && burstiness > 0 ? nowMs + MAX_BURST_GAP_MS : 0;
    if (isLost || bytes.byteLength > mtuBytes) return;
    this.#insert(bytes.slice(), nowMs);
    if (this.#random.fraction() < duplication) this.#insert(bytes.slice(), nowMs);
  }

  take(nowMs: number): Uint8Array | undefined {
    return this.nextAtMs <= nowMs ? this.#packets.shift()!.bytes : undefined;
  }

  #insert(bytes: Uint8Array, nowMs: number): void {
    const { delayMs, jitterMs } = this.#options;
    const atMs = nowMs + delayMs + jitterMs * this.#random.fraction();
    let index = this.#packets.length;
    while (index > 0 && this.#packets[index - 1]!.atMs > atMs) index--;
    this.#packets.splice(index, 0, { atMs, order: this.#order++, bytes });
  }
}

/** One end of a pair. */
export type PairEnd = {
  readonly association: SctpAssociation;
  /** Everything that was polled so far, in order. */
  readonly events: SctpEvent[];
  /** Every packet that was sent, if `keepsPackets` was asked for. */
  readonly sentPackets: Uint8Array[];
};

/** For wires that lose so much that by chance a live peer could be taken for dead. */
export const PATIENT: Partial<AssociationOptions> = {
  maxRetransmits: 100,
  maxInitRetransmits: 100,
  maxRtoMs: 4_000,
};

/** What a pair is made of. */
export type PairOptions = {
  readonly seed?: number;
  readonly wire?: Partial<WireOptions>;
  readonly a?: Partial<AssociationOptions>;
  readonly b?: Partial<AssociationOptions>;
  readonly keepsPackets?: boolean;
  /** Sees each packet before the wire does; false drops it. */
  readonly filter?: (from: "a" | "b", packet: Uint8Array, nowMs: number) => boolean;
};

/** Two associations over two wires, stepped through virtual time. The same seed gives the same run. */
export class SctpPair {
  readonly a: PairEnd;
  readonly b: PairEnd;
  nowMs = 1_000;
  readonly #options: PairOptions;
  readonly #toA: Wire;
  readonly #toB: Wire;

  constructor(options: PairOptions = {}) {
    const seed = options.seed ?? 1;
    const wire = { ...PERFECT_WIRE, ...options.wire };
    this.#options = options;
    this.#toA = new Wire(wire, new SeededRandom(seed * 4 + 2));
    this.#toB = new Wire(wire, new SeededRandom(seed * 4 + 3));
    this.a = createEnd(options.a, seed * 4);
    this.b = createEnd(options.b, seed * 4 + 1);
  }

  /** Both ends call `connect`, and time runs until both are established. */
  connect(): this {
    this.a.association.connect(this.nowMs);
    this.b.association.connect(this.nowMs);
    this.runUntil(() => this.#areBoth("established"), 600_000);
    return this;
  }

  /** Passes `durationMs`; then everything that was due has happened. */
  run(durationMs: number): void {
    this.runUntil(() => false, durationMs);
  }

  /** Runs until `isDone`, at most `limitMs`; true if it was done. */
  runUntil(isDone: () => boolean, limitMs: number): boolean {
    const endAtMs = this.nowMs + limitMs;
    this.drain();
    while (!isDone()) {
      const nextAtMs = this.#nextAtMs();
      if (nextAtMs > endAtMs) {
        this.nowMs = endAtMs;
        return false;
      }
      this.nowMs = Math.max(this.nowMs, nextAtMs);
      this.#step();
    }
    return true;
  }

  /** Sends what is to be sent and collects the events, at this instant. */
  drain(): void {
    this.#drainEnd("a", this.a, this.#toB);
    this.#drainEnd("b", this.b, this.#toA);
  }

  #step(): void {
    this.#deliver(this.#toA, this.a);
    this.#deliver(this.#toB, this.b);
    for (const { association } of [this.a, this.b]) {
      if (association.nextTimeoutAtMs <= this.nowMs) association.handleTimeout(this.nowMs);
    }
    this.drain();
  }

  #deliver(wire: Wire, end: PairEnd): void {
    const bytes = wire.take(this.nowMs);
    if (bytes) end.association.handlePacket(bytes, this.nowMs);
  }

  #nextAtMs(): number {
    return Math.min(
      this.#toA.nextAtMs,
      this.#toB.nextAtMs,
      this.a.association.nextTimeoutAtMs,
      this.b.association.nextTimeoutAtMs,
    );
  }

  #drainEnd(name: "a" | "b", end: PairEnd, wire: Wire): void {
    for (let packet = end.association.pollTransmit(); packet;) {
      if (this.#options.keepsPackets) end.sentPackets.push(packet.slice());
      if (this.#options.filter?.(name, packet, this.nowMs) ?? true) wire.put(packet, this.nowMs);
      packet = end.association.pollTransmit();
    }
    for (let event = end.association.pollEvent(); event; event = end.association.pollEvent()) {
      end.events.push(event);
    }
  }

  #areBoth(state: string): boolean {
    return this.a.association.state === state && this.b.association.state === state;
  }
}

function createEnd(options: Partial<AssociationOptions> | undefined, seed: number): PairEnd {
  return {
    association: new SctpAssociation(options ?? {}, sctpTestCrypto(seed)),
    events: [],
    sentPackets: [],
  };
}

/** A reliable, ordered message, unless `overrides` say otherwise. */
export function testMessage(
  streamId: number,
  payload: Uint8Array,
  overrides: { isUnordered?: boolean; maxRetransmits?: number; lifetimeMs?: number } = {},
) {
  return { streamId, ppid: 53, payload, isUnordered: false, ...overrides };
}

/** `byteCount` bytes that depend on `label`, so that mixed-up messages are noticed. */
export function testPayload(byteCount: number, label: number): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(byteCount);
  let state = (label * 2_654_435_761) >>> 0;
  for (let index = 0; index < byteCount; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    payload[index] = state >>> 24;
  }
  return payload;
}

/** The messages among `events`. */
export function messagesOf(events: readonly SctpEvent[]) {
  return events.filter((event) => event.kind === "message");
}
