import { selectedPairOf } from "./candidate.ts";
import { messageOf, PeerGoneError } from "./errors.ts";
import type { PeerEvent, PeerEventBody, StateChange } from "./peer-event.ts";
import type { PeerChannel, PeerConnection } from "./platform.ts";
import type { Clock } from "./support/clock.ts";

const MAX_WAITING_CANDIDATES = 256;

/** How patient a connection is. */
export type LinkTimeouts = {
  /** From the offer to `connected`; then the attempt is given up. */
  readonly handshakeMs: number;
  /** How long `disconnected` may last: the network may come back (the article's state 5). */
  readonly disconnectedMs: number;
};

/** Half a minute for a person to forward an answer; ten seconds for a network to come back. */
export const LINK_TIMEOUTS: LinkTimeouts = { handshakeMs: 30_000, disconnectedMs: 10_000 };

/** What a link is made of. */
export type PeerLinkInit = {
  readonly peerId: string;
  readonly handshakeId: string;
  readonly connection: PeerConnection;
  readonly clock: Clock;
  readonly timeouts: LinkTimeouts;
  readonly tell: (event: PeerEvent) => void;
  /** Takes a channel that the other side opened. */
  readonly takeChannel: (channel: PeerChannel, link: PeerLink) => void;
};

/**
 * One connection to one peer, watched: state changes and candidates become events, candidates wait for
 * the description that they belong to, and whatever ends the connection releases it, once.
 */
export class PeerLink {
  readonly peerId: string;
  readonly handshakeId: string;
  readonly connection: PeerConnection;
  readonly #init: PeerLinkInit;
  readonly #openWaiters: { resolve(channel: PeerChannel): void; reject(error: unknown): void }[] =
    [];
  #mainChannel: PeerChannel | undefined;
  #waitingCandidates: (RTCIceCandidateInit | null)[] = [];
  #cancelHandshakeTimer: () => void;
  #cancelDisconnectTimer: (() => void) | undefined;
  #closeReason: string | undefined;
  #hasLeft = false;
  #hasToldPair = false;

