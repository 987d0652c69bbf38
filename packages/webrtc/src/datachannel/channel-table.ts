import { ProtocolFailure, UsageError, WireFormatError, type SpecRef } from "../base/errors.ts";
import { Queue } from "../base/queue.ts";
import { Channel, checkChannelInit } from "./channel.ts";
import {
  ChannelHistory,
  channelStatisticsOf,
  type ChannelStatistics,
} from "./channel-statistics.ts";
import { EventOutbox } from "./event-outbox.ts";
import { DEFAULT_CHANNEL_TABLE_OPTIONS } from "./channel-table-options.ts";
import {
  decodeDataChannelAck,
  encodeDataChannelAck,
  MESSAGE_TYPE_ACK,
} from "./data-channel-ack.ts";
import {
  decodeDataChannelOpen,
  encodeDataChannelOpen,
  PRIORITY_NORMAL,
} from "./data-channel-open.ts";
import { PeerShare } from "./peer-share.ts";
import { PartialMessages } from "./partial-messages.ts";
import { PPID_DCEP } from "./ppid.ts";
import { SendBudget } from "./send-budget.ts";
import { MAX_STREAMS, parityOf, StreamTable } from "./stream-ids.ts";
import { isTextPpid, readUserMessage, userMessageCommand } from "./user-message.ts";
import type { ChannelCommand, ChannelEvent, ChannelInit, ChannelKey } from "./channel-events.ts";
import type { ChannelTableCounters, ChannelTableOptions } from "./channel-table-options.ts";
import type { DataChannelOpen } from "./data-channel-open.ts";
import type { IdParity } from "./stream-ids.ts";

/**
 * The data channels of one SCTP association (RFC 8831, RFC 8832). It does not know SCTP: it is told
 * what happened on numbered streams, and asked for commands.
 *
 * After every call drain `pollCommand` and `pollEvent`. The life of a channel:
 *
 *     createChannel                              OPEN of the peer
 *       | setRole: idAssigned                      | announced, ACK goes out
 *       | handleConnected: OPEN goes out, opened   |
 *       '-------------------> open <---------------'
 *                              |   close(), or the peer's reset: closing
 *                              |   both directions of the stream are reset (RFC 8831 §6.7)
 *                              v
 *                            closed, the stream can be used again
 *
 * Departure from RFC 8832 §6: user data on a stream without a channel does not reset the stream, it is
 * dropped. Of two applications that agree on a channel themselves one may be early, and the W3C allows
 * to drop what comes too soon; a reset would close the channel at the peer.
 */
