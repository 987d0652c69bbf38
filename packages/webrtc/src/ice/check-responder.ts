import { encodeUtf8 } from "../base/bytes.ts";
import type { Datagram } from "../base/datagram.ts";
import type { ReceivedStunMessage } from "../stun/stun-message.ts";
import { checkIntegrity } from "../stun/stun-message.ts";
import type { AgentContext } from "./agent-context.ts";
import { BINDING_ERRORS, encodeError, encodeRefusal, encodeSuccess } from "./binding-messages.ts";
import { TokenBucket } from "./token-bucket.ts";

/** A check of the peer that was authenticated and answered with success. */
export type AcceptedCheck = Omit<Datagram, "bytes"> & {
  /** The peer's part of the user name. */
  readonly remoteUfrag: string;
  /** What the source weighs, should it be a new candidate. */
  readonly priority: number;
  readonly isNominating: boolean;
  /** draft-thatcher-ice-renomination: a later nomination has a higher number. */
  readonly nomination: number | undefined;
};

/** What becomes of a request. */
export type ResponderVerdict = {
  /** To be sent back to where the request came from. */
  readonly response?: Uint8Array;
  readonly accepted?: AcceptedCheck;
};

const IGNORED: ResponderVerdict = {};

/**
 * Answers Binding requests (RFC 8445 §7.3): authentication first, then repair of role conflicts, then
 * the mapped address.
 */
export class CheckResponder {
  readonly #context: AgentContext;
  readonly #ufragBytes: Uint8Array;
  readonly #refusals: TokenBucket;
  #unauthenticated = 0;

  constructor(context: AgentContext) {
    this.#context = context;
    this.#ufragBytes = encodeUtf8(context.local.ufrag);
    const perSecond = context.limits.maxRefusalsPerSecond;
    this.#refusals = new TokenBucket(perSecond, 1_000 / perSecond);
  }

  /** Requests so far that did not prove to come from the peer. */
  get unauthenticated(): number {
    return this.#unauthenticated;
  }

  /**
   * `mayRepairRoles`: false once a pair is nominated; roles mean nothing then, and a replayed check
   * must not turn them round.
   */
  respond(
    request: ReceivedStunMessage,
    datagram: Datagram,
    mayRepairRoles: boolean,
    nowMs: number,
  ): ResponderVerdict {
    const context = this.#context;
    const refusalCode = this.#refusalCodeOf(request);
    if (refusalCode !== undefined) return this.#refuse(request, refusalCode, nowMs);
    if (request.unknownRequiredTypes.length > 0) {
      const types = request.unknownRequiredTypes;
      return { response: encodeError(context, request, BINDING_ERRORS.unknownAttribute, types) };
    }
    const { priority, username = "", nomination } = request.attributes;
    if (priority === undefined) {
      return { response: encodeError(context, request, BINDING_ERRORS.badRequest) };
    }
    if (mayRepairRoles && !this.#repairRoles(request)) {
      return { response: encodeError(context, request, BINDING_ERRORS.roleConflict) };
    }
    const { socketId, remoteAddress, remotePort } = datagram;
    const accepted = {
      socketId,
      remoteAddress,
      remotePort,
      remoteUfrag: username.slice(context.local.ufrag.length + 1),
      priority,
      isNominating: request.attributes.useCandidate === true,
      nomination,
    };
    return { response: encodeSuccess(context, request, datagram), accepted };
  }

  /** RFC 8489 §9.1.3. `undefined`: the request is the peer's. */
  #refusalCodeOf(request: ReceivedStunMessage): number | undefined {
    const { username } = request.attributes;
    const { sha1, sha256 } = request.integrity;
    const hasIntegrity = sha1 !== undefined || sha256 !== undefined;
    if (username === undefined || !hasIntegrity) return BINDING_ERRORS.badRequest.code;
    // The cheap comparison first: strangers must not cost an HMAC each.
    if (!this.#isForUs(username)) return BINDING_ERRORS.unauthenticated.code;
    const verdict = checkIntegrity(request, this.#context.localKey, this.#context.crypto);
    return verdict === "valid" ? undefined : BINDING_ERRORS.unauthenticated.code;
  }

  /** The user name is `ours:theirs`. Compared in constant time like everything secret. */
  #isForUs(username: string): boolean {
    const colonAt = username.indexOf(":");
    if (colonAt < 0) return false;
    const addressee = encodeUtf8(username.slice(0, colonAt));
    return this.#context.crypto.equalInConstantTime(addressee, this.#ufragBytes);
  }

  /** Nothing larger than the request, and not often: the source may be somebody else's address. */
  #refuse(request: ReceivedStunMessage, code: number, nowMs: number): ResponderVerdict {
    this.#unauthenticated++;
    const response = encodeRefusal(request, code);
    const isAllowed = response.byteLength <= request.bytes.byteLength && this.#refusals.take(nowMs);
    return isAllowed ? { response } : IGNORED;
  }

  /** RFC 8445 §7.3.1.1. False: the peer must yield. */
  #repairRoles(request: ReceivedStunMessage): boolean {
    const { iceControlling, iceControlled } = request.attributes;
    const context = this.#context;
    if (context.role === "controlling" && iceControlling !== undefined) {
      if (context.tieBreaker >= iceControlling) return false;
      context.setRole("controlled");
    } else if (context.role === "controlled" && iceControlled !== undefined) {
      if (context.tieBreaker < iceControlled) return false;
      context.setRole("controlling");
    }
    return true;
  }
}
