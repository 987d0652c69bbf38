import assert from "node:assert/strict";
import { test } from "vitest";

import type { RTCIceCandidate } from "../../src/w3c/rtc-ice-candidate.ts";
import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import type { RTCSessionDescription } from "../../src/w3c/rtc-session-description.ts";
import { Lab } from "./support/lab.ts";

type Signal = {
  readonly description?: RTCSessionDescription | null;
  readonly candidate?: RTCIceCandidate | null;
};

/** The pattern of webrtc-pc §10.7, as an application would write it. */
class PerfectPeer {
  readonly connection: RTCPeerConnection;
  readonly problems: unknown[] = [];
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
        if (this.#ignoresOffer) return;
        this.#isSettingRemoteAnswer = description.type === "answer";
        await connection.setRemoteDescription(description);
        this.#isSettingRemoteAnswer = false;
        if (description.type !== "offer") return;
        await connection.setLocalDescription();
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

test.each(Array.from({ length: 40 }, (_, index) => index + 1))(
  "both sides offer at once and settle on one negotiation, seed %d (webrtc-pc §10.7)",
  async (seed) => {
    const lab = new Lab(seed);
    const random = lab.world.random("signaling");
    const peers: PerfectPeer[] = [];
    const lanes = [Promise.resolve(), Promise.resolve()];
    /** In order, each message after a delay of its own. */
    const sendTo =
      (index: number) =>
      (signal: Signal): void => {
        const arrival = lab.world.delay(Math.floor(random.fraction() * 30));
        lanes[index] = lanes[index]!.then(() => arrival).then(() => peers[index]!.receive(signal));
      };
    peers.push(new PerfectPeer(lab.connection(), true, sendTo(1)));
    peers.push(new PerfectPeer(lab.connection(), false, sendTo(0)));
    const delay = Math.floor(random.fraction() * 40);
    const first = peers[seed % 2]!.connection.createDataChannel("first");
    await lab.world.advance(delay);
    const second = peers[(seed + 1) % 2]!.connection.createDataChannel("second");
    await lab.world.advanceUntil(
      () => first.readyState === "open" && second.readyState === "open",
      20_000,
    );
    await lab.world.advance(2_000);
    for (const { connection, problems } of peers) {
      assert.deepEqual(problems, []);
      assert.equal(connection.signalingState, "stable");
      assert.equal(connection.connectionState, "connected");
    }
    await lab.close();
  },
);
