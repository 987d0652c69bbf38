/**
 * The signaling protocol on a WebSocket: one JSON object in each text message.
 *
 * A participant says `join` first and is answered with `welcome`; then {@link OutgoingSignal} and
 * {@link IncomingSignal} travel as they are. `ping` is answered with `pong`: a page cannot see the
 * WebSocket's own pings, and wants to know that the server is still there. `closing` is the server's
 * last word before it shuts down.
 */
import { SignalingError } from "../errors.ts";
import type { SignalingErrorCode } from "../errors.ts";
import { readObject } from "../support/shape.ts";
import type { ObjectReader } from "../support/shape.ts";
import { REPORT_STEPS } from "./signal.ts";
import type {
  HandshakeReport,
  IncomingSignal,
  Negotiation,
  OutgoingSignal,
  Participant,
  ParticipantRole,
} from "./signal.ts";

/** No message may be longer. A description with many candidates has a few thousand characters. */
export const MAX_SIGNAL_CHARS = 256 * 1024;
const MAX_SDP_CHARS = 200 * 1024;
const MAX_CANDIDATE_CHARS = 1024;
const MAX_REASON_CHARS = 512;
const MAX_PARTICIPANTS = 4096;
/** Ids and rooms: letters, digits, `.`, `_` and `-`. */
const ID = /^[A-Za-z0-9._-]{1,64}$/;
const TOKEN = /^[A-Za-z0-9_-]{1,128}$/;
const ROLES: readonly ParticipantRole[] = ["sender", "receiver", "observer"];
const ERROR_CODES: readonly SignalingErrorCode[] = [
  "ERR_BAD_MESSAGE",
  "ERR_LIMIT",
  "ERR_UNKNOWN_PARTICIPANT",
  "ERR_NO_SENDER",
  "ERR_UNREACHABLE",
  "ERR_CLOSED",
];

/** Enters a room, or comes back to it under the same id. */
export type JoinMessage = {
  readonly kind: "join";
  readonly room: string;
  readonly role: ParticipantRole;
  readonly name: string;
  /** From an earlier welcome: keeps the id over a lost connection. */
  readonly resume?: { readonly participantId: string; readonly token: string };
};

/** From participant to server. */
export type ClientMessage = JoinMessage | { readonly kind: "ping" } | OutgoingSignal;

/** From server to participant. */
export type ServerMessage =
  | IncomingSignal
  /** Follows the welcome: what to show when coming back. */
  | { readonly kind: "resumeToken"; readonly token: string }
  | { readonly kind: "pong" }
  | { readonly kind: "closing"; readonly reason: string };

/** Throws {@link SignalingError} `ERR_BAD_MESSAGE` that names the member at fault. */
export function parseClientMessage(text: string): ClientMessage {
  const message = openMessage(text);
  const kind = message.oneOf("kind", [
    "join",
    "ping",
    "offerRequest",
    "offer",
    "answer",
    "candidate",
    "bye",
    "report",
  ]);
  switch (kind) {
    case "join":
      return readJoin(message);
    case "ping":
      return { kind };
    case "offerRequest": {
      const senderId = message.optionalMatch("senderId", ID);
      const receiverId = message.optionalMatch("receiverId", ID);
      return {
        kind,
        ...(senderId === undefined ? {} : { senderId }),
        ...(receiverId === undefined ? {} : { receiverId }),
      };
    }
    case "report":
      return { kind, report: readReport(message.object("report")) };
    default:
      return { to: message.match("to", ID), ...readNegotiation(kind, message) };
  }
}

