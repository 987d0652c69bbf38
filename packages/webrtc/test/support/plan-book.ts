import type { LocalCertificate } from "../../src/crypto/certificate.ts";
import type { IceCandidate } from "../../src/ice/index.ts";
import type {
  IceCredentials,
  SessionPlan,
  TransportPlan,
} from "../../src/negotiation/session-plan.ts";
import { toCandidateAttribute } from "../../src/session/candidate-attribute.ts";

/** One of the two peers of a {@link PlanBook}. */
export type PlannedEnd = {
  readonly certificate: LocalCertificate;
  /** Of all generations, as they were reported. */
  readonly candidates: readonly IceCandidate[];
  applyPlan(plan: SessionPlan): void;
};

/** `a` is the controlling side and the DTLS server. */
export type Side = "a" | "b";

type Entry = {
  hasSctp: boolean;
  readonly local: Record<Side, IceCredentials>;
  /** What each side knows of the other. */
  readonly known: Record<Side, IceCredentials | undefined>;
};

/** Both ways. */
export const SIDES: readonly Side[] = ["a", "b"];

/** The other one. */
export function otherSide(side: Side): Side {
  return side === "a" ? "b" : "a";
}

/**
 * Keeps what two descriptions would say, without any SDP: a test says who has which credentials and
 * who knows of them, and applies the plans that follow. Candidates trickle by {@link trickle}.
 */
export class PlanBook {
  /** The side whose description says `a=ice-lite`. */
  liteSide: Side | undefined;
  readonly #ends: Record<Side, PlannedEnd>;
  readonly #entries = new Map<string, Entry>();
  #drawn = 0;

  constructor(a: PlannedEnd, b: PlannedEnd) {
    this.#ends = { a, b };
  }

  /** A transport that nobody has told the other of. */
  add(id: string, hasSctp: boolean): this {
    const local = { a: this.#draw(), b: this.#draw() };
    this.#entries.set(id, { hasSctp, local, known: { a: undefined, b: undefined } });
    return this;
  }

  remove(id: string): this {
    this.#entries.delete(id);
    return this;
  }

  /** The data section comes to this transport, or leaves it. */
  setSctp(id: string, hasSctp: boolean): this {
    this.#entryOf(id).hasSctp = hasSctp;
    return this;
  }

  /** The side restarts ICE: new credentials, of which the other side does not know. Returns the old ones. */
  renew(id: string, side: Side): IceCredentials {
    const { local } = this.#entryOf(id);
    const before = local[side];
    local[side] = this.#draw();
    return before;
  }

  /** A rollback: the side has these credentials again. */
  restore(id: string, side: Side, credentials: IceCredentials): void {
    this.#entryOf(id).local[side] = credentials;
  }

  localOf(id: string, side: Side): IceCredentials {
    return this.#entryOf(id).local[side];
  }

  /** The other side gets to know the side's description. */
  tell(side: Side): void {
    for (const { local, known } of this.#entries.values()) known[otherSide(side)] = local[side];
  }

  apply(side: Side): void {
    this.#ends[side].applyPlan(this.planOf(side));
  }

  /** Both know each other from here on. */
  agree(): void {
    for (const side of SIDES) this.tell(side);
    for (const side of SIDES) this.apply(side);
  }

  /** An offer of new credentials by `offerer`, and the answer with new ones to it; candidates follow. */
  restart(id: string, offerer: Side): void {
    this.renew(id, offerer);
    this.apply(offerer);
    this.renew(id, otherSide(offerer));
    this.agree();
  }

  /** The side has a new candidate: the other one learns of it, if it knows of that generation. */
  trickle(side: Side): void {
    const knows = [...this.#entries.values()].some(
      ({ known }) => known[otherSide(side)] !== undefined,
    );
    if (knows) this.apply(otherSide(side));
  }

  planOf(side: Side): SessionPlan {
    return {
      transports: [...this.#entries].map(([id, entry]) => this.#transportPlan(id, entry, side)),
    };
  }

  #transportPlan(transportId: string, entry: Entry, side: Side): TransportPlan {
    const base = {
      transportId,
      localIce: entry.local[side],
      iceRole: side === "a" ? ("controlling" as const) : ("controlled" as const),
    };
    const known = entry.known[side];
    if (known === undefined) return base;
    const peer = this.#ends[otherSide(side)];
    const candidates = peer.candidates
      .filter(({ ufrag }) => ufrag === known.ufrag)
      .map(toCandidateAttribute);
    const [{ algorithm, value }] = peer.certificate.fingerprints as [
      (typeof peer.certificate.fingerprints)[number],
    ];
    return {
      ...base,
      remote: {
        ice: { ...known, isLite: this.liteSide === otherSide(side) },
        candidates,
        hasAllCandidates: false,
      },
      dtls: {
        role: side === "a" ? "server" : "client",
        remoteFingerprints: [{ algorithm, value }],
      },
      ...(entry.hasSctp
        ? { sctp: { localPort: 5000, remotePort: 5000, maxSendMessageBytes: 262_144 } }
        : {}),
    };
  }

  #entryOf(id: string): Entry {
    return this.#entries.get(id)!;
  }

  #draw(): IceCredentials {
    const number = String(++this.#drawn).padStart(4, "0");
    return { ufrag: `uf${number}`, password: `passwordOfTwentyTwo${number}` };
  }
}
