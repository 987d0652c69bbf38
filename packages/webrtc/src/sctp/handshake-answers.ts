import type { CryptoPort } from "../crypto/crypto-port.ts";
import type { AssociationOptions } from "./association-options.ts";
import type { AssociationState } from "./association-state.ts";
import { transferOf } from "./association-state.ts";
import type { LocalHalf, PeerHalf } from "./handshake.ts";
import { createInit, createLocalHalf, isUsableInit, toPeerHalf } from "./handshake.ts";
import { encodeAbortChunk, encodeErrorChunk } from "./packet/error-chunk.ts";
import { CAUSE_CODE, reasonCause, staleCookieCause } from "./packet/error-cause.ts";
import type { InitChunk } from "./packet/init-chunk.ts";
import { encodeInitChunk } from "./packet/init-chunk.ts";
import { COMMON_HEADER_BYTES } from "./packet/sctp-packet.ts";
import { encodeShutdownAckChunk } from "./packet/shutdown-chunk.ts";
import { StateCookies } from "./state-cookie.ts";

/** A chunk for a packet of its own, to whom the association does not talk otherwise. */
export type Reply = { readonly verificationTag: number; readonly chunk: Uint8Array };

/** What a COOKIE ECHO means (RFC 9260 §5.2.4, table 12). */
export type CookieDecision =
  /** Forged, late, or of an association that is none of ours. */
  | { readonly kind: "ignore" }
  | { readonly kind: "reply"; readonly reply: Reply }
  /** The association begins; where one was being set up, it takes on this peer half (action B). */
  | { readonly kind: "establish"; readonly local: LocalHalf; readonly peer: PeerHalf }
  /** It is the one that exists (action D): the peer's COOKIE ACK was lost, or both ends connect. */
  | { readonly kind: "confirm" }
  /** The peer has lost its state and begins anew (action A). */
  | { readonly kind: "restart"; readonly reply: Reply };

const IGNORE: CookieDecision = { kind: "ignore" };

/** Answers INIT and COOKIE ECHO without keeping anything between the two (RFC 9260 §5.1, §5.2). */
export class HandshakeAnswers {
  readonly #options: AssociationOptions;
  readonly #crypto: CryptoPort;
  readonly #cookies: StateCookies;

  constructor(options: AssociationOptions, crypto: CryptoPort) {
    this.#options = options;
    this.#crypto = crypto;
    this.#cookies = new StateCookies(crypto, options.cookieLifetimeMs);
  }

  /** §5.1 B, §5.2.1, §5.2.2. The reply fits into a packet of `maxPacketBytes`. */
  handleInit(
    state: AssociationState,
    init: InitChunk,
    maxPacketBytes: number,
    nowMs: number,
  ): Reply | undefined {
    if (init.initiateTag === 0 || isOver(state)) return undefined;
    const verificationTag = init.initiateTag;
    if (!isUsableInit(init)) {
      const causes = [reasonCause(CAUSE_CODE.protocolViolation, "INIT without streams")];
      return { verificationTag, chunk: encodeAbortChunk(causes, false) };
    }
    if (state.name === "shutdownAckSent") {
      // §9.2: the peer has forgotten the association that it was shutting down.
      const peerTag = state.transfer.peer.verificationTag;
      return { verificationTag: peerTag, chunk: encodeShutdownAckChunk() };
    }
    const local = this.#localHalfFor(state);
    const transfer = transferOf(state);
    const stateCookie = this.#cookies.seal({
      createdAtMs: nowMs,
      local,
      peer: toPeerHalf(init),
      localTieTag: transfer?.local.verificationTag ?? 0,
      peerTieTag: transfer?.peer.verificationTag ?? 0,
    });
    const { unrecognized } = init;
    const answer = createInit(local, this.#options, { stateCookie, unrecognized });
    const maxBytes = maxPacketBytes - COMMON_HEADER_BYTES;
    return { verificationTag, chunk: encodeInitChunk("initAck", answer, maxBytes) };
  }

  /** §5.1.5, §5.2.4. `verificationTag` is the one of the packet. */
  handleCookieEcho(
    state: AssociationState,
    cookie: Uint8Array,
    verificationTag: number,
    nowMs: number,
  ): CookieDecision {
    const verdict = this.#cookies.open(cookie, nowMs);
    if (verdict.kind === "forged" || isOver(state)) return IGNORE;
    const { local, peer, localTieTag, peerTieTag } = verdict.content;
    if (local.verificationTag !== verificationTag) return IGNORE;
    const known = transferOf(state);
    const isSameLocal = known?.local.verificationTag === local.verificationTag;
    const isSamePeer = known?.peer.verificationTag === peer.verificationTag;
    if (isSameLocal && isSamePeer) return { kind: "confirm" };
    if (verdict.kind === "stale") {
      const chunk = encodeErrorChunk([staleCookieCause(verdict.lateByMs)]);
      return { kind: "reply", reply: { verificationTag: peer.verificationTag, chunk } };
    }
    if (!known) {
      const isOurs = state.name === "closed" || isSame(state, local);
      return isOurs ? { kind: "establish", local, peer } : IGNORE;
    }
    if (isSameLocal && state.name === "cookieEchoed") return { kind: "establish", local, peer };
    const isRestart =
      !isSamePeer &&
      localTieTag === known.local.verificationTag &&
      peerTieTag === known.peer.verificationTag;
    return isRestart ? { kind: "restart", reply: restartRefusal(peer) } : IGNORE;
  }

  /** §5.2.1, §5.2.2: while connecting the same tag and TSN as in the own INIT, otherwise new ones. */
  #localHalfFor(state: AssociationState): LocalHalf {
    if (state.name === "cookieWait") return state.local;
    if (state.name === "cookieEchoed") return state.transfer.local;
    return createLocalHalf(this.#crypto.random);
  }
}

function isOver(state: AssociationState): boolean {
  return state.name === "closed" && state.hasEnded;
}

function isSame(state: AssociationState, local: LocalHalf): boolean {
  return state.name === "cookieWait" && state.local.verificationTag === local.verificationTag;
}

/** A restart is refused: data channels of the old association cannot be carried over. */
function restartRefusal({ verificationTag }: PeerHalf): Reply {
  const cause = reasonCause(CAUSE_CODE.protocolViolation, "restart is not supported");
  return { verificationTag, chunk: encodeAbortChunk([cause], false) };
}
