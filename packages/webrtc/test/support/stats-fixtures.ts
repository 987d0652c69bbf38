import { SeededRandom } from "../../src/base/random.ts";
import { createNodeCrypto } from "../../src/crypto/node-crypto.ts";
import type { TransceiverState } from "../../src/negotiation/transceiver.ts";
import type { ChannelKey } from "../../src/session/channel-events.ts";
import type {
  ChannelStatistics,
  IceCandidate,
  IcePairStatistics,
  IceStatistics,
  SessionStatistics,
  TransportStatistics,
} from "../../src/session/session-statistics.ts";
import { StatsIds } from "../../src/w3c/stats/stats-ids.ts";
import {
  StatsContext,
  type StatsSource,
  type StatsTransceiver,
} from "../../src/w3c/stats/stats-source.ts";

/** Where the fixtures' clocks stand. */
export const AT_MS = 5_000;
export const EPOCH_MS = 1_767_225_600_000;

export const HOST: IceCandidate = {
  foundation: "1",
  component: 1,
  transport: "udp",
  priority: 2_130_706_431,
  address: "198.51.100.1",
  port: 5001,
  type: "host",
  ufrag: "ours",
};
export const REMOTE: IceCandidate = {
  ...HOST,
  address: "198.51.100.2",
  port: 5002,
  ufrag: "yours",
};

export const PAIR: IcePairStatistics = {
  id: "pair1",
  local: HOST,
  remote: REMOTE,
  state: "succeeded",
  priority: 7n,
  isNominated: true,
  isValid: true,
  requestsSent: 4,
  retransmissionsSent: 1,
  requestsReceived: 5,
  responsesSent: 5,
  responsesReceived: 3,
  consentRequestsSent: 2,
  currentRoundTripTimeMs: 20,
  totalRoundTripTimeMs: 75,
  traffic: {
    packetsSent: 10,
    bytesSent: 1000,
    lastSentAtMs: 4_000,
    packetsReceived: 8,
    bytesReceived: 800,
    lastReceivedAtMs: 4_500,
  },
};

export const GENERATION: IceStatistics = {
  localUfrag: "ours",
  localCandidates: [HOST],
  remoteCandidates: [{ candidate: REMOTE, isAddressSignaled: true }],
  pairs: [PAIR],
  selectedPairId: "pair1",
};

/** A transport that is connected, but for `changes`. */
export function makeTransport(changes: Partial<TransportStatistics> = {}): TransportStatistics {
  return {
    id: "0",
    serial: 1,
    ice: {
      state: "connected",
      role: "controlling",
      localUfrag: "ours",
      generations: [GENERATION],
      selectedPairChanges: 1,
    },
    traffic: PAIR.traffic,
    dtlsState: "connected",
    dtlsRole: "client",
    agreement: {
      protocolVersion: "1.2",
      cipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      group: "x25519",
      remoteCertificates: [Uint8Array.of(2, 2)],
    },
    localCertificates: [Uint8Array.of(1, 1)],
    ...changes,
  };
}

/** A channel that is open, but for `changes`. */
export function makeChannel(changes: Partial<ChannelStatistics> = {}): ChannelStatistics {
  return {
    key: 1 as ChannelKey,
    label: "chat",
    protocol: "",
    streamId: 0,
    state: "open",
    messagesSent: 1,
    bytesSent: 2,
    messagesReceived: 3,
    bytesReceived: 4,
    ...changes,
  };
}

const VP8 = { mimeType: "video/VP8", clockRate: 90_000, payloadType: 96, rtcpFeedback: [] };
const RTX = {
  mimeType: "video/rtx",
  clockRate: 90_000,
  payloadType: 97,
  sdpFmtpLine: "apt=96",
  rtcpFeedback: [],
};
const H264 = {
  mimeType: "video/H264",
  clockRate: 90_000,
  payloadType: 102,
  sdpFmtpLine: "packetization-mode=1",
  rtcpFeedback: [],
};
export const VIDEO_CODECS = [VP8, RTX, H264];
export const OPUS = {
  mimeType: "audio/opus",
  clockRate: 48_000,
  channels: 2,
  payloadType: 111,
  sdpFmtpLine: "minptime=10;useinbandfec=1",
  rtcpFeedback: [],
};

const ENCODING = { active: true, priority: "low", networkPriority: "low" } as const;

/** A transceiver for video that sends over transport "0", but for `changes`. */
export function makeTransceiver(
  changes: Partial<TransceiverState> = {},
  others: Partial<StatsTransceiver> = {},
): StatsTransceiver {
  const state: TransceiverState = {
    id: 1,
    kind: "video",
    mid: "0",
    mediaIndex: 0,
    direction: "sendrecv",
    currentDirection: "sendrecv",
    firedDirection: "sendrecv",
    isReceptive: true,
    isStopping: false,
    isStopped: false,
    isFromAddTrack: true,
    hasAddedTrack: true,
    isFromPendingOffer: false,
    hasSent: true,
    preferredCodecs: [],
    headerExtensions: [],
    refusedHeaderExtensions: [],
    negotiatedHeaderExtensions: [],
    sender: {
      msidTrackId: "m",
      streamIds: [],
      encodings: [ENCODING],
      codecs: VIDEO_CODECS,
      ssrc: 1111,
      rtxSsrc: 2222,
    },
    receiver: { trackId: "r", streamIds: [], codecs: [] },
    ...changes,
  };
  return { state, transportId: "0", senderTrackId: "track", ...others };
}

/** The sender of {@link makeTransceiver}, but for `changes`. */
export function makeSender(
  changes: Partial<TransceiverState["sender"]>,
): TransceiverState["sender"] {
  return { ...makeTransceiver().state.sender, ...changes };
}

/** A source without anything, but for `changes`. */
export function makeSource(
  session: Partial<SessionStatistics> = {},
  transceivers: readonly StatsTransceiver[] = [],
): StatsSource {
  return {
    session: {
      atMs: AT_MS,
      transports: [],
      sctp: undefined,
      channels: [],
      openedChannels: 0,
      closedChannels: 0,
      ...session,
    },
    timestampMs: EPOCH_MS,
    transceivers,
  };
}

/** Ids of a connection of its own for each seed. */
export function makeIds(seed = 1): StatsIds {
  return new StatsIds(createNodeCrypto(new SeededRandom(seed)));
}

/** For the builders of single dictionaries. */
export function makeContext(source = makeSource({ transports: [makeTransport()] })): StatsContext {
  return new StatsContext(source, makeIds());
}
