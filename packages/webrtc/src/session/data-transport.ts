import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { ProtocolFailure } from "../base/errors.ts";
import { Queue } from "../base/queue.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";
import type { ChannelCommand, ChannelEvent } from "../datachannel/channel-events.ts";
import { ChannelTable } from "../datachannel/channel-table.ts";
import type { SctpPlan } from "../negotiation/session-plan.ts";
import { SctpAssociation } from "../sctp/association.ts";
import type { AssociationStats } from "../sctp/association-stats.ts";
import { DEFAULT_ASSOCIATION_OPTIONS } from "../sctp/association-options.ts";
import type { SctpEvent } from "../sctp/sctp-events.ts";

/** The channel table has the bound that counts; this one only must not be hit first. */
const SCTP_BUFFER_BYTES = 64 * 1024 * 1024;

/** What the data channels' transport is made with. */
export type DataTransportOptions = {
  readonly crypto: CryptoPort;
  /** Largest message that is taken; announced to the peer as `a=max-message-size`. */
  readonly maxMessageBytes: number;
};

/** What the data channels' transport tells the session. */
export type DataTransportEvent =
  | { readonly kind: "sctpConnected"; readonly maxChannels: number }
  | { readonly kind: "sctpClosed"; readonly failure?: ProtocolFailure }
  | { readonly kind: "channel"; readonly event: ChannelEvent };

/**
 * The SCTP association and the channels over it (RFC 8831): channels know numbered streams, the
 * association knows nothing of channels, and this is where the two meet. It serves one association;
 * {@link createSuccessor} makes what serves the next.
 */
export class DataTransport {
  readonly channels: ChannelTable;
  readonly #options: DataTransportOptions;
  readonly #events = new Queue<DataTransportEvent>();
  #association: SctpAssociation | undefined;
  /** Why the transport below ended: the association's own end cannot know it. */
  #failureBelow: ProtocolFailure | undefined;

  constructor(
    options: DataTransportOptions,
    channels = new ChannelTable({ maxMessageBytes: options.maxMessageBytes }),
  ) {
    this.#options = options;
    this.channels = channels;
  }

  /** Takes over the channels that still wait for an association; this one may be ended then. */
  createSuccessor(): DataTransport {
    return new DataTransport(this.#options, this.channels.createSuccessor());
  }

  /** A snapshot of the association, if there is one. */
  get associationStats(): AssociationStats | undefined {
    return this.#association?.stats;
  }

  /** Decides who uses even and who odd stream ids (RFC 8832 §6). Later calls change nothing. */
  setRole(dtlsRole: "client" | "server"): void {
    if (this.#association === undefined) this.channels.setRole(dtlsRole);
  }

  /** DTLS is up: starts the association from this side; the peer does the same (RFC 8831 §6.2). */
  connect(plan: SctpPlan, maxPacketBytes: number, nowMs: number): void {
    if (this.#association !== undefined) return;
    const { crypto, maxMessageBytes } = this.#options;
    this.#association = new SctpAssociation(
      {
        localPort: plan.localPort,
        remotePort: plan.remotePort,
        maxPacketBytes,
        maxBufferedBytes: SCTP_BUFFER_BYTES,
        // Two messages of the largest size: one that is put together, one that is on its way.
        receiveWindowBytes: Math.max(
          DEFAULT_ASSOCIATION_OPTIONS.receiveWindowBytes,
          2 * maxMessageBytes,
        ),
      },
      crypto,
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

  /** The path below was broken and works again, or another has taken its place. */
  handlePathRestored(nowMs: number): void {
    this.#association?.handlePathRestored(nowMs);
    this.handleTimeout(nowMs);
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

  /** Something broke that must not: the association is not called any more, whatever follows. */
  abandon(failure: ProtocolFailure): void {
    if (this.#association !== undefined) this.#events.push({ kind: "sctpClosed", failure });
    this.#association = undefined;
    this.channels.handleAssociationClosed(failure);
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
