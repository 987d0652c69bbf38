import assert from "node:assert/strict";
import { test } from "vitest";
import { FakeRtpHost, FakeRuntime } from "../../test/support/fake-rtp-host.ts";
import { supportedCodecs } from "../rtp/supported-codecs.ts";
import { createMediaStreamTrack } from "./create-media-stream-track.ts";
import { MediaStream } from "./media-stream.ts";
import { RTCRtpSender } from "./rtc-rtp-sender.ts";
import { toTransceiverInitDictionary } from "./rtp-parameters.ts";
import { transceiverInitOf } from "./send-encodings.ts";
import type { NegotiatedCodec } from "../rtp/codec.ts";
import type { MediaStreamTrack } from "./media-stream-track.ts";
import type { RTCRtpEncodingParameters, RTCRtpSendParameters } from "./rtp-parameters.ts";
import type { MediaItemKind } from "./track-source.ts";

const invalidState = { name: "InvalidStateError" };
const invalidModification = { name: "InvalidModificationError" };

function makeTrack(
  kind: "audio" | "video" = "video",
  itemKind: MediaItemKind = "frame",
): MediaStreamTrack {
  return createMediaStreamTrack({ kind, source: { itemKind } }, new FakeRuntime()).track;
}

function makeSender(kind: "audio" | "video" = "video", track: MediaStreamTrack | null = null) {
  const host = new FakeRtpHost();
  const { transceiver, control } = host.add(kind, {}, track);
  return { host, sender: transceiver.sender, transceiver, control };
}

/** Runs the tasks that `promise` waits for. */
async function settled<T>(host: FakeRtpHost, promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  await host.runtime.runTasks();
  return promise;
}

/** `setParameters` with what `change` makes of the current parameters. */
function set(
  { host, sender }: { host: FakeRtpHost; sender: RTCRtpSender },
  change: (parameters: RTCRtpSendParameters) => void = () => {},
): Promise<void> {
  const parameters = sender.getParameters();
  change(parameters);
  return settled(host, sender.setParameters(parameters));
}

const vp8: NegotiatedCodec = {
  mimeType: "video/VP8",
  clockRate: 90_000,
  payloadType: 96,
  rtcpFeedback: ["nack"],
};

function negotiate(host: FakeRtpHost, codecs: readonly NegotiatedCodec[] = [vp8]): void {
  const { sender } = host.transceiver(0);
  host.patch(0, {
    sender: { ...sender, codecs },
    negotiatedHeaderExtensions: [
      { uri: "a", id: 1, direction: "sendrecv" },
      { uri: "b", id: 2, direction: "sendonly" },
      { uri: "c", id: 3, direction: "recvonly" },
      { uri: "d", id: 4, direction: "inactive" },
    ],
  });
}

test("capabilities of both kinds, and null for others (webrtc-pc §5.2)", () => {
  const capabilities = RTCRtpSender.getCapabilities("video")!;
  assert.ok(capabilities.codecs.some(({ mimeType }) => mimeType === "video/VP8"));
  capabilities.codecs[0]!.mimeType = "changed";
  assert.notEqual(RTCRtpSender.getCapabilities("video")!.codecs[0]!.mimeType, "changed");
  assert.ok(RTCRtpSender.getCapabilities("audio")!.headerExtensions.length > 0);
  for (const kind of ["", "text", "Audio"]) assert.equal(RTCRtpSender.getCapabilities(kind), null);
  assert.throws(() => Reflect.apply(RTCRtpSender.getCapabilities, null, []), TypeError);
});

test("getParameters says what was negotiated for sending", () => {
  const { host, sender } = makeSender();
  assert.deepEqual(sender.getParameters().codecs, []);
  const other = makeSender();
  negotiate(other.host);
  other.host.isRtcpReduced = true;
  const { transactionId, ...parameters } = other.sender.getParameters();
  assert.ok(transactionId.length > 0);
  assert.deepEqual(parameters, {
    encodings: [
      {
        active: true,
        adaptivePtime: false,
        networkPriority: "low",
        priority: "low",
        scaleResolutionDownBy: 1,
      },
    ],
    headerExtensions: [
      { uri: "a", id: 1, encrypted: false },
      { uri: "b", id: 2, encrypted: false },
    ],
    codecs: [{ mimeType: "video/VP8", clockRate: 90_000, payloadType: 96 }],
    rtcp: { cname: host.cname, reducedSize: true },
  });
});

