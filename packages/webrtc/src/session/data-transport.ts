import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { ProtocolFailure } from "../base/errors.ts";
import { Queue } from "../base/queue.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";
import type { ChannelCommand, ChannelEvent } from "../datachannel/channel-events.ts";
import { ChannelTable } from "../datachannel/channel-table.ts";
import type { SctpPlan } from "../negotiation/session-plan.ts";
import { SctpAssociation } from "../sctp/association.ts";
import type { SctpEvent } from "../sctp/sctp-events.ts";

/** The channel table has the bound that counts; this one only must not be hit first. */
const SCTP_BUFFER_BYTES = 64 * 1024 * 1024;

/** What the data channels' transport tells the session. */
export type DataTransportEvent =
  | { readonly kind: "sctpConnected"; readonly maxChannels: number }
  | { readonly kind: "sctpClosed"; readonly failure?: ProtocolFailure }
  | { readonly kind: "channel"; readonly event: ChannelEvent };

/**
 * The SCTP association and the channels over it (RFC 8831): channels know numbered streams, the
 * association knows nothing of channels, and this is where the two meet.
 */
export class DataTransport {
  readonly channels = new ChannelTable();
  readonly #crypto: CryptoPort;
  readonly #events = new Queue<DataTransportEvent>();
  #association: SctpAssociation | undefined;
  /** Why the transport below ended: the association's own end cannot know it. */
  #failureBelow: ProtocolFailure | undefined;

  constructor(crypto: CryptoPort) {
    this.#crypto = crypto;
  }

  /** Decides who uses even and who odd stream ids (RFC 8832 §6). Later calls change nothing. */
  setRole(dtlsRole: "client" | "server"): void {
    if (this.#association === undefined) this.channels.setRole(dtlsRole);
  }

  /** There is, or was, an association. */
  get hasAssociation(): boolean {
    return this.#association !== undefined;
  }

  /** DTLS is up: starts the association from this side; the peer does the same (RFC 8831 §6.2). */
  connect(plan: SctpPlan, maxPacketBytes: number, nowMs: number): void {
    if (this.#association !== undefined) return;
    const { localPort, remotePort } = plan;
    this.#association = new SctpAssociation(
      { localPort, remotePort, maxPacketBytes, maxBufferedBytes: SCTP_BUFFER_BYTES },
      this.#crypto,
    );
    this.#association.connect(nowMs);
    this.settle(nowMs);
  }

  handlePacket(bytes: Uint8Array, nowMs: number): void {
    this.#association?.handlePacket(bytes, nowMs);
    this.settle(nowMs);
  }

  handleTimeout(nowMs: number): void {
    if (this.#association === undefined || nowMs < this.#association.nextTimeoutAtMs) return;
    this.#association.handleTimeout(nowMs);
    this.settle(nowMs);
  }

  /** The transport below is gone, and with it the association (webrtc-pc, RTCSctpTransportState "closed"). */
  handleTransportClosed(failure: ProtocolFailure | undefined, nowMs: number): void {
    this.#failureBelow = failure;
    this.#association?.abort("the transport below was closed", nowMs);
    this.settle(nowMs);
    this.channels.handleAssociationClosed(failure);
  }

  abort(reason: string, nowMs: number): void {
    this.#association?.abort(reason, nowMs);
  }

  get nextTimeoutAtMs(): number {
    return this.#association?.nextTimeoutAtMs ?? NEVER_AT_MS;
  }

  /** One SCTP packet, not encrypted yet. */
  pollTransmit(): Uint8Array | undefined {
    return this.#association?.pollTransmit();
  }

  /** Ask again after `pollTransmit`: what was sent for the first time is known only then. */
  pollEvent(): DataTransportEvent | undefined {
    this.#takeSctpEvents();
    if (this.#events.size > 0) return this.#events.shift();
    const event = this.channels.pollEvent();
    return event === undefined ? undefined : { kind: "channel", event };
  }

  /** Moves what the association learnt to the channels, and what the channels want to the association. */
  settle(nowMs: number): void {
    const association = this.#association;
    if (association === undefined) return;
    for (;;) {
      this.#takeSctpEvents();
      const command = this.channels.pollCommand();
      if (command === undefined) break;
      carryOut(association, command, nowMs);
    }
    association.setUnreadBytes(this.channels.heldBytes, nowMs);
  }

  #takeSctpEvents(): void {
    for (;;) {
      const event = this.#association?.pollEvent();
      if (event === undefined) return;
      this.#handleSctpEvent(event);
    }
  }

  #handleSctpEvent(event: SctpEvent): void {
    const { channels } = this;
    switch (event.kind) {
      case "connected": {
        const { maxOutgoingStreams, maxIncomingStreams } = event;
        const maxChannels = Math.min(maxOutgoingStreams, maxIncomingStreams);
        this.#events.push({ kind: "sctpConnected", maxChannels });
        return channels.handleConnected(maxOutgoingStreams, maxIncomingStreams);
      }
      case "message":
        return channels.handleMessage(event.streamId, event.ppid, event.payload);
      case "sent":
        return channels.handleSent(event.streamId, event.bytes);
      case "streamsReset":
        return channels.handleStreamsReset(event.streamIds);
      case "streamResetDone":
        return channels.handleStreamResetDone(event.streamId);
      case "closed": {
        const failure = event.failure ?? this.#failureBelow;
        this.#events.push({ kind: "sctpClosed", ...(failure === undefined ? {} : { failure }) });
        return channels.handleAssociationClosed(failure);
      }
    }
  }
}

function carryOut(association: SctpAssociation, command: ChannelCommand, nowMs: number): void {
  if (command.kind === "send") association.send(command, nowMs);
  else association.resetStream(command.streamId, nowMs);
}
