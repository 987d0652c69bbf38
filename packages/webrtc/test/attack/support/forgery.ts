import assert from "node:assert/strict";

import { writeUint16, writeUint32 } from "../../../src/base/bytes.ts";
import type { RTCDataChannel } from "../../../src/w3c/rtc-data-channel.ts";
import type { VirtualPacket } from "../../../src/testing/index.ts";
import { BINDING_METHOD, encodeStunMessage, type StunAttributes } from "../../../src/stun/index.ts";
import type { Random } from "../../../src/base/random.ts";
import { VirtualPair, type PairOptions } from "../../simulation/support/virtual-peer.ts";
import { directTopology } from "../../simulation/support/topologies.ts";
import { exchange } from "../../simulation/support/transfer.ts";

/** An address that no honest party has. */
export const ATTACKER = "198.51.100.66";
/** Somebody who has nothing to do with it. */
export const THIRD_PARTY = "203.0.113.200";

/** A pair of honest peers with a link of 5 ms between them. */
export function honestPair(seed: number, options: PairOptions = {}): VirtualPair {
  return new VirtualPair(directTopology(seed, { path: { delayMs: 5 } }), options);
}

/** RFC 7983 §7. */
export const isStun = ({ bytes }: VirtualPacket): boolean => bytes[0]! < 4;
/** RFC 7983 §7. */
export const isDtls = ({ bytes }: VirtualPacket): boolean => bytes[0]! >= 20 && bytes[0]! < 64;

/** A DTLS record without protection. */
export function plainRecord(type: number, payload: Uint8Array, sequence = 1_000): Uint8Array {
  const record = new Uint8Array(13 + payload.byteLength);
  record[0] = type;
  writeUint16(record, 1, 0xfefd);
  writeUint32(record, 7, sequence);
  writeUint16(record, 11, payload.byteLength);
  record.set(payload, 13);
  return record;
}

/** A Binding request that nobody vouches for. */
export function strangersRequest(random: Random, attributes: StunAttributes = {}): Uint8Array {
  return encodeStunMessage(
    { class: "request", method: BINDING_METHOD, transactionId: random.bytes(12), attributes },
    { hasFingerprint: true },
  );
}

/** The proof that nothing has happened: both still say "connected", and data flows both ways. */
export async function assertUnharmed(
  pair: VirtualPair,
  [near, far]: readonly [RTCDataChannel, RTCDataChannel],
  seed = 1,
): Promise<void> {
  await pair.world.settle(exchange(near, far, seed, 40_000), 30_000);
  assert.equal(pair.offerer.connection.connectionState, "connected");
  assert.equal(pair.answerer.connection.connectionState, "connected");
}

/** {@link VirtualPair.close}, and nothing of either is left. */
export async function closeWithoutTrace(pair: VirtualPair): Promise<void> {
  await pair.close();
  for (const { host } of [pair.offerer, pair.answerer]) {
    assert.deepEqual(host.resources, { sockets: 0, deadlines: 0 });
  }
}

/** Records every packet that goes through the network, and lets it pass. */
export function record(pair: VirtualPair): VirtualPacket[] {
  const packets: VirtualPacket[] = [];
  pair.world.internet.intercept((packet) => {
    packets.push({ ...packet, bytes: packet.bytes.slice() });
    return [packet];
  });
  return packets;
}
