import type { LinkDropReason } from "./virtual-link.ts";
import { formatFlow } from "./virtual-packet.ts";
import type { VirtualPacket } from "./virtual-packet.ts";

/** Why a packet did not reach a socket. */
export type DropReason =
  | LinkDropReason
  /** No station with that address, or no way to it from this interface. */
  | "noRoute"
  /** The host is there, the port is not bound. */
  | "portClosed"
  /** Taken out by an interceptor of the test. */
  | "intercepted"
  /** The NAT has no mapping for that external address and port (any more). */
  | "natNoMapping"
  /** RFC 4787 §5: the NAT's filter knows no outgoing packet that this would answer. */
  | "natFiltered"
  /** RFC 4787 §6: the NAT does not turn packets back inside. */
  | "natNoHairpin"
  /** Every external port is taken. */
  | "natExhausted";

/** One line of the trace. */
export type TraceEntry = {
  readonly atMs: number;
  readonly kind: "sent" | "delivered" | DropReason;
  /** The host, NAT or network where it happened. */
  readonly where: string;
  readonly packet: VirtualPacket;
};

/** How often what happened. */
export type TraceCounters = {
  readonly sent: number;
  readonly delivered: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
};

const KEPT_ENTRIES = 64;
const HASH_SEED_A = 0x811c_9dc5;
const HASH_SEED_B = 0x9747_b28c;
const FNV_PRIME = 0x0100_0193;
const MURMUR_PRIME = 0x5bd1_e995;

/**
 * What happened on all networks of a world: counted, the last few entries kept for error messages,
 * and everything folded into a hash by which two runs are compared.
 */
export class PacketTrace {
  readonly #hashesContent: boolean;
  readonly #onEntry: ((entry: TraceEntry) => void) | undefined;
  readonly #recent: TraceEntry[] = [];
  readonly #dropped: Partial<Record<DropReason, number>> = {};
  readonly #instant = new Float64Array(1);
  readonly #instantWords = new Uint32Array(this.#instant.buffer);
  #entryCount = 0;
  #sent = 0;
  #delivered = 0;
  #hashA = HASH_SEED_A;
  #hashB = HASH_SEED_B;

  constructor(hashesContent: boolean, onEntry?: (entry: TraceEntry) => void) {
    this.#hashesContent = hashesContent;
    this.#onEntry = onEntry;
  }

  get counters(): TraceCounters {
    return { sent: this.#sent, delivered: this.#delivered, dropped: { ...this.#dropped } };
  }

  /** Equal for two runs in which the same packets met the same fate at the same instants. */
  get hash(): string {
    return toHex32(this.#hashA) + toHex32(this.#hashB);
  }

  /** The last entries, oldest first. */
  get recent(): readonly TraceEntry[] {
    const oldest = this.#entryCount % KEPT_ENTRIES;
    if (this.#entryCount <= KEPT_ENTRIES) return [...this.#recent];
    return [...this.#recent.slice(oldest), ...this.#recent.slice(0, oldest)];
  }

  /** The last `count` entries as lines for people. */
  describe(count: number): string {
    return this.recent.slice(-count).map(formatEntry).join("\n");
  }

  /** Takes down one thing that happened to `packet` at `where`. */
  record(atMs: number, kind: TraceEntry["kind"], where: string, packet: VirtualPacket): void {
    this.#count(kind);
    const entry = { atMs, kind, where, packet };
    this.#recent[this.#entryCount++ % KEPT_ENTRIES] = entry;
    this.#mixEntry(entry);
    this.#onEntry?.(entry);
  }

  #count(kind: TraceEntry["kind"]): void {
    if (kind === "sent") this.#sent++;
    else if (kind === "delivered") this.#delivered++;
    else this.#dropped[kind] = (this.#dropped[kind] ?? 0) + 1;
  }

  #mixEntry({ atMs, kind, where, packet }: TraceEntry): void {
    this.#instant[0] = atMs;
    this.#mix(this.#instantWords[0]!);
    this.#mix(this.#instantWords[1]!);
    this.#mixText(kind);
    this.#mixText(where);
    this.#mixText(packet.sourceAddress);
    this.#mixText(packet.destinationAddress);
    this.#mix((packet.sourcePort << 16) | packet.destinationPort);
    if (!this.#hashesContent) return;
    this.#mix(packet.bytes.byteLength);
    for (const byte of packet.bytes) this.#mix(byte);
  }

  #mixText(text: string): void {
    for (let index = 0; index < text.length; index++) this.#mix(text.charCodeAt(index));
  }

  #mix(word: number): void {
    this.#hashA = Math.imul(this.#hashA ^ word, FNV_PRIME);
    this.#hashB = Math.imul(this.#hashB ^ (word + (this.#hashA >>> 15)), MURMUR_PRIME);
  }
}

/** `12.500 ms delivered at alice: 192.0.2.1:5000 > 192.0.2.2:5000, 48 bytes`. */
export function formatEntry({ atMs, kind, where, packet }: TraceEntry): string {
  const size = `${packet.bytes.byteLength} bytes`;
  return `${atMs.toFixed(3)} ms ${kind} at ${where}: ${formatFlow(packet)}, ${size}`;
}

function toHex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
