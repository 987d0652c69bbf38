import type { Handshake, Model, Step } from "../model.ts";
import { isSender, nameOf } from "../model.ts";

/** The two lifelines of figure 2. */
export type Lane = "sender" | "receiver";

/** One row of the diagram. */
export type SequenceRow = {
  readonly atMs: number;
  /** A `note` is something that a side does; an `arrow` goes through signaling, `data` peer to peer. */
  readonly shape: "note" | "arrow" | "data";
  /** Who does it, or where the arrow begins. */
  readonly lane: Lane;
  readonly text: string;
  readonly tone: "plain" | "state" | "good" | "bad" | "faint";
};

/** Turns the steps of a handshake into the rows of a sequence diagram. */
export function sequenceRows(model: Model, handshake: Handshake): readonly SequenceRow[] {
  const startedAtMs = handshake.steps[0]?.atEpochMs ?? 0;
  return handshake.steps.flatMap((step) => {
    const lane = laneOf(model, handshake, step);
    const atMs = step.atEpochMs - startedAtMs;
    return rowsOf(step, lane).map((row): SequenceRow => ({ atMs, ...row }));
  });
}

/** Who the two lifelines belong to. */
export function laneNames(model: Model, handshake: Handshake): Readonly<Record<Lane, string>> {
  const [first, second] = handshake.peerIds;
  const senderId = isSenderId(model, first) ? first : second;
  const receiverId = senderId === first ? second : first;
  return { sender: nameOf(model, senderId), receiver: nameOf(model, receiverId) };
}

type RowBody = Omit<SequenceRow, "atMs">;

function rowsOf({ step, detail }: Step, lane: Lane): readonly RowBody[] {
  const note = (text: string, tone: RowBody["tone"] = "plain"): RowBody => ({
    shape: "note",
    lane,
    text,
    tone,
  });
  const arrow = (from: Lane, text: string, tone: RowBody["tone"] = "plain"): RowBody => ({
    shape: "arrow",
    lane: from,
    text,
    tone,
  });
  const data = (text: string, tone: RowBody["tone"] = "plain"): RowBody => ({
    shape: "data",
    lane,
    text,
    tone,
  });
  switch (step) {
    case "offerRequested":
      return [arrow("receiver", "offer request")];
    case "offerCreated":
      return [note("creates the offer, sets it as local description"), arrow("sender", "offer")];
    case "offerApplied":
      return [note("sets the offer as remote description")];
    case "answerCreated":
      return [
        note("creates the answer, sets it as local description"),
        arrow("receiver", "answer"),
      ];
    case "answerApplied":
      return [note("sets the answer as remote description")];
    case "localCandidate":
      return detail === "no more" ? [] : [arrow(lane, `candidate ${detail}`, "faint")];
    case "state":
      return detail.startsWith("connection ")
        ? [stateNote(detail.slice("connection ".length), lane)]
        : [];
    case "pairSelected":
      return [note(`path ${detail}`)];
    case "channelOpen":
      return lane === "sender" ? [data(`data channel "${detail}" is open`, "good")] : [];
    case "fileStarted":
      return [data(detail)];
    case "fileVerified":
      return [note(detail, "good")];
    case "fileFailed":
      return [note(`file failed: ${detail}`, "bad")];
    case "candidateRefused":
      return [note(`candidate refused: ${detail}`, "bad")];
    case "closed":
      return [note(`released: ${detail}`, "faint")];
    case "remoteCandidate":
      return [];
  }
}

function stateNote(state: string, lane: Lane): RowBody {
  const tone = state === "connected" ? "good" : state === "failed" ? "bad" : "state";
  return { shape: "note", lane, text: state, tone };
}

function laneOf(model: Model, handshake: Handshake, { authorId, step }: Step): Lane {
  if (isSenderId(model, authorId)) return "sender";
  const [first, second] = handshake.peerIds;
  const otherId = authorId === first ? second : first;
  if (isSenderId(model, otherId)) return "receiver";
  return step === "offerCreated" || step === "answerApplied" ? "sender" : "receiver";
}

/** One that has left is known by its id, which begins with its role. */
function isSenderId(model: Model, id: string): boolean {
  return isSender(model, id) || id.startsWith("sender");
}
