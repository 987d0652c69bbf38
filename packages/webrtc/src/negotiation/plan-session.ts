import { readDataChannelSection, type SessionDescription, type SetupRole } from "../sdp/index.ts";
import { remoteCandidatesOf } from "./candidates.ts";
import {
  isDataSection,
  isLive,
  isMediaSection,
  midOf,
  sectionTransportOf,
  type SectionTransport,
} from "./media-section.ts";
import type { NegotiationState, SetDescription } from "./negotiation-state.ts";
import { outlineOf } from "./outline.ts";
import type { DtlsPlan, SctpPlan, SessionPlan, TransportPlan } from "./session-plan.ts";
import {
  carriers,
  settledTransports,
  transportIds,
  type SettledTransport,
  type TransportIds,
} from "./transports.ts";

/**
 * What the session has to be for the descriptions of `state`: one transport for each bundle, and for each section
 * outside of one, that this side has described and the peer has not refused. What was negotiated goes on until an
 * answer ends it: an offer and a provisional answer may still be taken back (RFC 9429 §5.7).
 */
export function planSession(state: NegotiationState): SessionPlan {
  const pair = effectivePair(state);
  if (pair === undefined) return { transports: [] };
  const settled = settledTransports(state);
  const transports = planTransports(state, pair, settled);
  const current = pair.local === state.currentLocal ? undefined : currentPair(state);
  if (current === undefined) return { transports };
  const planned = new Set(transports.map(({ transportId }) => transportId));
  if ([...settled.keys()].every((id) => planned.has(id))) return { transports };
  const running = planTransports(state, current, settled);
  const kept = running.filter(({ transportId }) => !planned.has(transportId));
  return { transports: [...kept, ...transports] };
}

function planTransports(
  state: NegotiationState,
  pair: EffectivePair,
  settled: ReadonlyMap<string, SettledTransport>,
): readonly TransportPlan[] {
  const { local, remote, ids } = pair;
  // What the peer said in the last negotiation is read as it was agreed, whatever a new offer leaves out.
  const remoteIds = remote === state.currentRemote ? state.transportIds : ids;
  const theirs = remote && carriers(remote.parsed, remoteIds, remoteMids(state, remote));
  const contents = contentsOf(pair);
  const transports: TransportPlan[] = [];
  for (const [id, index] of carriers(local.parsed, ids)) {
    const place = theirs?.get(id);
    const ours = sectionTransportOf(local.parsed, index);
    if (ours.credentials === undefined) continue;
    transports.push({
      transportId: id,
      localIce: ours.credentials,
      iceRole: state.iceRole ?? "controlling",
      ...planRemote(remote, place, ours, settled.get(id)),
      ...contents.get(id),
    });
  }
  return transports;
}

/** The descriptions that the transports follow, and what lies where by them. */
type EffectivePair = {
  readonly local: SetDescription;
  readonly remote: SetDescription | undefined;
  readonly ids: TransportIds;
};

/**
 * An offer alone changes nothing for what is running: a remote offer is followed when the answer to it is set, and
 * of a local one only what it wants to begin.
 */
function effectivePair(state: NegotiationState): EffectivePair | undefined {
  const { currentRemote, pendingLocal, pendingRemote } = state;
  switch (state.signalingState) {
    case "have-local-offer":
      return { local: pendingLocal!, remote: currentRemote, ids: transportIds(state) };
    case "have-local-pranswer":
    case "have-remote-pranswer":
      return { local: pendingLocal!, remote: pendingRemote, ids: transportIds(state) };
    default:
      return currentPair(state);
  }
}

function currentPair({
  currentLocal: local,
  currentRemote: remote,
  transportIds: ids,
}: NegotiationState): EffectivePair | undefined {
  return local && { local, remote, ids };
}

/** The names that this side has for the sections of the peer's description: the peer may have none. */
function remoteMids(state: NegotiationState, remote: SetDescription): readonly string[] {
  const local = remote === state.currentRemote ? state.currentLocal : state.pendingLocal;
  return local === undefined ? [] : outlineOf(local.parsed).mids;
}

function planRemote(
  remote: SetDescription | undefined,
  place: number | undefined,
  ours: SectionTransport,
  settled: SettledTransport | undefined,
): Pick<TransportPlan, "remote" | "dtls"> {
  if (remote === undefined || place === undefined) return {};
  const theirs = sectionTransportOf(remote.parsed, place);
  if (theirs.credentials === undefined) return {};
  // While an own offer of a new ICE generation is open, who is the client stays as it was agreed.
  const dtls = planDtls(ours.setup, theirs) ?? (settled && planDtls(settled.local.setup, theirs));
  return {
    remote: {
      ice: { ...theirs.credentials, isLite: theirs.isLite },
      candidates: remoteCandidatesOf(remote, place),
      hasAllCandidates: theirs.hasAllCandidates,
    },
    ...(dtls === undefined ? {} : { dtls }),
  };
}

/** RFC 8842 §5: "active" is the client; both "actpass" means that an answer is still to come. */
function planDtls(ours: SetupRole | undefined, theirs: SectionTransport): DtlsPlan | undefined {
  const remoteFingerprints = theirs.fingerprints;
  if (ours === "active" || theirs.setup === "passive")
    return { role: "client", remoteFingerprints };
  if (ours === "passive" || theirs.setup === "active")
    return { role: "server", remoteFingerprints };
  return undefined;
}

/** What the transports carry. Key: transport. */
function contentsOf({
  local,
  remote,
  ids,
}: EffectivePair): ReadonlyMap<string, Pick<TransportPlan, "sctp" | "hasRtp">> {
  const contents = new Map<string, Pick<TransportPlan, "sctp" | "hasRtp">>();
  for (const [index, section] of local.parsed.media.entries()) {
    const id = ids.get(midOf(local.parsed, index));
    if (id === undefined || !isLive(local.parsed, index)) continue;
    if (isMediaSection(local.parsed, index)) {
      contents.set(id, { ...contents.get(id), hasRtp: true });
    } else if (isDataSection(section)) {
      const sctp = planSctp(local.parsed, remote?.parsed, index);
      if (sctp !== undefined) contents.set(id, { ...contents.get(id), sctp });
    }
  }
  return contents;
}

/** `undefined` as long as the peer has not described its end. */
function planSctp(
  local: SessionDescription,
  remote: SessionDescription | undefined,
  index: number,
): SctpPlan | undefined {
  const theirSection = remote?.media[index];
  if (theirSection === undefined || !isLive(remote, index)) return undefined;
  const ours = readDataChannelSection(local.media[index]!)!;
  const theirs = readDataChannelSection(theirSection);
  if (theirs === undefined) return undefined;
  return {
    localPort: ours.sctpPort,
    remotePort: theirs.sctpPort,
    maxSendMessageBytes: theirs.maxMessageBytes,
  };
}
