import {
  bindSender,
  DataSender,
  messageOf,
  PeerGoneError,
  toReport,
  WebSocketSignaling,
} from "@pallas/peers";
import type {
  FileReceipt,
  FileSource,
  HandshakeReport,
  Participant,
  PeerEvent,
  SignalingEvent,
} from "@pallas/peers";
import { createNodeHasher, NODE_PLATFORM } from "../node-platform.ts";
import { formatBytes } from "./amounts.ts";
import { createTick, isFileRequest } from "./live-data.ts";
import type { ProgressDisplay } from "./printer.ts";

const TICK_EVERY_MS = 1000;

/** What the sender of the main job tells. */
export type SenderObserver = {
  /** The sender's own step, or that of another participant. */
  onStep(author: Participant, report: HandshakeReport): void;
  onProblem(problem: string): void;
  createProgress(receiver: Participant, source: FileSource): ProgressDisplay;
  onVerified(receiver: Participant, receipt: FileReceipt, elapsedMs: number): void;
  onTransferFailed(receiver: Participant, error: unknown): void;
  /** A connection is over, in whatever state it was. */
  onClosed(receiver: Participant, reason: string): void;
};

/** The sender of the main job: serves a room, sends its file to who joins, and live data to all. */
export class SenderPeer {
  readonly #sender: DataSender;
  readonly #signaling: WebSocketSignaling;
  readonly #source: FileSource;
  readonly #observer: SenderObserver;
  readonly #participants = new Map<string, Participant>();
  readonly #busyReceivers = new Set<string>();
  readonly #ticker: NodeJS.Timeout;
  readonly #unbind: () => void;
  #tickNumber = 0;

  constructor(signalingUrl: string, room: string, source: FileSource, observer: SenderObserver) {
    this.#source = source;
    this.#observer = observer;
    this.#sender = new DataSender(NODE_PLATFORM);
    this.#signaling = new WebSocketSignaling({
      url: signalingUrl,
      room,
      role: "sender",
      name: "sender",
      WebSocket: NODE_PLATFORM.WebSocket,
    });
    this.#sender.subscribe((event) => this.#handlePeerEvent(event));
    this.#signaling.subscribe((event) => this.#handleSignaling(event));
    this.#unbind = bindSender(this.#sender, this.#signaling, {
      hasReports: true,
      onProblem: (problem) => observer.onProblem(problem),
    });
    this.#ticker = setInterval(() => void this.#tick(), TICK_EVERY_MS);
  }

  /** Resolves with the sender's id once it is in its room. */
  whenJoined(): Promise<string> {
    return new Promise((resolve, reject) => {
      const stop = this.#signaling.subscribe((event) => {
        if (event.kind === "welcome") resolve(event.self.id);
        else if (event.kind === "closed") reject(new PeerGoneError("server", event.reason));
        else return;
        stop();
      });
    });
  }

  /** The receiver is known to be gone, sooner than the network can tell. */
  drop(receiverId: string, reason: string): void {
    this.#sender.close(receiverId, reason);
  }

  /** Ends all connections and leaves. */
  close(reason: string): void {
    clearInterval(this.#ticker);
    this.#sender.close(undefined, reason);
    this.#unbind();
    this.#signaling.close(reason);
  }

  #handleSignaling(event: SignalingEvent): void {
    switch (event.kind) {
      case "welcome":
        this.#participants.clear();
        for (const participant of [event.self, ...event.participants]) this.#note(participant);
        return;
      case "joined":
        this.#note(event.participant);
        return;
      case "report":
        this.#observer.onStep(this.#participant(event.from), event.report);
        return;
      case "error":
        this.#observer.onProblem(event.message);
        return;
      case "offline":
        this.#observer.onProblem(`signaling: ${event.reason}`);
    }
  }

  #handlePeerEvent(event: PeerEvent): void {
    const report = toReport(event);
    const self = this.#signaling.self;
    if (report && self) this.#observer.onStep(self, report);
    if (event.kind === "closed") {
      this.#observer.onClosed(this.#participant(event.peerId), event.reason);
    }
    if (event.kind === "channelOpen") void this.#sendFile(event.peerId, event.handshakeId);
    if (event.kind === "message" && isFileRequest(event.data)) {
      void this.#sendFile(event.peerId, event.handshakeId);
    }
  }

  async #sendFile(receiverId: string, handshakeId: string): Promise<void> {
    if (this.#busyReceivers.has(handshakeId)) return; // One at a time: more would only be slower.
    this.#busyReceivers.add(handshakeId);
    const receiver = this.#participant(receiverId);
    const { name, sizeBytes } = this.#source;
    this.#report(receiverId, handshakeId, "fileStarted", `${name} (${formatBytes(sizeBytes)})`);
    const startedAtMs = performance.now();
    const progress = this.#observer.createProgress(receiver, this.#source);
    try {
      const receipt = await this.#sender.sendFile(receiverId, this.#source, {
        createHasher: createNodeHasher,
        onProgress: ({ bytes }) => progress.update(bytes),
      });
      progress.update(sizeBytes);
      progress.end();
      this.#observer.onVerified(receiver, receipt, performance.now() - startedAtMs);
    } catch (error) {
      progress.end();
      this.#report(receiverId, handshakeId, "fileFailed", messageOf(error));
      this.#observer.onTransferFailed(receiver, error);
    } finally {
      this.#busyReceivers.delete(handshakeId);
    }
  }

  #report(
    peerId: string,
    handshakeId: string,
    step: HandshakeReport["step"],
    detail: string,
  ): void {
    const atEpochMs = performance.timeOrigin + performance.now();
    const report: HandshakeReport = { peerId, handshakeId, atEpochMs, step, detail };
    const self = this.#signaling.self;
    if (!self) return;
    if (step !== "fileFailed") this.#observer.onStep(self, report); // Failures have a line of their own.
    try {
      this.#signaling.send({ kind: "report", report });
    } catch (error) {
      this.#observer.onProblem(messageOf(error));
    }
  }

  async #tick(): Promise<void> {
    if (this.#sender.receiverIds.length === 0) return;
    try {
      await this.#sender.send(createTick(++this.#tickNumber, this.#sender.receiverIds.length));
    } catch (error) {
      this.#observer.onProblem(`live data: ${messageOf(error)}`);
    }
  }

  #note(participant: Participant): void {
    this.#participants.set(participant.id, participant);
  }

  #participant(id: string): Participant {
    return this.#participants.get(id) ?? { id, role: "receiver", name: id };
  }
}
