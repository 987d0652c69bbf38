import type { SendEncoding, SenderState } from "../../negotiation/transceiver.ts";
import { isCompatibleCodec } from "../../rtp/codec-match.ts";
import { encodingNameOf, isMediaCodec } from "../../rtp/supported-codecs.ts";
import { presentMembers } from "./present-members.ts";
import type { RTCCodecStats } from "./stats-dictionaries.ts";
import type { StatsContext } from "./stats-source.ts";

/** A codec as a description has named it. */
export type StatsCodec = SenderState["codecs"][number];

/**
 * The codec that an encoding is sent with: the one that the application chose for it, else the first
 * that the peer wants (https://w3c.github.io/webrtc-pc/#dom-rtcrtpencodingparameters-codec).
 */
export function codecOf(
  codecs: readonly StatsCodec[],
  wanted: SendEncoding["codec"],
): StatsCodec | undefined {
  const media = codecs.filter(isMediaCodec);
  const chosen = wanted && media.find((codec) => isCompatibleCodec(codec, wanted));
  return chosen ?? media[0];
}

/** True if lost packets are sent again in a stream of their own (RFC 4588 §4). */
export function hasRtx(codecs: readonly StatsCodec[]): boolean {
  return codecs.some((codec) => encodingNameOf(codec) === "rtx");
}

/** https://w3c.github.io/webrtc-stats/#codec-dict*. `transportId` is that of the report. */
export function codecStats(
  codec: StatsCodec,
  transportId: string,
  context: StatsContext,
): RTCCodecStats {
  return presentMembers<RTCCodecStats>({
    id: codecIdOf(codec, transportId, context),
    timestamp: context.timestamp,
    type: "codec",
    payloadType: codec.payloadType,
    transportId,
    mimeType: codec.mimeType,
    clockRate: codec.clockRate,
    channels: codec.channels,
    sdpFmtpLine: codec.sdpFmtpLine,
  });
}

/** One for each payload type of a transport, unless the parameters differ by direction. */
export function codecIdOf(
  { payloadType, mimeType, clockRate, channels, sdpFmtpLine }: StatsCodec,
  transportId: string,
  { ids }: StatsContext,
): string {
  const format = [mimeType.toLowerCase(), clockRate, channels, sdpFmtpLine];
  return ids.of("C", transportId, payloadType, ...format);
}
