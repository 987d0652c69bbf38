import assert from "node:assert/strict";
import { roundUpTo4 } from "../../src/base/bytes.ts";
import type { Tsn } from "../../src/base/serial-number.ts";
import { addToTsn, toTsn } from "../../src/base/serial-number.ts";
import { SctpAssociation } from "../../src/sctp/association.ts";
import type { AssociationOptions } from "../../src/sctp/association-options.ts";
import { CHUNK_TYPE, chunkEnd } from "../../src/sctp/packet/chunk.ts";
import { encodeCookieEchoChunk } from "../../src/sctp/packet/cookie-chunk.ts";
import type { DataFields } from "../../src/sctp/packet/data-chunk.ts";
import {
  DATA_FLAG,
  DATA_HEADER_BYTES,
  createDataFields,
  writeDataHeader,
} from "../../src/sctp/packet/data-chunk.ts";
import { I_DATA_HEADER_BYTES, writeIDataHeader } from "../../src/sctp/packet/i-data-chunk.ts";
import type { InitChunk } from "../../src/sctp/packet/init-chunk.ts";
import { decodeInitChunk, encodeInitChunk } from "../../src/sctp/packet/init-chunk.ts";
import type { SackChunk } from "../../src/sctp/packet/sack-chunk.ts";
import { decodeSackChunk, sackBytes, writeSackChunk } from "../../src/sctp/packet/sack-chunk.ts";
import { encodePacket } from "../../src/sctp/packet/sctp-packet.ts";
import type { SctpEvent } from "../../src/sctp/sctp-events.ts";
import { sctpTestCrypto } from "./sctp-pair.ts";

/** First TSN of every raw peer: close to the wrap, so that each test crosses it. */
export const RAW_INITIAL_TSN = toTsn(0xffff_fff0);
const RAW_TAG = 0x0102_0304;

/** A whole DATA or I-DATA chunk; what `fields` leaves out is a whole ordered message on stream 0. */
export function rawData(
  fields: Partial<DataFields>,
  payload: Uint8Array,
  isInterleaved = false,
): Uint8Array {
  const headerBytes = isInterleaved ? I_DATA_HEADER_BYTES : DATA_HEADER_BYTES;
  const chunk = new Uint8Array(roundUpTo4(headerBytes + payload.byteLength));
  const all = {
    ...createDataFields(),
    flags: DATA_FLAG.begin | DATA_FLAG.end,
    ppid: 53,
    ...fields,
    payloadStart: headerBytes,
    payloadEnd: headerBytes + payload.byteLength,
  };
  if (isInterleaved) writeIDataHeader(chunk, 0, all);
  else writeDataHeader(chunk, 0, all);
  chunk.set(payload, headerBytes);
  return chunk;
}

/** A whole SACK chunk. */
export function rawSack(sack: Partial<SackChunk> & Pick<SackChunk, "cumulativeTsn">): Uint8Array {
  const all = { receiveWindowBytes: 1_000_000, gapBlocks: [], duplicateTsns: [], ...sack };
  const chunk = new Uint8Array(sackBytes(all));
  writeSackChunk(chunk, 0, all);
  return chunk;
}

/** A peer that says whatever a test wants to an established association, chunk by chunk. */
export class RawPeer {
  readonly association: SctpAssociation;
  readonly events: SctpEvent[] = [];
  readonly initAck: InitChunk;
  nowMs = 1_000;

  constructor(options: Partial<AssociationOptions> = {}, isInterleaved = false) {
    this.association = new SctpAssociation(options, sctpTestCrypto(5));
    const init: InitChunk = {
      initiateTag: RAW_TAG,
      receiveWindowBytes: 1_000_000,
      outgoingStreams: 1_000,
      incomingStreams: 1_000,
      initialTsn: RAW_INITIAL_TSN,
      supportsForwardTsn: true,
      supportedChunkTypes: isInterleaved ? [130, 192, 64, 194] : [130, 192],
      unrecognized: [],
    };
    this.#deliver(0, [encodeInitChunk("init", init)]);
    this.initAck = decodeInitChunk(this.association.pollTransmit()!.subarray(12));
    this.send(encodeCookieEchoChunk(this.initAck.stateCookie!));
    assert.equal(this.poll()[0]?.[0], CHUNK_TYPE.cookieAck);
  }

  /** The association's first TSN. */
  get theirTsn(): Tsn {
    return this.initAck.initialTsn;
  }

  /** The `index`-th TSN of this peer. */
  tsn(index: number): Tsn {
    return addToTsn(RAW_INITIAL_TSN, index);
  }

  /** Delivers one packet with these chunks. */
  send(...chunks: Uint8Array[]): void {
    this.#deliver(this.initAck.initiateTag, chunks);
  }

  /** All chunks that the association sends now, and its events into `events`. */
  poll(): Uint8Array[] {
    const chunks: Uint8Array[] = [];
    for (let packet = this.association.pollTransmit(); packet;) {
      for (let start = 12; start < packet.byteLength;) {
        const end = chunkEnd(packet, start, packet.byteLength);
        chunks.push(packet.slice(start, end));
        start += roundUpTo4(end - start);
      }
      packet = this.association.pollTransmit();
    }
    for (let event = this.association.pollEvent(); event; event = this.association.pollEvent()) {
      this.events.push(event);
    }
    return chunks;
  }

  /** The last SACK among what the association sends within the next 100 ms. */
  pollSack(): SackChunk {
    const chunks = this.poll();
    this.nowMs += 100;
    this.association.handleTimeout(this.nowMs);
    chunks.push(...this.poll());
    const sack = chunks.findLast((chunk) => chunk[0] === CHUNK_TYPE.sack);
    assert.ok(sack, "no SACK");
    return decodeSackChunk(sack, 0, sack.byteLength);
  }

  #deliver(verificationTag: number, chunks: readonly Uint8Array[]): void {
    const header = { sourcePort: 5000, destinationPort: 5000, verificationTag };
    this.association.handlePacket(encodePacket(header, chunks), this.nowMs);
  }
}
