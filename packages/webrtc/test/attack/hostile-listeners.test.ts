import assert from "node:assert/strict";
import { test } from "vitest";

import { MediaStream } from "../../src/w3c/media-stream.ts";
import { MediaStreamTrack } from "../../src/w3c/media-stream-track.ts";
import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import type { RTCRtpTransceiver } from "../../src/w3c/rtc-rtp-transceiver.ts";
import { Lab } from "../connection/support/lab.ts";
import { audioSection, describe, videoSection } from "./support/hostile-media.ts";

/** Both have tracks in a stream; the second is refused in {@link SECOND}, the first is taken away. */
const FIRST = describe(
  [audioSection("a", "a=msid:s t\r\n"), videoSection("v", "a=msid:s u\r\n")],
  [["a", "v"]],
);
const SECOND = describe(
  [
    audioSection("a", "a=inactive\r\n"),
    videoSection("v", "a=msid:n u\r\n"),
    videoSection("w", "a=msid:s x\r\n"),
  ],
  [["a", "v", "w"]],
);

/** What a listener of the application does at its moment. */
type Reaction = (victim: RTCPeerConnection) => void;

/** Where the application listens. Each fires while {@link SECOND} is set. */
const MOMENTS: Readonly<Record<string, (victim: RTCPeerConnection, listener: () => void) => void>> =
  {
    signalingstatechange: (victim, listener) =>
      victim.addEventListener("signalingstatechange", listener),
    track: (victim, listener) => victim.addEventListener("track", listener),
    addtrack: (victim, listener) => streamOf(victim).addEventListener("addtrack", listener),
    removetrack: (victim, listener) => streamOf(victim).addEventListener("removetrack", listener),
  };

const STREAMS = new WeakMap<RTCPeerConnection, MediaStream>();

function streamOf(victim: RTCPeerConnection): MediaStream {
  return STREAMS.get(victim)!;
}

/** A victim in the middle of a session with the first description; every event from here on is noted. */
async function prepared(
  lab: Lab,
): Promise<{ readonly victim: RTCPeerConnection; readonly seen: string[] }> {
  const victim = lab.connection();
  victim.addEventListener(
    "track",
    ({ streams }) => STREAMS.set(victim, streams[0] as MediaStream),
    { once: true },
  );
  await lab.run(victim.setRemoteDescription({ type: "offer", sdp: FIRST }));
  await lab.run(victim.setLocalDescription());
  for (const receiver of victim.getReceivers()) {
    // The media would do this, once it flows.
    assert.equal(receiver.track.readyState, "live");
  }
  const seen: string[] = [];
  for (const type of [
    "signalingstatechange",
    "track",
    "icecandidate",
    "connectionstatechange",
  ] as const)
    victim.addEventListener(type, () => seen.push(type));
  for (const type of ["addtrack", "removetrack"] as const)
    streamOf(victim).addEventListener(type, () => seen.push(type));
  return { victim, seen };
}

for (const [moment, listen] of Object.entries(MOMENTS)) {
  test(`a listener that closes the connection inside ${moment}: nothing is fired after it`, async () => {
    const lab = new Lab();
    const { victim, seen } = await prepared(lab);
    let atClose = -1;
    listen(victim, () => {
      victim.close();
      atClose = seen.length;
    });
    void victim.setRemoteDescription({ type: "offer", sdp: SECOND }).catch(() => {});
    await lab.world.advance(10);
    assert.ok(atClose >= 0, "the listener was called");
    assert.equal(seen.length, atClose);
    assert.equal(victim.signalingState, "closed");
    assert.ok(
      victim.getTransceivers().every(({ currentDirection }) => currentDirection === "stopped"),
    );
    await lab.close();
  });

  const REACTIONS: Readonly<Record<string, Reaction>> = {
    "sets the next description": (victim) =>
      void victim.setRemoteDescription({ type: "offer", sdp: FIRST }).catch(() => {}),
    "rolls back": (victim) =>
      void victim.setRemoteDescription({ type: "rollback" }).catch(() => {}),
    "answers at once": (victim) => void victim.setLocalDescription().catch(() => {}),
    "stops every transceiver": (victim) =>
      victim.getTransceivers().forEach((transceiver) => transceiver.stop()),
    "adds transceivers": (victim) => void victim.addTransceiver("video"),
  };
  for (const [what, react] of Object.entries(REACTIONS)) {
    test(`a listener that ${what} inside ${moment} comes after what is being done`, async () => {
      const lab = new Lab();
      const { victim } = await prepared(lab);
      let calls = 0;
      listen(victim, () => {
        if (calls++ < 3) react(victim);
      });
      await lab.run(victim.setRemoteDescription({ type: "offer", sdp: SECOND }));
      await lab.world.advance(10);
      assert.ok(calls > 0);
      // What came of it is whole, and the connection can go on.
      if (victim.signalingState === "have-remote-offer")
        await lab.run(victim.setLocalDescription());
      // Each further call of the same listener has made an offer of its own.
      if (victim.signalingState === "have-local-offer")
        await lab.run(victim.setLocalDescription({ type: "rollback" }));
      assert.equal(victim.signalingState, "stable");
      const stopped = victim.getTransceivers().filter(({ direction }) => direction === "stopped");
      assert.ok(stopped.length <= 3);
      assert.ok(victim.getTransceivers().length <= 6);
      await lab.close();
    });
  }
}

