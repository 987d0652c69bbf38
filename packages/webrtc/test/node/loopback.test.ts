import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "vitest";

import { RTCPeerConnection, type RTCDataChannel } from "@pallas/webrtc";

const SETTINGS = { bindAddresses: ["127.0.0.1"] };

/** Two connections over real sockets, their candidates handed over as they come. */
function newPair(): readonly [RTCPeerConnection, RTCPeerConnection] {
  const pair = [new RTCPeerConnection({}, SETTINGS), new RTCPeerConnection({}, SETTINGS)] as const;
  for (const [from, to] of [pair, pair.toReversed()] as [RTCPeerConnection, RTCPeerConnection][]) {
    from.addEventListener("icecandidate", ({ candidate }) => void to.addIceCandidate(candidate));
  }
  return pair;
}

async function negotiate(offerer: RTCPeerConnection, answerer: RTCPeerConnection): Promise<void> {
  await offerer.setLocalDescription();
  await answerer.setRemoteDescription(offerer.localDescription!);
  await answerer.setLocalDescription();
  await offerer.setRemoteDescription(answerer.localDescription!);
}

test("two connections in one process meet on loopback and exchange messages", async () => {
  const [offerer, answerer] = newPair();
  const near = offerer.createDataChannel("greeting");
  const opened = once(near, "open");
  const announced = once(answerer, "datachannel") as Promise<[{ channel: RTCDataChannel }]>;
  await negotiate(offerer, answerer);
  await opened;
  const [{ channel: far }] = await announced;
  const heard = once(far, "message") as Promise<[MessageEvent]>;
  near.send("hello");
  assert.equal((await heard)[0].data, "hello");
  assert.equal(offerer.connectionState, "connected");
  const pair = offerer.sctp!.transport.iceTransport.getSelectedCandidatePair()!;
  assert.equal(pair.local.address, "127.0.0.1");
  assert.equal(pair.remote.address, "127.0.0.1");
  const closed = once(far, "close");
  offerer.close();
  await closed;
  answerer.close();
});

test("events on real sockets come in the order of virtual time", async () => {
  const [offerer, answerer] = newPair();
  const log: string[] = [];
  const listen = (target: EventTarget, type: string, state: () => string): void =>
    target.addEventListener(type, () => log.push(`${type} ${state()}`));
  listen(offerer, "signalingstatechange", () => offerer.signalingState);
  listen(offerer, "icegatheringstatechange", () => offerer.iceGatheringState);
  listen(offerer, "connectionstatechange", () => offerer.connectionState);
  const channel = offerer.createDataChannel("x");
  const opened = once(channel, "open");
  listen(channel, "open", () => channel.readyState);
  await negotiate(offerer, answerer);
  await opened;
  const order = [
    "signalingstatechange have-local-offer",
    "signalingstatechange stable",
    "connectionstatechange connecting",
    "connectionstatechange connected",
    "open open",
  ];
  assert.deepEqual(
    log.filter((line) => !line.startsWith("icegathering")),
    order,
  );
  assert.deepEqual(
    log.filter((line) => line.startsWith("icegathering")),
    ["icegatheringstatechange gathering", "icegatheringstatechange complete"],
  );
  offerer.close();
  answerer.close();
});

test("a port range is kept to, and freed by close()", async () => {
  const settings = { ...SETTINGS, portRange: { min: 47_310, max: 47_310 } };
  for (let round = 0; round < 3; round++) {
    const connection = new RTCPeerConnection({}, settings);
    connection.createDataChannel("x");
    const gathered = once(connection, "icecandidate");
    await connection.setLocalDescription();
    await gathered;
    assert.match(connection.localDescription!.sdp, /m=application 47310 /);
    connection.close();
  }
});

test("generateCertificate makes certificates that connections use", async () => {
  const certificates = [
    await RTCPeerConnection.generateCertificate({ name: "ECDSA", namedCurve: "P-256" }),
    await RTCPeerConnection.generateCertificate({
      name: "RSASSA-PKCS1-v1_5",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: "SHA-256",
    }),
  ];
  const connection = new RTCPeerConnection({ certificates });
  connection.createDataChannel("x");
  const { sdp } = await connection.createOffer();
  const lines = sdp!.split("\r\n").filter((line) => line.startsWith("a=fingerprint:"));
  assert.deepEqual(
    lines.map((line) => line.slice("a=fingerprint:sha-256 ".length).toLowerCase()),
    certificates.flatMap((certificate) => certificate.getFingerprints().map(({ value }) => value)),
  );
  assert.deepEqual(connection.getConfiguration().certificates, certificates);
  connection.close();
  await assert.rejects(Reflect.apply(RTCPeerConnection.generateCertificate, null, []), TypeError);
});
