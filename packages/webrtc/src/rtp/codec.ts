/** What a stream carries, as an `m=` line names it. */
export type MediaKind = "audio" | "video";

/** A codec as an application names it (https://w3c.github.io/webrtc-pc/#dom-rtcrtpcodec). */
export type Codec = {
  /** `audio/opus`, `video/VP8`; compared without regard to case (RFC 4855 §3). */
  readonly mimeType: string;
  /** In hertz. */
  readonly clockRate: number;
  /** There for audio, 1 where `a=rtpmap` names none (RFC 8866 §6.6); absent for video. */
  readonly channels?: number;
  /** The value of `a=fmtp` without its payload type. */
  readonly sdpFmtpLine?: string;
};

/** A codec with the payload type that a description gives it. */
export type NegotiatedCodec = Codec & {
  readonly payloadType: number;
  /** Values of `a=rtcp-fb`, in order: `nack`, `nack pli`, `transport-cc`. */
  readonly rtcpFeedback: readonly string[];
};
