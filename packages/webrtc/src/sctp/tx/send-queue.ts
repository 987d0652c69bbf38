import { UsageError } from "../../base/errors.ts";
import { Queue } from "../../base/queue.ts";
import type { MessageToSend } from "./outgoing-message.ts";
import { OutgoingMessage } from "./outgoing-message.ts";
import { OutgoingStream } from "./outgoing-stream.ts";

/** Counted per queued message besides its payload: a million empty-handed messages are not free. */
const MESSAGE_OVERHEAD_BYTES = 64;
/** A packet's rest is worth a fragment of a larger message only if it holds that much. */
const MIN_FRAGMENT_BYTES = 256;
const MAX_STREAM_ID = 65_534;

/** The streams with what waits on them, served in turn (RFC 8260 §3.2: round robin). */
export class SendQueue {
  readonly #maxBufferedBytes: number;
  readonly #streams = new Map<number, OutgoingStream>();
  /** Streams with something to send, the next one first. */
  readonly #round = new Queue<OutgoingStream>();
  /** Streams whose `unreportedBytes` are to be told. */
  readonly #unreported = new Queue<OutgoingStream>();
  readonly #draining = new Set<OutgoingStream>();
  #bufferedBytes = 0;
  #isInterleaved = false;

  constructor(maxBufferedBytes: number) {
    this.#maxBufferedBytes = maxBufferedBytes;
  }

  /** True if no message waits for (the rest of) its first transmission. */
  get isEmpty(): boolean {
    this.#dropIdleStreams();
    return this.#round.size === 0;
  }

  /** Streams whose reset was asked for and not requested from the peer yet (RFC 6525 §5.1.2). */
  get drainingStreams(): ReadonlySet<OutgoingStream> {
    return this.#draining;
  }

  /** With I-DATA, fragments of several messages may alternate; with DATA, only messages may. */
  setInterleaved(isInterleaved: boolean): void {
    this.#isInterleaved = isInterleaved;
  }

  /** Queues a message; false, and nothing is queued, if that would exceed the limit. */
  push(message: MessageToSend, nowMs: number): boolean {
    const { streamId, payload } = message;
    if (payload.byteLength === 0) {
      throw new UsageError("ERR_RANGE", "SCTP has no empty messages: see RFC 8831 §6.6");
    }
    const costBytes = payload.byteLength + MESSAGE_OVERHEAD_BYTES;
    if (this.#bufferedBytes + costBytes > this.#maxBufferedBytes) return false;
    const stream = this.stream(streamId);
    const outgoing = new OutgoingMessage(stream, message, nowMs);
    this.#bufferedBytes += costBytes;
    stream.queuedBytes += payload.byteLength;
    if (stream.resetState === "none") this.#enqueue(stream, outgoing);
    else stream.held.push(outgoing);
    return true;
  }

  /** Payload bytes on the stream that were not sent for the first time. */
  bufferedBytes(streamId: number): number {
    return this.#streams.get(streamId)?.queuedBytes ?? 0;
  }

  /** The stream, made if need be. Throws `UsageError` beyond 65,534. */
  stream(streamId: number): OutgoingStream {
    let stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (!Number.isInteger(streamId) || streamId < 0 || streamId > MAX_STREAM_ID) {
        throw new UsageError("ERR_RANGE", `not a stream number: ${streamId}`);
      }
      stream = new OutgoingStream(streamId);
      this.#streams.set(streamId, stream);
    }
    return stream;
  }

  /**
   * The message whose next fragment is to be sent. What has expired before its first fragment is
   * dropped on the way (RFC 3758 §4.1); what expired later is returned all the same, for the sender
   * to give up.
   */
  peek(nowMs: number): OutgoingMessage | undefined {
    for (;;) {
      this.#dropIdleStreams();
      const message = this.#round.peek()?.queue.peek();
      if (!message || message.sentBytes > 0 || nowMs < message.expiresAtMs) return message;
      this.discard(message);
    }
  }

