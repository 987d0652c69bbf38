import {
  DEFAULT_SDP_LIMITS,
  filterAttributes,
  hasAttribute,
  type Attribute,
  type IceCandidateAttribute,
  type MediaDescription,
  type SessionDescription,
} from "../sdp/index.ts";
import { indexOfMid, isRejected, midOf, sectionTransportOf } from "./media-section.ts";
import { NegotiationError } from "./negotiation-error.ts";
import {
  remoteDescriptionOf,
  type Descriptions,
  type NegotiationState,
  type SetDescription,
} from "./negotiation-state.ts";
import { carriers, transportIds } from "./transports.ts";

/** RFC 9429 §5.3.2 and RFC 8839 §4.1.3: what a peer without ICE would reach most likely, first. */
const DEFAULT_ORDER: readonly string[] = ["relay", "srflx", "prflx", "host"];

/** Where a remote candidate belongs, as `RTCIceCandidateInit` says it. */
export type CandidateTarget = {
  readonly mid: string | null;
  readonly mediaIndex: number | null;
  readonly ufrag: string | null;
};

/**
 * Writes a candidate of this side's transport into the local descriptions of its ICE generation, or, with `undefined`,
 * that there are no more: into the section that speaks for the transport (RFC 8843 §10). The `m=` and `c=` lines
 * name the default candidate (RFC 8839 §4.2.1.2). Without `ufrag` the newest generation is meant.
 */
export function addLocalCandidate(
  state: NegotiationState,
  transportId: string,
  candidate: IceCandidateAttribute | undefined,
  ufrag: string | undefined = newestUfrag(state, transportId),
): NegotiationState {
  const add = (which: "currentLocal" | "pendingLocal"): SetDescription | undefined => {
    const set = state[which];
    const index = localCarrier(state, which, transportId);
    if (set === undefined || index === undefined) return set;
    if (sectionTransportOf(set.parsed, index).credentials?.ufrag !== ufrag) return set;
    const change = (section: MediaDescription): MediaDescription => withLocal(section, candidate);
    return { ...set, parsed: changeSection(set.parsed, index, change) };
  };
  return withDescriptions(state, {
    currentLocal: add("currentLocal"),
    pendingLocal: add("pendingLocal"),
  });
}

/**
 * The section of the newest local description that has the candidates of a transport: what the candidates
 * that the application gets name as their place.
 */
export function candidateSection(
  state: NegotiationState,
  transportId: string,
): { readonly mid: string; readonly mediaIndex: number } | undefined {
  const which = state.pendingLocal === undefined ? "currentLocal" : "pendingLocal";
  const mediaIndex = localCarrier(state, which, transportId);
  if (mediaIndex === undefined) return undefined;
  return { mid: midOf(state[which]!.parsed, mediaIndex), mediaIndex };
}

function localCarrier(
  state: NegotiationState,
  which: "currentLocal" | "pendingLocal",
  transportId: string,
): number | undefined {
  const set = state[which];
  if (set === undefined) return undefined;
  const ids = which === "currentLocal" ? state.transportIds : transportIds(state);
  return carriers(set.parsed, ids).get(transportId);
}

function newestUfrag(state: NegotiationState, transportId: string): string | undefined {
  for (const which of ["pendingLocal", "currentLocal"] as const) {
    const index = localCarrier(state, which, transportId);
    if (index === undefined) continue;
    return sectionTransportOf(state[which]!.parsed, index).credentials?.ufrag;
  }
  return undefined;
}

/**
 * Adds a candidate of the peer to the remote descriptions of its generation; `undefined` ends the
 * list, of all sections if the target names none (W3C addIceCandidate, steps 4.2 to 4.6). One that
 * is there already changes nothing, and neither does one beyond what a description can hold.
 *
 * Throws {@link NegotiationError}: `invalidState` without a remote description, `invalidContent` if
 * the target is not in it.
 */