test("adaptivePtime is false where nobody has set it (webrtc-extensions §6)", () => {
  const { sender } = makeSender("audio");
  assert.equal(sender.getParameters().encodings[0]!.adaptivePtime, false);
});

test("getParameters returns equal copies until the end of the task, then a new transaction", async () => {
  const { host, sender } = makeSender();
  const first = sender.getParameters();
  first.encodings[0]!.maxBitrate = 5;
  const second = sender.getParameters();
  assert.notEqual(first, second);
  assert.equal(first.transactionId, second.transactionId);
  assert.ok(!("maxBitrate" in second.encodings[0]!));
  await host.runtime.runTasks();
  assert.notEqual(sender.getParameters().transactionId, first.transactionId);
});

test("setParameters changes the encodings in a task", async () => {
  const pair = makeSender();
  const parameters = pair.sender.getParameters();
  Object.assign(parameters.encodings[0]!, { active: false, maxBitrate: 1000, maxFramerate: 0 });
  const promise = pair.sender.setParameters(parameters);
  assert.equal(pair.host.transceiver(0).sender.encodings[0]!.active, true);
  await settled(pair.host, promise);
  const [encoding] = pair.host.transceiver(0).sender.encodings;
  assert.deepEqual(encoding, {
    active: false,
    adaptivePtime: false,
    maxBitrate: 1000,
    maxFramerate: 0,
    networkPriority: "low",
    priority: "low",
    scaleResolutionDownBy: 1,
  });
  assert.equal(pair.sender.getParameters().encodings[0]!.maxBitrate, 1000);
});

test("a member that is left out is gone, but the scale, which is 1 then", async () => {
  const pair = makeSender();
  await set(pair, ({ encodings }) => {
    Object.assign(encodings[0]!, { maxBitrate: 7, scaleResolutionDownBy: 2, codec: { ...vp8 } });
  });
  await set(pair, ({ encodings }) => {
    delete encodings[0]!.maxBitrate;
    delete encodings[0]!.scaleResolutionDownBy;
    delete encodings[0]!.codec;
  });
  const encoding = pair.sender.getParameters().encodings[0]!;
  assert.ok(!("maxBitrate" in encoding) && !("codec" in encoding));
  assert.equal(encoding.scaleResolutionDownBy, 1);
});

test("parameters may be used twice within a task, and not after it (InvalidStateError)", async () => {
  const { host, sender } = makeSender();
  const parameters = sender.getParameters();
  const both = Promise.all([sender.setParameters(parameters), sender.setParameters(parameters)]);
  await settled(host, both);
  await assert.rejects(settled(host, sender.setParameters(parameters)), invalidState);
  await assert.rejects(makeSender().sender.setParameters(parameters), invalidState);
});

test("older parameters than the last reject (InvalidModificationError)", async () => {
  const { host, sender } = makeSender();
  const old = sender.getParameters();
  await host.runtime.runTasks();
  sender.getParameters();
  await assert.rejects(sender.setParameters(old), invalidModification);
});

test("a stopped transceiver's parameters cannot be set (InvalidStateError)", async () => {
  const { sender, transceiver } = makeSender();
  const parameters = sender.getParameters();
  transceiver.stop();
  await assert.rejects(sender.setParameters(parameters), invalidState);
});

