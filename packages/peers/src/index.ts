export {
  HIGH_WATER_BYTES,
  LOW_WATER_BYTES,
  sendWhenWritable,
  whenWritable,
} from "./back-pressure.ts";
export { formatCandidate, selectedPairOf, summariseCandidate } from "./candidate.ts";
export type { CandidateSummary, PairSummary } from "./candidate.ts";
export { DataReceiver } from "./data-receiver.ts";
export type { DataReceiverOptions } from "./data-receiver.ts";
export { DataSender } from "./data-sender.ts";
export type { DataSenderOptions } from "./data-sender.ts";
export {
  messageOf,
  PeerGoneError,
  PeersError,
  PeerUsageError,
  SignalingError,
  TransferError,
} from "./errors.ts";
export type { PeerUsageErrorCode, SignalingErrorCode, TransferErrorCode } from "./errors.ts";
export { sanitiseFileName } from "./file/file-name.ts";
export { createFileChannel, FILE_PROTOCOL } from "./file/file-protocol.ts";
export type {
  FileHeader,
  FileProgress,
  FileReceipt,
  FileSink,
  FileSource,
  Hasher,
  ReceiveFileOptions,
  SendFileOptions,
} from "./file/file-types.ts";
export { createSubtleHasher } from "./file/hasher.ts";
export { receiveFile } from "./file/receive-file.ts";
export type { IncomingFileOptions } from "./file/receive-file.ts";
export { sendFile } from "./file/send-file.ts";
export type {
  PeerData,
  PeerDescription,
  PeerEvent,
  PeerEventBody,
  StateChange,
} from "./peer-event.ts";
export { LINK_TIMEOUTS } from "./peer-link.ts";
export type { LinkTimeouts } from "./peer-link.ts";
export type {
  CandidateInfo,
  Description,
  PeerChannel,
  PeerConnection,
  PeerConnectionConstructor,
  SctpTransport,
  SocketConstructor,
  SocketLike,
} from "./platform.ts";
export { bindReceiver, bindSender, toReport } from "./signaling/bind.ts";
export type { BindOptions } from "./signaling/bind.ts";
export { InMemorySignaling } from "./signaling/in-memory-signaling.ts";
export { SignalingRoom } from "./signaling/room.ts";
export type { Delivery } from "./signaling/room.ts";
export { REPORT_STEPS } from "./signaling/signal.ts";
export type {
  HandshakeReport,
  IncomingSignal,
  Negotiation,
  OutgoingSignal,
  Participant,
  ParticipantRole,
  SignalingChannel,
  SignalingEvent,
} from "./signaling/signal.ts";
export { WebSocketSignaling } from "./signaling/web-socket-signaling.ts";
export type { WebSocketSignalingOptions } from "./signaling/web-socket-signaling.ts";
export { MAX_SIGNAL_CHARS, parseClientMessage, parseServerMessage } from "./signaling/wire.ts";
export type { ClientMessage, JoinMessage, ServerMessage } from "./signaling/wire.ts";
export { SYSTEM_CLOCK } from "./support/clock.ts";
export type { Clock } from "./support/clock.ts";
