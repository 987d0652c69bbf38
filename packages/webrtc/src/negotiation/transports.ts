import type { SessionDescription } from "../sdp/index.ts";
import {
  bundleOf,
  indexOfMid,
  isLive,
  midOf,
  sectionTransportOf,
  type SectionTransport,
} from "./media-section.ts";
import type { NegotiationState } from "./negotiation-state.ts";
import { outlineOf } from "./outline.ts";

/** Which transport each live section lies on. Key: MID. */
export type TransportIds = ReadonlyMap<string, string>;

/**
 * The transport of a section by the newest descriptions, BUNDLE applied: the MID of the section that carried it
 * when it was made (RFC 8843 §7.2). `undefined` if no live section has this MID.
 */
export function transportIdOf(state: NegotiationState, mid: string): string | undefined {
  return transportIds(state).get(mid);
}

/** Found once for each state, since states never change: connections ask for every section. */
const TRANSPORT_IDS = new WeakMap<NegotiationState, TransportIds>();

/** The transports of all live sections, by the newest descriptions. */
export function transportIds(state: NegotiationState): TransportIds {
  let ids = TRANSPORT_IDS.get(state);
  if (ids === undefined) {
    ids = newestTransports(state);
    TRANSPORT_IDS.set(state, ids);
  }
  return ids;
}

function newestTransports(state: NegotiationState): TransportIds {
  switch (state.signalingState) {
    case "have-local-offer":
    case "have-remote-offer":
      return offeredTransports(state);
    case "have-local-pranswer":
      return answeredTransports(state, state.pendingLocal!.parsed);
    case "have-remote-pranswer":
      return answeredTransports(state, state.pendingRemote!.parsed);
    default:
      return state.transportIds;
  }
}

/**
 * What the pending offer proposes. A local one has a transport for each section that is not bundle-only,
 * since the peer might not know BUNDLE (RFC 9429 §5.2.1); of a remote one this side takes the bundle.
 */
export function offeredTransports(state: NegotiationState): TransportIds {
  const isLocal = ["have-local-offer", "have-remote-pranswer"].includes(state.signalingState);
  const offer = (isLocal ? state.pendingLocal : state.pendingRemote)!.parsed;
  const leaderOf = isLocal ? localLeader : bundleLeader;
  const ids = new Map<string, string>();
  for (const [index, mid] of outlineOf(offer).mids.entries()) {
    if (!isLive(offer, index)) continue;
    const origin = isLocal ? mid : (negotiatedLeader(state, offer, index) ?? mid);
    const known = state.transportIds.get(origin);
    if (known !== undefined) ids.set(mid, known);
  }
  const used = new Set(ids.values());
  for (const [index, mid] of outlineOf(offer).mids.entries()) {
    if (!isLive(offer, index) || ids.has(mid)) continue;
    const leader = leaderOf(offer, index, ids);
    const id = ids.get(leader) ?? unusedId(leader, used);
    used.add(id);
    ids.set(leader, id);
    ids.set(mid, id);
  }
  return ids;
}

/**
 * What an answer makes of it: the sections of one group share the transport of the first one of them in the offer
 * (RFC 8843 §7.3).
 */
export function answeredTransports(
  state: NegotiationState,
  answer: SessionDescription,
): TransportIds {
  const isLocalOffer = ["have-local-offer", "have-remote-pranswer"].includes(state.signalingState);
  const offer = (isLocalOffer ? state.pendingLocal : state.pendingRemote)!.parsed;
  const offered = offeredTransports(state);
  const { bundleOfMid } = outlineOf(answer);
  const ids = new Map<string, string>();
  for (const [index, mid] of outlineOf(offer).mids.entries()) {
    if (!isLive(offer, index) || !isLive(answer, index)) continue;
    const group = bundleOf(answer, index);
    const leader =
      group &&
      bundleOf(offer, index)?.find(
        (other) => bundleOfMid.get(other) === group && isAccepted(offer, answer, other),
      );
    ids.set(mid, offered.get(leader ?? mid)!);
  }
  return ids;
}

/**
 * The section that speaks for each transport in a description: the first live one of the bundle, which alone has
 * to have the attributes and candidates (RFC 8843 §7.1.3, §10). Key: transport. `mids` are the names that
 * `ids` knows, by place.
 */
export function carriers(
  description: SessionDescription,
  ids: TransportIds,
  mids: readonly string[] = outlineOf(description).mids,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const seen = new Set<readonly string[]>();
  const offer = (index: number): void => {
    const id = isLive(description, index) ? ids.get(mids[index] ?? "") : undefined;
    if (id !== undefined && !found.has(id)) found.set(id, index);
  };
  for (const index of description.media.keys()) {
    const bundle = isLive(description, index) ? bundleOf(description, index) : undefined;
    if (bundle !== undefined && !seen.has(bundle)) {
      seen.add(bundle);
      for (const mid of bundle) offer(indexOfMid(description, mid));
    }
    offer(index);
  }
  return found;
}

/** What the current descriptions say of a transport that both have negotiated. */
export type SettledTransport = {
  readonly local: SectionTransport;
  readonly remote: SectionTransport;
};

/** The transports of the last completed negotiation. Key: transport. */
export function settledTransports(state: NegotiationState): ReadonlyMap<string, SettledTransport> {
  const settled = new Map<string, SettledTransport>();
  const [local, remote] = [state.currentLocal?.parsed, state.currentRemote?.parsed];
  if (local === undefined || remote === undefined) return settled;
  const theirs = carriers(remote, state.transportIds, outlineOf(local).mids);
  for (const [id, index] of carriers(local, state.transportIds)) {
    const place = theirs.get(id);
    if (place === undefined) continue;
    settled.set(id, {
      local: sectionTransportOf(local, index),
      remote: sectionTransportOf(remote, place),
    });
  }
  return settled;
}

function isAccepted(offer: SessionDescription, answer: SessionDescription, mid: string): boolean {
  const index = indexOfMid(offer, mid);
  return isLive(offer, index) && isLive(answer, index);
}

/** The first live section of the group that has a transport already. */
function negotiatedLeader(
  state: NegotiationState,
  offer: SessionDescription,
  index: number,
): string | undefined {
  return bundleOf(offer, index)?.find(
    (mid) => state.transportIds.has(mid) && isLive(offer, indexOfMid(offer, mid)),
  );
}

/** The first live section of the group whose transport is known, else the first live one. */
function bundleLeader(offer: SessionDescription, index: number, ids: TransportIds): string {
  const group = bundleOf(offer, index) ?? [];
  const known = group.find((mid) => ids.has(mid));
  if (known !== undefined) return known;
  return group.find((mid) => isLive(offer, indexOfMid(offer, mid))) ?? midOf(offer, index);
}

/** Own credentials are an own transport, if they are not those of the bundle. */
function localLeader(offer: SessionDescription, index: number, ids: TransportIds): string {
  const leader = bundleLeader(offer, index, ids);
  const place = indexOfMid(offer, leader);
  const [own, bundled] = [index, place].map((at) => sectionTransportOf(offer, at).credentials);
  return own?.ufrag === bundled?.ufrag ? leader : midOf(offer, index);
}

/** A peer may name a section as one was named before whose transport lives on under that name. */
function unusedId(mid: string, used: ReadonlySet<string>): string {
  let id = mid;
  for (let number = 2; used.has(id); number++) id = `${mid} ${number}`;
  return id;
}