/** A dictionary whose members act when they are read. */
function trap<T extends object>(members: T, act: () => void): T {
  const first = Object.keys(members)[0]!;
  return Object.defineProperty({ ...members }, first, {
    enumerable: true,
    get: () => {
      act();
      return Reflect.get(members, first) as unknown;
    },
  });
}

type Attempt = (
  victim: RTCPeerConnection,
  transceiver: RTCRtpTransceiver,
  act: () => void,
) => unknown;

const IN_THE_MIDDLE: Readonly<Record<string, Attempt>> = {
  "addTransceiver's init": (victim, _, act) =>
    victim.addTransceiver("audio", trap({ direction: "sendrecv" as const }, act)),
  "addTransceiver's kind": (victim, _, act) =>
    victim.addTransceiver({ toString: () => (act(), "audio") } as unknown as string),
  "createDataChannel's label": (victim, _, act) =>
    victim.createDataChannel({ toString: () => (act(), "x") } as unknown as string),
  "createDataChannel's init": (victim, _, act) =>
    victim.createDataChannel("x", trap({ ordered: false }, act)),
  "setParameters' parameters": (_victim, { sender }, act) =>
    sender.setParameters(trap(sender.getParameters(), act)),
  "setParameters' options": (_victim, { sender }, act) =>
    sender.setParameters(sender.getParameters(), trap({ encodingOptions: [] }, act)),
  "setRemoteDescription's init": (victim, _, act) =>
    victim.setRemoteDescription(trap({ sdp: FIRST, type: "offer" as const }, act)),
  "addIceCandidate's init": (victim, _, act) =>
    victim.addIceCandidate(
      trap({ candidate: "candidate:1 1 udp 1 192.0.2.9 9 typ host", sdpMid: "a" }, act),
    ),
  "createOffer's options": (victim, _, act) => victim.createOffer(trap({ iceRestart: true }, act)),
  "setConfiguration's servers": (victim, _, act) =>
    victim.setConfiguration(trap({ iceServers: [] }, act)),
  "a list of codecs": (_victim, transceiver, act) =>
    transceiver.setCodecPreferences(
      (function* codecs() {
        act();
        yield { mimeType: "audio/opus", clockRate: 48_000, channels: 2 };
      })(),
    ),
  "a direction": (_victim, transceiver, act) => {
    transceiver.direction = { toString: () => (act(), "sendonly") } as unknown as "sendonly";
  },
};

for (const [where, attempt] of Object.entries(IN_THE_MIDDLE)) {
  test(`a getter that closes the connection in the middle of ${where}: refused, or of no effect`, async () => {
    const lab = new Lab();
    const host = lab.host();
    const victim = lab.connection({}, {}, host);
    await lab.run(victim.setRemoteDescription({ type: "offer", sdp: FIRST }));
    await lab.run(victim.setLocalDescription());
    const [transceiver] = victim.getTransceivers();
    let isClosed = false;
    const close = (): void => {
      victim.close();
      isClosed = true;
    };
    const problems: unknown[] = [];
    try {
      const result = attempt(victim, transceiver!, close);
      if (result instanceof Promise) result.catch((error: unknown) => problems.push(error));
    } catch (error) {
      problems.push(error);
    }
    await lab.world.advance(100);
    assert.ok(isClosed, "the getter was asked");
    for (const error of problems)
      assert.ok(error instanceof DOMException || error instanceof TypeError, String(error));
    assert.equal(victim.signalingState, "closed");
    assert.equal(transceiver!.direction, "stopped");
    assert.equal(transceiver!.currentDirection, "stopped");
    assert.deepEqual(host.resources, { sockets: 0, deadlines: 0 });
    await lab.close();
  });
}

test("tracks and streams that are none are refused, with TypeError", () => {
  const lab = new Lab();
  const victim = lab.connection();
  const { track } = victim.addTransceiver("audio").receiver;
  const forged: readonly unknown[] = [
    {},
    { kind: "audio", id: "x", readyState: "live" },
    Object.create(MediaStreamTrack.prototype),
    Object.create(MediaStream.prototype),
    new Proxy(track, {}),
    "audio\r\na=x",
    null,
  ];
  for (const value of forged) {
    assert.throws(() => victim.addTrack(value as MediaStreamTrack), TypeError);
    assert.throws(() => victim.addTransceiver(value as MediaStreamTrack), TypeError);
    assert.throws(() => victim.addTrack(track, value as MediaStream), TypeError);
    assert.throws(() => victim.getSenders()[0]!.setStreams(value as MediaStream), TypeError);
  }
  assert.equal(victim.getTransceivers().length, 1);
  victim.close();
});

