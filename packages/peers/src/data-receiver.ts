import { sendWhenWritable } from "./back-pressure.ts";
import { messageOf, PeerGoneError, PeerUsageError } from "./errors.ts";
import { FILE_PROTOCOL } from "./file/file-protocol.ts";
import type { ReceiveFileOptions } from "./file/file-types.ts";
import { receiveFile } from "./file/receive-file.ts";
import type { PeerData, PeerDescription, PeerEvent } from "./peer-event.ts";
import { LINK_TIMEOUTS, PeerLink } from "./peer-link.ts";
import type { LinkTimeouts } from "./peer-link.ts";
import type { PeerChannel, PeerConnectionConstructor } from "./platform.ts";
import { SYSTEM_CLOCK } from "./support/clock.ts";
import type { Clock } from "./support/clock.ts";
import { Listeners } from "./support/listeners.ts";
import { MessageQueue } from "./support/message-queue.ts";
import { randomId } from "./support/random-id.ts";

/** What a {@link DataReceiver} is made of. */
export type DataReceiverOptions = {
  /** The browser's or `@pallas/webrtc`'s. */
  readonly RTCPeerConnection: PeerConnectionConstructor;
  /** Handed to the connection: ICE servers, certificates. */
  readonly configuration?: RTCConfiguration;
  readonly timeouts?: Partial<LinkTimeouts>;
  /** What to do with files that the sender sends. Without it they are refused. */
  readonly files?: ReceiveFileOptions;
  readonly clock?: Clock;
};

const MAX_EARLY_CANDIDATES = 256;
const DEFAULT_SENDER_ID = "sender";

type EarlyCandidate = {
  readonly senderId: string;
  readonly handshakeId: string | undefined;
  readonly candidate: RTCIceCandidateInit | null;
};

/**
 * The consumer of the article: answers an offer and receives what the sender sends.
 *
 *     const answer = await receiver.handleOffer(offer);
 *     // … carry the answer back …
 *     for await (const message of receiver.messages()) console.log(message);
 */
export class DataReceiver {
  readonly #options: DataReceiverOptions;
  readonly #clock: Clock;
  readonly #timeouts: LinkTimeouts;
  readonly #listeners = new Listeners<PeerEvent>();
  readonly #queues = new Set<MessageQueue<PeerData>>();
  #link: PeerLink | undefined;
  #answer: Promise<PeerDescription<"answer">> | undefined;
  #expectedSenderId: string | undefined;
  #earlyCandidates: EarlyCandidate[] = [];
  #isClosed = false;

  constructor(options: DataReceiverOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#timeouts = { ...LINK_TIMEOUTS, ...options.timeouts };
  }

  /** The sender of the present connection, if there is one. */
  get senderId(): string | undefined {
    return this.#link?.peerId;
  }

  /** The only sender whose offers are taken now: the expected one, or that of a connection that is up. */
  get keptSenderId(): string | undefined {
    const isUp = this.#link?.connection.connectionState === "connected";
    return this.#expectedSenderId ?? (isUp ? this.senderId : undefined);
  }

  /** The handshake that the present connection comes from. */
  get handshakeId(): string | undefined {
    return this.#link?.handshakeId;
  }

