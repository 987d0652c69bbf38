import assert from "node:assert/strict";
import type { HandshakeReport, PeerEvent, SignalingEvent } from "@pallas/peers";
import { test } from "vitest";
import { EMPTY_MODEL, shownHandshake } from "../console/src/model.ts";
import type { Model } from "../console/src/model.ts";
import { update } from "../console/src/update.ts";
import { laneNames, sequenceRows } from "../console/src/view/sequence-rows.ts";

const SELF = { id: "receiver-1", role: "receiver", name: "Chromium page" } as const;
const SENDER = { id: "sender-1", role: "sender", name: "sender" } as const;
const NODE = { id: "receiver-2", role: "receiver", name: "Node receiver" } as const;

function after(model: Model, ...events: readonly SignalingEvent[]): Model {
  return events.reduce(
    (now, event) => update(now, { kind: "signaling", event, nowEpochMs: 1000 }),
    model,
  );
}

const WELCOMED = after(EMPTY_MODEL, { kind: "welcome", self: SELF, participants: [SENDER, NODE] });

function own(model: Model, body: object, handshakeId = "h1", atEpochMs = 1000): Model {
  const event = { peerId: SENDER.id, handshakeId, atEpochMs, ...body } as PeerEvent;
  return update(model, { kind: "peer", event, selfId: SELF.id });
}

const reported = (
  from: string,
  step: HandshakeReport["step"],
  atEpochMs: number,
  detail?: string,
  peerId: string = SELF.id,
  handshakeId = "h1",
): SignalingEvent => ({
  kind: "report",
  from,
  report: { peerId, handshakeId, atEpochMs, step, ...(detail === undefined ? {} : { detail }) },
});

test("participants come and go", () => {
  const joined = after(WELCOMED, { kind: "joined", participant: { ...NODE, id: "x" } });
  assert.equal(joined.participants.length, 3);
  const left = after(joined, { kind: "left", participantId: "x", reason: "" });
  assert.deepEqual(left.participants, [SENDER, NODE]);
});

test("attack: an offer that is refused is a line on the page, and no more, whatever handshake it names", () => {
  const model = own(WELCOMED, { kind: "offerApplied", description: { sdp: "v=0" } });
  for (const handshakeId of ["h1", "other"]) {
    const told = own(model, { kind: "offerRefused", reason: "no" }, handshakeId);
    assert.deepEqual(told, { ...model, problems: ["no"] });
  }
});

test("the way to the server is online, offline, closed", () => {
  assert.deepEqual(WELCOMED.signaling, { kind: "online" });
  const offline = after(WELCOMED, { kind: "offline", reason: "gone", retryInMs: 1 });
  assert.deepEqual(offline.signaling, { kind: "offline", reason: "gone" });
  assert.deepEqual(after(offline, { kind: "closed", reason: "x" }).signaling, {
    kind: "closed",
    reason: "x",
  });
});

test("steps of both sides make one handshake, in the order of time", () => {
  const model = after(
    WELCOMED,
    reported(SENDER.id, "offerRequested", 900),
    reported(SENDER.id, "answerApplied", 950),
    reported(SENDER.id, "offerCreated", 910),
  );
  const steps = shownHandshake(model)?.steps.map(({ step }) => step);
  assert.deepEqual(steps, ["offerRequested", "offerCreated", "answerApplied"]);
  assert.equal(model.handshakes.length, 1);
});

test("a clock of another machine does not tear the diagram apart", () => {
  const model = after(WELCOMED, reported(SENDER.id, "offerRequested", 5e12));
  assert.equal(shownHandshake(model)?.steps[0]?.atEpochMs, 1000);
});

test("own events fill states, descriptions, candidates and pair", () => {
  let model = own(WELCOMED, {
    kind: "offerApplied",
    description: {
      type: "offer",
      sdp: "v=0\r\na=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\n",
      handshakeId: "h1",
    },
  });
  model = own(model, {
    kind: "answerCreated",
    description: { type: "answer", sdp: "v=0", handshakeId: "h1" },
  });
  model = own(model, { kind: "state", machine: "connection", state: "connecting" });
  model = own(model, { kind: "state", machine: "signaling", state: "stable" });
  const candidate = { candidate: "candidate:2 1 udp 1 2001:db8::1 6000 typ host" };
  for (let twice = 0; twice < 2; twice++) model = own(model, { kind: "localCandidate", candidate });
  model = own(model, { kind: "remoteCandidate", candidate: null });
  assert.equal(model.own?.answer, "v=0");
  assert.deepEqual(model.own?.visited, ["new", "connecting"]);
  assert.deepEqual(
    model.own?.candidates.map(({ side, address }) => [side, address]),
    [
      ["sender", "192.0.2.1"],
      ["this page", "2001:db8::1"],
    ],
  );
  model = own(model, { kind: "closed", reason: "done", wasFailure: false });
  assert.equal(model.own?.closeReason, "done");
});

