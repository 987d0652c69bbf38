import type { IceStatistics, TransportStatistics } from "../../session/session-statistics.ts";
import { CONSTRUCTION_TOKEN } from "../webidl/index.ts";
import { candidatePairStats } from "./candidate-pair-stats.ts";
import { localCandidateStats, remoteCandidateStats } from "./candidate-stats.ts";
import { certificateStats } from "./certificate-stats.ts";
import { codecStats } from "./codec-stats.ts";
import { dataChannelStats } from "./data-channel-stats.ts";
import { mediaSourceStats } from "./media-source-stats.ts";
import { outboundIdOf, outboundRtpStats, outboundStreamsOf } from "./outbound-rtp-stats.ts";
import { peerConnectionStats } from "./peer-connection-stats.ts";
import { RTCStatsReport } from "./rtc-stats-report.ts";
import { selectStats, type StatsSelector } from "./select-stats.ts";
import type { RTCAnyStats } from "./stats-dictionaries.ts";
import type { StatsIds } from "./stats-ids.ts";
import {
  StatsContext,
  type StatsGeneration,
  type StatsSource,
  type StatsTransceiver,
} from "./stats-source.ts";
import { transportStats } from "./transport-stats.ts";

/**
 * https://w3c.github.io/webrtc-pc/#dfn-stats-selection-algorithm: the statistics of the whole
 * connection, or of the RTP streams of one sender or receiver with all that they refer to. `ids` is
 * the connection's, made once and kept.
 */
export function buildStatsReport(
  source: StatsSource,
  ids: StatsIds,
  selector?: StatsSelector,
): RTCStatsReport {
  ids.beginReport();
  const context = new StatsContext(source, ids);
  const stats = [
    peerConnectionStats(source.session, context),
    ...source.session.transports.flatMap((transport) => statsOfTransport(transport, context)),
    ...source.session.channels.map((channel) => dataChannelStats(channel, context)),
    ...source.transceivers.flatMap((transceiver) => statsOfTransceiver(transceiver, context)),
  ];
  // What several objects share, a certificate or a codec, is described more than once, and the same.
  const report = new RTCStatsReport(CONSTRUCTION_TOKEN, stats);
  if (selector === undefined) return report;
  return selectStats(report, rootIdsOf(selector, source, context));
}

function statsOfTransport(
  transport: TransportStatistics,
  context: StatsContext,
): readonly RTCAnyStats[] {
  const { agreement, localCertificates } = transport;
  return [
    transportStats(transport, context),
    ...certificateStats(localCertificates, context),
    ...certificateStats(agreement?.remoteCertificates ?? [], context),
    ...transport.ice.generations.flatMap((ice) =>
      statsOfGeneration(ice, { ...ice, transport }, context),
    ),
  ];
}

function statsOfGeneration(
  { pairs, localCandidates, remoteCandidates }: IceStatistics,
  generation: StatsGeneration,
  context: StatsContext,
): readonly RTCAnyStats[] {
  return [
    ...pairs.map((pair) => candidatePairStats(pair, generation, context)),
    ...localCandidates.map((candidate) => localCandidateStats(candidate, generation, context)),
    ...remoteCandidates.map((remote) => remoteCandidateStats(remote, generation, context)),
  ];
}

function statsOfTransceiver(
  transceiver: StatsTransceiver,
  context: StatsContext,
): readonly RTCAnyStats[] {
  const { state, senderTrackId, transportId } = transceiver;
  const transport = context.transportIdNamed(transportId);
  const streams = outboundStreamsOf(transceiver);
  const codecs = streams.flatMap(({ codec }) => (codec === undefined ? [] : [codec]));
  return [
    ...(senderTrackId === null ? [] : [mediaSourceStats(senderTrackId, state.kind, context)]),
    ...streams.map((stream) => outboundRtpStats(stream, context)),
    ...(transport === undefined
      ? []
      : codecs.map((codec) => codecStats(codec, transport, context))),
  ];
}

/** No packet of a peer's stream has come yet, so a receiver has none. */
function rootIdsOf(
  { side, transceiverId }: StatsSelector,
  { transceivers }: StatsSource,
  context: StatsContext,
): readonly string[] {
  if (side === "receiver") return [];
  return transceivers
    .filter(({ state }) => state.id === transceiverId)
    .flatMap((transceiver) => outboundStreamsOf(transceiver))
    .map((stream) => outboundIdOf(stream, context));
}