test("what is read-only must be as it was (InvalidModificationError)", async () => {
  const changes: ((parameters: RTCRtpSendParameters) => void)[] = [
    (parameters) => (parameters.transactionId += "x"),
    ({ rtcp }) => (rtcp.cname = "other"),
    ({ rtcp }) => (rtcp.reducedSize = !rtcp.reducedSize),
    ({ codecs }) => codecs.pop(),
    ({ codecs }) => codecs.push({ ...codecs[0]!, payloadType: 1 }),
    ({ codecs }) => (codecs[0]!.payloadType = 1),
    ({ codecs }) => (codecs[0]!.channels = 2),
    (parameters) => (parameters.headerExtensions = parameters.headerExtensions.toReversed()),
    ({ headerExtensions }) => (headerExtensions[0]!.id = 9),
    ({ encodings }) => (encodings[0]!.rid = "a"),
    ({ encodings }) => encodings.push({}),
    ({ encodings }) => (encodings.length = 0),
  ];
  for (const change of changes) {
    const pair = makeSender();
    negotiate(pair.host);
    await assert.rejects(set(pair, change), invalidModification, String(change));
  }
});

test("the encodings of simulcast keep their order and RIDs (InvalidModificationError)", async () => {
  const make = () => {
    const pair = makeSender();
    const sendEncodings = [{ rid: "a" }, { rid: "b" }];
    const init = toTransceiverInitDictionary({ sendEncodings }, "test");
    const { encodings } = transceiverInitOf(init, "video", "test");
    pair.host.change(0, { encodings });
    return pair;
  };
  await assert.rejects(
    set(make(), (parameters) => (parameters.encodings = parameters.encodings.toReversed())),
    invalidModification,
  );
  await assert.rejects(
    set(make(), ({ encodings }) => delete encodings[0]!.rid),
    invalidModification,
  );
  await assert.rejects(
    set(make(), ({ encodings }) => encodings.pop()),
    invalidModification,
  );
  const pair = make();
  await set(pair, ({ encodings }) => (encodings[1]!.active = false));
  assert.deepEqual(
    pair.host.transceiver(0).sender.encodings.map(({ rid, active }) => [rid, active]),
    [
      ["a", true],
      ["b", false],
    ],
  );
});

test("required members that are missing reject (TypeError)", async () => {
  for (const name of ["transactionId", "encodings", "codecs", "headerExtensions", "rtcp"]) {
    const pair = makeSender();
    const change = (parameters: RTCRtpSendParameters): unknown =>
      Reflect.deleteProperty(parameters, name);
    await assert.rejects(set(pair, change), TypeError, name);
  }
  const { sender } = makeSender();
  await assert.rejects(Reflect.apply(sender.setParameters, sender, []), TypeError);
});

test("numbers out of range reject (RangeError), for audio they are dropped", async () => {
  const bad: RTCRtpEncodingParameters[] = [
    { scaleResolutionDownBy: 0.5 },
    { scaleResolutionDownBy: -1 },
    { maxFramerate: -1 },
  ];
  for (const members of bad) {
    await assert.rejects(
      set(makeSender(), ({ encodings }) => Object.assign(encodings[0]!, members)),
      RangeError,
    );
    const pair = makeSender("audio");
    await set(pair, ({ encodings }) => Object.assign(encodings[0]!, members));
    const encoding = pair.sender.getParameters().encodings[0]!;
    assert.ok(!("maxFramerate" in encoding) && !("scaleResolutionDownBy" in encoding));
  }
});

test("a codec is chosen from the negotiated ones, or before that from the capabilities", async () => {
  const codec = supportedCodecs("video").find(({ mimeType }) => mimeType === "video/VP9")!;
  const choose = ({ encodings }: RTCRtpSendParameters): void => {
    encodings[0]!.codec = { ...codec };
  };
  const pair = makeSender();
  await set(pair, choose);
  assert.deepEqual(pair.sender.getParameters().encodings[0]!.codec, codec);
  const negotiated = makeSender();
  negotiate(negotiated.host);
  await assert.rejects(set(negotiated, choose), invalidModification);
  for (const mimeType of ["video/new", "video/rtx", "dummy/new"]) {
    await assert.rejects(
      set(makeSender(), ({ encodings }) => {
        encodings[0]!.codec = { mimeType, clockRate: 90_000 };
      }),
      invalidModification,
    );
  }
});

