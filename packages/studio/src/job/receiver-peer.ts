import { bindReceiver, DataReceiver, messageOf, WebSocketSignaling } from "@pallas/peers";
import type { FileHeader, FileReceipt, FileSink, SignalingEvent } from "@pallas/peers";
import { openFolderSink } from "../files/folder-sink.ts";
import type { FolderSink } from "../files/folder-sink.ts";
import { createNodeHasher, NODE_PLATFORM } from "../node-platform.ts";
import type { FromReceiver, ToReceiver } from "./receiver-link.ts";

/** The disk is the limit: the file is one that the same person chose to send. */
const MAX_FILE_BYTES = 2 ** 50;

/** The receiver of the main job: asks for an offer, answers it, stores what comes. */
export class ReceiverPeer {
  readonly #start: ToReceiver & { kind: "start" };
  readonly #tell: (message: FromReceiver) => void;
  readonly #receiver: DataReceiver;
  readonly #signaling: WebSocketSignaling;
  readonly #sinks = new Map<FileHeader, FolderSink>();

  constructor(start: ToReceiver & { kind: "start" }, tell: (message: FromReceiver) => void) {
    this.#start = start;
    this.#tell = tell;
    this.#receiver = new DataReceiver({
      ...NODE_PLATFORM,
      files: {
        maxFileBytes: MAX_FILE_BYTES,
        openSink: (header) => this.#openSink(header),
        createHasher: createNodeHasher,
        onReceived: (receipt) => this.#handleReceived(receipt),
        onFailed: (error) => tell({ kind: "failed", reason: messageOf(error) }),
      },
    });
    this.#signaling = new WebSocketSignaling({
      url: start.signalingUrl,
      room: start.room,
      role: "receiver",
      name: `Node receiver, process ${process.pid}`,
      WebSocket: NODE_PLATFORM.WebSocket,
    });
    this.#signaling.subscribe((event) => this.#handleSignaling(event));
    bindReceiver(this.#receiver, this.#signaling, {
      hasReports: true,
      onProblem: (reason) => tell({ kind: "failed", reason }),
    });
  }

  /** The article's "some entity" that requests the offer is the receiver itself here. */
  askForOffer(): void {
    this.#receiver.expectSender(this.#start.senderId);
    this.#signaling.send({ kind: "offerRequest", senderId: this.#start.senderId });
  }

  /** Hangs up and leaves. */
  close(): void {
    this.#receiver.close();
    this.#signaling.close();
  }

  #handleSignaling(event: SignalingEvent): void {
    if (event.kind === "welcome") this.#tell({ kind: "joined", participantId: event.self.id });
    if (event.kind === "error") this.#tell({ kind: "failed", reason: event.message });
    if (event.kind === "closed") this.#tell({ kind: "failed", reason: event.reason });
  }

  async #openSink(header: FileHeader): Promise<FileSink> {
    const sink = await openFolderSink(this.#start.folder, header.name);
    this.#sinks.set(header, sink);
    return sink;
  }

  #handleReceived({ header, sha256 }: FileReceipt): void {
    const path = this.#sinks.get(header)?.path ?? "";
    this.#sinks.delete(header);
    this.#reportVerified(header.name);
    this.#tell({ kind: "received", path, sha256, sizeBytes: header.sizeBytes });
  }

  #reportVerified(name: string): void {
    const { senderId: peerId, handshakeId } = this.#receiver;
    if (peerId === undefined || handshakeId === undefined) return;
    const atEpochMs = performance.timeOrigin + performance.now();
    const detail = `has ${name} whole: its SHA-256 is the sender's`;
    const report = { peerId, handshakeId, atEpochMs, step: "fileVerified", detail } as const;
    this.#signaling.send({ kind: "report", report });
  }
}
