import type { Queue } from "../base/queue.ts";
import type { Random } from "../base/random.ts";
import type { AssociationOptions } from "./association-options.ts";
import { ControlQueue } from "./control-queue.ts";
import type { Agreement, LocalHalf, PeerHalf } from "./handshake.ts";
import { agree } from "./handshake.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { DataFields } from "./packet/data-chunk.ts";
import { createDataFields, decodeDataChunk } from "./packet/data-chunk.ts";
import { decodeForwardTsnChunk } from "./packet/forward-tsn-chunk.ts";
import { decodeIDataChunk } from "./packet/i-data-chunk.ts";
import { decodeIForwardTsnChunk } from "./packet/i-forward-tsn-chunk.ts";
import { encodeErrorChunk } from "./packet/error-chunk.ts";
import { invalidStreamCause } from "./packet/error-cause.ts";
import type { PacketWriter } from "./packet/packet-writer.ts";
import { decodeReConfigChunk } from "./packet/re-config-chunk.ts";
import { decodeSackChunk } from "./packet/sack-chunk.ts";
import { PeerLiveness } from "./peer-liveness.ts";
import type { ReceiveOutcome } from "./rx/receiver.ts";
import { Receiver } from "./rx/receiver.ts";
import type { SctpEvent } from "./sctp-events.ts";
import { StreamReset } from "./stream-reset.ts";
import { Rfc9260CongestionControl } from "./tx/rfc9260-congestion-control.ts";
import { RoundTripTimer } from "./tx/round-trip-timer.ts";
import type { SendQueue } from "./tx/send-queue.ts";
import { Sender, chunkRoomOf } from "./tx/sender.ts";

/**
 * RFC 6525 §5.1.1 lets a peer have one request under way: with the answers to ours that is two or
 * three chunks. Each may concern every stream, however short it is.
 */
const MAX_RE_CONFIGS_PER_PACKET = 4;

/** What outlives a transfer, and was there before it. */
export type TransferContext = {
  readonly options: AssociationOptions;
  /** As `options` says, or as it was changed since. */
  readonly maxPacketBytes: number;
  readonly random: Random;
  readonly queue: SendQueue;
  readonly events: Queue<SctpEvent>;
  /** The same association before the peer changed its half: what is in flight stays in flight. */
  readonly previous?: DataTransfer | undefined;
};

/**
 * Everything that exists once both ends know each other: the sending and the receiving half, and
 * the procedures that need both.
 */
export class DataTransfer {
  readonly local: LocalHalf;
  readonly peer: PeerHalf;
  readonly agreement: Agreement;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly streamReset: StreamReset;
  readonly heartbeat: Heartbeat;
  readonly control = new ControlQueue();
  readonly liveness: PeerLiveness;
  readonly roundTrip: RoundTripTimer;
  readonly #fields: DataFields = createDataFields();
  #hasSackInPacket = false;
  #reConfigsInPacket = 0;

  constructor(context: TransferContext, local: LocalHalf, peer: PeerHalf, nowMs: number) {
    const { options, queue, events, random, previous } = context;
    this.local = local;
    this.peer = peer;
    this.agreement = agree(options, peer);
    this.liveness = previous?.liveness ?? new PeerLiveness(options.maxRetransmits);
    this.roundTrip = previous?.roundTrip ?? new RoundTripTimer(options);
    const { liveness, roundTrip, control } = this;
    const { isInterleaved, maxIncomingStreams } = this.agreement;
    queue.setInterleaved(isInterleaved);
    this.sender = previous?.sender ?? this.#createSender(context);
    this.receiver = new Receiver(
      {
        initialTsn: peer.initialTsn,
        isInterleaved,
        receiveWindowBytes: options.receiveWindowBytes,
        delayedAckMs: options.delayedAckMs,
      },
      maxIncomingStreams,
      events,
    );
    this.streamReset = new StreamReset({
      localInitialTsn: local.initialTsn,
      peerInitialTsn: peer.initialTsn,
      isSupported: this.agreement.canReset,
      maxRtoMs: options.maxRtoMs,
      queue,
      sender: this.sender,
      receiver: this.receiver,
      roundTrip,
      liveness,
      control,
      events,
    });
    const { heartbeatIntervalMs: intervalMs } = options;
    this.heartbeat = new Heartbeat({ intervalMs, random, roundTrip, liveness, control }, nowMs);
  }