test("levels do not matter when a codec is chosen from the negotiated ones", async () => {
  const line = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=";
  const h264 = { mimeType: "video/H264", clockRate: 90_000 };
  const pair = makeSender();
  negotiate(pair.host, [
    { ...h264, sdpFmtpLine: `${line}42e034`, payloadType: 97, rtcpFeedback: [] },
  ]);
  await set(pair, ({ encodings }) => {
    encodings[0]!.codec = { ...h264, sdpFmtpLine: `${line}42e01f` };
  });
  await assert.rejects(
    set(pair, ({ encodings }) => {
      encodings[0]!.codec = { ...h264, sdpFmtpLine: `${line}64001f` };
    }),
    invalidModification,
  );
});

test("scalability modes follow the codec (webrtc-svc §5.3)", async () => {
  const mode =
    (scalabilityMode: string) =>
    ({ encodings }: RTCRtpSendParameters): void => {
      encodings[0]!.scalabilityMode = scalabilityMode;
    };
  const pair = makeSender();
  await set(pair, mode("L3T3"));
  assert.equal(pair.sender.getParameters().encodings[0]!.scalabilityMode, "L3T3");
  await assert.rejects(set(pair, mode("L9T9")), invalidModification);
  // VP8 has no spatial layers: another mode is used, and may be set again as it was returned.
  negotiate(pair.host);
  await pair.host.runtime.runTasks();
  assert.equal(pair.sender.getParameters().encodings[0]!.scalabilityMode, "L1T1");
  await set(pair);
  await assert.rejects(set(pair, mode("L2T1")), invalidModification);
  await set(pair, mode("L1T2"));
});

test("resolutions that cannot be reject (InvalidModificationError)", async () => {
  await assert.rejects(
    set(makeSender(), ({ encodings }) => {
      encodings[0]!.scaleResolutionDownTo = { maxWidth: 0, maxHeight: 0 };
    }),
    invalidModification,
  );
  const pair = makeSender();
  await set(pair, ({ encodings }) => {
    encodings[0]!.scaleResolutionDownTo = { maxWidth: 4, maxHeight: 3 };
  });
  assert.deepEqual(pair.sender.getParameters().encodings[0]!.scaleResolutionDownTo, {
    maxWidth: 4,
    maxHeight: 3,
  });
});

test("degradationPreference is kept (mst-content-hint)", async () => {
  const pair = makeSender();
  assert.ok(!("degradationPreference" in pair.sender.getParameters()));
  await set(pair, (parameters) => (parameters.degradationPreference = "balanced"));
  assert.equal(pair.sender.getParameters().degradationPreference, "balanced");
  await set(pair, (parameters) => delete parameters.degradationPreference);
  assert.ok(!("degradationPreference" in pair.sender.getParameters()));
});

test("a key frame is asked of the track's source, one option for each encoding (webrtc-extensions §7)", async () => {
  let requests = 0;
  const source = { requestKeyFrame: () => void requests++ };
  const { track } = createMediaStreamTrack({ kind: "video", source }, new FakeRuntime());
  const { host, sender } = makeSender("video", track);
  const options = (...keyFrames: boolean[]) => ({
    encodingOptions: keyFrames.map((keyFrame) => ({ keyFrame })),
  });
  await settled(host, sender.setParameters(sender.getParameters(), options(true)));
  assert.equal(requests, 1);
  await settled(host, sender.setParameters(sender.getParameters(), options(false)));
  await settled(host, sender.setParameters(sender.getParameters(), options()));
  assert.equal(requests, 1);
  await assert.rejects(
    sender.setParameters(sender.getParameters(), options(true, true)),
    invalidModification,
  );
  const audio = makeSender("audio");
  const parameters = audio.sender.getParameters();
  await settled(audio.host, audio.sender.setParameters(parameters, options(true, true)));
});

test("replaceTrack changes the track in a task of the chain (webrtc-pc §5.2)", async () => {
  const before = makeTrack();
  const { host, sender } = makeSender("video", before);
  const after = makeTrack();
  const promise = sender.replaceTrack(after);
  assert.equal(sender.track, before);
  await settled(host, promise);
  assert.equal(sender.track, after);
  await settled(host, sender.replaceTrack(null));
  assert.equal(sender.track, null);
  assert.equal(host.negotiationUpdates, 0);
});

