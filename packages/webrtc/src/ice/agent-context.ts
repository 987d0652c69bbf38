import { readUint32 } from "../base/bytes.ts";
import { drawIceCredentials } from "../base/ice-credentials.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";
import { shortTermKey } from "../stun/credentials.ts";
import type { IceLimits, IceParameters, IceRole, IceTimings } from "./ice-options.ts";

/** What all parts of one agent share: who we are, who the peer is, and the tunables. */
export class AgentContext {
  readonly crypto: CryptoPort;
  readonly timings: IceTimings;
  readonly limits: IceLimits;
  readonly local: IceParameters;
  /** Integrity key of requests to us and of our answers. */
  readonly localKey: Uint8Array;
  #remote: { readonly parameters: IceParameters; readonly key: Uint8Array } | undefined;
  #role: IceRole;
  #tieBreaker: bigint;

  constructor(
    crypto: CryptoPort,
    role: IceRole,
    timings: IceTimings,
    limits: IceLimits,
    local: IceParameters = drawIceCredentials(crypto.random),
  ) {
    this.crypto = crypto;
    this.timings = timings;
    this.limits = limits;
    this.local = local;
    this.localKey = shortTermKey(this.local.password);
    this.#role = role;
    this.#tieBreaker = this.#drawTieBreaker();
  }

  get role(): IceRole {
    return this.#role;
  }

  /** Decides role conflicts: the larger one controls (RFC 8445 §7.3.1.1). */
  get tieBreaker(): bigint {
    return this.#tieBreaker;
  }

  /** The peer's parameters, once its description has arrived. */
  get remote(): IceParameters | undefined {
    return this.#remote?.parameters;
  }

  /** Integrity key of requests to the peer and of its answers. */
  get remoteKey(): Uint8Array | undefined {
    return this.#remote?.key;
  }

  setRemote(parameters: IceParameters): void {
    this.#remote = { parameters, key: shortTermKey(parameters.password) };
  }

  setRole(role: IceRole): void {
    this.#role = role;
  }

  /** After a 487: the other role, and a new tie-breaker (RFC 8445 §7.2.5.1). */
  yieldRole(): void {
    this.#role = this.#role === "controlling" ? "controlled" : "controlling";
    this.#tieBreaker = this.#drawTieBreaker();
  }

  #drawTieBreaker(): bigint {
    const bytes = this.crypto.random.bytes(8);
    return (BigInt(readUint32(bytes, 0)) << 32n) | BigInt(readUint32(bytes, 4));
  }
}
