import type { ProtocolFailure } from "../base/errors.ts";

/** What an association tells its owner. */
export type SctpEvent =
  /** Messages flow; the counts are what was negotiated (RFC 9260 §5.1.1). */
  | {
      readonly kind: "connected";
      readonly maxOutgoingStreams: number;
      readonly maxIncomingStreams: number;
    }
  /** `payload` belongs to the receiver of the event. */
  | {
      readonly kind: "message";
      readonly streamId: number;
      readonly ppid: number;
      readonly payload: Uint8Array;
    }
  /** So many payload bytes left the stream's queue since the last such event: sent, or given up. */
  | { readonly kind: "sent"; readonly streamId: number; readonly bytes: number }
  /**
   * The peer reset its outgoing streams: nothing more comes on them until they are used anew. An
   * empty list means all of them, as in RFC 6525 §4.1.
   */
  | { readonly kind: "streamsReset"; readonly streamIds: readonly number[] }
  /** The reset that `resetStream` asked for is over; the stream can be used anew. */
  | { readonly kind: "streamResetDone"; readonly streamId: number }
  /** The last event. Without `failure` it was closed on purpose: by `shutdown` or by `abort`. */
  | { readonly kind: "closed"; readonly failure?: ProtocolFailure };
