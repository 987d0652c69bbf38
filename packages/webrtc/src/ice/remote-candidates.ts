import { canonicalIpAddress, isUnicastAddress } from "../base/ip-address.ts";
import { MAX_PRIORITY } from "./candidate-priority.ts";
import type { IceCandidate } from "./ice-candidate.ts";
import type { IceLimits } from "./ice-options.ts";

/** Why a candidate of the peer is of no use here. */
export type UnusableReason =
  | "tcp" // ICE-TCP comes later.
  | "mdnsName" // Resolution of `.local` names comes later.
  | "notIpAddress"
  | "notUnicast"
  | "otherComponent"
  | "otherGeneration"
  | "overLimit"
  | "duplicate";

/** A candidate of the peer. Its address never changes; what else is known of it may. */
export class RemoteCandidate {
  #candidate: IceCandidate;
  #isLearned: boolean;

  constructor(candidate: IceCandidate, isLearned = false) {
    this.#candidate = candidate;
    this.#isLearned = isLearned;
  }

  get candidate(): IceCandidate {
    return this.#candidate;
  }

  /** Known from the peer's checks only, not announced. */
  get isLearned(): boolean {
    return this.#isLearned;
  }

  /** The peer announced what so far was known from its checks only (RFC 8445 §7.3.1.3). */
  adopt(candidate: IceCandidate): void {
    this.#candidate = candidate;
    this.#isLearned = false;
  }
}

/** What {@link RemoteCandidates.add} did. */
export type AddedCandidate =
  | { readonly kind: "new" | "adopted"; readonly remote: RemoteCandidate }
  | { readonly kind: "unusable"; readonly reason: UnusableReason };

/**
 * All candidates of the peer, announced or learned from its checks; bounded. Each kind has a share of
 * its own: checks can be replayed from anywhere, and must not keep announced candidates out.
 */
export class RemoteCandidates {
  readonly #limits: IceLimits;
  readonly #candidates: RemoteCandidate[] = [];
  readonly #unusable = new Map<UnusableReason, number>();
  #learnedCount = 0;

  constructor(limits: IceLimits) {
    this.#limits = limits;
  }

  [Symbol.iterator](): IterableIterator<RemoteCandidate> {
    return this.#candidates.values();
  }

  get size(): number {
    return this.#candidates.length;
  }

  /** The learned ones, oldest first. */
  get learned(): readonly RemoteCandidate[] {
    return this.#candidates.filter(({ isLearned }) => isLearned);
  }

  /** How many candidates were left aside, by reason. */
  get unusable(): ReadonlyMap<UnusableReason, number> {
    return this.#unusable;
  }

  /** Takes in what the peer announced. `ufrag`: the peer's current one, if known. */
  add(candidate: IceCandidate, ufrag: string | undefined): AddedCandidate {
    const address = canonicalIpAddress(candidate.address);
    const reason = unusableReason(candidate, address, ufrag);
    if (reason !== undefined || address === undefined) {
      return this.#refuse(reason ?? "notIpAddress");
    }
    const known = this.find(address, candidate.port);
    if (known?.isLearned === false) return this.#refuse("duplicate");
    if (!this.#hasRoomFor(address)) return this.#refuse("overLimit");
    if (known === undefined) {
      return { kind: "new", remote: this.#insert(new RemoteCandidate({ ...candidate, address })) };
    }
    known.adopt({ ...candidate, address });
    return { kind: "adopted", remote: known };
  }

  /**
   * A peer-reflexive candidate: the unknown source of an authenticated check (RFC 8445 §7.3.1.3).
   * The caller sees to it that there are not too many.
   */
  learn(address: string, port: number, priority: number): RemoteCandidate {
    const candidate = {
      foundation: this.#freshFoundation(),
      component: 1,
      transport: "udp",
      // PRIORITY has 32 bits; what is no priority could not be written as a candidate.
      priority: Math.min(Math.max(priority, 1), MAX_PRIORITY),
      address,
      port,
      type: "prflx",
    } as const;
    return this.#insert(new RemoteCandidate(candidate, true));
  }

  /** As if it had never been there. */
  forget(remote: RemoteCandidate): void {
    this.#candidates.splice(this.#candidates.indexOf(remote), 1);
  }

  /** The candidate with this address, which is canonical. */
  find(address: string, port: number): RemoteCandidate | undefined {
    return this.#candidates.find(
      ({ candidate }) => candidate.port === port && candidate.address === address,
    );
  }

  /** Forgets candidates that name another generation than `ufrag`; they came before it was known. */
  keepOnly(ufrag: string): readonly RemoteCandidate[] {
    const dropped = this.#candidates.filter(
      ({ candidate }) => candidate.ufrag !== undefined && candidate.ufrag !== ufrag,
    );
    for (const remote of dropped) {
      this.forget(remote);
      this.#refuse("otherGeneration");
    }
    return dropped;
  }

  #refuse(reason: UnusableReason): AddedCandidate {
    this.#unusable.set(reason, (this.#unusable.get(reason) ?? 0) + 1);
    return { kind: "unusable", reason };
  }

  #insert(remote: RemoteCandidate): RemoteCandidate {
    this.#candidates.push(remote);
    return remote;
  }

  /** For one more announced candidate. */
  #hasRoomFor(address: string): boolean {
    const announced = this.#candidates.filter(({ isLearned }) => !isLearned);
    const sameAddress = announced.filter(({ candidate }) => candidate.address === address);
    const { maxRemoteCandidates, maxCandidatesPerAddress } = this.#limits;
    return announced.length < maxRemoteCandidates && sameAddress.length < maxCandidatesPerAddress;
  }

  /** Different from that of every other candidate of the peer. */
  #freshFoundation(): string {
    for (;;) {
      const foundation = `prflx${++this.#learnedCount}`;
      const isTaken = this.#candidates.some(({ candidate }) => candidate.foundation === foundation);
      if (!isTaken) return foundation;
    }
  }
}

function unusableReason(
  candidate: IceCandidate,
  address: string | undefined,
  ufrag: string | undefined,
): UnusableReason | undefined {
  if (candidate.component !== 1) return "otherComponent";
  if (candidate.transport !== "udp") return "tcp";
  if (ufrag !== undefined && candidate.ufrag !== undefined && candidate.ufrag !== ufrag) {
    return "otherGeneration";
  }
  if (address === undefined) {
    return candidate.address.toLowerCase().endsWith(".local") ? "mdnsName" : "notIpAddress";
  }
  if (!isUnicastAddress(address) || candidate.port < 1 || candidate.port > 0xffff) {
    return "notUnicast";
  }
  return undefined;
}