export function addRemoteCandidate(
  state: NegotiationState,
  target: CandidateTarget,
  candidate: IceCandidateAttribute | undefined,
): NegotiationState {
  const mids = checkCandidateTarget(state, target);
  const add = (set: SetDescription | undefined): SetDescription | undefined => {
    let changed = set;
    for (const mid of mids) {
      const ufrag = target.ufrag ?? newestRemoteUfrag(state, mid);
      if (changed === undefined || !isOfGeneration(changed.parsed, mid, ufrag)) continue;
      const index = indexOfMid(changed.parsed, mid);
      if (!canTake(changed.parsed.media[index]!, candidate)) continue;
      const parsed = changeSection(changed.parsed, index, (section) => append(section, candidate));
      changed = { ...changed, parsed };
    }
    return changed;
  };
  const [currentRemote, pendingRemote] = [add(state.currentRemote), add(state.pendingRemote)];
  const isSame = currentRemote === state.currentRemote && pendingRemote === state.pendingRemote;
  return isSame ? state : withDescriptions(state, { currentRemote, pendingRemote });
}

/**
 * The MIDs of the sections that a candidate concerns (W3C addIceCandidate, steps 4.1 to 4.5).
 *
 * Throws {@link NegotiationError}: `invalidState` without a remote description, `invalidContent` if
 * the target is not in it.
 */
export function checkCandidateTarget(
  state: Descriptions,
  target: CandidateTarget,
): readonly string[] {
  const remote = remoteDescriptionOf(state);
  if (remote === undefined) {
    throw new NegotiationError(
      "invalidState",
      "there is no remote description yet to add a candidate to",
    );
  }
  const mids = targetMids(remote.parsed, target);
  checkGeneration(state, mids, target.ufrag);
  return mids;
}

/**
 * What was gathered is still true when a new description of the same ICE generation replaces `previous`:
 * its text may have been made before.
 */
export function keepGatheredCandidates(
  previous: SetDescription | undefined,
  next: SessionDescription,
): SessionDescription {
  if (previous === undefined) return next;
  const media = next.media.map((section, index) => {
    const place = sameGenerationPlace(previous.parsed, next, index);
    if (place < 0 || isRejected(section)) return section;
    const { port, connection, attributes } = previous.parsed.media[place]!;
    const gathered = attributes.filter(isGathered);
    if (gathered.length === 0) return section;
    const own = section.attributes.filter((attribute) => !isGathered(attribute));
    const kept = { ...section, port, attributes: [...own, ...gathered] };
    return connection === undefined ? kept : { ...kept, connection };
  });
  return { ...next, media };
}

/** Gives `next` the memory of the candidates that came with, or after, `previous`. */
export function keepRemoteCandidates(
  previous: SetDescription | undefined,
  next: SetDescription,
): SetDescription {
  if (previous === undefined) return next;
  const earlierCandidates = new Map<string, readonly IceCandidateAttribute[]>();
  for (const index of next.parsed.media.keys()) {
    const place = sameGenerationPlace(previous.parsed, next.parsed, index);
    if (place < 0) continue;
    earlierCandidates.set(midOf(next.parsed, index), remoteCandidatesOf(previous, place));
  }
  return { ...next, earlierCandidates };
}

/** All candidates of the generation so far, each once; a list that grows only at its end. */
export function remoteCandidatesOf(
  remote: SetDescription,
  index: number,
): readonly IceCandidateAttribute[] {
  const { candidates } = sectionTransportOf(remote.parsed, index);
  const earlier = remote.earlierCandidates?.get(midOf(remote.parsed, index)) ?? [];
  if (earlier.length === 0) return candidates;
  const known = new Set(earlier.map(identityOf));
  const fresh = candidates.filter((candidate) => !known.has(identityOf(candidate)));
  return [...earlier, ...fresh].slice(0, DEFAULT_SDP_LIMITS.maxCandidatesPerSection);
}

function identityOf({ component, transport, address, port, type }: IceCandidateAttribute): string {
  return `${component} ${transport} ${address} ${port} ${type}`;
}

/** Where `previous` has the section that `next` has at `index`, with the same credentials; -1 if nowhere. */
function sameGenerationPlace(
  previous: SessionDescription,
  next: SessionDescription,
  index: number,
): number {
  const place = indexOfMid(previous, midOf(next, index));
  if (place < 0) return -1;
  const before = sectionTransportOf(previous, place).credentials;
  const now = sectionTransportOf(next, index).credentials;
  return before !== undefined && before.ufrag === now?.ufrag ? place : -1;
}

/** A flood through the signaling channel must not grow a description that could not be read back. */
function canTake(section: MediaDescription, candidate: IceCandidateAttribute | undefined): boolean {
  if (candidate === undefined) return true;
  const known = filterAttributes(section.attributes, "candidate");
  if (known.length >= DEFAULT_SDP_LIMITS.maxCandidatesPerSection) return false;
  const identity = identityOf(candidate);
  return !known.some((other) => identityOf(other) === identity);
}

