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

  constructor(candidate: IceCandidate) {
    this.#candidate = candidate;
  }

  get candidate(): IceCandidate {
    return this.#candidate;
  }

  /** The peer announced what so far was known from its checks only (RFC 8445 §7.3.1.3). */
  adopt(candidate: IceCandidate): void {
    this.#candidate = candidate;
  }
}

/** What {@link RemoteCandidates.add} did. */
export type AddedCandidate =
  | { readonly kind: "new" | "adopted"; readonly remote: RemoteCandidate }
  | { readonly kind: "unusable"; readonly reason: UnusableReason };

/** All candidates of the peer, announced or learned from its checks; bounded. */
export class RemoteCandidates {
  readonly #limits: IceLimits;
  readonly #candidates: RemoteCandidate[] = [];
  readonly #unusable = new Map<UnusableReason, number>();
  #learned = 0;

  constructor(limits: IceLimits) {
    this.#limits = limits;
  }

  [Symbol.iterator](): IterableIterator<RemoteCandidate> {
    return this.#candidates.values();
  }

  get size(): number {
    return this.#candidates.length;
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
    if (known?.candidate.type === "prflx") {
      known.adopt({ ...candidate, address });
      return { kind: "adopted", remote: known };
    }
    if (known !== undefined) return this.#refuse("duplicate");
    if (!this.#hasRoomFor(address)) return this.#refuse("overLimit");
    return { kind: "new", remote: this.#insert({ ...candidate, address }) };
  }

  /**
   * A peer-reflexive candidate: the unknown source of an authenticated check (RFC 8445 §7.3.1.3).
   * `undefined` if there are too many.
   */
  learn(address: string, port: number, priority: number): RemoteCandidate | undefined {
    if (!this.#hasRoomFor(address)) return undefined;
    return this.#insert({
      foundation: this.#freshFoundation(),
      component: 1,
      transport: "udp",
      // PRIORITY has 32 bits; what is no priority could not be written as a candidate.
      priority: Math.min(Math.max(priority, 1), MAX_PRIORITY),
      address,
      port,
      type: "prflx",
    });
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
      this.#candidates.splice(this.#candidates.indexOf(remote), 1);
      this.#refuse("otherGeneration");
    }
    return dropped;
  }

  #refuse(reason: UnusableReason): AddedCandidate {
    this.#unusable.set(reason, (this.#unusable.get(reason) ?? 0) + 1);
    return { kind: "unusable", reason };
  }

  #insert(candidate: IceCandidate): RemoteCandidate {
    const remote = new RemoteCandidate(candidate);
    this.#candidates.push(remote);
    return remote;
  }

  #hasRoomFor(address: string): boolean {
    if (this.#candidates.length >= this.#limits.maxRemoteCandidates) return false;
    let sameAddress = 0;
    for (const { candidate } of this.#candidates) if (candidate.address === address) sameAddress++;
    return sameAddress < this.#limits.maxCandidatesPerAddress;
  }

  /** Different from that of every other candidate of the peer. */
  #freshFoundation(): string {
    for (;;) {
      const foundation = `prflx${++this.#learned}`;
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
