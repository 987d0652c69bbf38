import type { SendEncoding } from "../../negotiation/transceiver.ts";
import { codecIdOf, codecOf, hasRtx, type StatsCodec } from "./codec-stats.ts";
import { presentMembers } from "./present-members.ts";
import type { RTCOutboundRtpStreamStats } from "./rtp-dictionaries.ts";
import type { StatsContext, StatsTransceiver } from "./stats-source.ts";

/** One RTP stream of a sender. */
export type OutboundStream = {
  readonly transceiver: StatsTransceiver;
  readonly encoding: SendEncoding;
  readonly index: number;
  /** What it is sent with; absent if nothing was agreed on that carries media. */
  readonly codec: StatsCodec | undefined;
};

/** Zero is what cumulative members begin with. */
const COUNTERS = {
  packetsSent: 0,
  packetsSentWithEct1: 0,
  bytesSent: 0,
  headerBytesSent: 0,
  retransmittedPacketsSent: 0,
  retransmittedBytesSent: 0,
  totalPacketSendDelay: 0,
  nackCount: 0,
};
const VIDEO_COUNTERS = {
  totalEncodedBytesTarget: 0,
  framesSent: 0,
  hugeFramesSent: 0,
  framesEncoded: 0,
  keyFramesEncoded: 0,
  totalEncodeTime: 0,
  firCount: 0,
  pliCount: 0,
};

/**
 * The streams of a sender, one for each encoding: there from the answer on that first let it send,
 * whether or not it may send now, until the transceiver is stopped
 * (https://w3c.github.io/webrtc-stats/#the-rtp-statistics-hierarchy). `stop()` ends them at once, as it
 * does in browsers, and not with the description that follows.
 */
export function outboundStreamsOf(transceiver: StatsTransceiver): readonly OutboundStream[] {
  const { hasSent, isStopping, isStopped, sender } = transceiver.state;
  if (!hasSent || isStopping || isStopped) return [];
  return sender.encodings.map((encoding, index) => ({
    transceiver,
    encoding,
    index,
    codec: codecOf(sender.codecs, encoding.codec),
  }));
}

/**
 * https://w3c.github.io/webrtc-stats/#outboundrtpstats-dict*. Media does not flow yet, so the counters
 * stand at zero and nothing is said of encoders, frame sizes and limits.
 */
export function outboundRtpStats(
  stream: OutboundStream,
  context: StatsContext,
): RTCOutboundRtpStreamStats {
  const { transceiver, encoding, index, codec } = stream;
  const { kind, mid, sender } = transceiver.state;
  const transportId = context.transportIdNamed(transceiver.transportId);
  const { senderTrackId } = transceiver;
  const isVideo = kind === "video";
  return presentMembers<RTCOutboundRtpStreamStats>({
    id: outboundIdOf(stream, context),
    timestamp: context.timestamp,
    type: "outbound-rtp",
    ssrc: ssrcOfEncoding(sender.ssrc, index),
    kind,
    transportId,
    codecId: transportId && codec && codecIdOf(codec, transportId, context),
    mid: mid ?? undefined,
    mediaSourceId: senderTrackId === null ? undefined : context.ids.ofSource(senderTrackId),
    rid: isVideo ? encoding.rid : undefined,
    encodingIndex: isVideo ? index : undefined,
    rtxSsrc: hasRtx(sender.codecs) ? ssrcOfEncoding(sender.rtxSsrc, index) : undefined,
    ...COUNTERS,
    ...(isVideo ? VIDEO_COUNTERS : {}),
    active: encoding.active,
    scalabilityMode: isVideo ? encoding.scalabilityMode : undefined,
  });
}

/** The id of a stream; another SSRC is another stream. */
export function outboundIdOf(
  { transceiver, index }: Pick<OutboundStream, "transceiver" | "index">,
  { ids }: StatsContext,
): string {
  const { id, sender } = transceiver.state;
  return ids.of("O", id, index, ssrcOfEncoding(sender.ssrc, index));
}

/**
 * The SSRC of one encoding. Negotiation draws one for the sender, which the first encoding has; those
 * after it count on from there.
 */
export function ssrcOfEncoding(senderSsrc: number, index: number): number {
  return (senderSsrc + index) >>> 0;
}