/** Throws {@link SignalingError} `ERR_BAD_MESSAGE` that names the member at fault. */
export function parseServerMessage(text: string): ServerMessage {
  const message = openMessage(text);
  const kind = message.oneOf("kind", [
    "welcome",
    "resumeToken",
    "pong",
    "closing",
    "joined",
    "left",
    "offerRequest",
    "report",
    "error",
    "offer",
    "answer",
    "candidate",
    "bye",
  ]);
  switch (kind) {
    case "welcome": {
      const participants = message.objects("participants", MAX_PARTICIPANTS).map(readParticipant);
      return { kind, self: readParticipant(message.object("self")), participants };
    }
    case "resumeToken":
      return { kind, token: message.match("token", TOKEN) };
    case "pong":
      return { kind };
    case "closing":
      return { kind, reason: message.text("reason", MAX_REASON_CHARS) };
    case "joined":
      return { kind, participant: readParticipant(message.object("participant")) };
    case "left": {
      const participantId = message.match("participantId", ID);
      return { kind, participantId, reason: message.text("reason", MAX_REASON_CHARS) };
    }
    case "offerRequest":
      return { kind, from: message.match("from", ID), receiverId: message.match("receiverId", ID) };
    case "report":
      return {
        kind,
        from: message.match("from", ID),
        report: readReport(message.object("report")),
      };
    case "error": {
      const code = message.oneOf("code", ERROR_CODES);
      return { kind, code, message: message.text("message", MAX_REASON_CHARS) };
    }
    default:
      return { from: message.match("from", ID), ...readNegotiation(kind, message) };
  }
}

function openMessage(text: string): ObjectReader {
  if (text.length > MAX_SIGNAL_CHARS) {
    throw new SignalingError(
      "ERR_LIMIT",
      `a message is longer than ${MAX_SIGNAL_CHARS} characters`,
    );
  }
  return readObject(
    text,
    (problem) => new SignalingError("ERR_BAD_MESSAGE", `bad signaling message: ${problem}`),
  );
}

function readJoin(message: ObjectReader): JoinMessage {
  const resume = message.optionalObject("resume");
  return {
    kind: "join",
    room: message.match("room", ID),
    role: message.oneOf("role", ROLES),
    name: message.text("name", 64),
    ...(resume && {
      resume: {
        participantId: resume.match("participantId", ID),
        token: resume.match("token", TOKEN),
      },
    }),
  };
}

function readParticipant(source: ObjectReader): Participant {
  const name = source.text("name", 64);
  return { id: source.match("id", ID), role: source.oneOf("role", ROLES), name };
}

type NegotiationKind = Negotiation["kind"];

function readNegotiation(kind: NegotiationKind, message: ObjectReader): Negotiation {
  const handshakeId = message.match("handshakeId", ID);
  if (kind === "bye") {
    return { kind: "bye", handshakeId, reason: message.text("reason", MAX_REASON_CHARS) };
  }
  if (kind === "candidate") {
    return { kind: "candidate", handshakeId, candidate: readCandidate(message) };
  }
  const sdp = message.text("sdp", MAX_SDP_CHARS);
  return kind === "offer"
    ? { kind: "offer", handshakeId, sdp }
    : { kind: "answer", handshakeId, sdp };
}

function readCandidate(message: ObjectReader): RTCIceCandidateInit | null {
  const candidate = message.optionalObject("candidate");
  if (!candidate) return null;
  const sdpMid = candidate.optionalText("sdpMid", 64);
  const usernameFragment = candidate.optionalText("usernameFragment", 256);
  const hasLine = candidate.has("sdpMLineIndex");
  return {
    candidate: candidate.text("candidate", MAX_CANDIDATE_CHARS),
    sdpMid: sdpMid ?? null,
    sdpMLineIndex: hasLine ? candidate.integer("sdpMLineIndex", 0, 65_535) : null,
    usernameFragment: usernameFragment ?? null,
  };
}

function readReport(source: ObjectReader): HandshakeReport {
  const detail = source.optionalText("detail", MAX_REASON_CHARS);
  return {
    peerId: source.match("peerId", ID),
    handshakeId: source.match("handshakeId", ID),
    atEpochMs: source.number("atEpochMs", 0, Number.MAX_SAFE_INTEGER),
    step: source.oneOf("step", REPORT_STEPS),
    ...(detail === undefined ? {} : { detail }),
  };
}
