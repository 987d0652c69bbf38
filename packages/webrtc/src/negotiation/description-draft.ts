import { drawIceCredentials, type IceCredentials } from "../base/ice-credentials.ts";
import type { Random } from "../base/random.ts";
import {
  readDataChannelSection,
  serializeSessionDescription,
  UNBOUNDED_TIMING,
  type Attribute,
  type Connection,
  type MediaDescription,
  type SessionDescription,
  type SetupRole,
} from "../sdp/index.ts";
import { rtpAttributes, rtpFormats, type RtpContent } from "./media/rtp-attributes.ts";
import { sectionTransportOf } from "./media-section.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import { carriers, transportIds } from "./transports.ts";

/** RFC 8841 §5: the port that everybody uses. */
const SCTP_PORT = 5000;
/** RFC 9429 §5.2.1: a port for "no candidate yet". */
const DISCARD_PORT = 9;
const UNSPECIFIED: Connection = { networkType: "IN", addressType: "IP4", address: "0.0.0.0" };
const OFFERED_PROFILE = "UDP/TLS/RTP/SAVPF";

/** Where a section stands in a description and on what it runs. */
export type Placement = {
  readonly mid: string;
  /** Absent for what a peer without `a=mid` has offered (RFC 9429 §5.3.1). */
  readonly hasMid: boolean;
  readonly transportId: string;
  /** Its section has the candidates of the transport (RFC 8843 §10). */
  readonly isCarrier: boolean;
  /** Its transport is that of the bundle or none: port zero, and no transport attributes (RFC 9429 §5.2.1). */
  readonly isBundleOnly: boolean;
  readonly setup: SetupRole;
  /** Its transport is offered for the first time: what RTCP runs on has to be said (RFC 9429 §5.2.1). */
  readonly opensTransport: boolean;
};

/** What of an offered section its answer says in the same way (RFC 9429 §5.3.1, RFC 8285 §6). */
export type AnsweredForm = {
  readonly protocol: string;
  readonly allowsMixedExtensions: boolean;
};

/** What a description says at its session level. */
export type SessionLevel = {
  readonly bundles: readonly (readonly string[])[];
  readonly iceOptions: readonly string[];
  /** One-byte and two-byte header extensions may be mixed in all sections (RFC 8285 §6). */
  readonly allowsMixedExtensions: boolean;
};

/** A description being written: sections in order, and the state's memory of what was drawn for it. */
export class DescriptionDraft {
  readonly #base: NegotiationState;
  readonly #random: Random;
  readonly #mustRestart: (transportId: string) => boolean;
  readonly #media: MediaDescription[] = [];
  readonly #inUse: ReadonlyMap<string, IceCredentials>;
  readonly #gathered: ReadonlyMap<string, Gathered>;
  #credentials: NegotiationState["credentials"];

  constructor(
    state: NegotiationState,
    random: Random,
    mustRestart: (transportId: string) => boolean,
  ) {
    this.#base = state;
    this.#random = random;
    this.#mustRestart = mustRestart;
    this.#credentials = state.credentials;
    this.#inUse = credentialsInUse(state);
    this.#gathered = gatheredOf(state);
  }

