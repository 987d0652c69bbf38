import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { Queue } from "../base/queue.ts";
import type { Tsn } from "../base/serial-number.ts";
import { addToTsn, isTsnAfter } from "../base/serial-number.ts";
import { BackoffTimer } from "./backoff-timer.ts";
import type { ControlQueue } from "./control-queue.ts";
import type { ReConfigParameter } from "./packet/re-config-chunk.ts";
import { RESET_RESULT, encodeReConfigChunk } from "./packet/re-config-chunk.ts";
import type { PeerLiveness } from "./peer-liveness.ts";
import type { Receiver } from "./rx/receiver.ts";
import type { SctpEvent } from "./sctp-events.ts";
import type { OutgoingStream } from "./tx/outgoing-stream.ts";
import type { RoundTripTimer } from "./tx/round-trip-timer.ts";
import type { SendQueue } from "./tx/send-queue.ts";
import type { Sender } from "./tx/sender.ts";

/** Streams in one request: it has to fit into the smallest packet that WebRTC sends. */
const MAX_STREAMS_PER_REQUEST = 256;
const MAX_STREAMS = 65_535;

/** What the procedure works with. */
export type StreamResetParts = {
  readonly localInitialTsn: Tsn;
  readonly peerInitialTsn: Tsn;
  readonly isSupported: boolean;
  readonly maxRtoMs: number;
  readonly queue: SendQueue;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly roundTrip: RoundTripTimer;
  readonly liveness: PeerLiveness;
  readonly control: ControlQueue;
  readonly events: Queue<SctpEvent>;
};

type OutgoingRequest = {
  readonly sequence: number;
  readonly lastAssignedTsn: Tsn;
  readonly streams: readonly OutgoingStream[];
  readonly timer: BackoffTimer;
};

type IncomingReset = Extract<ReConfigParameter, { kind: "outgoingReset" }>;

/**
 * Stream re-configuration (RFC 6525) as data channels need it (RFC 8831 §6.7): either end resets its
 * outgoing streams. Requests to reset this end's outgoing streams, or all TSNs, are denied: only
 * this end's application closes its channels.
 */
export class StreamReset {
  readonly #parts: StreamResetParts;
  #nextSequence: number;
  #outgoing: OutgoingRequest | undefined;
  #nextPeerSequence: number;
  #lastResult: number | undefined;
  /** A reset of the peer that waits for data which is still under way (§5.2.2, E2). */
  #deferred: IncomingReset | undefined;

  constructor(parts: StreamResetParts) {
    this.#parts = parts;
    this.#nextSequence = parts.localInitialTsn;
    this.#nextPeerSequence = parts.peerInitialTsn;
  }

  get nextTimeoutAtMs(): number {
    return this.#outgoing?.timer.dueAtMs ?? NEVER_AT_MS;
  }

