import { drawIceCredentials } from "../base/ice-credentials.ts";
import type { Random } from "../base/random.ts";
import {
  findAttribute,
  hasAttribute,
  parseSessionDescription,
  readDataChannelSection,
  serializeSessionDescription,
  UNBOUNDED_TIMING,
  type Attribute,
  type Connection,
  type MediaDescription,
  type SessionDescription,
  type SetupRole,
} from "../sdp/index.ts";
import {
  bundleOf,
  indexOfMid,
  isDataSection,
  isRejected,
  midOf,
  sectionTransportOf,
} from "./media-section.ts";
import { NegotiationError } from "./negotiation-error.ts";
import { localDescriptionOf, type NegotiationState } from "./negotiation-state.ts";
import type { SignalingState } from "./signaling-state.ts";

/** RFC 8841 §5: the port that everybody uses. */
const SCTP_PORT = 5000;
/** RFC 9429 §5.2.1: a port for "no candidate yet". */
const DISCARD_PORT = 9;
const UNSPECIFIED: Connection = { networkType: "IN", addressType: "IP4", address: "0.0.0.0" };

/** What a new offer has to hold besides what is there already. */
export type OfferInput = {
  /** There are data channels, or there will be. */
  readonly wantsDataChannel: boolean;
  readonly random: Random;
  /** New credentials for every transport (RFC 9429 §5.2.3.1). */
  readonly iceRestart?: boolean;
};

/** A text that may be set as the local description, and the state that remembers it. */
export type CreatedDescription = { readonly state: NegotiationState; readonly text: string };

/** Throws {@link NegotiationError} `invalidState` if no offer can be made now (W3C "create an offer", step 1). */
export function checkCanOffer(state: SignalingState): void {
  if (state === "stable" || state === "have-local-offer") return;
  const problem = `cannot create an offer in signaling state "${state}"`;
  throw new NegotiationError("invalidState", problem);
}

/** Throws {@link NegotiationError} `invalidState` if nothing can be answered now (W3C "create an answer", step 1). */
export function checkCanAnswer(state: SignalingState): void {
  if (state === "have-remote-offer" || state === "have-local-pranswer") return;
  const problem = `cannot create an answer in signaling state "${state}"`;
  throw new NegotiationError("invalidState", problem);
}

/**
 * Makes an offer (RFC 9429 §5.2): every section of the current descriptions in its place, and a new
 * one for data where it is wanted. The same state gives the same text.
 *
 * Throws {@link NegotiationError} `invalidState` unless the state is stable or has a local offer.
 */
export function createOffer(state: NegotiationState, input: OfferInput): CreatedDescription {
  checkCanOffer(state.signalingState);
  const draft = new Draft(state, input.random);
  const sections = state.currentLocal?.parsed.media ?? [];
  const isLive = (section: MediaDescription, index: number): boolean =>
    isDataSection(section) &&
    !isRejected(section) &&
    !isRejected(state.currentRemote?.parsed.media[index] ?? section);
  const isNew = input.wantsDataChannel && !sections.some(isLive);
  // RFC 9429 §5.2.2: the place of a refused section is used again.
  const recycledIndex = isNew ? sections.findIndex(isDataSection) : -1;
  for (const [index, section] of sections.entries()) {
    if (isLive(section, index))
      draft.addData(midOf(state.currentLocal!.parsed, index), section, "actpass");
    else if (index === recycledIndex) draft.addData(draft.newMid(), undefined, "actpass");
    else draft.addRejected(section);
  }
  if (isNew && recycledIndex < 0) draft.addData(draft.newMid(), undefined, "actpass");
  const text = draft.finish();
  return { text, state: { ...draft.state, lastCreatedOffer: text } };
}

/**
 * Makes an answer to the pending offer (RFC 9429 §5.3): data is taken, everything else refused.
 *
 * Throws {@link NegotiationError} `invalidState` unless a remote offer is pending.
 */
export function createAnswer(state: NegotiationState, random: Random): CreatedDescription {
  checkCanAnswer(state.signalingState);
  const offer = state.pendingRemote!.parsed; // There is one in both of these states.
  const draft = new Draft(state, random);
  const wanted = offer.media.findIndex((section) => isDataSection(section) && !isRejected(section));
  for (const [index, section] of offer.media.entries()) {
    if (index === wanted)
      draft.addData(midOf(offer, index), section, answeringRole(state, offer, index));
    else draft.addRejected(section);
  }
  const text = draft.finish(offer);
  return { text, state: { ...draft.state, lastCreatedAnswer: text } };
}

/**
 * RFC 8842 §5.3: the side that may choose is the client, since that saves a round trip; in later
 * negotiations of one association the roles stay.
 */
function answeringRole(
  state: NegotiationState,
  offer: SessionDescription,
  index: number,
): SetupRole {
  const offered = sectionTransportOf(offer, index).setup ?? "actpass";
  if (offered === "active") return "passive";
  if (offered === "passive") return "active";
  const mid = midOf(offer, index);
  const [ours, theirs] = [state.currentLocal, state.currentRemote].map((set) => {
    const place = set === undefined ? -1 : indexOfMid(set.parsed, mid);
    return place < 0 ? undefined : sectionTransportOf(set!.parsed, place).setup;
  });
  return ours === "passive" || theirs === "active" ? "passive" : "active";
}