  /** A section for data channels. `model` is the offered section, or that of the description before: its form is kept. */
  addData(placement: Placement, model: MediaDescription | undefined): void {
    const isOldForm = model !== undefined && readDataChannelSection(model)?.isOldForm === true;
    this.#add(placement, {
      kind: "application",
      protocol: model?.protocol ?? "UDP/DTLS/SCTP",
      formats: isOldForm ? [String(SCTP_PORT)] : ["webrtc-datachannel"],
      attributes: [
        isOldForm
          ? { kind: "sctpmap", port: SCTP_PORT, application: "webrtc-datachannel", streams: 65535 }
          : { kind: "sctp-port", port: SCTP_PORT },
        { kind: "max-message-size", bytes: this.#base.identity.maxReceiveMessageBytes },
      ],
    });
  }

  /** A section of audio or video; an answer says the offer's profile (RFC 9429 §5.3.1). */
  addMedia(placement: Placement, content: RtpContent, answered?: AnsweredForm): void {
    const { opensTransport } = placement;
    this.#add(placement, {
      kind: content.kind,
      protocol: answered?.protocol ?? OFFERED_PROFILE,
      formats: rtpFormats(content.codecs),
      attributes: [
        ...(opensTransport ? RTCP_UNKNOWN : []),
        ...(answered?.allowsMixedExtensions === true ? [MIXED] : []),
        ...rtpAttributes(content),
        ...(opensTransport ? [{ kind: "rtcp-mux-only" } as const] : []),
      ],
    });
  }

  /** RFC 3264 §6: port zero, and the rest of the line as it was offered. */
  addRejected(section: MediaDescription): void {
    const isRtp = section.kind !== "application" && section.protocol.includes("RTP/");
    this.#media.push({
      kind: section.kind,
      port: 0,
      protocol: section.protocol,
      formats: section.formats,
      connection: UNSPECIFIED,
      attributes: [
        ...section.attributes.filter(
          ({ kind }) => kind === "mid" || kind === "sctp-port" || kind === "sctpmap",
        ),
        ...(isRtp ? [{ kind: "direction", direction: "inactive" } as const] : []),
      ],
    });
  }

  /**
   * The text and the state that remembers what was drawn. The version grows if an earlier text with
   * this one was different (RFC 9429 §5.2.2).
   */
  finish(
    level: SessionLevel,
    earlierText: string,
  ): { readonly state: NegotiationState; readonly text: string } {
    const state = { ...this.#base, credentials: this.#credentials };
    const text = this.#write(level, state.nextSessionVersion);
    if (earlierText === "" || earlierText === text) return { state, text };
    const nextSessionVersion = state.nextSessionVersion + 1;
    const newer = this.#write(level, nextSessionVersion);
    return { state: { ...state, nextSessionVersion }, text: newer };
  }

  #write({ bundles, iceOptions, allowsMixedExtensions }: SessionLevel, version: number): string {
    const description: SessionDescription = {
      origin: {
        username: "-",
        sessionId: this.#base.identity.sessionId,
        sessionVersion: String(version),
        networkType: "IN",
        addressType: "IP4",
        address: "127.0.0.1",
      },
      name: "-",
      timings: [UNBOUNDED_TIMING],
      attributes: [
        ...bundles.map((mids) => ({ kind: "group", semantics: "BUNDLE", mids }) as const),
        ...(allowsMixedExtensions ? [MIXED] : []),
        ...(iceOptions.length > 0 ? [{ kind: "ice-options", options: iceOptions } as const] : []),
        { kind: "msid-semantic", semantic: "WMS", streamIds: ["*"] },
      ],
      media: this.#media,
    };
    return serializeSessionDescription(description);
  }

  #add(
    placement: Placement,
    section: Pick<MediaDescription, "kind" | "protocol" | "formats" | "attributes">,
  ): void {
    const { mid, hasMid, isBundleOnly } = placement;
    const credentials = isBundleOnly ? undefined : this.#credentialsFor(placement.transportId);
    const gathered = this.#gatheredFor(placement, credentials);
    this.#media.push({
      ...section,
      port: isBundleOnly ? 0 : gathered.port,
      connection: gathered.connection,
      attributes: [
        ...(hasMid ? [{ kind: "mid", mid } as const] : []),
        ...section.attributes,
        ...(isBundleOnly ? [{ kind: "bundle-only" } as const] : []),
        ...(credentials === undefined
          ? this.#fingerprints()
          : this.#transportAttributes(credentials, placement)),
        ...gathered.attributes,
      ],
    });
  }

  #transportAttributes({ ufrag, password }: IceCredentials, { setup }: Placement): Attribute[] {
    return [
      { kind: "ice-ufrag", ufrag },
      { kind: "ice-pwd", password },
      ...this.#fingerprints(),
      { kind: "setup", role: setup },
      { kind: "tls-id", id: this.#base.identity.tlsId },
    ];
  }

  /**
   * They stand in bundle-only sections as well, where RFC 9429 §5.2.1 has them left out: without them
   * Chromium 156 rejects every such section but the first, and Firefox 153 hangs when it answers.
   */
  #fingerprints(): Attribute[] {
    const { fingerprints } = this.#base.identity;
    return fingerprints.map((fingerprint) => ({ kind: "fingerprint", ...fingerprint }) as const);
  }

  #gatheredFor(placement: Placement, credentials: IceCredentials | undefined): Gathered {
    if (credentials === undefined || !placement.isCarrier) return NOTHING_GATHERED;
    const key = generationKey(placement.transportId, credentials);
    return this.#gathered.get(key) ?? NOTHING_GATHERED;
  }

  /**
   * One set of credentials per transport until ICE is restarted (RFC 9429 §5.2.1). What was drawn for
   * an earlier text is taken again, unless just that is to be replaced.
   */
  #credentialsFor(transportId: string): IceCredentials {
    const inUse = this.#inUse.get(transportId);
    if (inUse !== undefined && !this.#mustRestart(transportId)) return inUse;
    const drawn = this.#credentials.get(transportId);
    const { credentialsToReplace } = this.#base;
    const isStale =
      (inUse !== undefined && drawn?.ufrag === inUse.ufrag) ||
      (this.#mustRestart(transportId) &&
        credentialsToReplace.some(({ ufrag }) => ufrag === drawn?.ufrag));
    if (drawn !== undefined && !isStale) return drawn;
    const fresh = drawIceCredentials(this.#random);
    this.#credentials = new Map([...this.#credentials, [transportId, fresh]]);
    return fresh;
  }
}

