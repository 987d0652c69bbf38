import { Queue } from "../base/queue.ts";
import type { AssociationOptions } from "./association-options.ts";
import type { DataTransfer } from "./data-transfer.ts";
import type { Reply } from "./handshake-answers.ts";
import { encodeCookieEchoChunk } from "./packet/cookie-chunk.ts";
import { PacketWriter } from "./packet/packet-writer.ts";
import type { CommonHeader } from "./packet/sctp-packet.ts";
import { encodePacket } from "./packet/sctp-packet.ts";

/** Whole packets (INIT, ABORT ...) that may wait to be polled; what a flood causes beyond is dropped. */
const MAX_READY_PACKETS = 8;

/** Makes the packets of an association: those that are complete, and those that are filled when polled. */
export class Outbox {
  readonly #options: AssociationOptions;
  readonly #ready = new Queue<Uint8Array>();
  readonly #writer = new PacketWriter();
  maxPacketBytes: number;

  constructor(options: AssociationOptions) {
    this.#options = options;
    this.maxPacketBytes = options.maxPacketBytes;
  }

  /** Queues a packet with one chunk, to whichever tag. */
  push({ verificationTag, chunk }: Reply): void {
    if (this.#ready.size >= MAX_READY_PACKETS) return;
    this.#ready.push(encodePacket(this.#headerTo(verificationTag), [chunk]));
  }

  /** Takes the oldest complete packet. */
  shift(): Uint8Array | undefined {
    return this.#ready.shift();
  }

  /** Forgets the complete packets. */
  clear(): void {
    this.#ready.clear();
  }

  /**
   * A packet with what the transfer has to send, behind the COOKIE ECHO if there is one; `undefined`
   * if nothing is to be sent now.
   */
  fill(
    transfer: DataTransfer,
    cookie: Uint8Array | undefined,
    nowMs: number,
  ): Uint8Array | undefined {
    const writer = this.#writer;
    writer.begin(this.#headerTo(transfer.peer.verificationTag), this.maxPacketBytes);
    if (cookie) writer.append(encodeCookieEchoChunk(cookie));
    transfer.writeChunks(writer, nowMs);
    if (writer.isEmpty) return undefined;
    // RFC 9653 §5.2: a packet with COOKIE ECHO carries its checksum in any case.
    return writer.finish(cookie !== undefined || !transfer.agreement.sendsZeroChecksum);
  }

  #headerTo(verificationTag: number): CommonHeader {
    const { localPort: sourcePort, remotePort: destinationPort } = this.#options;
    return { sourcePort, destinationPort, verificationTag };
  }
}
