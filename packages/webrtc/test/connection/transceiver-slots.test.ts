import assert from "node:assert/strict";
import { test } from "vitest";

import { createMediaStreamTrack } from "../../src/w3c/create-media-stream-track.ts";
import { Lab, record, trickle } from "./support/lab.ts";

test("what was stopped before it had a section asks for one negotiation, not for ever (webrtc-pc §4.7.3)", async () => {
  const lab = new Lab();
  const [a, b] = [lab.connection(), lab.connection()];
  let asked = 0;
  a.addEventListener("negotiationneeded", () => asked++);
  const transceiver = a.addTransceiver("audio");
  transceiver.stop();
  await lab.settleNow();
  assert.equal(asked, 1);
  await lab.negotiate(a, b);
  await lab.settleNow();
  assert.equal(asked, 1, "there is nothing left to negotiate");
  assert.deepEqual(a.getTransceivers(), []);
  assert.ok(transceiver.stopped);
  await lab.close();
});

test("it leaves the set with the answer of this side, too", async () => {
  const lab = new Lab();
  const [a, b] = [lab.connection(), lab.connection()];
  b.addTransceiver("audio").stop();
  a.addTransceiver("video");
  await lab.negotiate(a, b);
  assert.deepEqual(
    b.getTransceivers().map(({ receiver }) => receiver.track.kind),
    ["video"],
  );
  await lab.close();
});

test("a description waits for setParameters, so that its layers count (webrtc-pc, set a session description, step 5.3)", async () => {
  const lab = new Lab();
  const [a, b] = [lab.connection(), lab.connection()];
  const sendEncodings = ["a", "b", "c"].map((rid) => ({ rid }));
  const { sender } = a.addTransceiver("video", { sendEncodings });
  await lab.run(a.setLocalDescription());
  await lab.run(b.setRemoteDescription(a.localDescription!));
  await lab.run(b.setLocalDescription()); // Takes no simulcast.
  const order: string[] = [];
  const parameters = sender.getParameters();
  parameters.encodings[0]!.maxBitrate = 5_000;
  const described = a.setRemoteDescription(b.localDescription!).then(() => order.push("described"));
  const set = sender.setParameters(parameters).then(() => order.push("set"));
  await lab.run(Promise.all([described, set]));
  assert.deepEqual(order, ["set", "described"]);
  const { encodings } = sender.getParameters();
  assert.deepEqual(
    encodings.map(({ maxBitrate }) => maxBitrate),
    [5_000],
  );
  await lab.close();
});

test("parameters of before a description cannot be set after it (webrtc-pc, [[LastReturnedParameters]])", async () => {
  const lab = new Lab();
  const [a, b] = [lab.connection(), lab.connection()];
  const { sender } = a.addTransceiver("video");
  await lab.run(a.setLocalDescription());
  await lab.run(b.setRemoteDescription(a.localDescription!));
  await lab.run(b.setLocalDescription());
  let outcome: Promise<void> | undefined;
  a.addEventListener("signalingstatechange", () => {
    outcome = sender.setParameters(parameters);
    outcome.catch(() => {});
  });
  const described = a.setRemoteDescription(b.localDescription!);
  const parameters = sender.getParameters();
  await lab.run(described);
  await assert.rejects(lab.run(outcome!), { name: "InvalidStateError" });
  await lab.close();
});

test("nothing brings a transceiver of a closed connection back (webrtc-pc §4.4.2)", async () => {
  const lab = new Lab();
  const connection = lab.connection();
  const transceiver = connection.addTransceiver("video");
  connection.close();
  transceiver.setCodecPreferences([]);
  transceiver.setHeaderExtensionsToNegotiate(transceiver.getHeaderExtensionsToNegotiate());
  assert.equal(transceiver.direction, "stopped");
  assert.equal(transceiver.currentDirection, "stopped");
  assert.ok(transceiver.stopped);
  await lab.close();
});

test("a rollback finds the transport that its offer gave up as it was (RFC 9429 §4.1.10.2)", async () => {
  const lab = new Lab();
  const configuration = { bundlePolicy: "max-compat" } as const;
  const [a, b] = [lab.connection(configuration), lab.connection(configuration)];
  trickle(a, b);
  a.addTransceiver("audio");
  const video = a.addTransceiver("video");
  await lab.run(a.setLocalDescription());
  const sdp = a.localDescription!.sdp.replace(/a=group:BUNDLE.*\r\n/, "");
  await lab.run(b.setRemoteDescription({ type: "offer", sdp }));
  await lab.run(b.setLocalDescription());
  await lab.run(a.setRemoteDescription(b.localDescription!));
  await lab.world.advance(1_000);
  const transport = video.sender.transport!;
  assert.notEqual(transport, a.getTransceivers()[0]!.sender.transport);

  const log = record(a);
  const expected = ["connected", "completed", "connected"];
  const states = (): readonly string[] => [
    transport.state,
    transport.iceTransport.state,
    a.connectionState,
  ];
  video.stop();
  await lab.run(a.setLocalDescription());
  await lab.world.advance(1_000);
  assert.deepEqual(states(), expected, "the offer alone takes nothing away");
  await lab.run(a.setLocalDescription({ type: "rollback" }));
  await lab.world.advance(60_000);
  assert.deepEqual(states(), expected);
  assert.deepEqual(log, [
    "signalingstatechange have-local-offer",
    "signalingstatechange stable",
    "negotiationneeded",
  ]);

  await lab.negotiate(a, b);
  await lab.settleNow();
  assert.deepEqual(states(), ["closed", "closed", "connected"], "the answer does");
  await lab.close();
});

test("track events come from what the peer says, not from this side's answer (webrtc-pc §5.1.1)", async () => {
  const lab = new Lab();
  const host = lab.host();
  const [a, b] = [lab.connection({}, {}, host), lab.connection()];
  let events = 0;
  b.addEventListener("track", () => events++);
  a.addTrack(createMediaStreamTrack({ kind: "audio" }, host.runtime).track);
  await lab.run(a.setLocalDescription());
  await lab.run(b.setRemoteDescription(a.localDescription!));
  assert.equal(events, 1);
  const [transceiver] = b.getTransceivers();
  transceiver!.direction = "inactive";
  const { sdp } = await lab.run(b.createAnswer());
  await lab.run(b.setLocalDescription({ type: "pranswer", sdp: sdp! }));
  transceiver!.direction = "recvonly";
  await lab.run(b.setLocalDescription());
  assert.equal(transceiver!.currentDirection, "recvonly");
  assert.equal(events, 1);
  await lab.close();
});