test("replaceTrack waits for the operations before it", async () => {
  const { host, sender } = makeSender();
  let release: (() => void) | undefined;
  const operation = host.chain(() => new Promise<void>((resolve) => (release = resolve)));
  const promise = sender.replaceTrack(makeTrack());
  await host.runtime.runTasks();
  assert.equal(sender.track, null);
  release?.();
  await operation;
  await settled(host, promise);
  assert.notEqual(sender.track, null);
});

test("replaceTrack refuses another kind at once, and a stopped transceiver on the chain", async () => {
  const { sender, transceiver } = makeSender("audio");
  await assert.rejects(sender.replaceTrack(makeTrack("video")), TypeError);
  await assert.rejects(Reflect.apply(sender.replaceTrack, sender, [{}]), TypeError);
  await assert.rejects(Reflect.apply(sender.replaceTrack, sender, []), TypeError);
  transceiver.stop();
  await assert.rejects(sender.replaceTrack(makeTrack("audio")), invalidState);
});

test("replaceTrack on a closed connection rejects; one under way stays pending", async () => {
  const { host, sender } = makeSender();
  let isSettled = false;
  const note = (): void => {
    isSettled = true;
  };
  sender.replaceTrack(makeTrack()).then(note, note);
  host.close();
  await host.runtime.runTasks();
  assert.equal(isSettled, false);
  assert.equal(sender.track, null);
  await assert.rejects(sender.replaceTrack(null), invalidState);
});

test("while it is sent, a track cannot give way to one of another form (InvalidModificationError)", async () => {
  const track = makeTrack("video", "frame");
  const { host, sender } = makeSender("video", track);
  const packets = makeTrack("video", "packet");
  host.patch(0, { currentDirection: "sendrecv" });
  await assert.rejects(settled(host, sender.replaceTrack(packets)), invalidModification);
  assert.equal(sender.track, track);
  await settled(host, sender.replaceTrack(makeTrack("video", "frame")));
  host.patch(0, { currentDirection: "recvonly" });
  await settled(host, sender.replaceTrack(packets));
  assert.equal(sender.track, packets);
});

test("setStreams sets the ids, each once, and asks for negotiation", () => {
  const { host, sender } = makeSender();
  const [a, b] = [new MediaStream(), new MediaStream()];
  sender.setStreams(a, b, a);
  assert.deepEqual(host.transceiver(0).sender.streamIds, [a.id, b.id]);
  sender.setStreams();
  assert.deepEqual(host.transceiver(0).sender.streamIds, []);
  assert.equal(host.negotiationUpdates, 2);
  assert.throws(() => Reflect.apply(sender.setStreams, sender, [{}]), TypeError);
  host.close();
  assert.throws(() => sender.setStreams(), invalidState);
});

test("transport and statistics come from the connection, and track from addTrack", async () => {
  const { host, sender, control } = makeSender();
  assert.equal(sender.transport, null);
  assert.equal(await sender.getStats(), host.report);
  assert.deepEqual(host.selectors, [sender]);
  const track = makeTrack();
  control.sender.setTrack(track);
  assert.equal(sender.track, track);
});

test("only senders of audio have a DTMF sender, always the same", () => {
  assert.equal(makeSender("video").sender.dtmf, null);
  const { sender } = makeSender("audio");
  assert.notEqual(sender.dtmf, null);
  assert.equal(sender.dtmf, sender.dtmf);
});

test("the transform is null or a transform (webrtc-encoded-transform §2)", () => {
  const { sender } = makeSender();
  assert.equal(sender.transform, null);
  const transform = { [Symbol.toStringTag]: "RTCRtpScriptTransform" };
  sender.transform = transform;
  assert.equal(sender.transform, transform);
  for (const value of [{}, 1, "x"]) {
    assert.throws(() => Reflect.set(sender, "transform", value), TypeError);
  }
  assert.equal(sender.transform, transform);
  sender.transform = null;
  assert.equal(sender.transform, null);
});

test("the interface has no constructor", () => {
  assert.throws(() => Reflect.construct(RTCRtpSender, []), TypeError);
});
