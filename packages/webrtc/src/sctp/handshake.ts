import type { Random } from "../base/random.ts";
import type { Tsn } from "../base/serial-number.ts";
import { toTsn } from "../base/serial-number.ts";
import type { AssociationOptions } from "./association-options.ts";
import { CHUNK_TYPE } from "./packet/chunk.ts";
import type { InitChunk } from "./packet/init-chunk.ts";
import { ZERO_CHECKSUM_METHOD_DTLS } from "./packet/init-chunk.ts";

/** What this end has chosen for an association. */
export type LocalHalf = {
  readonly verificationTag: number;
  readonly initialTsn: Tsn;
};

/** What the peer has said of itself in its INIT or INIT ACK. */
export type PeerHalf = {
  readonly verificationTag: number;
  readonly initialTsn: Tsn;
  readonly windowBytes: number;
  readonly outgoingStreams: number;
  readonly incomingStreams: number;
  readonly supportsForwardTsn: boolean;
  readonly supportsReset: boolean;
  readonly supportsInterleaving: boolean;
  readonly acceptsZeroChecksum: boolean;
};

/** What both ends have in common. */
export type Agreement = {
  readonly maxOutgoingStreams: number;
  readonly maxIncomingStreams: number;
  /** RFC 3758. */
  readonly canForwardTsn: boolean;
  /** RFC 6525. */
  readonly canReset: boolean;
  /** RFC 8260: I-DATA instead of DATA. */
  readonly isInterleaved: boolean;
  /** RFC 9653: what this end sends needs no checksum. */
  readonly sendsZeroChecksum: boolean;
};

/** A tag that is not zero and a first TSN (RFC 9260 §5.3.1). */
export function createLocalHalf(random: Random): LocalHalf {
  return { verificationTag: random.uint32() || 1, initialTsn: toTsn(random.uint32()) };
}

/** INIT, or INIT ACK with the cookie and what was not understood in the INIT (RFC 9260 §5.1). */
export function createInit(
  local: LocalHalf,
  options: AssociationOptions,
  reply: Partial<Pick<InitChunk, "stateCookie" | "unrecognized">> = {},
): InitChunk {
  const interleaving = [CHUNK_TYPE.iData, CHUNK_TYPE.iForwardTsn];
  return {
    initiateTag: local.verificationTag,
    receiveWindowBytes: options.receiveWindowBytes,
    outgoingStreams: options.maxStreams,
    incomingStreams: options.maxStreams,
    initialTsn: local.initialTsn,
    supportsForwardTsn: true,
    supportedChunkTypes: [
      CHUNK_TYPE.reConfig,
      CHUNK_TYPE.forwardTsn,
      ...(options.isInterleavingOffered ? interleaving : []),
    ],
    ...(options.isZeroChecksumOffered ? { zeroChecksumMethod: ZERO_CHECKSUM_METHOD_DTLS } : {}),
    unrecognized: [],
    ...reply,
  };
}

/** True if the mandatory fields make sense (RFC 9260 §3.3.2: no zero tag, no zero streams). */
export function isUsableInit(init: InitChunk): boolean {
  return init.initiateTag !== 0 && init.outgoingStreams > 0 && init.incomingStreams > 0;
}

/** The lasting part of the peer's INIT or INIT ACK. */
export function toPeerHalf(init: InitChunk): PeerHalf {
  const types = init.supportedChunkTypes;
  return {
    verificationTag: init.initiateTag,
    initialTsn: init.initialTsn,
    windowBytes: init.receiveWindowBytes,
    outgoingStreams: init.outgoingStreams,
    incomingStreams: init.incomingStreams,
    supportsForwardTsn: init.supportsForwardTsn || types.includes(CHUNK_TYPE.forwardTsn),
    supportsReset: types.includes(CHUNK_TYPE.reConfig),
    supportsInterleaving:
      types.includes(CHUNK_TYPE.iData) && types.includes(CHUNK_TYPE.iForwardTsn),
    acceptsZeroChecksum: init.zeroChecksumMethod === ZERO_CHECKSUM_METHOD_DTLS,
  };
}

/** What holds between this end, with its options, and the peer. */
export function agree(options: AssociationOptions, peer: PeerHalf): Agreement {
  const isInterleaved = options.isInterleavingOffered && peer.supportsInterleaving;
  return {
    maxOutgoingStreams: Math.min(options.maxStreams, peer.incomingStreams),
    maxIncomingStreams: Math.min(options.maxStreams, peer.outgoingStreams),
    canForwardTsn: peer.supportsForwardTsn || isInterleaved,
    canReset: peer.supportsReset,
    isInterleaved,
    sendsZeroChecksum: options.isZeroChecksumOffered && peer.acceptsZeroChecksum,
  };
}
