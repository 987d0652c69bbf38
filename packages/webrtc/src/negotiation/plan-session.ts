import {
  hasAttribute,
  readDataChannelSection,
  type MediaDescription,
  type SetupRole,
} from "../sdp/index.ts";
import { remoteCandidatesOf } from "./candidates.ts";
import {
  isDataSection,
  isRejected,
  midOf,
  sectionTransportOf,
  type SectionTransport,
} from "./media-section.ts";
import type { NegotiationState, SetDescription } from "./negotiation-state.ts";
import type { DtlsPlan, SctpPlan, SessionPlan, TransportPlan } from "./session-plan.ts";

/**
 * What the session has to be for the descriptions of `state`: one transport for each data section
 * that this side has described and the peer has not refused.
 */
export function planSession(state: NegotiationState): SessionPlan {
  const { local, remote } = effectivePair(state);
  if (local === undefined) return { transports: [] };
  const transports: TransportPlan[] = [];
  for (const [index, section] of local.parsed.media.entries()) {
    const counterpart = remote && isCounterpart(local, remote, index) ? remote : undefined;
    const isRefused = counterpart !== undefined && isRejected(counterpart.parsed.media[index]!);
    if (!isDataSection(section) || isRejected(section) || isRefused) continue;
    const plan = planTransport(state, local, counterpart, index);
    if (plan !== undefined) transports.push(plan);
  }
  return { transports };
}

/** False for what stood in the place of a recycled section before (RFC 9429 §5.2.2): it has another MID. */
function isCounterpart(local: SetDescription, remote: SetDescription, index: number): boolean {
  const theirs = remote.parsed.media[index];
  if (theirs === undefined) return false;
  const isNamed = hasAttribute(theirs.attributes, "mid");
  return !isNamed || midOf(remote.parsed, index) === midOf(local.parsed, index);
}

/**
 * The descriptions that the transports follow. An offer alone changes nothing for what is running:
 * a remote offer is followed when the answer to it is set.
 */
function effectivePair(state: NegotiationState): {
  readonly local: SetDescription | undefined;
  readonly remote: SetDescription | undefined;
} {
  switch (state.signalingState) {
    case "have-local-offer":
      return { local: state.pendingLocal, remote: state.currentRemote };
    case "have-local-pranswer":
    case "have-remote-pranswer":
      return { local: state.pendingLocal, remote: state.pendingRemote };
    default:
      return { local: state.currentLocal, remote: state.currentRemote };
  }
}

function planTransport(
  state: NegotiationState,
  local: SetDescription,
  remote: SetDescription | undefined,
  index: number,
): TransportPlan | undefined {
  const localIce = sectionTransportOf(local.parsed, index).credentials;
  if (localIce === undefined) return undefined;
  const base = {
    transportId: midOf(local.parsed, index),
    localIce,
    iceRole: state.iceRole ?? "controlling",
  };
  if (remote === undefined) return base;
  const theirs = sectionTransportOf(remote.parsed, index);
  if (theirs.credentials === undefined) return base;
  const dtls = planDtls(sectionTransportOf(local.parsed, index).setup, theirs);
  return {
    ...base,
    remote: {
      ice: { ...theirs.credentials, isLite: theirs.isLite },
      candidates: remoteCandidatesOf(remote, index),
      hasAllCandidates: theirs.hasAllCandidates,
    },
    ...(dtls === undefined ? {} : { dtls }),
    sctp: planSctp(local.parsed.media[index]!, remote.parsed.media[index]!),
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

function planSctp(local: MediaDescription, remote: MediaDescription): SctpPlan {
  const ours = readDataChannelSection(local)!;
  const theirs = readDataChannelSection(remote)!;
  return {
    localPort: ours.sctpPort,
    remotePort: theirs.sctpPort,
    maxSendMessageBytes: theirs.maxMessageBytes,
  };
}