function isGathered({ kind }: Attribute): boolean {
  return kind === "candidate" || kind === "end-of-candidates";
}

function targetMids(description: SessionDescription, target: CandidateTarget): readonly string[] {
  if (target.mid !== null) {
    if (indexOfMid(description, target.mid) < 0) {
      throw new NegotiationError(
        "invalidContent",
        `the remote description has no section with mid "${target.mid}"`,
      );
    }
    return [target.mid];
  }
  if (target.mediaIndex === null)
    return description.media.map((_, index) => midOf(description, index));
  if (target.mediaIndex >= description.media.length) {
    throw new NegotiationError(
      "invalidContent",
      `sdpMLineIndex is ${target.mediaIndex}, but the remote description has ${description.media.length} sections`,
    );
  }
  return [midOf(description, target.mediaIndex)];
}

function checkGeneration(state: Descriptions, mids: readonly string[], ufrag: string | null): void {
  if (ufrag === null || mids.length === 0) return;
  const isKnown = [state.pendingRemote, state.currentRemote].some(
    (set) => set !== undefined && mids.some((mid) => isOfGeneration(set.parsed, mid, ufrag)),
  );
  if (!isKnown) {
    throw new NegotiationError(
      "invalidContent",
      `usernameFragment "${ufrag}" is in no remote description`,
    );
  }
}

/** A candidate that does not say to what it belongs is one of the newest description. */
function newestRemoteUfrag(state: Descriptions, mid: string): string | null {
  const remote = remoteDescriptionOf(state);
  const index = remote === undefined ? -1 : indexOfMid(remote.parsed, mid);
  if (index < 0) return null;
  return sectionTransportOf(remote!.parsed, index).credentials?.ufrag ?? null;
}

function isOfGeneration(
  description: SessionDescription,
  mid: string,
  ufrag: string | null,
): boolean {
  const index = indexOfMid(description, mid);
  if (index < 0) return false;
  return ufrag === null || sectionTransportOf(description, index).credentials?.ufrag === ufrag;
}

function withDescriptions(
  state: NegotiationState,
  changes: { readonly [K in keyof Descriptions]?: SetDescription | undefined },
): NegotiationState {
  const changed: { -readonly [K in keyof NegotiationState]: NegotiationState[K] } = { ...state };
  for (const [name, value] of Object.entries(changes)) {
    if (value !== undefined) changed[name as keyof Descriptions] = value;
  }
  return changed;
}

function changeSection(
  description: SessionDescription,
  index: number,
  change: (section: MediaDescription) => MediaDescription,
): SessionDescription {
  return {
    ...description,
    media: description.media.with(index, change(description.media[index]!)),
  };
}

function withLocal(
  section: MediaDescription,
  candidate: IceCandidateAttribute | undefined,
): MediaDescription {
  const extended = append(section, candidate);
  const fallback = defaultCandidate(extended.attributes);
  if (fallback === undefined || section.port === 0) return extended;
  const addressType = fallback.address.includes(":") ? "IP6" : "IP4";
  return {
    ...extended,
    port: fallback.port,
    connection: { networkType: "IN", addressType, address: fallback.address },
  };
}

function append(
  section: MediaDescription,
  candidate: IceCandidateAttribute | undefined,
): MediaDescription {
  const added: Attribute =
    candidate === undefined ? { kind: "end-of-candidates" } : { ...candidate, kind: "candidate" };
  const isKnown = candidate === undefined && hasAttribute(section.attributes, "end-of-candidates");
  return isKnown ? section : { ...section, attributes: [...section.attributes, added] };
}

/** IPv4 before IPv6, since a peer without ICE more likely has it; never TCP. */
function defaultCandidate(attributes: readonly Attribute[]): IceCandidateAttribute | undefined {
  const usable = filterAttributes(attributes, "candidate").filter(
    ({ transport, address }) => transport === "udp" && !address.endsWith(".local"),
  );
  const rank = ({ type, address }: IceCandidateAttribute): number =>
    DEFAULT_ORDER.indexOf(type) * 2 + (address.includes(":") ? 1 : 0);
  return usable.toSorted((a, b) => rank(a) - rank(b))[0];
}