const MIXED: Attribute = { kind: "extmap-allow-mixed" };
const RTCP_UNKNOWN: readonly Attribute[] = [
  { kind: "rtcp", port: DISCARD_PORT, networkType: "IN", addressType: "IP4", address: "0.0.0.0" },
];

/** What ICE has found for a transport by now: it belongs into later descriptions too (RFC 9429 §5.2.2). */
type Gathered = {
  readonly port: number;
  readonly connection: Connection;
  readonly attributes: readonly Attribute[];
};

const NOTHING_GATHERED: Gathered = { port: DISCARD_PORT, connection: UNSPECIFIED, attributes: [] };

function generationKey(transportId: string, { ufrag }: IceCredentials): string {
  return `${transportId} ${ufrag}`;
}

/** The credentials that the current local description names. Key: transport. */
function credentialsInUse(state: NegotiationState): ReadonlyMap<string, IceCredentials> {
  const found = new Map<string, IceCredentials>();
  const local = state.currentLocal?.parsed;
  if (local === undefined) return found;
  for (const [id, index] of carriers(local, state.transportIds)) {
    const { credentials } = sectionTransportOf(local, index);
    if (credentials !== undefined) found.set(id, credentials);
  }
  return found;
}

/** What the local descriptions have of each generation of each transport. */
function gatheredOf(state: NegotiationState): ReadonlyMap<string, Gathered> {
  const found = new Map<string, Gathered>();
  const sources = [
    [state.currentLocal, state.transportIds],
    [state.pendingLocal, transportIds(state)],
  ] as const;
  for (const [set, ids] of sources) {
    for (const [id, index] of set === undefined ? [] : carriers(set.parsed, ids)) {
      const { port, connection, attributes } = set!.parsed.media[index]!;
      const { credentials } = sectionTransportOf(set!.parsed, index);
      if (port === 0 || credentials === undefined) continue;
      found.set(generationKey(id, credentials), {
        port,
        connection: connection ?? UNSPECIFIED,
        attributes: attributes.filter(
          ({ kind }) => kind === "candidate" || kind === "end-of-candidates",
        ),
      });
    }
  }
  return found;
}