  /** Where the connection stands (figure i); `new` before the first offer. */
  get state(): RTCPeerConnectionState {
    if (this.#isClosed) return "closed";
    return this.#link?.connection.connectionState ?? "new";
  }

  /** Reports everything that happens with the connection; the returned function stops it. */
  subscribe(listener: (event: PeerEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * From now on only offers of this sender are taken, also in place of a connection to another that is
   * up. `undefined` goes back to the rule of {@link handleOffer}: the first one that connects.
   */
  expectSender(senderId: string | undefined): void {
    this.#expectedSenderId = senderId;
  }

  /**
   * Answers an offer (figure 2, step 2). The same offer once more gets the same answer; a new one replaces
   * the connection of an earlier one, with one exception: while the connection is up, offers of another
   * sender than its own are refused, unless {@link expectSender} names that sender. `senderId` must come
   * from the signaling, never from the peer.
   *
   * Rejects with {@link PeerUsageError} when refused, closed or overtaken by another offer, with the
   * connection's own error if the offer cannot be used; the connection is released then.
   */
  async handleOffer(
    offer: RTCSessionDescriptionInit | PeerDescription<"offer">,
    senderId = DEFAULT_SENDER_ID,
  ): Promise<PeerDescription<"answer">> {
    if (this.#isClosed) throw new PeerUsageError("ERR_CLOSED", "the receiver is closed");
    const handshakeId = "handshakeId" in offer ? offer.handshakeId : randomId();
    this.#checkSender(senderId, handshakeId);
    const current = this.#link;
    if (this.#answer && current?.peerId === senderId && current.handshakeId === handshakeId) {
      return this.#answer;
    }
    current?.close("replaced by a new offer");
    this.#answer = this.#answerOffer(offer.sdp ?? "", senderId, handshakeId);
    return this.#answer;
  }

  /** Takes a candidate that the sender found; `null` when it has found all. Early ones wait. */
  async handleCandidate(
    candidate: RTCIceCandidateInit | null,
    senderId = DEFAULT_SENDER_ID,
    handshakeId?: string,
  ): Promise<void> {
    const link = this.#link;
    if (link?.peerId === senderId && (handshakeId ?? link.handshakeId) === link.handshakeId) {
      await link.addCandidate(candidate);
    } else if (this.#earlyCandidates.length < MAX_EARLY_CANDIDATES && !this.#isClosed) {
      this.#earlyCandidates.push({ senderId, handshakeId, candidate });
    }
  }

  /** Sends to the sender: the channel carries data both ways. Waits while too much is on its way. */
  async send(data: PeerData): Promise<void> {
    const link = this.#link;
    if (!link) throw new PeerUsageError("ERR_OUT_OF_ORDER", "there is no connection yet");
    const channel = await link.whenOpen();
    await sendWhenWritable(channel, data, link.peerId);
  }

  /**
   * The messages from now on, for `for await`. The loop ends when the connection ends, with
   * `PeerGoneError` if it failed. Leave the loop to stop collecting.
   */
  messages(): AsyncIterableIterator<PeerData, undefined> {
    const queue = new MessageQueue<PeerData>(() => this.#queues.delete(queue));
    if (this.#isClosed) queue.finish();
    else this.#queues.add(queue);
    return queue;
  }

  /** The sender has left signaling, or is back. Without it a connection that is not up has no future. */
  handlePresence(senderId: string, isPresent: boolean): void {
    if (this.#link?.peerId === senderId) this.#link.notePresence(isPresent);
  }

  /** Ends the present connection; a new offer can start another. */
  hangUp(reason = "closed by the receiver"): void {
    this.#link?.close(reason);
  }

  /** Ends the connection and the receiver. */
  close(reason = "closed by the receiver"): void {
    this.#isClosed = true;
    this.#link?.close(reason);
    this.#finishQueues();
    this.#earlyCandidates = [];
  }

  async #answerOffer(
    sdp: string,
    senderId: string,
    handshakeId: string,
  ): Promise<PeerDescription<"answer">> {
    const link = this.#createLink(senderId, handshakeId);
    try {
      await link.connection.setRemoteDescription({ type: "offer", sdp });
      link.tell({ kind: "offerApplied", description: { type: "offer", sdp, handshakeId } });
      await link.flushCandidates();
      await this.#handOverEarlyCandidates(link);
      const answer = await link.connection.createAnswer();
      await link.connection.setLocalDescription(answer);
      if (link.isClosed) throw overtaken(link);
      const answerSdp = link.connection.localDescription?.sdp ?? answer.sdp ?? "";
      const description = { type: "answer", sdp: answerSdp, handshakeId } as const;
      link.tell({ kind: "answerCreated", description });
      return description;
    } catch (error) {
      if (link.isClosed) throw overtaken(link);
      link.close(`the offer could not be used: ${messageOf(error)}`, true);
      throw error;
    }
  }

  #checkSender(senderId: string, handshakeId: string): void {
    const keptId = this.keptSenderId;
    if (keptId === undefined || keptId === senderId) return;
    const reason = `the offer of ${senderId} is refused: this receiver keeps to ${keptId}`;
    const atEpochMs = this.#clock.epochMs();
    this.#listeners.tell({
      kind: "offerRefused",
      reason,
      peerId: senderId,
      handshakeId,
      atEpochMs,
    });
    throw new PeerUsageError("ERR_OTHER_SENDER", reason);
  }

  #createLink(senderId: string, handshakeId: string): PeerLink {
    const link = new PeerLink({
      peerId: senderId,
      handshakeId,
      connection: new this.#options.RTCPeerConnection(this.#options.configuration),
      clock: this.#clock,
      timeouts: this.#timeouts,
      tell: (event) => this.#handleLinkEvent(event),
      takeChannel: (channel, ownLink) => this.#takeChannel(channel, ownLink),
    });
    this.#link = link;
    return link;
  }

  #takeChannel(channel: PeerChannel, link: PeerLink): void {
    if (channel.protocol === FILE_PROTOCOL) {
      void receiveFile(channel, { ...this.#options.files, peerId: link.peerId });
    } else if (!link.hasMainChannel) {
      link.watchMainChannel(channel);
    } else {
      channel.close(); // One channel for messages, one for each file: there is no third use.
    }
  }

  async #handOverEarlyCandidates(link: PeerLink): Promise<void> {
    const early = this.#earlyCandidates;
    this.#earlyCandidates = [];
    for (const { senderId, handshakeId, candidate } of early) {
      if (senderId !== link.peerId) continue;
      if ((handshakeId ?? link.handshakeId) === link.handshakeId)
        await link.addCandidate(candidate);
    }
  }

  #handleLinkEvent(event: PeerEvent): void {
    if (event.kind === "message") {
      for (const queue of this.#queues) queue.push(event.data);
    } else if (event.kind === "closed" && event.handshakeId === this.#link?.handshakeId) {
      this.#link = undefined;
      this.#finishQueues(
        event.wasFailure ? new PeerGoneError(event.peerId, event.reason) : undefined,
      );
    }
    this.#listeners.tell(event);
  }

  #finishQueues(error?: unknown): void {
    const queues = [...this.#queues];
    this.#queues.clear();
    for (const queue of queues) queue.finish(error);
  }
}

/** The connection ended while the offer was being answered. */
function overtaken(link: PeerLink): PeerUsageError {
  return new PeerUsageError("ERR_OUT_OF_ORDER", `the offer is void: ${link.closeReason ?? ""}`);
}