  get nextTimeoutAtMs(): number {
    return Math.min(
      this.sender.nextTimeoutAtMs,
      this.receiver.nextTimeoutAtMs,
      this.streamReset.nextTimeoutAtMs,
      this.heartbeat.nextTimeoutAtMs,
    );
  }

  handleTimeout(nowMs: number): void {
    this.sender.handleTimeout(nowMs);
    this.receiver.handleTimeout(nowMs);
    this.streamReset.handleTimeout(nowMs);
    this.heartbeat.handleTimeout(nowMs);
  }

  /**
   * Nothing was answered for a while because there was no path. That says nothing about the round-trip
   * time and the load of the one that there is now. A path that never lost anything is left alone.
   */
  handlePathRestored(nowMs: number): void {
    if (this.liveness.strikes === 0) return;
    this.liveness.reset();
    this.roundTrip.forgetBackOff();
    this.sender.handlePathRestored(nowMs);
    this.streamReset.handlePathRestored(nowMs);
  }

  /** A DATA chunk, or an I-DATA chunk where these are agreed on. Throws `WireFormatError`. */
  handleData(packet: Uint8Array, start: number, end: number): ReceiveOutcome {
    if (this.agreement.isInterleaved) decodeIDataChunk(packet, start, end, this.#fields);
    else decodeDataChunk(packet, start, end, this.#fields);
    const outcome = this.receiver.handleData(packet, this.#fields);
    if (outcome === "invalidStream") {
      this.control.push(encodeErrorChunk([invalidStreamCause(this.#fields.streamId)]));
    }
    return outcome;
  }

  /**
   * Only the first of a packet counts: an honest peer sends one at most for each packet that it got
   * (RFC 9260 §6.2), and each may name all that is in flight in 20 bytes. Throws `WireFormatError`.
   */
  handleSack(packet: Uint8Array, start: number, end: number, nowMs: number): void {
    if (this.#hasSackInPacket) return;
    this.#hasSackInPacket = true;
    this.sender.handleSack(decodeSackChunk(packet, start, end), nowMs);
  }

  /** FORWARD TSN, or I-FORWARD-TSN where I-DATA is agreed on. Throws `WireFormatError`. */
  handleForwardTsn(chunk: Uint8Array): void {
    this.receiver.handleForwardTsn(
      this.agreement.isInterleaved ? decodeIForwardTsnChunk(chunk) : decodeForwardTsnChunk(chunk),
    );
  }

  /** More than a few in one packet are ignored. Throws `WireFormatError`. */
  handleReConfig(chunk: Uint8Array, nowMs: number): void {
    if (++this.#reConfigsInPacket > MAX_RE_CONFIGS_PER_PACKET) return;
    for (const parameter of decodeReConfigChunk(chunk)) {
      this.streamReset.handleParameter(parameter, nowMs);
    }
  }

  /** All chunks of a packet were handled. True if there was data among them. */
  handlePacketEnd(nowMs: number): boolean {
    const hadData = this.receiver.handlePacketEnd(nowMs);
    this.streamReset.handleProgress(nowMs);
    this.#hasSackInPacket = false;
    this.#reConfigsInPacket = 0;
    return hadData;
  }

  /** Adds what is to be sent: control chunks, a SACK if one is due or can ride along, then data. */
  writeChunks(writer: PacketWriter, nowMs: number): void {
    const hasData = this.sender.hasWork(nowMs); // Drops what has expired, which may end a drain.
    this.streamReset.handleProgress(nowMs);
    if (!this.control.isEmpty) this.control.writeInto(writer);
    const { receiver } = this;
    if (receiver.isAckDue || (receiver.isAckPending && (hasData || !writer.isEmpty))) {
      receiver.writeSack(writer);
    }
    if (hasData) this.sender.writeChunks(writer, nowMs);
  }

  #createSender({ options, queue, maxPacketBytes }: TransferContext): Sender {
    const { local, peer, liveness, roundTrip } = this;
    const { isInterleaved, canForwardTsn } = this.agreement;
    const senderOptions = {
      initialTsn: local.initialTsn,
      isInterleaved,
      canForwardTsn,
      maxPacketBytes,
      maxBurstPackets: options.maxBurstPackets,
      peerWindowBytes: peer.windowBytes,
    };
    const congestion = new Rfc9260CongestionControl(chunkRoomOf(maxPacketBytes), peer.windowBytes);
    return new Sender(senderOptions, { queue, congestion, roundTrip, liveness });
  }
}
