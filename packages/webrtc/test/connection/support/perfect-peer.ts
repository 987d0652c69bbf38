import type { RTCIceCandidate } from "../../../src/w3c/rtc-ice-candidate.ts";
import type { RTCPeerConnection } from "../../../src/w3c/rtc-peer-connection.ts";
import type { RTCSessionDescription } from "../../../src/w3c/rtc-session-description.ts";
import { summarize } from "./agreement.ts";
import type { Lab } from "./lab.ts";

/** What two peers say to each other. */
export type Signal = {
  readonly description?: RTCSessionDescription | null;
  readonly candidate?: RTCIceCandidate | null;
};

/** The pattern of webrtc-pc §10.7, as an application would write it. */
export class PerfectPeer {
  readonly connection: RTCPeerConnection;
  readonly problems: unknown[] = [];
  /** Offers of the other side that were ignored: how often there was glare. */
  ignoredOffers = 0;
  /** Told of every description once it is set. */
  onSet: (side: "local" | "remote", description: RTCSessionDescription) => void = () => {};
  readonly #isPolite: boolean;
  readonly #send: (signal: Signal) => void;
  #isMakingOffer = false;
  #ignoresOffer = false;
  #isSettingRemoteAnswer = false;

  constructor(connection: RTCPeerConnection, isPolite: boolean, send: (signal: Signal) => void) {
    this.connection = connection;
    this.#isPolite = isPolite;
    this.#send = send;
    connection.addEventListener("negotiationneeded", () => void this.#offer());
    connection.addEventListener("icecandidate", ({ candidate }) => send({ candidate }));
  }

  async #offer(): Promise<void> {
    try {
      this.#isMakingOffer = true;
      await this.connection.setLocalDescription();
      this.onSet("local", this.connection.localDescription!);
      this.#send({ description: this.connection.localDescription });
    } catch (error) {
      this.problems.push(error);
    } finally {
      this.#isMakingOffer = false;
    }
  }

  async receive({ description, candidate }: Signal): Promise<void> {
    const { connection } = this;
    try {
      if (description) {
        const isReady =
          !this.#isMakingOffer &&
          (connection.signalingState === "stable" || this.#isSettingRemoteAnswer);
        const isCollision = description.type === "offer" && !isReady;
        this.#ignoresOffer = !this.#isPolite && isCollision;
        if (this.#ignoresOffer) {
          this.ignoredOffers++;
          return;
        }
        this.#isSettingRemoteAnswer = description.type === "answer";
        await connection.setRemoteDescription(description);
        this.onSet("remote", description);
        this.#isSettingRemoteAnswer = false;
        if (description.type !== "offer") return;
        await connection.setLocalDescription();
        this.onSet("local", connection.localDescription!);
        this.#send({ description: connection.localDescription });
      } else if (candidate !== undefined) {
        try {
          await connection.addIceCandidate(candidate);
        } catch (error) {
          if (!this.#ignoresOffer) throw error;
        }
      }
    } catch (error) {
      this.problems.push(error);
    }
  }
}

/** Two peers of the pattern and what lies between them: each message takes its own time and none overtakes another. */
export class PerfectPair {
  readonly peers: readonly [polite: PerfectPeer, impolite: PerfectPeer];
  /** Messages under way or being worked on. */
  pendingSignals = 0;
  readonly #history: (() => string)[] = [];

  constructor(
    lab: Lab,
    connections: readonly [RTCPeerConnection, RTCPeerConnection],
    nextDelayMs: () => number,
  ) {
    const lanes = [Promise.resolve(), Promise.resolve()];
    const deliver = async (
      index: 0 | 1,
      signal: Signal,
      arrivals: readonly Promise<void>[],
    ): Promise<void> => {
      for (const arrival of arrivals) await arrival;
      // As with a WebSocket, the next message does not wait for the work of this one.
      void this.peers[index].receive(signal).finally(() => this.pendingSignals--);
    };
    const sendTo =
      (index: 0 | 1) =>
      (signal: Signal): void => {
        this.pendingSignals++;
        const arrival = lab.world.delay(nextDelayMs());
        lanes[index] = deliver(index, signal, [lanes[index]!, arrival]);
      };
    this.peers = [
      new PerfectPeer(connections[0], true, sendTo(1)),
      new PerfectPeer(connections[1], false, sendTo(0)),
    ];
    for (const [index, peer] of this.peers.entries()) {
      peer.onSet = (side, description) => {
        const atMs = lab.world.nowMs;
        this.#history.push(() => `${atMs} ms, ${index}, ${side} ${outline(description)}`);
      };
      peer.connection.addEventListener("connectionstatechange", () => {
        const [atMs, { connectionState }] = [lab.world.nowMs, peer.connection];
        this.#history.push(() => `${atMs} ms, ${index}, ${connectionState}`);
      });
    }
  }

  /** What was negotiated, a line for each description. */
  get story(): string {
    return this.#history.map((tell) => tell()).join("\n");
  }

  /** Nothing is under way in signaling, and both sides are stable. */
  get isQuiet(): boolean {
    return (
      this.pendingSignals === 0 &&
      this.peers.every(({ connection }) => connection.signalingState === "stable")
    );
  }
}

function outline(description: RTCSessionDescription): string {
  const sections = summarize(description).map(
    ({ kind, mid, isRejected, direction, ufrag }) =>
      `${kind} ${mid} ${isRejected ? "refused" : `${direction} ${ufrag}`}`,
  );
  return `${description.type}: ${sections.join("; ")}`;
}
