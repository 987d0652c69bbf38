/**
 * A stand-in for `RTCPeerConnection` that a test can push into any state. It shakes hands with another
 * of its kind in the same process; descriptions are just names. What it knows of the W3C's rules: the
 * signaling states, candidates only after the remote description, no event after `close()`.
 */
import type { Description, PeerChannel, PeerConnection } from "../src/platform.ts";

/** All connections of one test, by the text of their description. */
export class FakeNetwork {
  readonly connections: FakeConnection[] = [];
  /** What the next `createOffer` and so on rejects with. */
  nextError: Error | undefined;

  /** The constructor to hand in. */
  readonly RTCPeerConnection: new () => FakeConnection = connectionIn(this);

  find(sdp: string): FakeConnection | undefined {
    return this.connections.find((connection) => connection.sdp === sdp);
  }
}

function connectionIn(network: FakeNetwork): new () => FakeConnection {
  return class extends FakeConnection {
    constructor() {
      super(network);
    }
  };
}

class FakeConnection extends EventTarget implements PeerConnection {
  readonly sdp: string;
  readonly sctp = null;
  readonly takenCandidates: (string | undefined)[] = [];
  readonly channels: FakeChannel[] = [];
  connectionState: RTCPeerConnectionState = "new";
  iceConnectionState: RTCIceConnectionState = "new";
  iceGatheringState: RTCIceGatheringState = "new";
  signalingState: RTCSignalingState = "stable";
  localDescription: Description | null = null;
  remoteDescription: Description | null = null;
  readonly #network: FakeNetwork;

  constructor(network: FakeNetwork) {
    super();
    this.#network = network;
    this.sdp = `fake ${network.connections.length}`;
    network.connections.push(this);
  }

  get peer(): FakeConnection | undefined {
    return this.#network.find(this.remoteDescription?.sdp ?? "");
  }

  async createOffer(): Promise<RTCSessionDescriptionInit> {
    this.#throwIfTold();
    return { type: "offer", sdp: this.sdp };
  }

  async createAnswer(): Promise<RTCSessionDescriptionInit> {
    return { type: "answer", sdp: this.sdp };
  }

  async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
    const type = description?.type ?? "offer";
    this.localDescription = { type, sdp: this.sdp };
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    this.dispatchEvent(new Event("signalingstatechange"));
    this.#tellCandidate(
      `candidate:1 1 udp 1 192.0.2.1 ${4000 + this.#network.connections.indexOf(this)} typ host`,
    );
    this.#tellCandidate(null);
  }

  async setRemoteDescription({ type, sdp = "" }: RTCSessionDescriptionInit): Promise<void> {
    if (!this.#network.find(sdp)) throw new DOMException(`cannot parse "${sdp}"`, "SyntaxError");
    await Promise.resolve();
    this.remoteDescription = { type, sdp };
    this.signalingState = type === "offer" ? "have-remote-offer" : "stable";
    this.dispatchEvent(new Event("signalingstatechange"));
  }

  async addIceCandidate(candidate?: RTCIceCandidateInit): Promise<void> {
    if (!this.remoteDescription)
      throw new DOMException("no remote description", "InvalidStateError");
    if (candidate?.candidate === "bad") throw new DOMException("not a candidate", "OperationError");
    this.takenCandidates.push(candidate?.candidate);
  }

  createDataChannel(label: string, options: RTCDataChannelInit = {}): FakeChannel {
    const channel = new FakeChannel(label, options.protocol ?? "");
    this.channels.push(channel);
    const peer = this.connectionState === "connected" ? this.peer : undefined;
    if (peer) queueMicrotask(() => channel.openTo(peer));
    return channel;
  }

  close(): void {
    if (this.connectionState === "closed") return;
    this.connectionState = "closed";
    this.signalingState = "closed";
    for (const channel of this.channels) {
      channel.lose();
      channel.other?.lose();
    }
  }

  /** Moves to `state` and says so, unless closed. */
  become(state: RTCPeerConnectionState, reason?: string): void {
    if (this.connectionState === "closed") return;
    this.connectionState = state;
    this.dispatchEvent(Object.assign(new Event("connectionstatechange"), reason ? { reason } : {}));
  }

  /** Both ends are connected and the channels open: what ICE and DTLS would do. */
  connect(): void {
    const { peer } = this;
    if (!peer) return;
    for (const end of [this, peer]) end.become("connecting");
    for (const end of [this, peer]) end.become("connected");
    for (const [near, far] of [[this, peer] as const, [peer, this] as const]) {
      for (const channel of near.channels) if (!channel.other) channel.openTo(far);
    }
  }

  announce(channel: FakeChannel): void {
    this.channels.push(channel);
    this.dispatchEvent(Object.assign(new Event("datachannel"), { channel }));
  }

  #tellCandidate(candidate: string | null): void {
    const content =
      candidate === null
        ? null
        : { candidate, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: "u" };
    queueMicrotask(() => {
      if (this.connectionState === "closed") return;
      this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate: content }));
    });
  }

  #throwIfTold(): void {
    const error = this.#network.nextError;
    this.#network.nextError = undefined;
    if (error) throw error;
  }
}

export type { FakeConnection };

/** A data channel; what is sent arrives at once, or counts as buffered while `isStuck`. */
export class FakeChannel extends EventTarget implements PeerChannel {
  readonly label: string;
  readonly protocol: string;
  readonly sent: (string | Uint8Array)[] = [];
  readyState: RTCDataChannelState = "connecting";
  binaryType: BinaryType = "arraybuffer";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  isStuck = false;
  other: FakeChannel | undefined;

  constructor(label: string, protocol = "") {
    super();
    this.label = label;
    this.protocol = protocol;
  }

  /** Two ends that are joined and open. */
  static pair(label = "pair", protocol = ""): [FakeChannel, FakeChannel] {
    const ends: [FakeChannel, FakeChannel] = [
      new FakeChannel(label, protocol),
      new FakeChannel(label, protocol),
    ];
    [ends[0].other, ends[1].other] = [ends[1], ends[0]];
    for (const end of ends) end.readyState = "open";
    return ends;
  }

  openTo(far: FakeConnection): void {
    const other = new FakeChannel(this.label, this.protocol);
    [this.other, other.other] = [other, this];
    for (const end of [this, other]) end.readyState = "open";
    far.announce(other);
    for (const end of [this, other]) end.dispatchEvent(new Event("open"));
  }

  send(data: string | ArrayBufferView<ArrayBuffer>): void {
    if (this.readyState !== "open") throw new DOMException("not open", "InvalidStateError");
    const content =
      typeof data === "string"
        ? data
        : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (content.length > 262_144) throw new TypeError("too large");
    this.sent.push(content);
    if (this.isStuck) this.bufferedAmount += content.length;
    else this.deliver(content);
  }

  /** Everything that waited goes out. */
  drain(): void {
    this.isStuck = false;
    this.bufferedAmount = 0;
    this.dispatchEvent(new Event("bufferedamountlow"));
  }

  deliver(content: string | Uint8Array): void {
    const { other } = this;
    const data = typeof content === "string" ? content : content.slice().buffer;
    queueMicrotask(() => {
      if (other?.readyState === "open") other.dispatchEvent(new MessageEvent("message", { data }));
    });
  }

  close(): void {
    if (this.readyState === "closed" || this.readyState === "closing") return;
    this.readyState = "closing";
    queueMicrotask(() => {
      this.lose();
      this.other?.lose();
    });
  }

  /** Ends without a goodbye. */
  lose(): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    queueMicrotask(() => this.dispatchEvent(new Event("close")));
  }
}
