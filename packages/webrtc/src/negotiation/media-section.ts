import {
  findAttribute,
  filterAttributes,
  hasAttribute,
  readDataChannelSection,
  type Attribute,
  type IceCandidateAttribute,
  type MediaDescription,
  type SessionDescription,
  type SetupRole,
} from "../sdp/index.ts";
import { outlineOf } from "./outline.ts";
import type { IceCredentials } from "./session-plan.ts";

/** RFC 9429 §5.1.2: all of these are to be taken for DTLS-SRTP, if there is a fingerprint. */
const RTP_PROFILE = /^(?:(?:UDP\/TLS|TCP\/DTLS)\/RTP\/SAVPF?|RTP\/S?AVPF?)$/;

/** Read once, since descriptions never change. */
const TRANSPORTS = new WeakMap<SessionDescription, SectionTransport[]>();

/** What a section says of its transport, session level included (RFC 8843 §9, RFC 8839 §5.4). */
export type SectionTransport = {
  readonly credentials: IceCredentials | undefined;
  readonly isLite: boolean;
  readonly fingerprints: readonly { readonly algorithm: string; readonly value: string }[];
  readonly setup: SetupRole | undefined;
  readonly candidates: readonly IceCandidateAttribute[];
  readonly hasAllCandidates: boolean;
};

/** What identifies a section: its `a=mid`, or its place if it has none (RFC 9429 §5.10). */
export function midOf(description: SessionDescription, index: number): string {
  return outlineOf(description).mids[index] ?? `section-${index}`;
}

/** Where the section with this identification stands; -1 if nowhere. */
export function indexOfMid(description: SessionDescription, mid: string): number {
  return outlineOf(description).indexOfMid.get(mid) ?? -1;
}

/** False for a section that is not there or was refused; one that only waits for its bundle is live (RFC 8843 §6). */
export function isLive(description: SessionDescription | undefined, index: number): boolean {
  return description !== undefined && outlineOf(description).isLive[index] === true;
}

/** True for a section that carries data channels over DTLS, in the form of RFC 8841 or the one before it. */
export function isDataSection(section: MediaDescription): boolean {
  return (
    section.kind === "application" &&
    section.protocol.endsWith("DTLS/SCTP") &&
    readDataChannelSection(section) !== undefined
  );
}

/** True if the description, or one of its sections, names the ICE option (RFC 8839 §5.7). */
export function hasIceOption(description: SessionDescription, option: string): boolean {
  const levels = [description.attributes, ...description.media.map(({ attributes }) => attributes)];
  return levels.some((level) => findAttribute(level, "ice-options")?.options.includes(option));
}

/**
 * True for a section of audio or video over DTLS-SRTP, whichever of the old names its profile has
 * (RFC 9429 §5.1.2). RTP in the clear is none.
 */
export function isMediaSection(description: SessionDescription, index: number): boolean {
  const { kind, protocol } = description.media[index]!;
  if ((kind !== "audio" && kind !== "video") || !RTP_PROFILE.test(protocol)) return false;
  return protocol.includes("TLS") || sectionTransportOf(description, index).fingerprints.length > 0;
}

/** MIDs of the BUNDLE group of the section at `index`, tagged one first; `undefined` outside of any. */
export function bundleOf(
  description: SessionDescription,
  index: number,
): readonly string[] | undefined {
  return outlineOf(description).bundleOfMid.get(midOf(description, index));
}

/**
 * The transport attributes that count for the section at `index`: its own, else those of the first
 * section of its bundle (RFC 8843 §7.1.3: TRANSPORT attributes may stand there only), else those of
 * the session.
 */
export function sectionTransportOf(
  description: SessionDescription,
  index: number,
): SectionTransport {
  let known = TRANSPORTS.get(description);
  if (known === undefined) {
    known = [];
    TRANSPORTS.set(description, known);
  }
  return (known[index] ??= readSectionTransport(description, index));
}

function readSectionTransport(description: SessionDescription, index: number): SectionTransport {
  const levels = attributeLevels(description, index).map(readLevel);
  const firstOf = <K extends keyof Level>(name: K): Level[K] | undefined =>
    levels.find((level) => level[name] !== undefined)?.[name];
  const ufrag = firstOf("ufrag");
  const password = firstOf("password");
  return {
    credentials: ufrag === undefined || password === undefined ? undefined : { ufrag, password },
    isLite: hasAttribute(description.attributes, "ice-lite"),
    fingerprints: firstOf("fingerprints") ?? [],
    setup: firstOf("setup"),
    candidates: firstOf("candidates") ?? [],
    hasAllCandidates: levels.some(({ hasAllCandidates }) => hasAllCandidates),
  };
}

/** What one list of attributes says of a transport; what it says nothing of is `undefined`. */
type Level = {
  readonly ufrag: string | undefined;
  readonly password: string | undefined;
  readonly fingerprints: SectionTransport["fingerprints"] | undefined;
  readonly setup: SetupRole | undefined;
  readonly candidates: readonly IceCandidateAttribute[] | undefined;
  readonly hasAllCandidates: boolean;
};

/** Lists never change either, and a candidate that comes makes a new one for its own section only. */
const LEVELS = new WeakMap<readonly Attribute[], Level>();

function readLevel(attributes: readonly Attribute[]): Level {
  let level = LEVELS.get(attributes);
  if (level === undefined) {
    const fingerprints = filterAttributes(attributes, "fingerprint");
    const candidates = filterAttributes(attributes, "candidate");
    level = {
      ufrag: findAttribute(attributes, "ice-ufrag")?.ufrag,
      password: findAttribute(attributes, "ice-pwd")?.password,
      fingerprints:
        fingerprints.length === 0
          ? undefined
          : fingerprints.map(({ algorithm, value }) => ({ algorithm, value })),
      setup: findAttribute(attributes, "setup")?.role,
      candidates: candidates.length === 0 ? undefined : candidates,
      hasAllCandidates: hasAttribute(attributes, "end-of-candidates"),
    };
    LEVELS.set(attributes, level);
  }
  return level;
}

/** RFC 5761 §5.1.1; in a bundle it is enough that the first section says so (RFC 8843 §9.1). */
export function usesRtcpMux(description: SessionDescription, index: number): boolean {
  return attributeLevels(description, index).some((level) => hasAttribute(level, "rtcp-mux"));
}

/** Own attributes first, then the bundle's first section, then the session. */
function attributeLevels(
  description: SessionDescription,
  index: number,
): readonly (readonly Attribute[])[] {
  const own = description.media[index]!.attributes;
  const taggedMid = bundleOf(description, index)?.[0];
  const tagged =
    taggedMid === undefined ? undefined : description.media[indexOfMid(description, taggedMid)];
  return tagged === undefined || tagged.attributes === own
    ? [own, description.attributes]
    : [own, tagged.attributes, description.attributes];
}
