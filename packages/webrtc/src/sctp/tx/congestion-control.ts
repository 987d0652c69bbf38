/** What an acknowledgement says, as far as congestion control cares. */
export type AckSummary = {
  /** Bytes of chunks acknowledged for the first time, cumulatively or by a gap block. */
  readonly ackedBytes: number;
  /** True if the cumulative TSN moved. */
  readonly hasAdvanced: boolean;
  /** True if the window, not the application, limited what was in flight before this SACK. */
  readonly wasWindowFull: boolean;
  /** True while losses of one window are being repaired (RFC 9260 §7.2.4). */
  readonly isInRecovery: boolean;
};

/**
 * How much may be in flight. The sender tells it what happens; it tells the sender its window. A
 * sender's own affair: any algorithm works with any receiver.
 */
export interface CongestionControl {
  /** The congestion window, in bytes of chunks with their headers. */
  readonly windowBytes: number;
  handleAck(ack: AckSummary): void;
  /** Fast retransmit begins to repair a loss; called once per recovery. */
  handleLoss(): void;
  /** The retransmission timer has expired. */
  handleTimeout(): void;
  /** Nothing was sent for `idleRtos` retransmission timeouts, and something is about to be. */
  handleIdle(idleRtos: number): void;
  /** The path's packets hold so many bytes of chunks from now on. */
  setMaxPacketBytes(maxPacketBytes: number): void;
}
