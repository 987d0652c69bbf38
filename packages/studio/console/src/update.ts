import { summariseCandidate, toReport } from "@pallas/peers";
import type { HandshakeReport, PeerEvent, SignalingEvent } from "@pallas/peers";
import type {
  CandidateRow,
  FileRow,
  Handshake,
  Model,
  OwnConnection,
  Step,
  Tick,
} from "./model.ts";

const MAX_HANDSHAKES = 20;
const MAX_STEPS = 200;
const MAX_TICKS = 60;
const MAX_FILES = 20;
const MAX_PROBLEMS = 5;
const MAX_CANDIDATES = 100;
/** Clocks that differ by more are not of one machine: then the time of arrival counts. */
const SAME_CLOCK_MS = 2000;

/** Everything that can change what the page shows. */
export type Action =
  | { readonly kind: "signaling"; readonly event: SignalingEvent; readonly nowEpochMs: number }
  | { readonly kind: "peer"; readonly event: PeerEvent; readonly selfId: string }
  | { readonly kind: "tick"; readonly tick: Tick }
  | { readonly kind: "file"; readonly file: FileRow }
  | { readonly kind: "choose"; readonly handshakeId: string }
  | { readonly kind: "problem"; readonly text: string };

/** What the page shows after `action`. Pure. */
export function update(model: Model, action: Action): Model {
  switch (action.kind) {
    case "signaling":
      return updateSignaling(model, action.event, action.nowEpochMs);
    case "peer":
      return updatePeer(model, action.event, action.selfId);
    case "tick":
      return { ...model, ticks: [...model.ticks, action.tick].slice(-MAX_TICKS) };
    case "file":
      return { ...model, files: putFile(model.files, action.file) };
    case "choose":
      return { ...model, chosenHandshakeId: action.handshakeId };
    case "problem":
      return { ...model, problems: [...model.problems, action.text].slice(-MAX_PROBLEMS) };
  }
}

function updateSignaling(model: Model, event: SignalingEvent, nowEpochMs: number): Model {
  switch (event.kind) {
    case "welcome": {
      const { self, participants } = event;
      return { ...model, signaling: { kind: "online" }, self, participants };
    }
    case "joined":
      return { ...model, participants: [...model.participants, event.participant] };
    case "left": {
      const participants = model.participants.filter(({ id }) => id !== event.participantId);
      return { ...model, participants };
    }
    case "report": {
      const { report, from } = event;
      const isSameClock = Math.abs(report.atEpochMs - nowEpochMs) < SAME_CLOCK_MS;
      const atEpochMs = isSameClock ? report.atEpochMs : nowEpochMs;
      return putReport(model, from, { ...report, atEpochMs });
    }
    case "offline":
      return { ...model, signaling: { kind: "offline", reason: event.reason } };
    case "closed":
      return { ...model, signaling: { kind: "closed", reason: event.reason } };
    case "error":
      return update(model, { kind: "problem", text: event.message });
    default:
      return model;
  }
}

function updatePeer(model: Model, event: PeerEvent, selfId: string): Model {
  if (event.kind === "offerRefused") return update(model, { kind: "problem", text: event.reason });
  const report = toReport(event);
  const told = report ? putReport(model, selfId, report) : model;
  const own = startOwn(told.own, event);
  const isNew = own !== told.own;
  return {
    ...told,
    own: updateOwn(own, event),
    ticks: isNew ? [] : told.ticks,
    // A handshake of this page's own is what its visitor wants to see.
    chosenHandshakeId: isNew ? undefined : told.chosenHandshakeId,
  };
}

function putReport(model: Model, authorId: string, report: HandshakeReport): Model {
  const { handshakeId, peerId, step, detail = "", atEpochMs } = report;
  const known = model.handshakes.find(({ id }) => id === handshakeId);
  const handshake: Handshake = known ?? { id: handshakeId, peerIds: [authorId, peerId], steps: [] };
  const steps = insertByTime(handshake.steps, { authorId, step, detail, atEpochMs });
  const changed = { ...handshake, steps: steps.slice(0, MAX_STEPS) };
  const handshakes = known
    ? model.handshakes.map((other) => (other === known ? changed : other))
    : [...model.handshakes, changed].slice(-MAX_HANDSHAKES);
  return { ...model, handshakes };
}

function insertByTime(steps: readonly Step[], step: Step): readonly Step[] {
  const after = steps.findLastIndex(({ atEpochMs }) => atEpochMs <= step.atEpochMs);
  return steps.toSpliced(after + 1, 0, step);
}

function startOwn(own: OwnConnection | undefined, event: PeerEvent): OwnConnection {
  if (own && (own.handshakeId === event.handshakeId || event.kind === "closed")) return own;
  return {
    handshakeId: event.handshakeId,
    senderId: event.peerId,
    states: { connection: "new", iceConnection: "new", iceGathering: "new", signaling: "stable" },
    visited: ["new"],
    offer: "",
    answer: "",
    candidates: [],
    pair: undefined,
    closeReason: undefined,
  };
}

function updateOwn(own: OwnConnection, event: PeerEvent): OwnConnection {
  if (own.handshakeId !== event.handshakeId) return own;
  switch (event.kind) {
    case "offerApplied":
      return {
        ...own,
        offer: event.description.sdp,
        candidates: offeredCandidates(event.description.sdp),
      };
    case "answerCreated":
      return { ...own, answer: event.description.sdp };
    case "localCandidate":
      return addCandidate(own, "this page", event.candidate);
    case "remoteCandidate":
      return addCandidate(own, "sender", event.candidate);
    case "pairSelected":
      return { ...own, pair: event.pair };
    case "state": {
      const states = { ...own.states, [event.machine]: event.state };
      const visited =
        event.machine === "connection" ? [...own.visited, event.state].slice(-50) : own.visited;
      return { ...own, states, visited };
    }
    case "closed":
      return { ...own, closeReason: event.reason };
    default:
      return own;
  }
}

/** Candidates that came with the offer itself. */
function offeredCandidates(sdp: string): CandidateRow[] {
  return sdp
    .split(/\r?\n/)
    .filter((line) => line.startsWith("a=candidate:"))
    .flatMap((line) => summariseCandidate(line) ?? [])
    .map((summary): CandidateRow => ({ side: "sender", ...summary }))
    .slice(0, MAX_CANDIDATES);
}

function addCandidate(
  own: OwnConnection,
  side: CandidateRow["side"],
  candidate: RTCIceCandidateInit | null,
): OwnConnection {
  const summary = candidate?.candidate ? summariseCandidate(candidate.candidate) : undefined;
  if (!summary) return own;
  const isKnown = own.candidates.some(
    (row) =>
      row.side === side &&
      row.address === summary.address &&
      row.port === summary.port &&
      row.protocol === summary.protocol &&
      row.type === summary.type,
  );
  if (isKnown || own.candidates.length >= MAX_CANDIDATES) return own;
  return { ...own, candidates: [...own.candidates, { side, ...summary }] };
}

function putFile(files: readonly FileRow[], file: FileRow): readonly FileRow[] {
  const isKnown = files.some(({ id }) => id === file.id);
  return isKnown
    ? files.map((other) => (other.id === file.id ? file : other))
    : [...files, file].slice(-MAX_FILES);
}
