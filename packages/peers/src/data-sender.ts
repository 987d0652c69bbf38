import { sendWhenWritable } from "./back-pressure.ts";
import { messageOf, PeerUsageError } from "./errors.ts";
import { createFileChannel } from "./file/file-protocol.ts";
import { sendFile } from "./file/send-file.ts";
import type { FileReceipt, FileSource, SendFileOptions } from "./file/file-types.ts";
import type { PeerData, PeerDescription, PeerEvent } from "./peer-event.ts";
import { LINK_TIMEOUTS, PeerLink } from "./peer-link.ts";
import type { LinkTimeouts } from "./peer-link.ts";
import type { PeerConnectionConstructor } from "./platform.ts";
import { SYSTEM_CLOCK } from "./support/clock.ts";
import type { Clock } from "./support/clock.ts";
import { Listeners } from "./support/listeners.ts";
import { randomId } from "./support/random-id.ts";

/** What a {@link DataSender} is made of. */
export type DataSenderOptions = {
  /** The browser's or `@pallas/webrtc`'s. */
  readonly RTCPeerConnection: PeerConnectionConstructor;
  /** Handed to each connection: ICE servers, certificates. */
  readonly configuration?: RTCConfiguration;
  /** The name of the channel that messages travel on. */
  readonly label?: string;
  /** How the channel delivers; ordered and reliable unless it says otherwise. */
  readonly channel?: RTCDataChannelInit;
  readonly timeouts?: Partial<LinkTimeouts>;
  /** More receivers than this are refused. */
  readonly maxReceivers?: number;
  readonly clock?: Clock;
};

const DEFAULT_LABEL = "pallas";
const DEFAULT_MAX_RECEIVERS = 256;

/**
 * The producer of the article: makes an offer when somebody asks for one, takes the answer, and sends.
 * One sender serves many receivers, with a connection of its own for each (1:N).
 *
 *     const offer = await sender.handleOfferRequest("receiver 1");
 *     // … carry the offer to the receiver and its answer back …
 *     await sender.handleAnswer("receiver 1", answer);
 *     await sender.send("hello");
 */
export class DataSender {
  readonly #options: DataSenderOptions;
  readonly #clock: Clock;
  readonly #timeouts: LinkTimeouts;
  readonly #links = new Map<string, PeerLink>();
  readonly #offers = new Map<string, Promise<PeerDescription<"offer">>>();
  readonly #answered = new WeakSet<PeerLink>();
  readonly #listeners = new Listeners<PeerEvent>();
  #isClosed = false;

  constructor(options: DataSenderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#timeouts = { ...LINK_TIMEOUTS, ...options.timeouts };
  }

