import { ConnectionStateEvent } from "../../../src/w3c/events/connection-state-event.ts";
import { RTCPeerConnection } from "../../../src/w3c/rtc-peer-connection.ts";
import type { RTCDataChannel } from "../../../src/w3c/rtc-data-channel.ts";
import type { RTCSettings } from "../../../src/w3c/environment.ts";
import type { VirtualHost, VirtualWorld } from "../../../src/testing/index.ts";
import type { Topology } from "./topologies.ts";

/** How two peers find each other, and what their connections are made with. */
export type PairOptions = {
  readonly settings?: RTCSettings;
  /** One way, each message; in order. */
  readonly signalingDelayMs?: number;
};

/** One state that was reported, and when. */
export type StateChange = { readonly atMs: number; readonly state: string };

/** A peer connection on a virtual host, with a record of what it reported. */
export class VirtualPeer {
  readonly host: VirtualHost;
  readonly connection: RTCPeerConnection;
  readonly states: StateChange[] = [];
  /** The words that came with `failed`. */
  failureReason: string | undefined;
  /** Channels that the other side opened. */
  readonly incoming: RTCDataChannel[] = [];

  constructor(host: VirtualHost, stunUrls: readonly string[], settings: RTCSettings) {
    this.host = host;
    const iceServers = stunUrls.length > 0 ? [{ urls: [...stunUrls] }] : [];
    this.connection = new RTCPeerConnection({ iceServers }, settings, { runtime: host.runtime });
    this.connection.addEventListener("connectionstatechange", (event) => {
      const state = this.connection.connectionState;
      this.states.push({ atMs: host.runtime.nowMs(), state });
      if (state === "failed")
        this.failureReason =
          event instanceof ConnectionStateEvent ? (event.reason ?? undefined) : undefined;
    });
    this.connection.addEventListener("datachannel", ({ channel }) => this.incoming.push(channel));
  }

  /** The names of the states that were reported, in order. */
  get stateNames(): readonly string[] {
    return this.states.map(({ state }) => state);
  }
}

/** A pair of peers and the signaling between them. */
export class VirtualPair {
  readonly world: VirtualWorld;
  readonly offerer: VirtualPeer;
  readonly answerer: VirtualPeer;
  readonly #signalingDelayMs: number;
  readonly #inOrder = new Map<VirtualPeer, Promise<void>>();

  constructor(topology: Topology, { settings = {}, signalingDelayMs = 10 }: PairOptions = {}) {
    this.world = topology.world;
    this.offerer = new VirtualPeer(topology.offererHost, topology.stunUrls, settings);
    this.answerer = new VirtualPeer(topology.answererHost, topology.stunUrls, settings);
    this.#signalingDelayMs = signalingDelayMs;
    this.#trickle(this.offerer, this.answerer);
    this.#trickle(this.answerer, this.offerer);
  }

  /** Offer and answer, by way of the signaling; the candidates trickle beside it. */
  async negotiate(): Promise<void> {
    const { offerer, answerer } = this;
    await offerer.connection.setLocalDescription();
    await this.#signal(answerer, () =>
      answerer.connection.setRemoteDescription(offerer.connection.localDescription!),
    );
    await answerer.connection.setLocalDescription();
    await this.#signal(offerer, () =>
      offerer.connection.setRemoteDescription(answerer.connection.localDescription!),
    );
  }

  /** Opens a channel, negotiates, and waits for both ends of it. */
  async connect(
    init: RTCDataChannelInit = {},
    withinMs = 60_000,
  ): Promise<readonly [RTCDataChannel, RTCDataChannel]> {
    const near = this.offerer.connection.createDataChannel("data", init);
    await this.world.settle(this.negotiate(), withinMs);
    const isOpen = (): boolean => near.readyState === "open" && this.answerer.incoming.length > 0;
    await this.world.advanceUntil(isOpen, withinMs);
    const far = this.answerer.incoming[0]!;
    await this.world.advanceUntil(() => far.readyState === "open", withinMs);
    return [near, far];
  }

  /** Closes both, and lets pass what the goodbyes take. */
  async close(): Promise<void> {
    this.offerer.connection.close();
    this.answerer.connection.close();
    await this.world.advance(5_000);
  }

  #trickle(from: VirtualPeer, to: VirtualPeer): void {
    from.connection.addEventListener("icecandidate", ({ candidate }) => {
      void this.#signal(to, () => to.connection.addIceCandidate(candidate));
    });
  }

  /** Runs `message` at `to` after the delay, and after all messages to it that were sent before. */
  #signal(to: VirtualPeer, message: () => Promise<void>): Promise<void> {
    const arrival = this.world.delay(this.#signalingDelayMs);
    const previous = this.#inOrder.get(to) ?? Promise.resolve();
    const done = previous.then(() => arrival).then(message);
    this.#inOrder.set(to, done);
    return done;
  }
}
