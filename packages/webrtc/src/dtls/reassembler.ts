import { PROTECTED_EPOCH } from "./record/record-protection.ts";
import {
  HANDSHAKE_HEADER_BYTES,
  writeHandshakeHeader,
  type HandshakeFragment,
  type HandshakeMessage,
} from "./messages/handshake-message.ts";

/** Longer than any certificate chain that a WebRTC peer has reason to send. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Over all messages that are not whole yet. */
const MAX_BUFFERED_BYTES = 96 * 1024;
/** No flight has more messages. */
const MAX_MESSAGES_AHEAD = 8;

/** What became of a fragment. */
export type FragmentOutcome = "kept" | "old" | "refused";

/** A message of which parts have come. */
type Partial = {
  readonly type: number;
  readonly epoch: number;
  /** The whole message with its header. */
  readonly bytes: Uint8Array;
  /** One bit per byte of the body. */
  readonly received: Uint8Array;
  missingBytes: number;
};

/**
 * Puts handshake messages together and in order (RFC 6347 §4.2.2, §4.2.3): fragments may come in any
 * order, overlap, repeat or have other borders when they are sent again. Memory is bounded.
 *
 * Nothing here is authenticated, so the newest claim about a message's type and length wins: the
 * peer repeats what is right, a stranger's fragment in its place does not stay. Bytes that have come
 * are not overwritten by plain fragments that overlap them.
 */
export class Reassembler {
  readonly #partials = new Map<number, Partial>();
  #bufferedBytes = 0;
  #nextSequence = 0;

  /** The number of the message that is due. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** Takes in a copy of the fragment that came in a record of `epoch`. */
  accept(fragment: HandshakeFragment, epoch: number): FragmentOutcome {
    if (fragment.sequence < this.#nextSequence) return "old";
    if (fragment.sequence >= this.#nextSequence + MAX_MESSAGES_AHEAD) return "refused";
    const partial = this.#partialFor(fragment, epoch);
    if (!partial) return "refused";
    fill(partial, fragment);
    return "kept";
  }

  /** The message that is due, if it is whole. It stays until {@link advance} or {@link discard}. */
  peek(): HandshakeMessage | undefined {
    const partial = this.#partials.get(this.#nextSequence);
    if (!partial || partial.missingBytes > 0) return undefined;
    const { type, bytes } = partial;
    return {
      type,
      sequence: this.#nextSequence,
      bytes,
      body: bytes.subarray(HANDSHAKE_HEADER_BYTES),
    };
  }

  /** The message that was due has been accepted; the next one is due. */
  advance(): void {
    this.discard();
    this.#nextSequence++;
  }

  /** The message that was due is of no use; the peer may send it again. */
  discard(): void {
    this.#remove(this.#nextSequence);
  }

  /** Forgets all unfinished messages; nothing will be due any more. */
  clear(): void {
    this.#partials.clear();
    this.#bufferedBytes = 0;
  }

  #partialFor(fragment: HandshakeFragment, epoch: number): Partial | undefined {
    const { sequence, type, messageBytes } = fragment;
    const known = this.#partials.get(sequence);
    if (known) {
      const isSame =
        known.type === type && bodyBytes(known) === messageBytes && known.epoch === epoch;
      if (isSame) return known;
      if (known.epoch === PROTECTED_EPOCH && epoch !== PROTECTED_EPOCH) return undefined;
      this.#remove(sequence);
    }
    const isTooLarge =
      messageBytes > MAX_MESSAGE_BYTES || this.#bufferedBytes + messageBytes > MAX_BUFFERED_BYTES;
    if (isTooLarge && !this.#makeRoom(sequence, messageBytes)) return undefined;
    return this.#create(fragment, epoch);
  }

  /** The message that is due goes before those that are ahead of it: else they could block it for ever. */
  #makeRoom(sequence: number, messageBytes: number): boolean {
    if (messageBytes > MAX_MESSAGE_BYTES || sequence !== this.#nextSequence) return false;
    this.clear();
    return true;
  }

  #create(fragment: HandshakeFragment, epoch: number): Partial {
    const { sequence, type, messageBytes } = fragment;
    const bytes = new Uint8Array(HANDSHAKE_HEADER_BYTES + messageBytes);
    const fragmentBytes = messageBytes;
    writeHandshakeHeader(bytes, { type, messageBytes, sequence, fragmentOffset: 0, fragmentBytes });
    const received = new Uint8Array((messageBytes + 7) >> 3);
    const partial = { type, epoch, bytes, received, missingBytes: messageBytes };
    this.#partials.set(sequence, partial);
    this.#bufferedBytes += messageBytes;
    return partial;
  }

  #remove(sequence: number): void {
    const partial = this.#partials.get(sequence);
    if (!partial) return;
    this.#partials.delete(sequence);
    this.#bufferedBytes -= bodyBytes(partial);
  }
}

function bodyBytes(partial: Partial): number {
  return partial.bytes.byteLength - HANDSHAKE_HEADER_BYTES;
}

function fill(partial: Partial, { fragment, fragmentOffset }: HandshakeFragment): void {
  if (partial.missingBytes === 0) return;
  for (let index = 0; index < fragment.byteLength; index++) {
    const at = fragmentOffset + index;
    const bit = 1 << (at & 7);
    if (partial.received[at >> 3]! & bit) continue;
    partial.received[at >> 3]! |= bit;
    partial.bytes[HANDSHAKE_HEADER_BYTES + at] = fragment[index]!;
    partial.missingBytes--;
  }
}
