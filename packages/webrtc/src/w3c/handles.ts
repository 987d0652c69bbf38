import type { MediaStream } from "./media-stream.ts";
import type { MediaStreamTrack } from "./media-stream-track.ts";
import type { RTCDataChannel } from "./rtc-data-channel.ts";
import type { RTCError } from "./rtc-error.ts";
import type { RTCIceCandidate } from "./rtc-ice-candidate.ts";
import type { RTCRtpReceiver } from "./rtc-rtp-receiver.ts";
import type { RTCRtpSender } from "./rtc-rtp-sender.ts";
import type { RTCRtpTransceiver } from "./rtc-rtp-transceiver.ts";

/*
 * Types of arguments that must be objects of this library. A class with private parts is a type that
 * nothing else fits, not even lib.dom's interface of the same name: a program that is typed by lib.dom, but
 * takes the connection's class from here, could not give it its tracks. So the types ask for attributes by
 * which lib.dom knows the object too; what is not an object of the class is refused when it arrives, with
 * the `TypeError` of Web IDL.
 */

/** A {@link MediaStreamTrack} as an argument. */
export type TrackHandle = Pick<MediaStreamTrack, "id" | "label" | "muted" | "readyState"> & {
  readonly kind: string;
};
/** A {@link MediaStream} as an argument. */
export type StreamHandle = Pick<MediaStream, "active" | "id">;
/** An {@link RTCDataChannel} as an argument. */
export type ChannelHandle = Pick<RTCDataChannel, "label" | "id" | "negotiated" | "readyState">;
/** An {@link RTCIceCandidate} as an argument. */
export type CandidateHandle = Pick<RTCIceCandidate, "candidate" | "sdpMid" | "sdpMLineIndex">;
/** An {@link RTCError} as an argument. */
export type ErrorHandle = Pick<RTCError, "errorDetail" | "message" | "sdpLineNumber">;
/** An {@link RTCRtpSender} as an argument. */
export type SenderHandle = { readonly dtmf: object | null; readonly track: TrackHandle | null };
/** An {@link RTCRtpReceiver} as an argument. */
export type ReceiverHandle = Pick<RTCRtpReceiver, "jitterBufferTarget"> & {
  readonly track: TrackHandle;
};
/** An {@link RTCRtpTransceiver} as an argument. */
export type TransceiverHandle = Pick<RTCRtpTransceiver, "currentDirection" | "direction" | "mid">;

type HandleOf<T> = T extends MediaStreamTrack
  ? TrackHandle
  : T extends MediaStream
    ? StreamHandle
    : T extends RTCDataChannel
      ? ChannelHandle
      : T extends RTCIceCandidate
        ? CandidateHandle
        : T extends RTCError
          ? ErrorHandle
          : T extends RTCRtpSender
            ? SenderHandle
            : T extends RTCRtpReceiver
              ? ReceiverHandle
              : T extends RTCRtpTransceiver
                ? TransceiverHandle
                : T extends readonly (infer Item)[]
                  ? HandleOf<Item>[]
                  : T;

/** A dictionary as an argument: its members of those classes may be typed by lib.dom. */
export type WithHandles<Dictionary> = {
  [Key in keyof Dictionary]: HandleOf<Dictionary[Key]>;
};
