import { messageOf, PeerGoneError, TransferError } from "../errors.ts";
import type { PeerData } from "../peer-event.ts";
import type { PeerChannel } from "../platform.ts";
import { MessageQueue } from "../support/message-queue.ts";
import { sanitiseFileName } from "./file-name.ts";
import { parseSenderFrame, REPORT_EVERY_BYTES, WINDOW_BYTES } from "./file-protocol.ts";
import type { ReceiverFrame } from "./file-protocol.ts";
import type { FileHeader, FileSink, Hasher, ReceiveFileOptions } from "./file-types.ts";

/** Without `openSink` files are refused. */
export type IncomingFileOptions = Partial<ReceiveFileOptions> & { readonly peerId: string };

const DEFAULT_MAX_FILE_BYTES = 4 * 1024 ** 3;
/** Twice the window, text included: a sender that keeps to the protocol never comes near. */
const MAX_PENDING_BYTES = 2 * WINDOW_BYTES;

/**
 * Receives the file that comes over `channel` (see `file-protocol.ts`). Never rejects: the outcome goes
 * to `onReceived` or `onFailed`, and to the sender.
 */
export async function receiveFile(
  channel: PeerChannel,
  options: IncomingFileOptions,
): Promise<void> {
  const incoming = new IncomingFile(channel, options);
  try {
    await incoming.run();
  } catch (error) {
    await incoming.fail(error);
  }
}

class IncomingFile {
  readonly #channel: PeerChannel;
  readonly #options: IncomingFileOptions;
  readonly #frames: MessageQueue<PeerData>;
  #header: FileHeader | undefined;
  #sink: FileSink | undefined;
  #pendingBytes = 0;
  #writtenBytes = 0;
  #reportedBytes = 0;

  constructor(channel: PeerChannel, options: IncomingFileOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#frames = new MessageQueue<PeerData>(() => {});
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", (event) => {
      this.#queue((event as MessageEvent<string | ArrayBuffer>).data);
    });
    channel.addEventListener("close", () => {
      this.#frames.finish(
        new PeerGoneError(options.peerId, "the sender went away during the transfer"),
      );
    });
  }

  async run(): Promise<void> {
    const header = await this.#readHeader();
    const { openSink, createHasher } = this.#options;
    if (!openSink || !createHasher) {
      throw new TransferError("ERR_REFUSED", "no files are taken here");
    }
    this.#sink = await openSink(header);
    const hasher = createHasher();
    this.#reply({ kind: "ready" });
    this.#options.onProgress?.({ header, bytes: 0 });
    const expected = await this.#readContent(header, this.#sink, hasher);
    const actual = await hasher.digestHex();
    if (actual !== expected) {
      throw new TransferError(
        "ERR_HASH_MISMATCH",
        `SHA-256 is ${actual}, the sender says ${expected}`,
      );
    }
    await this.#sink.close();
    this.#sink = undefined;
    this.#reply({ kind: "verified", sha256: actual });
    this.#options.onReceived?.({ header, sha256: actual });
  }

  /** Releases everything, tells the sender if it is still there, then the application. */
  async fail(error: unknown): Promise<void> {
    const failure = error instanceof Error ? error : new TransferError("ERR_SINK", String(error));
    const sink = this.#sink;
    this.#sink = undefined;
    this.#refuse(failure);
    try {
      await sink?.abort();
    } catch {
      // The first failure is the one to report.
    }
    this.#options.onFailed?.(failure, this.#header);
  }

  async #readHeader(): Promise<FileHeader> {
    const first = await this.#frames.next();
    if (first.done || typeof first.value !== "string") {
      throw new TransferError("ERR_BAD_PROTOCOL", "the transfer does not start with a header");
    }
    const frame = parseSenderFrame(first.value);
    if (frame.kind !== "file") {
      throw new TransferError("ERR_BAD_PROTOCOL", `the transfer starts with "${frame.kind}"`);
    }
    const { kind: _, ...header } = frame;
    this.#header = { ...header, name: sanitiseFileName(header.name) };
    const maxBytes = this.#options.maxFileBytes ?? DEFAULT_MAX_FILE_BYTES;
    if (header.sizeBytes > maxBytes) {
      throw new TransferError(
        "ERR_TOO_LARGE",
        `${header.sizeBytes} bytes, no more than ${maxBytes} are taken`,
      );
    }
    return this.#header;
  }

  /** Returns the SHA-256 that the sender announces at the end. */
  async #readContent(header: FileHeader, sink: FileSink, hasher: Hasher): Promise<string> {
    for await (const data of this.#frames) {
      if (typeof data !== "string") {
        await this.#write(data, header, sink, hasher);
        continue;
      }
      const frame = parseSenderFrame(data);
      if (frame.kind === "abort") {
        throw new TransferError("ERR_INTERRUPTED", `the sender gave up: ${frame.reason}`);
      }
      if (frame.kind !== "end") {
        throw new TransferError("ERR_BAD_PROTOCOL", `"${frame.kind}" in the middle of a file`);
      }
      if (this.#writtenBytes !== header.sizeBytes) {
        throw new TransferError(
          "ERR_SIZE_MISMATCH",
          `${this.#writtenBytes} bytes came, ${header.sizeBytes} were announced`,
        );
      }
      return frame.sha256;
    }
    throw new TransferError("ERR_INTERRUPTED", "the transfer ended early");
  }

  async #write(
    bytes: Uint8Array<ArrayBuffer>,
    header: FileHeader,
    sink: FileSink,
    hasher: Hasher,
  ): Promise<void> {
    if (this.#writtenBytes + bytes.byteLength > header.sizeBytes) {
      throw new TransferError("ERR_SIZE_MISMATCH", "more bytes came than were announced");
    }
    hasher.update(bytes);
    await sink.write(bytes);
    this.#pendingBytes -= bytes.byteLength;
    this.#writtenBytes += bytes.byteLength;
    const isDue = this.#writtenBytes - this.#reportedBytes >= REPORT_EVERY_BYTES;
    if (!isDue && this.#writtenBytes < header.sizeBytes) return;
    this.#reportedBytes = this.#writtenBytes;
    this.#reply({ kind: "written", bytes: this.#writtenBytes });
    this.#options.onProgress?.({ header, bytes: this.#writtenBytes });
  }

  /** Whatever waits is counted, also while the sink is being opened: that may take a person's answer. */
  #queue(data: string | ArrayBuffer): void {
    // Text is never taken off again: a file has two short ones. A character has up to two bytes here.
    this.#pendingBytes += typeof data === "string" ? 2 * data.length : data.byteLength;
    if (this.#pendingBytes > MAX_PENDING_BYTES) {
      this.#refuse(new TransferError("ERR_BAD_PROTOCOL", "the sender ignores the window"));
      return;
    }
    this.#frames.push(typeof data === "string" ? data : new Uint8Array(data));
  }

  /** Takes no more, and tells the sender if it is still there. What waits is followed by `failure`. */
  #refuse(failure: Error): void {
    this.#frames.finish(failure);
    const code = failure instanceof TransferError ? failure.code : "ERR_SINK";
    this.#reply({ kind: "refused", code, reason: messageOf(failure).slice(0, 1024) });
    this.#channel.close(); // What was sent before still goes out (RFC 8831 §6.7).
  }

  #reply(frame: ReceiverFrame): void {
    if (this.#channel.readyState === "open") this.#channel.send(JSON.stringify(frame));
  }
}
