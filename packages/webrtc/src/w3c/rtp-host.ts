import type { Random } from "../base/random.ts";
import type {
  TransceiverChange,
  TransceiverId,
  TransceiverState,
} from "../negotiation/transceiver.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { RTCPeerConnectionState } from "./connection-states.ts";
import type { RTCDtlsTransport } from "./rtc-dtls-transport.ts";
import type { RTCRtpReceiver } from "./rtc-rtp-receiver.ts";
import type { RTCRtpSender } from "./rtc-rtp-sender.ts";
import type { RTCStatsReport } from "./stats/index.ts";
import type { TaskQueue } from "./task-queue.ts";

/**
 * What the connection is to its transceivers, senders and receivers. Their slots lie in negotiation's
 * records: the objects read them here whenever they are asked, and keep none of them.
 */
export interface RtpHost {
  /** [[IsClosed]] */
  readonly isClosed: boolean;
  readonly connectionState: RTCPeerConnectionState;
  /** Of this side, for `rtcp.cname`. */
  readonly cname: string;
  readonly tasks: TaskQueue;
  readonly random: Random;
  /** `queueTask` is for what still happens on a closed connection: its tracks end. */
  readonly runtime: Pick<Runtime, "createDeadline" | "epochMs" | "nowMs" | "queueTask">;
  /** Runs `operation` on the connection's operations chain. */
  chain<T>(operation: () => Promise<T>): Promise<T>;
  /** The newest record, also after the transceiver has left the set. */
  transceiver(id: TransceiverId): TransceiverState;
  change(id: TransceiverId, change: TransceiverChange): void;
  /** Runs the last steps of `setParameters` as a task; descriptions that come after the call wait for it. */
  queueParameters(step: () => void): void;
  updateNegotiationNeeded(): void;
  /** [[SenderTransport]] and [[ReceiverTransport]], which are the same: RTCP is always multiplexed. */
  transportOf(id: TransceiverId): RTCDtlsTransport | null;
  /** Both descriptions have `a=rtcp-rsize` (RFC 5506 §5). */
  hasReducedSizeRtcp(id: TransceiverId): boolean;
  getStats(selector: RTCRtpSender | RTCRtpReceiver): Promise<RTCStatsReport>;
}
