import assert from "node:assert/strict";
import { test } from "vitest";

import { RTCPeerConnection as PallasConnection } from "../../src/index.ts";

/** The members of lib.dom's interface that concern media, statistics and restarts: not there yet. */
type LaterMember =
  | "addTrack"
  | "addTransceiver"
  | "getReceivers"
  | "getSenders"
  | "getStats"
  | "getTransceivers"
  | "removeTrack"
  | "restartIce";
/** Overloaded in lib.dom with the callbacks of old, which are optional for an implementation. */
type WithCallbacks =
  | "createOffer"
  | "createAnswer"
  | "setLocalDescription"
  | "setRemoteDescription"
  | "addIceCandidate";
/** lib.dom does not know yet that `maxMessageSize` is null before the answer. */
type Newer = "sctp";

/** Without what has the whole class as `this`, which no other class can be. */
type Plain<T> = Omit<T, `on${string}` | "addEventListener" | "removeEventListener">;

type DomConnection = Plain<
  Omit<RTCPeerConnection, LaterMember | WithCallbacks | Newer | "createDataChannel">
> & {
  createDataChannel(label: string, init?: RTCDataChannelInit): Plain<RTCDataChannel>;
  createOffer(options?: RTCOfferOptions): Promise<RTCSessionDescriptionInit>;
  createAnswer(options?: RTCAnswerOptions): Promise<RTCSessionDescriptionInit>;
  setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void>;
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>;
  addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void>;
  addEventListener(type: string, listener: (event: Event) => void): void;
};

/** What code written for browsers takes as its constructor of connections. */
type DomConstructor = {
  new (configuration?: RTCConfiguration): DomConnection;
  generateCertificate(algorithm: AlgorithmIdentifier): Promise<RTCCertificate>;
};

test("the constructor fits where lib.dom's is expected, but for media, statistics and restarts", () => {
  const constructor: DomConstructor = PallasConnection;
  const connection = new constructor({ iceServers: [{ urls: "stun:a.example" }] });
  assert.equal(connection.signalingState, "stable");
  connection.close();
});
