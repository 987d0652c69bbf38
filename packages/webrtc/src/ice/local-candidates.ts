import type { SocketId, TransportAddress } from "../base/datagram.ts";
import { MAX_LOCAL_PREFERENCE, candidatePriority } from "./candidate-priority.ts";
import type { IceCandidate, IceCandidateType } from "./ice-candidate.ts";

/** A candidate of ours with what only we know of it. */
export type LocalCandidate = {
  readonly candidate: IceCandidate;
  readonly socketId: SocketId;
  /** The address that packets really leave from. */
  readonly base: TransportAddress;
  readonly localPreference: number;
};

/** What a new candidate of ours is made of. */
export type LocalCandidateSource = {
  readonly type: IceCandidateType;
  readonly socketId: SocketId;
  readonly base: TransportAddress;
  readonly localPreference: number;
  /** Where the peer would send to. */
  readonly mapped: TransportAddress;
  /** The server that showed it. */
  readonly server?: { readonly address: string; readonly url: string };
  /** Overrides the formula, for peer-reflexive candidates (RFC 8445 §7.2.5.3.1). */
  readonly priority?: number;
};

/** All candidates of ours, without redundant ones. */
export class LocalCandidates {
  readonly #ufrag: string;
  readonly #candidates: LocalCandidate[] = [];
  readonly #foundations = new Map<string, string>();

  constructor(ufrag: string) {
    this.#ufrag = ufrag;
  }

  [Symbol.iterator](): IterableIterator<LocalCandidate> {
    return this.#candidates.values();
  }

  get size(): number {
    return this.#candidates.length;
  }

  /**
   * The new candidate; `undefined` if it is redundant: same address and same base as one that is
   * there (RFC 8445 §5.1.3). Candidates come best type first, so the better one stays.
   */
  add(source: LocalCandidateSource): LocalCandidate | undefined {
    if (this.find(source.socketId, source.mapped) !== undefined) return undefined;
    const { socketId, base, localPreference } = source;
    const local = { candidate: this.#describe(source), socketId, base, localPreference };
    this.#candidates.push(local);
    return local;
  }

  /** The candidate of one socket that has this address. */
  find(socketId: SocketId, mapped: TransportAddress): LocalCandidate | undefined {
    return this.#candidates.find(
      (local) =>
        local.socketId === socketId &&
        local.candidate.port === mapped.port &&
        local.candidate.address === mapped.address,
    );
  }

  /** The candidate that checks on this socket are sent from (RFC 8445 §6.1.2.4). */
  baseOf(socketId: SocketId): LocalCandidate | undefined {
    return this.#candidates.find(
      (local) => local.socketId === socketId && isBase(local.candidate.type),
    );
  }

  removeSocket(socketId: SocketId): void {
    for (let index = this.#candidates.length - 1; index >= 0; index--) {
      if (this.#candidates[index]!.socketId === socketId) this.#candidates.splice(index, 1);
    }
  }

  #describe(source: LocalCandidateSource): IceCandidate {
    const { type, base, mapped, server } = source;
    return {
      foundation: this.#foundationOf(type, base.address, server?.address),
      component: 1,
      transport: "udp",
      priority: source.priority ?? candidatePriority(type, source.localPreference),
      address: mapped.address,
      port: mapped.port,
      type,
      ...(type === "host" ? {} : { relatedAddress: base.address, relatedPort: base.port }),
      ufrag: this.#ufrag,
      ...(server === undefined ? {} : { url: server.url }),
    };
  }

  /** Equal for equal type, base address, server address and transport (RFC 8445 §5.1.1.3). */
  #foundationOf(type: IceCandidateType, baseAddress: string, serverAddress = ""): string {
    const key = `udp ${type} ${baseAddress} ${serverAddress}`;
    const known = this.#foundations.get(key);
    if (known !== undefined) return known;
    const foundation = String(this.#foundations.size + 1);
    this.#foundations.set(key, foundation);
    return foundation;
  }
}

/** True for the types that packets can be sent from. */
export function isBase(type: IceCandidateType): boolean {
  return type === "host" || type === "relay";
}

const SERVERS_PER_RANK = 16;

/**
 * The local preference of the candidates of the socket with this rank, best first; distinct for
 * every server that is asked from it, as priorities must be (RFC 8445 §5.1.2).
 */
export function localPreferenceOf(rank: number, serverIndex = 0): number {
  const steps = rank * SERVERS_PER_RANK + Math.min(serverIndex, SERVERS_PER_RANK - 1);
  return Math.max(0, MAX_LOCAL_PREFERENCE - steps);
}
