import { readUint16, readUint32 } from "../base/bytes.ts";
import type { AssociationOptions } from "./association-options.ts";
import type { AssociationState } from "./association-state.ts";
import { localTagOf, transferOf } from "./association-state.ts";
import { CHUNK_TYPE } from "./packet/chunk.ts";
import { FLAG_TAG_REFLECTED } from "./packet/error-chunk.ts";
import { COMMON_HEADER_BYTES, hasCorrectChecksum, readChecksum } from "./packet/sctp-packet.ts";

/**
 * True if a packet is not of this association by its ports, its checksum or its verification tag
 * (RFC 9260 §6.8, §8.5; RFC 9653 §5.3). The caller has checked that a chunk header is there.
 */
export function isForeignPacket(
  packet: Uint8Array,
  state: AssociationState,
  { localPort, remotePort, isZeroChecksumOffered }: AssociationOptions,
): boolean {
  if (readUint16(packet, 0) !== remotePort || readUint16(packet, 2) !== localPort) return true;
  const firstType = packet[COMMON_HEADER_BYTES]!;
  const isHandshake = firstType === CHUNK_TYPE.init || firstType === CHUNK_TYPE.cookieEcho;
  const mayLackChecksum = isZeroChecksumOffered && !isHandshake && readChecksum(packet) === 0;
  if (!mayLackChecksum && !hasCorrectChecksum(packet)) return true;
  return !isTagRight(packet, firstType, state);
}

/** RFC 9260 §8.5, §8.5.1. */
function isTagRight(packet: Uint8Array, firstType: number, state: AssociationState): boolean {
  const tag = readUint32(packet, 4);
  const localTag = localTagOf(state);
  switch (firstType) {
    case CHUNK_TYPE.init:
      return tag === 0;
    case CHUNK_TYPE.cookieEcho:
      return true; // The cookie says which tag it has to be.
    case CHUNK_TYPE.abort:
    case CHUNK_TYPE.shutdownComplete: {
      const isReflected = (packet[COMMON_HEADER_BYTES + 1]! & FLAG_TAG_REFLECTED) !== 0;
      if (isReflected) return tag === transferOf(state)?.peer.verificationTag;
      return tag === localTag && tag !== 0;
    }
    default:
      return tag === localTag && tag !== 0;
  }
}