  /** Something was sent, acknowledged or received: carries on what was waiting for it. */
  handleProgress(nowMs: number): void {
    if (this.#deferred) this.#tryDeferred(this.#deferred);
    if (this.#parts.queue.drainingStreams.size > 0) this.#requestDrained(nowMs);
  }

  /** The path works again: an unanswered request is due at once. */
  handlePathRestored(nowMs: number): void {
    this.#outgoing?.timer.hasten(nowMs);
  }

  handleTimeout(nowMs: number): void {
    const request = this.#outgoing;
    if (!request || request.timer.handleTimeout(nowMs) === "waiting") return;
    this.#parts.liveness.strike();
    this.#sendRequest(request);
  }

  /** One parameter of a RE-CONFIG chunk (§5.2). */
  handleParameter(parameter: ReConfigParameter, nowMs: number): void {
    if (parameter.kind === "response") {
      this.#handleResponse(parameter.responseSequence, parameter.result, nowMs);
      return;
    }
    const { requestSequence } = parameter;
    if (requestSequence === this.#nextPeerSequence) {
      this.#nextPeerSequence = (requestSequence + 1) >>> 0;
      this.#lastResult = this.#perform(parameter);
      this.#respond(requestSequence, this.#lastResult);
    } else if (
      requestSequence === (this.#nextPeerSequence - 1) >>> 0 &&
      this.#lastResult !== undefined
    ) {
      this.#respond(requestSequence, this.#lastResult); // Its answer was lost, or was "in progress".
    } else {
      this.#respond(requestSequence, RESET_RESULT.badSequenceNumber);
    }
  }

  #requestDrained(nowMs: number): void {
    const { queue, sender, roundTrip, isSupported } = this.#parts;
    if (this.#outgoing) return; // §5.1.1: one request at a time.
    const streams: OutgoingStream[] = [];
    for (const stream of queue.drainingStreams) {
      if (stream.isDrained) streams.push(stream);
      if (streams.length === MAX_STREAMS_PER_REQUEST) break;
    }
    if (streams.length === 0) return;
    if (!isSupported) {
      this.#finish(streams, false);
      return;
    }
    for (const stream of streams) queue.markResetRequested(stream);
    const timing = {
      initialMs: roundTrip.rtoMs,
      maxMs: this.#parts.maxRtoMs,
      maxRetries: Number.POSITIVE_INFINITY, // `liveness` decides when it is enough.
    };
    this.#outgoing = {
      sequence: this.#nextSequence,
      lastAssignedTsn: addToTsn(sender.nextTsn, -1),
      streams,
      timer: new BackoffTimer(timing, nowMs),
    };
    this.#nextSequence = (this.#nextSequence + 1) >>> 0;
    this.#sendRequest(this.#outgoing);
  }

  #sendRequest({ sequence, lastAssignedTsn, streams }: OutgoingRequest): void {
    this.#parts.control.push(
      encodeReConfigChunk([
        {
          kind: "outgoingReset",
          requestSequence: sequence,
          responseSequence: (this.#nextPeerSequence - 1) >>> 0,
          lastAssignedTsn,
          streamIds: streams.map(({ id }) => id),
        },
      ]),
    );
  }

  #handleResponse(sequence: number, result: number, nowMs: number): void {
    const request = this.#outgoing;
    if (!request || request.sequence !== sequence) return; // An answer to something long settled.
    this.#parts.liveness.reset();
    if (result === RESET_RESULT.inProgress) {
      request.timer.restart(nowMs);
      return;
    }
    this.#outgoing = undefined;
    const isReset = result === RESET_RESULT.performed || result === RESET_RESULT.nothingToDo;
    this.#finish(request.streams, isReset);
    this.#requestDrained(nowMs);
  }

  /** Where the peer refuses, the numbering goes on as it was; the stream is done with all the same. */
  #finish(streams: readonly OutgoingStream[], isReset: boolean): void {
    for (const stream of streams) {
      if (isReset) stream.restartNumbering();
      this.#parts.queue.releaseHeld(stream);
      this.#parts.events.push({ kind: "streamResetDone", streamId: stream.id });
    }
  }

  #perform(request: Exclude<ReConfigParameter, { kind: "response" }>): number {
    const { receiver } = this.#parts;
    switch (request.kind) {
      case "outgoingReset":
        if (isTsnAfter(request.lastAssignedTsn, receiver.cumulativeTsn)) {
          this.#deferred = request;
          return RESET_RESULT.inProgress;
        }
        return this.#resetIncoming(request);
      case "addOutgoing":
        if (receiver.maxStreams + request.streamCount > MAX_STREAMS) return RESET_RESULT.denied;
        receiver.addStreams(request.streamCount);
        return RESET_RESULT.performed;
      case "incomingReset":
      case "ssnTsnReset":
      case "addIncoming":
        return RESET_RESULT.denied;
    }
  }

  /** No stream means all, as on the wire (§4.1), for everyone who is told: even the silent ones. */
  #resetIncoming({ streamIds }: IncomingReset): number {
    const { receiver, events } = this.#parts;
    if (streamIds.some((id) => id >= receiver.maxStreams)) return RESET_RESULT.wrongSsn;
    receiver.resetStreams(streamIds);
    events.push({ kind: "streamsReset", streamIds: [...new Set(streamIds)] });
    return RESET_RESULT.performed;
  }

  #tryDeferred(request: IncomingReset): void {
    if (isTsnAfter(request.lastAssignedTsn, this.#parts.receiver.cumulativeTsn)) return;
    this.#deferred = undefined;
    this.#lastResult = this.#resetIncoming(request);
    this.#respond(request.requestSequence, this.#lastResult);
  }

  #respond(responseSequence: number, result: number): void {
    this.#parts.control.push(encodeReConfigChunk([{ kind: "response", responseSequence, result }]));
  }
}
