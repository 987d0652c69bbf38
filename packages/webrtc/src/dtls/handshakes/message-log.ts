import type { FlightItem } from "../flight.ts";
import { encodeHandshakeMessage, type HandshakeMessage } from "../messages/handshake-message.ts";
import { PROTECTED_EPOCH } from "../record/record-protection.ts";
import { Transcript } from "../transcript.ts";

/** Numbers the messages of this side and keeps those of both for the transcript. */
export class MessageLog {
  readonly transcript = new Transcript();
  #nextSequence = 0;

  /** Takes in a message of the peer that has been accepted. */
  addReceived(message: HandshakeMessage): void {
    this.transcript.add(message.bytes);
  }

  /** A message of ours, numbered and recorded, in epoch 0. */
  addSent(type: number, body: Uint8Array): FlightItem {
    const bytes = encodeHandshakeMessage(type, this.#nextSequence++, body);
    this.transcript.add(bytes);
    return { kind: "message", epoch: 0, bytes };
  }

  /** Like {@link addSent} for Finished, the one message under protection. */
  addSentProtected(type: number, body: Uint8Array): FlightItem {
    const bytes = encodeHandshakeMessage(type, this.#nextSequence++, body);
    this.transcript.add(bytes);
    return { kind: "message", epoch: PROTECTED_EPOCH, bytes };
  }
}