  /**
   * How many payload bytes of `message` to put into a packet with `roomBytes` left for payload; 0 if
   * it had better wait for the next packet.
   */
  fragmentBytes(message: OutgoingMessage, roomBytes: number, isPacketEmpty: boolean): number {
    const remainingBytes = message.payload.byteLength - message.sentBytes;
    if (remainingBytes <= roomBytes) return remainingBytes;
    if (!isPacketEmpty && roomBytes < MIN_FRAGMENT_BYTES) return 0;
    return Math.max(0, roomBytes & ~3);
  }

  /** The next `byteCount` payload bytes of the message that `peek` gave have been given a TSN. */
  advance(message: OutgoingMessage, byteCount: number): void {
    const { stream } = message;
    if (message.sentBytes === 0) {
      message.sequence = stream.assignSequence(message.isUnordered, this.#isInterleaved);
    }
    message.sentBytes += byteCount;
    message.fragmentCount++;
    this.#release(stream, byteCount);
    if (message.isFullySent) {
      stream.queue.shift();
      this.#bufferedBytes -= MESSAGE_OVERHEAD_BYTES;
      this.#rotate(stream);
    } else if (this.#isInterleaved) {
      this.#rotate(stream);
    }
  }

  /** Drops the unsent rest of `message`, which is the first of its stream. */
  discard(message: OutgoingMessage): void {
    const { stream } = message;
    stream.queue.shift();
    this.#release(stream, message.payload.byteLength - message.sentBytes);
    this.#bufferedBytes -= MESSAGE_OVERHEAD_BYTES;
  }

  /** A stream of which payload bytes have left the queue since that was last told. */
  takeUnreported(): OutgoingStream | undefined {
    return this.#unreported.shift();
  }

  /** What is on the stream now is the last of its current life; what comes later is held. */
  beginReset(streamId: number): void {
    const stream = this.stream(streamId);
    if (stream.resetState !== "none") return;
    stream.resetState = "draining";
    this.#draining.add(stream);
  }

  /** The peer has been asked to reset the stream. */
  markResetRequested(stream: OutgoingStream): void {
    stream.resetState = "requested";
    this.#draining.delete(stream);
  }

  /** The reset is over: what came after it was asked for may go. */
  releaseHeld(stream: OutgoingStream): void {
    stream.resetState = "none";
    this.#draining.delete(stream);
    for (const message of stream.held) this.#enqueue(stream, message);
    stream.held = [];
    const isForgettable = stream.isFresh && stream.queue.size === 0;
    if (isForgettable && stream.unreportedBytes === 0) this.#streams.delete(stream.id);
  }

  /** Forgets everything: the association has ended. */
  clear(): void {
    this.#streams.clear();
    this.#round.clear();
    this.#unreported.clear();
    this.#draining.clear();
    this.#bufferedBytes = 0;
  }

  #dropIdleStreams(): void {
    for (let stream = this.#round.peek(); stream?.queue.size === 0; stream = this.#round.peek()) {
      this.#round.shift();
      stream.isScheduled = false;
    }
  }

  #enqueue(stream: OutgoingStream, message: OutgoingMessage): void {
    stream.queue.push(message);
    if (stream.isScheduled) return;
    stream.isScheduled = true;
    this.#round.push(stream);
  }

  /** Sends the stream at the head of the round to its end, or out of it. */
  #rotate(stream: OutgoingStream): void {
    if (this.#round.size === 1 && stream.queue.size > 0) return;
    this.#round.shift();
    if (stream.queue.size > 0) this.#round.push(stream);
    else stream.isScheduled = false;
  }

  #release(stream: OutgoingStream, byteCount: number): void {
    stream.queuedBytes -= byteCount;
    this.#bufferedBytes -= byteCount;
    if (stream.unreportedBytes === 0) this.#unreported.push(stream);
    stream.unreportedBytes += byteCount;
  }
}