test("a property in front of a track's kind or a stream's id reaches no description (line injection)", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  const { track } = victim.addTransceiver("video").receiver;
  const stream = new MediaStream();
  Object.defineProperty(track, "kind", { value: "application" });
  Object.defineProperty(track, "id", { value: "x\r\na=evil" });
  Object.defineProperty(stream, "id", { get: () => "y\r\na=ice-lite" });
  class Sub extends MediaStream {
    override get id(): string {
      return "z\r\na=evil";
    }
  }
  const sender = victim.addTrack(track, stream, new Sub());
  sender.setStreams(stream, new Sub());
  await lab.run(sender.replaceTrack(track));
  const { sdp } = await lab.run(victim.createOffer());
  assert.doesNotMatch(sdp!, /evil|ice-lite|m=application/);
  await lab.close();
});

test("one hostile connection does not hurt another in the process: its own errors stay its own", async () => {
  const lab = new Lab();
  const { offerer, answerer } = await lab.connectedPair();
  const victim = lab.connection();
  for (let round = 0; round < 20; round++) {
    await lab.run(
      victim
        .setRemoteDescription({ type: "offer", sdp: round % 2 === 0 ? FIRST : SECOND })
        .catch(() => {}),
    );
    await lab.run(victim.setRemoteDescription({ type: "answer", sdp: SECOND }).catch(() => {}));
    await lab.run(
      victim.addIceCandidate({ candidate: `candidate:${round}`, sdpMid: "a" }).catch(() => {}),
    );
  }
  victim.close();
  await lab.world.advance(2_000);
  assert.equal(offerer.connectionState, "connected");
  assert.equal(answerer.connectionState, "connected");
  offerer.addTransceiver("audio");
  await lab.negotiate(offerer, answerer);
  assert.equal(answerer.getTransceivers().length, 1);
  await lab.close();
});

test("listeners that throw, at every event of a description, stop nothing: each is reported by itself", async () => {
  const lab = new Lab();
  const uncaught: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => uncaught.push(error));
  try {
    const { victim } = await prepared(lab);
    const throwIt = (): void => {
      throw new TypeError("the application's own mistake");
    };
    for (const listen of Object.values(MOMENTS)) listen(victim, throwIt);
    await lab.run(victim.setRemoteDescription({ type: "offer", sdp: SECOND }));
    await lab.run(victim.setLocalDescription());
    await lab.world.advance(10);
    assert.equal(victim.signalingState, "stable");
    assert.equal(victim.getTransceivers().length, 3);
    assert.equal(victim.connectionState, "new");
    // Two changes of the state, two tracks, two that leave the stream and one that comes.
    assert.equal(uncaught.length, 7);
    assert.ok(uncaught.every((error) => error instanceof TypeError));
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
  await lab.close();
});

test("what an application passes on from a peer is quoted in few characters, whichever member it is", async () => {
  const lab = new Lab();
  const victim = lab.connection();
  const long = "x".repeat(100_000);
  const codec = { mimeType: long, clockRate: 1 };
  const attempts: readonly (() => unknown)[] = [
    () => victim.setRemoteDescription({ type: long as "offer", sdp: "" }),
    () => victim.setRemoteDescription({ type: "offer", sdp: long }),
    () => victim.addTransceiver(long),
    () => victim.addTransceiver("video", { direction: long as "sendrecv" }),
    () => victim.addTransceiver("video", { sendEncodings: [{ rid: long }] }),
    () => victim.addTransceiver("video", { sendEncodings: [{ scalabilityMode: long }] }),
    () => victim.addTransceiver("video", { sendEncodings: [{ codec }] }),
    () => victim.addTransceiver("video").setCodecPreferences([codec]),
    () => {
      const transceiver = victim.addTransceiver("audio");
      const [first, ...others] = transceiver.getHeaderExtensionsToNegotiate();
      transceiver.setHeaderExtensionsToNegotiate([{ ...first!, uri: long }, ...others]);
    },
    () => victim.createDataChannel(long),
    () => victim.setConfiguration({ bundlePolicy: long as "balanced" }),
    () => victim.setConfiguration({ iceServers: [{ urls: `stun:${long}?` }] }),
  ];
  for (const [index, attempt] of attempts.entries()) {
    const made = async (): Promise<unknown> => attempt();
    await assert.rejects(lab.run(made()), (error: Error) => {
      assert.ok(error.message.length < 400, `${index}: ${error.message.length} characters`);
      return true;
    });
  }
  await lab.close();
});