  /** The receivers that have a connection, in whatever state. */
  get receiverIds(): readonly string[] {
    return [...this.#links.keys()];
  }

  /** Where the connection to a receiver stands; `undefined` if there is none. */
  stateOf(receiverId: string): RTCPeerConnectionState | undefined {
    return this.#links.get(receiverId)?.connection.connectionState;
  }

  /** The handshake that the connection to a receiver comes from. */
  handshakeIdOf(receiverId: string): string | undefined {
    return this.#links.get(receiverId)?.handshakeId;
  }

  /** Reports everything that happens with any connection; the returned function stops it. */
  subscribe(listener: (event: PeerEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * Makes an offer for one receiver (figure 2, step 1). Two requests at once for the same receiver get
   * the same offer; a request after the handshake starts a new connection in place of the old one.
   *
   * Rejects with {@link PeerUsageError} when closed or full.
   */
  handleOfferRequest(receiverId: string): Promise<PeerDescription<"offer">> {
    const current = this.#links.get(receiverId);
    const pending = this.#offers.get(receiverId);
    if (pending && (!current || !this.#answered.has(current))) {
      return pending.then((offer) => this.#withCandidatesSoFar(receiverId, offer));
    }
    const offer = this.#createOffer(receiverId, current);
    this.#offers.set(receiverId, offer);
    offer.catch(() => {
      if (this.#offers.get(receiverId) === offer) this.#offers.delete(receiverId);
    });
    return offer;
  }

  /**
   * Takes the receiver's answer (figure 2, step 3). Rejects with {@link PeerUsageError} if there is no
   * open offer for this receiver, or the answer belongs to an earlier one; with the connection's own
   * error if the answer does not fit. The connection is released in the last case.
   */
  async handleAnswer(
    receiverId: string,
    answer: RTCSessionDescriptionInit | PeerDescription<"answer">,
  ): Promise<void> {
    const link = this.#linkOf(receiverId);
    const handshakeId = "handshakeId" in answer ? answer.handshakeId : link.handshakeId;
    if (handshakeId !== link.handshakeId) {
      throw new PeerUsageError(
        "ERR_OUT_OF_ORDER",
        `${receiverId} answered an offer that was replaced`,
      );
    }
    if (this.#answered.has(link) || link.connection.signalingState !== "have-local-offer") {
      throw new PeerUsageError("ERR_OUT_OF_ORDER", `${receiverId} has already answered`);
    }
    this.#answered.add(link); // Before any await: a second answer must not touch the connection.
    const sdp = answer.sdp ?? "";
    try {
      await link.connection.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      link.close(`the answer could not be used: ${messageOf(error)}`, true);
      throw error;
    }
    link.tell({ kind: "answerApplied", description: { type: "answer", sdp, handshakeId } });
    await link.flushCandidates();
  }

  /** Takes a candidate that the receiver found; `null` when it has found all. Early ones wait. */
  async handleCandidate(
    receiverId: string,
    candidate: RTCIceCandidateInit | null,
    handshakeId?: string,
  ): Promise<void> {
    const link = this.#links.get(receiverId);
    if (!link || (handshakeId !== undefined && handshakeId !== link.handshakeId)) return;
    await link.addCandidate(candidate);
  }

  /**
   * Sends to one receiver, or to all whose channel is open. Waits while too much is on its way.
   *
   * For one receiver: waits for its channel to open, rejects with `PeerGoneError` if it goes away. For
   * all: those that go away meanwhile are left out of the result, which names the receivers served.
   */
  async send(data: PeerData, receiverId?: string): Promise<readonly string[]> {
    if (receiverId !== undefined) {
      const channel = await this.#linkOf(receiverId).whenOpen();
      await sendWhenWritable(channel, data, receiverId);
      return [receiverId];
    }
    const open = [...this.#links.values()].filter((link) => link.openChannel);
    const outcomes = await Promise.all(
      open.map(async (link) => {
        const channel = link.openChannel;
        if (!channel) return undefined;
        try {
          await sendWhenWritable(channel, data, link.peerId);
          return link.peerId;
        } catch (error) {
          if (link.isClosed || channel.readyState !== "open") return undefined;
          throw error; // The data, not the receiver, is the trouble: too large, for one.
        }
      }),
    );
    return outcomes.filter((id) => id !== undefined);
  }

  /**
   * Sends a file to one receiver on a channel of its own and resolves when the receiver has checked the
   * SHA-256. Rejects with `TransferError` or `PeerGoneError`.
   */
  async sendFile(
    receiverId: string,
    source: FileSource,
    options: SendFileOptions,
  ): Promise<FileReceipt> {
    const link = this.#linkOf(receiverId);
    await link.whenOpen();
    return sendFile(createFileChannel(link.connection), source, { ...options, peerId: receiverId });
  }

  /** The receiver has left signaling, or is back. Without it a connection that is not up has no future. */
  handlePresence(receiverId: string, isPresent: boolean): void {
    this.#links.get(receiverId)?.notePresence(isPresent);
  }

  /** Ends one connection, or all of them and the sender with them. */
  close(receiverId?: string, reason = "closed by the sender"): void {
    if (receiverId !== undefined) {
      this.#links.get(receiverId)?.close(reason);
      return;
    }
    this.#isClosed = true;
    for (const link of [...this.#links.values()]) link.close(reason);
  }

  async #createOffer(
    receiverId: string,
    replaced: PeerLink | undefined,
  ): Promise<PeerDescription<"offer">> {
    this.#checkRoom(replaced);
    replaced?.close("replaced by a new handshake");
    const link = this.#createLink(receiverId);
    link.tell({ kind: "offerRequested" });
    try {
      const label = this.#options.label ?? DEFAULT_LABEL;
      link.watchMainChannel(link.connection.createDataChannel(label, this.#options.channel));
      const offer = await link.connection.createOffer();
      await link.connection.setLocalDescription(offer);
      const description = describeLocal(link, offer.sdp);
      link.tell({ kind: "offerCreated", description });
      return description;
    } catch (error) {
      link.close(`no offer could be made: ${messageOf(error)}`, true);
      throw error;
    }
  }

  #checkRoom(replaced: PeerLink | undefined): void {
    if (this.#isClosed) throw new PeerUsageError("ERR_CLOSED", "the sender is closed");
    const maxReceivers = this.#options.maxReceivers ?? DEFAULT_MAX_RECEIVERS;
    if (!replaced && this.#links.size >= maxReceivers) {
      throw new PeerUsageError("ERR_RANGE", `no more than ${maxReceivers} receivers are served`);
    }
  }

  #createLink(receiverId: string): PeerLink {
    const link = new PeerLink({
      peerId: receiverId,
      handshakeId: randomId(),
      connection: new this.#options.RTCPeerConnection(this.#options.configuration),
      clock: this.#clock,
      timeouts: this.#timeouts,
      tell: (event) => this.#handleLinkEvent(event),
      takeChannel: (channel) => channel.close(), // A receiver opens none in this protocol.
    });
    this.#links.set(receiverId, link);
    return link;
  }

  #handleLinkEvent(event: PeerEvent): void {
    if (event.kind === "closed") this.#forget(event);
    this.#listeners.tell(event);
  }

  #forget({ peerId, handshakeId }: PeerEvent): void {
    if (this.#links.get(peerId)?.handshakeId !== handshakeId) return;
    this.#links.delete(peerId);
    this.#offers.delete(peerId);
  }

  /** The offer as it is now: a repeated request gets the candidates found meanwhile. */
  #withCandidatesSoFar(
    receiverId: string,
    offer: PeerDescription<"offer">,
  ): PeerDescription<"offer"> {
    const link = this.#links.get(receiverId);
    return link?.handshakeId === offer.handshakeId ? describeLocal(link, offer.sdp) : offer;
  }

  #linkOf(receiverId: string): PeerLink {
    const link = this.#links.get(receiverId);
    if (link) return link;
    throw new PeerUsageError("ERR_UNKNOWN_PEER", `there is no connection to ${receiverId}`);
  }
}

function describeLocal(link: PeerLink, fallbackSdp: string | undefined): PeerDescription<"offer"> {
  const sdp = link.connection.localDescription?.sdp ?? fallbackSdp ?? "";
  return { type: "offer", sdp, handshakeId: link.handshakeId };
}