/** A description being written: sections in order, and the state's memory of what was drawn for it. */
class Draft {
  readonly #base: NegotiationState;
  readonly #random: Random;
  readonly #media: MediaDescription[] = [];
  readonly #usedMids: Set<string>;
  #credentials: NegotiationState["credentials"];

  constructor(state: NegotiationState, random: Random) {
    this.#base = state;
    this.#random = random;
    this.#credentials = state.credentials;
    this.#usedMids = new Set(
      [state.currentLocal, state.currentRemote, state.pendingRemote].flatMap((set) =>
        set === undefined ? [] : set.parsed.media.map((_, index) => midOf(set.parsed, index)),
      ),
    );
  }

  get state(): NegotiationState {
    return { ...this.#base, credentials: this.#credentials };
  }

  /** The smallest number that names no section yet. */
  newMid(): string {
    for (let number = 0; ; number++) {
      const mid = String(number);
      if (this.#usedMids.has(mid)) continue;
      this.#usedMids.add(mid);
      return mid;
    }
  }

  /** `model` is the offer's section, or the one of the description before: its form is kept. */
  addData(mid: string, model: MediaDescription | undefined, setup: SetupRole): void {
    const { fingerprints, tlsId, maxReceiveMessageBytes } = this.#base.identity;
    const { ufrag, password } = this.#credentialsFor(mid);
    const hasMid = model === undefined || hasAttribute(model.attributes, "mid");
    const isOldForm = model !== undefined && readDataChannelSection(model)?.isOldForm === true;
    const gathered = gatheredFor(this.#base, mid);
    const attributes: Attribute[] = [
      ...(hasMid ? [{ kind: "mid", mid } as const] : []),
      isOldForm
        ? { kind: "sctpmap", port: SCTP_PORT, application: "webrtc-datachannel", streams: 65535 }
        : { kind: "sctp-port", port: SCTP_PORT },
      { kind: "max-message-size", bytes: maxReceiveMessageBytes },
      { kind: "ice-ufrag", ufrag },
      { kind: "ice-pwd", password },
      ...fingerprints.map((fingerprint) => ({ kind: "fingerprint", ...fingerprint }) as const),
      { kind: "setup", role: setup },
      { kind: "tls-id", id: tlsId },
      ...gathered.attributes,
    ];
    this.#media.push({
      kind: "application",
      port: gathered.port,
      protocol: model?.protocol ?? "UDP/DTLS/SCTP",
      formats: isOldForm ? [String(SCTP_PORT)] : ["webrtc-datachannel"],
      connection: gathered.connection,
      attributes,
    });
  }

  /** RFC 3264 §6: port zero, and the rest of the line as it was offered. */
  addRejected(section: MediaDescription): void {
    this.#media.push({
      kind: section.kind,
      port: 0,
      protocol: section.protocol,
      formats: section.formats,
      connection: UNSPECIFIED,
      attributes: section.attributes.filter(
        ({ kind }) => kind === "mid" || kind === "sctp-port" || kind === "sctpmap",
      ),
    });
  }

  /** The text. An answer bundles only what the offer bundled (RFC 8843 §7.3). */
  finish(offer?: SessionDescription): string {
    const { sessionId } = this.#base.identity;
    const description: SessionDescription = {
      origin: {
        username: "-",
        sessionId,
        sessionVersion: String(this.#base.nextSessionVersion),
        networkType: "IN",
        addressType: "IP4",
        address: "127.0.0.1",
      },
      name: "-",
      timings: [UNBOUNDED_TIMING],
      attributes: [
        ...this.#bundleGroup(offer),
        { kind: "ice-options", options: ["trickle", "ice2"] },
        { kind: "msid-semantic", semantic: "WMS", streamIds: ["*"] },
      ],
      media: this.#media,
    };
    const text = serializeSessionDescription(description);
    parseSessionDescription(text); // What we write must be what we would read.
    return text;
  }

  #bundleGroup(offer: SessionDescription | undefined): readonly Attribute[] {
    const mids = this.#media.flatMap((section, index) => {
      const mid = findAttribute(section.attributes, "mid")?.mid;
      if (mid === undefined || isRejected(section)) return [];
      return offer === undefined || bundleOf(offer, index) !== undefined ? [mid] : [];
    });
    return mids.length > 0 ? [{ kind: "group", semantics: "BUNDLE", mids }] : [];
  }

  /** One set of credentials per transport until ICE is restarted (RFC 9429 §5.2.1). */
  #credentialsFor(mid: string): { readonly ufrag: string; readonly password: string } {
    const known = this.#credentials.get(mid);
    if (known !== undefined) return known;
    const drawn = drawIceCredentials(this.#random);
    this.#credentials = new Map([...this.#credentials, [mid, drawn]]);
    return drawn;
  }
}

/** What ICE has found for the transport of `mid` by now: it belongs into later descriptions too. */
function gatheredFor(
  state: NegotiationState,
  mid: string,
): {
  readonly port: number;
  readonly connection: Connection;
  readonly attributes: readonly Attribute[];
} {
  const known = localDescriptionOf(state)?.parsed;
  const section = known?.media[indexOfMid(known, mid)];
  if (section === undefined || section.port === 0) {
    return { port: DISCARD_PORT, connection: UNSPECIFIED, attributes: [] };
  }
  return {
    port: section.port,
    connection: section.connection ?? UNSPECIFIED,
    attributes: section.attributes.filter(
      ({ kind }) => kind === "candidate" || kind === "end-of-candidates",
    ),
  };
}