  constructor(init: PeerLinkInit) {
    this.peerId = init.peerId;
    this.handshakeId = init.handshakeId;
    this.connection = init.connection;
    this.#init = init;
    this.#cancelHandshakeTimer = init.clock.after(init.timeouts.handshakeMs, () => {
      this.close(this.#describeStall(), true);
    });
    this.#watchConnection();
  }

  get isClosed(): boolean {
    return this.#closeReason !== undefined;
  }

  /** Why it is closed; `undefined` while it is not. */
  get closeReason(): string | undefined {
    return this.#closeReason;
  }

  /** Whether there is a channel for messages already, open or not. */
  get hasMainChannel(): boolean {
    return this.#mainChannel !== undefined;
  }

  /** The channel that messages travel on, once it is open. */
  get openChannel(): PeerChannel | undefined {
    return this.#mainChannel?.readyState === "open" ? this.#mainChannel : undefined;
  }

  /** Makes `channel` the one that messages travel on. Its end is the end of the link. */
  watchMainChannel(channel: PeerChannel): void {
    this.#mainChannel = channel;
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", (event) => {
      const { data } = event as MessageEvent<string | ArrayBuffer>;
      this.tell({ kind: "message", data: typeof data === "string" ? data : new Uint8Array(data) });
    });
    channel.addEventListener("close", () => this.close("the peer closed the data channel"));
    if (channel.readyState === "open") this.#announceOpen(channel);
    else channel.addEventListener("open", () => this.#announceOpen(channel));
  }

  /** The main channel once it is open. Rejects with {@link PeerGoneError} if it never will be. */
  whenOpen(): Promise<PeerChannel> {
    if (this.#closeReason !== undefined) {
      return Promise.reject(new PeerGoneError(this.peerId, this.#closeReason));
    }
    if (this.openChannel) return Promise.resolve(this.openChannel);
    return new Promise((resolve, reject) => this.#openWaiters.push({ resolve, reject }));
  }

  /**
   * Takes a candidate of the other side, `null` for "no more". One that comes before the remote
   * description waits for it (RFC 8838 §11 leaves the order to the signaling).
   */
  async addCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    if (this.isClosed) return;
    if (!this.connection.remoteDescription) {
      if (this.#waitingCandidates.length < MAX_WAITING_CANDIDATES) {
        this.#waitingCandidates.push(candidate);
      } else {
        this.tell({
          kind: "candidateRefused",
          reason: "too many candidates before the description",
        });
      }
      return;
    }
    await this.#applyCandidate(candidate);
  }

  /** To be called once the remote description is set: the candidates that waited follow it. */
  async flushCandidates(): Promise<void> {
    const waiting = this.#waitingCandidates;
    this.#waitingCandidates = [];
    for (const candidate of waiting) await this.#applyCandidate(candidate);
  }

  /** The peer left signaling or came back. Data may go on flowing; if it stops, why wait for nobody? */
  notePresence(isPresent: boolean): void {
    this.#hasLeft = !isPresent;
    if (isPresent || this.connection.connectionState === "connected") return;
    this.close("the peer left", true);
  }

  /** Ends the connection and tells why, once. Safe to call at any time, also from a listener. */
  close(reason: string, wasFailure = false): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    this.#cancelHandshakeTimer();
    this.#cancelDisconnectTimer?.();
    this.#waitingCandidates = [];
    this.connection.close();
    for (const waiter of this.#openWaiters) waiter.reject(new PeerGoneError(this.peerId, reason));
    this.#openWaiters.length = 0;
    // The W3C object fires no event for its own close(): the last state of figure i is told from here.
    this.tell({ kind: "state", machine: "connection", state: "closed" });
    this.tell({ kind: "closed", reason, wasFailure });
  }

  /** Reports `body` with the whereabouts of this link. */
  tell(body: PeerEventBody): void {
    if (this.isClosed && body.kind !== "closed" && !isClosedState(body)) return;
    const { peerId, handshakeId } = this;
    this.#init.tell({ ...body, peerId, handshakeId, atEpochMs: this.#init.clock.epochMs() });
  }

  #watchConnection(): void {
    const { connection } = this;
    connection.addEventListener("connectionstatechange", (event) => {
      if (!this.isClosed) this.#handleConnectionState(event);
    });
    connection.addEventListener("iceconnectionstatechange", () => {
      this.#tellState({ machine: "iceConnection", state: connection.iceConnectionState });
    });
    connection.addEventListener("icegatheringstatechange", () => {
      this.#tellState({ machine: "iceGathering", state: connection.iceGatheringState });
    });
    connection.addEventListener("signalingstatechange", () => {
      this.#tellState({ machine: "signaling", state: connection.signalingState });
    });
    connection.addEventListener("icecandidate", (event) => {
      const { candidate } = event as RTCPeerConnectionIceEvent;
      this.tell({ kind: "localCandidate", candidate: candidate && toCandidateInit(candidate) });
    });
    connection.addEventListener("datachannel", (event) => {
      this.#init.takeChannel((event as Event & { readonly channel: PeerChannel }).channel, this);
    });
  }

  #tellState(change: StateChange): void {
    this.tell({ kind: "state", ...change });
  }

  #handleConnectionState(event: Event): void {
    const state = this.connection.connectionState;
    if (state === "closed") {
      this.close("the connection was closed");
      return;
    }
    this.#tellState({ machine: "connection", state });
    this.#cancelDisconnectTimer?.();
    this.#cancelDisconnectTimer = undefined;
    if (state === "connected") {
      this.#cancelHandshakeTimer();
      this.#tellPair();
    } else if (state === "disconnected") {
      this.#handleDisconnected();
    } else if (state === "failed") {
      this.close(
        reasonIn(event) ?? "the connection failed: no network path between the peers works",
        true,
      );
    }
  }

  #handleDisconnected(): void {
    if (this.#hasLeft) {
      this.close("the peer left", true);
      return;
    }
    const { disconnectedMs } = this.#init.timeouts;
    this.#cancelDisconnectTimer = this.#init.clock.after(disconnectedMs, () => {
      this.close(`the peer has not been heard of for more than ${disconnectedMs / 1000} s`, true);
    });
  }

  #announceOpen(channel: PeerChannel): void {
    if (this.isClosed) return;
    this.#tellPair();
    this.tell({ kind: "channelOpen", channel });
    for (const waiter of this.#openWaiters) waiter.resolve(channel);
    this.#openWaiters.length = 0;
  }

  #tellPair(): void {
    const pair = this.#hasToldPair ? undefined : selectedPairOf(this.connection);
    if (!pair) return;
    this.#hasToldPair = true;
    this.tell({ kind: "pairSelected", pair });
  }

  async #applyCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    if (this.isClosed) return;
    try {
      await (candidate
        ? this.connection.addIceCandidate(candidate)
        : this.connection.addIceCandidate());
      this.tell({ kind: "remoteCandidate", candidate });
    } catch (error) {
      this.tell({ kind: "candidateRefused", reason: messageOf(error) });
    }
  }

  #describeStall(): string {
    const seconds = this.#init.timeouts.handshakeMs / 1000;
    return this.connection.signalingState === "have-local-offer"
      ? `no answer came within ${seconds} s`
      : `not connected after ${seconds} s`;
  }
}

function isClosedState(body: PeerEventBody): boolean {
  return body.kind === "state" && body.machine === "connection" && body.state === "closed";
}

function toCandidateInit(candidate: RTCIceCandidate): RTCIceCandidateInit {
  return {
    candidate: candidate.candidate,
    sdpMid: candidate.sdpMid,
    sdpMLineIndex: candidate.sdpMLineIndex,
    usernameFragment: candidate.usernameFragment,
  };
}

/** `@pallas/webrtc` says on the event why a connection failed; browsers do not. */
function reasonIn(event: Event): string | undefined {
  const { reason } = event as { readonly reason?: unknown };
  if (typeof reason === "string") return reason;
  return reason instanceof Error ? reason.message : undefined;
}