test("a new handshake of this page starts over and is shown; the old one stays to be chosen", () => {
  const first = own(WELCOMED, { kind: "state", machine: "connection", state: "connected" }, "h1");
  const chosen = update(first, { kind: "choose", handshakeId: "h1" });
  const second = own(chosen, { kind: "state", machine: "connection", state: "connecting" }, "h2");
  assert.equal(shownHandshake(second)?.id, "h2");
  assert.equal(second.own?.handshakeId, "h2");
  assert.equal(shownHandshake(update(second, { kind: "choose", handshakeId: "h1" }))?.id, "h1");
});

test("the end of a replaced connection does not end the one that replaced it", () => {
  const second = own(
    own(WELCOMED, { kind: "offerRequested" }, "h1"),
    { kind: "offerRequested" },
    "h2",
  );
  const model = own(second, { kind: "closed", reason: "replaced", wasFailure: false }, "h1");
  assert.equal(model.own?.closeReason, undefined);
});

test("everything that can grow is bounded", () => {
  let model = WELCOMED;
  for (let count = 0; count < 300; count++) {
    const event = reported(SENDER.id, "localCandidate", count, "x", SELF.id, `h${count % 50}`);
    model = after(model, event, reported(SENDER.id, "state", count, "connection new"));
    model = update(model, { kind: "problem", text: "x" });
    model = update(model, {
      kind: "tick",
      tick: {
        number: count,
        sentAtEpochMs: 0,
        receivedAtEpochMs: 0,
        receivers: 0,
        uptimeS: 0,
        memoryBytes: 0,
        cpuMs: 0,
      },
    });
    model = update(model, {
      kind: "file",
      file: { id: count, name: "", sizeBytes: 0, receivedBytes: 0, verdict: { kind: "receiving" } },
    });
  }
  assert.ok(model.handshakes.length <= 20);
  assert.ok(model.handshakes.every(({ steps }) => steps.length <= 200));
  assert.deepEqual([model.ticks.length, model.files.length, model.problems.length], [60, 20, 5]);
});

test("the diagram has the sender left and the receiver right, whoever speaks first (figure 2)", () => {
  for (const from of [SENDER.id, SELF.id]) {
    const peerId = from === SENDER.id ? SELF.id : SENDER.id;
    const model = after(WELCOMED, reported(from, "channelOpen", 0, "c", peerId));
    const handshake = shownHandshake(model);
    assert.ok(handshake);
    assert.deepEqual(laneNames(model, handshake), { sender: "sender", receiver: "this page" });
  }
});

test("a sender that has left is still known by its id", () => {
  const gone = after(WELCOMED, reported(NODE.id, "offerApplied", 0, undefined, SENDER.id), {
    kind: "left",
    participantId: SENDER.id,
    reason: "",
  });
  const handshake = shownHandshake(gone);
  assert.ok(handshake);
  assert.deepEqual(laneNames(gone, handshake), { sender: "sender-1", receiver: "Node receiver" });
});

test("steps become arrows, notes and data; what is noise becomes nothing", () => {
  const steps: readonly SignalingEvent[] = [
    reported(SENDER.id, "offerRequested", 1),
    reported(SENDER.id, "offerCreated", 2),
    reported(SENDER.id, "localCandidate", 3, "192.0.2.1:1 udp host"),
    reported(SENDER.id, "localCandidate", 4, "no more"),
    reported(SELF.id, "remoteCandidate", 5, "x", SENDER.id),
    reported(SELF.id, "answerCreated", 6, undefined, SENDER.id),
    reported(SENDER.id, "state", 7, "connection failed"),
    reported(SENDER.id, "state", 7, "signaling stable"),
    reported(SENDER.id, "channelOpen", 8, "c"),
    reported(SELF.id, "channelOpen", 9, "c", SENDER.id),
    reported(SENDER.id, "fileFailed", 10, "why"),
  ];
  const model = after(WELCOMED, ...steps);
  const handshake = shownHandshake(model);
  assert.ok(handshake);
  const rows = sequenceRows(model, handshake).map(({ atMs, shape, lane, text, tone }) =>
    [atMs, shape, lane, text, tone].join(" "),
  );
  assert.deepEqual(rows, [
    "0 arrow receiver offer request plain",
    "1 note sender creates the offer, sets it as local description plain",
    "1 arrow sender offer plain",
    "2 arrow sender candidate 192.0.2.1:1 udp host faint",
    "5 note receiver creates the answer, sets it as local description plain",
    "5 arrow receiver answer plain",
    "6 note sender failed bad",
    '7 data sender data channel "c" is open good',
    "9 note sender file failed: why bad",
  ]);
});
