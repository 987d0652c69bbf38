import { whenWritable } from "../back-pressure.ts";
import { messageOf, PeerGoneError, TransferError } from "../errors.ts";
import type { PeerChannel } from "../platform.ts";
import { CHUNK_BYTES, parseReceiverFrame, WINDOW_BYTES } from "./file-protocol.ts";
import type { ReceiverFrame, SenderFrame } from "./file-protocol.ts";
import type { FileHeader, FileReceipt, FileSource, SendFileOptions } from "./file-types.ts";

/**
 * Sends `source` over `channel`, made by `createFileChannel`, and closes the channel. Resolves when the
 * receiver has the whole file and the same SHA-256.
 *
 * Rejects with {@link TransferError} if either side gives up or the hashes differ, with
 * {@link PeerGoneError} if the channel closes before the verdict.
 */
export async function sendFile(
  channel: PeerChannel,
  source: FileSource,
  options: SendFileOptions & { readonly peerId: string },
): Promise<FileReceipt> {
  const outgoing = new OutgoingFile(channel, source, options);
  try {
    return await outgoing.run();
  } finally {
    channel.close();
  }
}

class OutgoingFile {
  readonly #channel: PeerChannel;
  readonly #source: FileSource;
  readonly #header: FileHeader;
  readonly #options: SendFileOptions & { readonly peerId: string };
  #isReady = false;
  #writtenBytes = 0;
  #verifiedSha256: string | undefined;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(
    channel: PeerChannel,
    source: FileSource,
    options: SendFileOptions & { readonly peerId: string },
  ) {
    this.#channel = channel;
    this.#source = source;
    this.#options = options;
    const { name, sizeBytes, mediaType } = source;
    this.#header = { name, sizeBytes, ...(mediaType === undefined ? {} : { mediaType }) };
    channel.binaryType = "arraybuffer";
    channel.addEventListener("open", () => this.#wake?.());
    channel.addEventListener("message", (event) => {
      this.#handleMessage((event as MessageEvent<unknown>).data);
    });
    channel.addEventListener("close", () => {
      this.#fail(new PeerGoneError(options.peerId, "the peer went away during the transfer"));
    });
  }

  /** See {@link sendFile}. What the receiver said is a better reason than the closed channel after it. */
  async run(): Promise<FileReceipt> {
    try {
      return await this.#transfer();
    } catch (error) {
      throw error instanceof TransferError ? error : (this.#failure ?? error);
    }
  }

  async #transfer(): Promise<FileReceipt> {
    await this.#until(() => this.#channel.readyState !== "connecting");
    this.#send({ kind: "file", ...this.#header });
    await this.#until(() => this.#isReady);
    const sha256 = await this.#sendContent();
    this.#send({ kind: "end", sha256 });
    await this.#until(() => this.#verifiedSha256 !== undefined);
    if (this.#verifiedSha256 !== sha256) {
      throw new TransferError("ERR_HASH_MISMATCH", "the receiver verified another SHA-256");
    }
    return { header: this.#header, sha256 };
  }

  /** Returns the SHA-256 of what was sent. */
  async #sendContent(): Promise<string> {
    const hasher = this.#options.createHasher();
    let sentBytes = 0;
    for await (const piece of this.#pieces()) {
      if (sentBytes + piece.byteLength > this.#header.sizeBytes) {
        throw this.#abort("the file grew while it was sent", "ERR_SIZE_MISMATCH");
      }
      hasher.update(piece);
      await this.#until(() => sentBytes - this.#writtenBytes < WINDOW_BYTES);
      await whenWritable(this.#channel, this.#options.peerId);
      this.#channel.send(piece);
      sentBytes += piece.byteLength;
    }
    if (sentBytes < this.#header.sizeBytes) {
      throw this.#abort("the file shrank while it was sent", "ERR_SIZE_MISMATCH");
    }
    return hasher.digestHex();
  }

  /** The content in pieces that fit into one message each. */
  async *#pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const chunks = this.#source.chunks()[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.#nextChunk(chunks);
        if (done) return;
        for (let offset = 0; offset < value.byteLength; offset += CHUNK_BYTES) {
          yield toOwnBuffer(value.subarray(offset, offset + CHUNK_BYTES));
        }
      }
    } finally {
      await chunks.return?.();
    }
  }

  async #nextChunk(
    chunks: AsyncIterator<Uint8Array>,
  ): Promise<IteratorResult<Uint8Array, unknown>> {
    try {
      return await chunks.next();
    } catch (error) {
      throw this.#abort(`the file cannot be read: ${messageOf(error)}`, "ERR_SOURCE", error);
    }
  }

  #handleMessage(data: unknown): void {
    try {
      if (typeof data !== "string") {
        throw new TransferError("ERR_BAD_PROTOCOL", "the receiver sent binary data");
      }
      this.#handleFrame(parseReceiverFrame(data));
    } catch (error) {
      this.#fail(
        error instanceof Error ? error : new TransferError("ERR_BAD_PROTOCOL", String(error)),
      );
    }
    this.#wake?.();
  }

  #handleFrame(frame: ReceiverFrame): void {
    switch (frame.kind) {
      case "ready":
        this.#isReady = true;
        return;
      case "written":
        if (frame.bytes < this.#writtenBytes || frame.bytes > this.#header.sizeBytes) {
          throw new TransferError("ERR_BAD_PROTOCOL", "the receiver counts wrong");
        }
        this.#writtenBytes = frame.bytes;
        this.#options.onProgress?.({ header: this.#header, bytes: frame.bytes });
        return;
      case "verified":
        this.#verifiedSha256 = frame.sha256;
        return;
      case "refused":
        this.#fail(new TransferError(frame.code, `the receiver refused the file: ${frame.reason}`));
        return;
    }
  }

  #send(frame: SenderFrame): void {
    if (this.#channel.readyState !== "open") {
      throw this.#failure ?? new PeerGoneError(this.#options.peerId, "the data channel is closed");
    }
    this.#channel.send(JSON.stringify(frame));
  }

  /** Tells the receiver and returns the error to throw. */
  #abort(reason: string, code: TransferError["code"], cause?: unknown): TransferError {
    if (this.#channel.readyState === "open")
      this.#send({ kind: "abort", reason: reason.slice(0, 1024) });
    return new TransferError(code, reason, cause);
  }

  #fail(error: Error): void {
    if (this.#verifiedSha256 !== undefined) return; // Everything has arrived: an end is no failure.
    this.#failure ??= error;
    this.#wake?.();
  }

  /** Waits for messages until `condition` holds. Throws the failure if there is one. */
  async #until(condition: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      if (condition()) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** A channel may keep what it is given: pieces of a shared or reused buffer are copied. */
function toOwnBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