export class ChannelTable {
  readonly #options: ChannelTableOptions;
  readonly #streams = new StreamTable<Channel>();
  readonly #channels = new Map<ChannelKey, Channel>();
  readonly #commands = new Queue<ChannelCommand>();
  readonly #events = new EventOutbox();
  readonly #partials = new PartialMessages();
  readonly #sendBudget: SendBudget;
  readonly #peerShare: PeerShare;
  /** Shared with the tables before and after this one. */
  readonly #history: ChannelHistory;
  readonly #counters: ChannelTableCounters = {
    droppedMessages: 0,
    badControlMessages: 0,
    refusedChannels: 0,
  };
  #lastKey = 0;
  #parity: IdParity | undefined;
  #streamLimit = MAX_STREAMS;
  #isConnected = false;
  #isClosed = false;

  constructor(options: Partial<ChannelTableOptions> = {}, history = new ChannelHistory()) {
    this.#options = { ...DEFAULT_CHANNEL_TABLE_OPTIONS, ...options };
    this.#sendBudget = new SendBudget(this.#options.maxBufferedBytes);
    this.#peerShare = new PeerShare(this.#options);
    this.#history = history;
  }

  /** What was handed to SCTP and has not been sent, with some overhead for each message. */
  get bufferedBytes(): number {
    return this.#sendBudget.bufferedBytes;
  }

  /**
   * What waits for applications that have paused reading, or for the rest of a message in parts: to be
   * taken off the receive window.
   */
  get heldBytes(): number {
    return this.#events.heldBytes + this.#partials.heldBytes;
  }

  get counters(): Readonly<ChannelTableCounters> {
    return this.#counters;
  }

  /** How many channels have been open and are not any more; the tables before this one included. */
  get history(): Readonly<Pick<ChannelHistory, "openedChannels" | "closedChannels">> {
    return this.#history;
  }

  /** A snapshot of every channel, the latest of those that have ended included. */
  get statistics(): readonly ChannelStatistics[] {
    const living = [...this.#channels.values()].filter(({ state }) => state !== "closed");
    return [...this.#history.ended, ...living.map((channel) => channelStatisticsOf(channel))];
  }

  /** The stream of a channel, `undefined` while it has none. */
  streamIdOf(key: ChannelKey): number | undefined {
    return this.#channels.get(key)?.streamId;
  }

  /** What SCTP should do next, or `undefined`. A `send` can be handed over as it is. */
  pollCommand(): ChannelCommand | undefined {
    return this.#commands.shift();
  }

  pollEvent(): ChannelEvent | undefined {
    return this.#events.poll();
  }

  /**
   * The DTLS role is known: channels that were created before get their streams, even ids for the
   * client and odd ones for the server (RFC 8832 §6). Until the association is up the role may still
   * change, and the ids with it; after that it throws {@link UsageError} `ERR_OUT_OF_ORDER`.
   */
  setRole(dtlsRole: "client" | "server"): void {
    const parity = parityOf(dtlsRole);
    if (this.#parity === parity || this.#isClosed) return;
    if (this.#isConnected) {
      throw new UsageError("ERR_OUT_OF_ORDER", "the role cannot change while connected");
    }
    this.#parity = parity;
    for (const channel of this.#channels.values()) {
      if (channel.origin !== "local" || channel.state !== "waiting") continue;
      const hasFittingId = channel.streamId !== undefined && (channel.streamId & 1) === parity;
      if (!hasFittingId) this.#assignStream(channel);
    }
  }

  /**
   * The association is up: what waits is opened, or fails if its id is beyond the negotiated streams.
   * Throws {@link UsageError} `ERR_OUT_OF_ORDER` before `setRole`.
   */
  handleConnected(maxOutgoingStreams: number, maxIncomingStreams: number): void {
    if (this.#isClosed || this.#isConnected) return;
    if (this.#parity === undefined) {
      throw new UsageError("ERR_OUT_OF_ORDER", "the DTLS role comes before the association");
    }
    this.#isConnected = true;
    this.#streamLimit = Math.min(maxOutgoingStreams, maxIncomingStreams, MAX_STREAMS);
    for (const channel of this.#channels.values()) {
      if (channel.state !== "waiting") continue;
      if (channel.streamId! < this.#streamLimit) this.#open(channel);
      else this.#failToOpen(channel, `${this.#streamLimit} streams were negotiated`);
    }
  }

  /**
   * A channel of this side. Throws {@link UsageError}: `ERR_CLOSED` after the end, `ERR_RANGE` if the
   * properties are impossible, the stream is taken or there is none left.
   */
  createChannel(init: ChannelInit): ChannelKey {
    if (this.#isClosed) throw new UsageError("ERR_CLOSED", "the association has ended");
    checkChannelInit(init);
    if (this.#channels.size >= this.#options.maxChannels) {
      throw new UsageError("ERR_RANGE", `there are ${this.#channels.size} channels already`);
    }
    const channel = new Channel(this.#nextKey(), init, init.isNegotiated ? "negotiated" : "local");
    const streamId = init.isNegotiated ? init.streamId : this.#findStream();
    if (streamId !== undefined) this.#occupy(channel, streamId);
    else if (this.#parity !== undefined) {
      throw new UsageError("ERR_RANGE", "all stream ids are in use");
    }
    this.#channels.set(channel.key, channel);
    if (this.#isConnected) this.#open(channel);
    return channel.key;
  }

  /**
   * Queues one message; `payload` must not change any more. False, with nothing queued, if the send
   * queue has no room: a `sendable` event tells when it has. What is sent on a channel that is not
   * open is discarded and reported as `sent`, so that nobody waits for it: that the channel has begun
   * to close may not have reached the application yet.
   */
  send(key: ChannelKey, kind: "text" | "binary", payload: Uint8Array): boolean {
    const channel = this.#channels.get(key);
    if (channel === undefined) return true;
    if (channel.state !== "open") {
      this.#events.emitAtOnce({ kind: "sent", key, bytes: payload.byteLength });
      return true;
    }
    if (!this.#sendBudget.hasRoomFor(channel, payload.byteLength)) return false;
    if (payload.byteLength > 0) this.#sendBudget.addData(channel, payload.byteLength);
    else this.#sendBudget.addOverhead(channel, 1);
    channel.counters.messagesSent++;
    channel.counters.bytesSent += payload.byteLength;
    this.#commands.push(userMessageCommand(channel, kind === "text", payload));
    return true;
  }

  /** Closes after what was sent before; `closed` follows when the peer has closed too. */
  close(key: ChannelKey): void {
    const channel = this.#channels.get(key);
    if (channel === undefined) return;
    if (channel.state === "waiting") {
      this.#end(channel);
      this.#emitClosed(channel, undefined);
    } else if (channel.state === "open") {
      channel.state = "closing";
      this.#history.closedChannels++;
      this.#requestReset(channel);
    }
    this.#release(channel);
  }

  /**
   * While paused, a channel's messages stay here and count in `heldBytes`, and its `closing` and
   * `closed` wait behind them. Nothing is lost, but a peer that goes on past `maxHeldBytes` has its
   * channel closed. `close` and the end of the association end the pause.
   */
  setReceivePaused(key: ChannelKey, isPaused: boolean): void {
    const channel = this.#channels.get(key);
    if (channel === undefined) return;
    if (!isPaused) this.#release(channel);
    else if (channel.state === "open" || channel.state === "waiting") channel.isPaused = true;
  }

  /** One whole message of SCTP; `payload` belongs to the table from here on. */
  handleMessage(streamId: number, ppid: number, payload: Uint8Array): void {
    if (!this.#isConnected) return;
    const channel = this.#streams.get(streamId);
    if (ppid === PPID_DCEP) {
      this.#handleControl(streamId, channel, payload);
    } else if (channel?.state === "open") {
      channel.noteHeard();
      this.#handleUserMessage(channel, ppid, payload);
    } else {
      this.#counters.droppedMessages++;
    }
  }

  /** The peer has reset its direction of these streams; of all if none is named (RFC 6525 §4.1). */
  handleStreamsReset(streamIds: readonly number[]): void {
    if (streamIds.length === 0) {
      for (const channel of this.#streams.occupants()) this.#handleIncomingReset(channel);
      return;
    }
    for (const streamId of streamIds) {
      const channel = this.#streams.get(streamId);
      if (channel !== undefined) this.#handleIncomingReset(channel);
    }
  }

  /** The peer has confirmed that this side's direction was reset. */
  handleStreamResetDone(streamId: number): void {
    const channel = this.#streams.get(streamId);
    if (channel === undefined) return;
    if (channel.staleResetAnswers > 0) {
      channel.staleResetAnswers--;
    } else if (channel.isResetRequested) {
      channel.isOutgoingReset = true;
      this.#finishIfReset(channel);
    }
  }

  /** `bytes` of a stream have left SCTP's send queue, the protocol's own among them. */
  handleSent(streamId: number, bytes: number): void {
    const channel = this.#streams.get(streamId);
    if (channel === undefined) return;
    const dataBytes = this.#sendBudget.take(channel, bytes);
    if (dataBytes > 0) {
      this.#events.emitAtOnce({ kind: "sent", key: channel.key, bytes: dataBytes });
    }
    for (const fed of this.#sendBudget.takeFed()) {
      if (fed.state === "open") this.#events.emitAtOnce({ kind: "sendable", key: fed.key });
    }
  }

  /** The association is gone, with all its channels. */
  handleAssociationClosed(failure?: ProtocolFailure): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isConnected = false;
    this.#commands.clear();
    for (const channel of this.#channels.values()) {
      // A channel that is closed already has its last event behind those that are held.
      if (channel.state !== "closed") {
        this.#end(channel);
        this.#emitClosed(channel, channel.failure ?? failure);
      }
      this.#release(channel);
    }
  }

  /**
   * A table for the next association. Channels that still wait for one move there with their keys,
   * and with their ids as far as the next role allows; all others end with this table. The W3C
   * leaves a channel "connecting" until there is an association, and has no failure for a description
   * that takes away the section; libwebrtc closes it then.
   */
  createSuccessor(): ChannelTable {
    const successor = new ChannelTable(this.#options, this.#history);
    successor.#lastKey = this.#lastKey;
    if (this.#isClosed) return successor;
    for (const channel of this.#channels.values()) {
      if (channel.state !== "waiting") continue;
      this.#channels.delete(channel.key);
      successor.#channels.set(channel.key, channel);
      if (channel.streamId !== undefined) successor.#occupy(channel, channel.streamId);
    }
    return successor;
  }

  // Opening (RFC 8832 §6)

  #open(channel: Channel): void {
    channel.state = "open";
    this.#history.openedChannels++;
    if (channel.origin === "local") {
      const open = encodeDataChannelOpen({ ...channel.properties, priority: PRIORITY_NORMAL });
      this.#sendControl(channel, open);
    }
    this.#events.emit(channel, { kind: "opened", key: channel.key });
  }

  #failToOpen(channel: Channel, reason: string): void {
    const failure = new ProtocolFailure(
      "ERR_LOCAL_RESOURCE",
      "RFC 8832 §6",
      `no stream for data channel ${channel.quotedLabel}: ${reason}`,
    );
    this.#end(channel);
    this.#events.emit(channel, { kind: "failedToOpen", key: channel.key, failure });
    this.#deleteIfDone(channel);
  }

  #handleControl(streamId: number, channel: Channel | undefined, payload: Uint8Array): void {
    try {
      if (payload[0] === MESSAGE_TYPE_ACK) {
        decodeDataChannelAck(payload);
        this.#handleAck(channel);
      } else {
        this.#handleOpen(streamId, channel, decodeDataChannelOpen(payload));
      }
    } catch (error) {
      if (!(error instanceof WireFormatError)) throw error;
      this.#counters.badControlMessages++;
      if (channel === undefined) this.#refuse(streamId);
      else this.#closeFor(channel, "RFC 8832 §6", error.message);
    }
  }

  /** An ACK that nobody waits for does no harm and is let pass. */
  #handleAck(channel: Channel | undefined): void {
    if (channel === undefined) this.#counters.droppedMessages++;
    else channel.noteHeard();
  }

  #handleOpen(streamId: number, former: Channel | undefined, open: DataChannelOpen): void {
    if (former !== undefined && !former.isOverForPeer) {
      this.#counters.badControlMessages++;
      this.#closeFor(former, "RFC 8832 §6", "the peer opened a channel on a stream that is in use");
      return;
    }
    if (former !== undefined) this.#finish(former);
    // If the peer uses a stream again before its answer to our reset is here, the answer is on its way.
    const staleResetAnswers = former === undefined ? 0 : former.staleResetAnswers + 1;
    const channel = new Channel(this.#nextKey(), propertiesOf(open), "peer");
    channel.staleResetAnswers = staleResetAnswers;
    if (this.#canAdmit(streamId, channel)) this.#admit(streamId, channel);
    else this.#refuse(streamId, staleResetAnswers);
  }

  #canAdmit(streamId: number, channel: Channel): boolean {
    return (
      streamId < this.#streamLimit &&
      (streamId & 1) !== this.#parity &&
      this.#channels.size < this.#options.maxChannels &&
      this.#peerShare.admit(channel.properties)
    );
  }

  #admit(streamId: number, channel: Channel): void {
    const { key, properties } = channel;
    channel.state = "open";
    this.#history.openedChannels++;
    this.#occupy(channel, streamId);
    this.#channels.set(key, channel);
    this.#sendControl(channel, encodeDataChannelAck());
    this.#events.emit(channel, { kind: "announced", key, streamId, properties });
  }

  /** No ACK, and the stream is reset (RFC 8832 §6). It stays occupied until that is through. */
  #refuse(streamId: number, staleResetAnswers = 0): void {
    this.#counters.refusedChannels++;
    if (streamId >= this.#streamLimit || !this.#peerShare.admitRefusal()) return;
    const properties = { label: "", protocol: "", isOrdered: true };
    const channel = new Channel(this.#nextKey(), properties, "peer");
    channel.state = "refused";
    channel.staleResetAnswers = staleResetAnswers;
    this.#occupy(channel, streamId);
    this.#requestReset(channel);
  }

  // Messages (RFC 8831 §6.6)

  #handleUserMessage(channel: Channel, ppid: number, bytes: Uint8Array): void {
    const { maxMessageBytes, maxHeldBytes } = this.#options;
    const payload = readUserMessage(channel, ppid, bytes, this.#partials, maxMessageBytes);
    if (payload === "unknown") {
      this.#counters.droppedMessages++;
      return;
    }
    if (payload === "tooLarge") {
      const reason = `the peer sent a message of more than the ${maxMessageBytes} bytes that this side accepts`;
      this.#closeFor(channel, "RFC 8841 §6", reason);
      return;
    }
    const isHeld = channel.isPaused || payload === "incomplete";
    if (payload !== "incomplete") {
      const { key } = channel;
      channel.counters.messagesReceived++;
      channel.counters.bytesReceived += payload.byteLength;
      this.#events.emit(channel, { kind: "message", key, isText: isTextPpid(ppid), payload });
    }
    if (isHeld && this.heldBytes > maxHeldBytes) {
      const what = channel.isPaused ? "while reading was paused" : "of unfinished messages";
      this.#closeFor(channel, "RFC 8831 §6.6", `the peer sent more than fits ${what}`);
    }
  }

  #sendControl(channel: Channel, payload: Uint8Array): void {
    this.#sendBudget.addOverhead(channel, payload.byteLength);
    // RFC 8832 §6: reliable and in order, whatever the channel is.
    const streamId = channel.streamId!;
    this.#commands.push({ kind: "send", streamId, ppid: PPID_DCEP, payload, isUnordered: false });
  }

  // Closing (RFC 8831 §6.7)

  #handleIncomingReset(channel: Channel): void {
    if (channel.isIncomingReset || channel.state === "waiting") return;
    channel.isIncomingReset = true;
    if (channel.state === "open") this.#startClosing(channel);
    this.#finishIfReset(channel);
  }

  /** The peer broke a rule, so this side closes the channel; the reason comes with `closed`. */
  #closeFor(channel: Channel, spec: SpecRef, reason: string): void {
    if (channel.state !== "open") return;
    const text = `data channel ${channel.quotedLabel} was closed: ${reason}`;
    channel.failure = new ProtocolFailure("ERR_PEER_VIOLATION", spec, text);
    this.#startClosing(channel);
  }

  #startClosing(channel: Channel): void {
    channel.state = "closing";
    this.#history.closedChannels++;
    this.#events.emit(channel, { kind: "closing", key: channel.key });
    this.#requestReset(channel);
  }

  #requestReset(channel: Channel): void {
    channel.isResetRequested = true;
    this.#partials.drop(channel); // From here on nothing is taken that could make them whole.
    this.#commands.push({ kind: "resetStream", streamId: channel.streamId! });
  }

  #finishIfReset(channel: Channel): void {
    if (channel.isIncomingReset && channel.isOutgoingReset) this.#finish(channel);
  }

  #finish(channel: Channel): void {
    if (channel.state === "refused") {
      this.#peerShare.releaseRefusal();
      this.#streams.release(channel.streamId!);
    } else {
      this.#end(channel);
      this.#emitClosed(channel, channel.failure);
    }
  }

  /** The channel is over for the protocol; its stream can be used again. */
  #end(channel: Channel): void {
    if (channel.state === "open") this.#history.closedChannels++;
    channel.state = "closed";
    this.#history.noteEnded(channel);
    if (channel.streamId !== undefined) this.#streams.release(channel.streamId);
    this.#sendBudget.drop(channel);
    this.#partials.drop(channel);
    if (channel.origin === "peer") this.#peerShare.release(channel.properties);
  }

  #emitClosed(channel: Channel, failure: ProtocolFailure | undefined): void {
    const { key } = channel;
    const reason = failure === undefined ? {} : { failure };
    this.#events.emit(channel, { kind: "closed", key, ...reason });
    this.#deleteIfDone(channel);
  }

  /** Ends the pause of a channel. */
  #release(channel: Channel): void {
    channel.isPaused = false;
    this.#events.resume(channel);
    this.#deleteIfDone(channel);
  }

  /** A paused channel is kept until its last event has been read. */
  #deleteIfDone(channel: Channel): void {
    if (channel.state === "closed" && channel.held.size === 0) this.#channels.delete(channel.key);
  }

  // Streams

  #nextKey(): ChannelKey {
    return ++this.#lastKey as ChannelKey;
  }

  #findStream(): number | undefined {
    if (this.#parity === undefined) return undefined;
    return this.#streams.findFree(this.#parity, this.#streamLimit);
  }

  #assignStream(channel: Channel): void {
    if (channel.streamId !== undefined) this.#streams.release(channel.streamId);
    channel.streamId = undefined;
    const streamId = this.#findStream();
    if (streamId === undefined) {
      this.#failToOpen(channel, "all stream ids are in use");
      return;
    }
    this.#occupy(channel, streamId);
    this.#events.emit(channel, { kind: "idAssigned", key: channel.key, streamId });
  }

  #occupy(channel: Channel, streamId: number): void {
    if (streamId >= this.#streamLimit) {
      throw new UsageError("ERR_RANGE", `${this.#streamLimit} streams were negotiated`);
    }
    if (this.#streams.get(streamId) !== undefined) {
      throw new UsageError("ERR_RANGE", `stream ${streamId} is in use by another channel`);
    }
    channel.streamId = streamId;
    this.#streams.occupy(streamId, channel);
  }
}

function propertiesOf(open: DataChannelOpen): Channel["properties"] {
  const { label, protocol, isOrdered, maxRetransmits, maxLifetimeMs } = open;
  const clamp = (limit: number) => Math.min(limit, MAX_RELIABILITY_LIMIT);
  if (maxRetransmits !== undefined) {
    return { label, protocol, isOrdered, maxRetransmits: clamp(maxRetransmits) };
  }
  if (maxLifetimeMs !== undefined) {
    return { label, protocol, isOrdered, maxLifetimeMs: clamp(maxLifetimeMs) };
  }
  return { label, protocol, isOrdered };
}

/** W3C `maxRetransmits` and `maxPacketLifeTime` have 16 bits, the wire has 32. */
const MAX_RELIABILITY_LIMIT = 0xffff;
