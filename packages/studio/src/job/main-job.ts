import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf, PeerGoneError } from "@pallas/peers";
import type { FileReceipt, FileSource, Participant } from "@pallas/peers";
import { StudioError } from "../errors.ts";
import { openFileSource } from "../files/file-source.ts";
import { startStudioServer } from "../server/studio-server.ts";
import type { StudioServer } from "../server/studio-server.ts";
import { formatBytes, formatDuration } from "./amounts.ts";
import type { Printer } from "./printer.ts";
import { ReceiverHost } from "./receiver-host.ts";
import type { FromReceiver } from "./receiver-link.ts";
import { SenderPeer } from "./sender-peer.ts";

/** The room that the main job and its page meet in. */
export const MAIN_ROOM = "pallas";

/** What the main job is to do. */
export type MainJobOptions = {
  readonly filePath: string;
  readonly port: number;
  readonly isOnce: boolean;
  /** The built page. */
  readonly consoleFolder: string;
};

/**
 * The article's system at work: a server, a sender, a receiver in a second process, one real file.
 * `run` ends after the verified transfer (`isOnce`), when `stop` is called, or with an error.
 */
export class MainJob {
  readonly #options: MainJobOptions;
  readonly #printer: Printer;
  readonly #outcome = createOutcome();
  #server: StudioServer | undefined;
  #sender: SenderPeer | undefined;
  #receiver: ReceiverHost | undefined;
  #receiverId: string | undefined;
  #folder: string | undefined;
  #received: (FromReceiver & { kind: "received" }) | undefined;
  #receipt: FileReceipt | undefined;
  #isVerified = false;
  #hasFailed = false;

  constructor(options: MainJobOptions, printer: Printer) {
    this.#options = options;
    this.#printer = printer;
  }

  /** Rejects with {@link StudioError}: one line says all. Everything is released either way. */
  async run(): Promise<void> {
    try {
      const source = await openFileSource(this.#options.filePath);
      await this.#start(source);
      await this.#outcome.promise;
    } finally {
      await this.#release();
    }
  }

  /** Whether the receiver in the second process has the file, checked at both ends. */
  get isVerified(): boolean {
    return this.#isVerified;
  }

  /** Ends the job, as Ctrl-C does. */
  stop(): void {
    this.#outcome.resolve();
  }

  async #start(source: FileSource): Promise<void> {
    const { port, consoleFolder, filePath } = this.#options;
    this.#server = await startStudioServer({ port, consoleFolder });
    this.#folder = await mkdtemp(join(tmpdir(), "pallas-"));
    const { signalingUrl, pageUrl } = this.#server;
    this.#printer.line(`signaling   ${signalingUrl}`);
    this.#printer.line(`page        ${pageUrl}`);
    this.#printer.line(`file        ${filePath} (${formatBytes(source.sizeBytes)})`);
    this.#sender = this.#createSender(signalingUrl, source);
    const senderId = await this.#sender.whenJoined();
    this.#receiver = new ReceiverHost(
      { signalingUrl, room: MAIN_ROOM, senderId, folder: this.#folder },
      (message) => this.#handleReceiver(message),
      (how) => this.#handleReceiverGone(how),
    );
    this.#printer.line(`sender      process ${process.pid}`);
    this.#printer.line(`receiver    process ${this.#receiver.processId ?? "?"}`);
    this.#printer.line(`received    goes to ${this.#folder}`);
    this.#printer.line();
  }

  #createSender(signalingUrl: string, source: FileSource): SenderPeer {
    return new SenderPeer(signalingUrl, MAIN_ROOM, source, {
      onStep: (author, report) => this.#printer.step(author.name, report),
      onProblem: (problem) => {
        if (!this.#hasFailed) this.#printer.problem(problem); // One line is enough at the end.
      },
      createProgress: (receiver) => this.#printer.progress(receiver.name, source.sizeBytes),
      onVerified: (receiver, receipt, elapsedMs) => {
        this.#handleVerified(receiver, receipt, elapsedMs);
      },
      onTransferFailed: (receiver, error) => this.#handleTransferFailed(receiver, error),
      onClosed: ({ id }, reason) => {
        if (id !== this.#receiverId || this.#isVerified) return;
        this.#fail("ERR_PEER_GONE", `the connection to the receiver ended: ${reason}`);
      },
    });
  }

  #handleReceiver(message: FromReceiver): void {
    switch (message.kind) {
      case "joined":
        this.#receiverId = message.participantId;
        return;
      case "received":
        this.#received ??= message;
        this.#finishIfBothAgree();
        return;
      case "failed":
        if (!this.#isVerified)
          this.#fail("ERR_TRANSFER", `the receiver reports: ${message.reason}`);
        return;
    }
  }

  #handleVerified({ id, name }: Participant, receipt: FileReceipt, elapsedMs: number): void {
    const { sizeBytes } = receipt.header;
    const rate = elapsedMs > 0 ? `, ${formatBytes((sizeBytes / elapsedMs) * 1000)}/s` : "";
    const cost = `${formatBytes(sizeBytes)} in ${formatDuration(elapsedMs)}${rate}`;
    this.#printer.line(`  sent      ${receipt.header.name} to ${name}: ${cost}`);
    if (id !== this.#receiverId) return;
    this.#receipt ??= receipt;
    this.#finishIfBothAgree();
  }

  /** The sender has the receiver's word and the receiver has the file: now it is proven. */
  #finishIfBothAgree(): void {
    const { sha256, path } = this.#received ?? {};
    if (this.#isVerified || !sha256 || !this.#receipt) return;
    if (sha256 !== this.#receipt.sha256) {
      this.#fail("ERR_TRANSFER", "sender and receiver do not have the same SHA-256");
      return;
    }
    this.#isVerified = true;
    this.#printer.line(`  SHA-256   ${sha256}, the same at both ends`);
    this.#printer.line(`  saved     ${path}`);
    if (this.#options.isOnce) {
      this.#outcome.resolve();
      return;
    }
    this.#printer.line();
    this.#printer.line(`Open ${this.#server?.pageUrl} to join as one more receiver. Ctrl-C ends.`);
    this.#printer.line();
  }

  #handleTransferFailed({ id, name }: Participant, error: unknown): void {
    if (error instanceof PeerGoneError && id === this.#receiverId) return; // Its exit is reported.
    const problem = `${name} did not get the file: ${messageOf(error)}`;
    if (id === this.#receiverId && !this.#isVerified) this.#fail("ERR_TRANSFER", problem);
    else this.#printer.problem(problem);
  }

  #handleReceiverGone(how: string): void {
    const problem = `the receiver (process ${this.#receiver?.processId ?? "?"}) has vanished: ${how}`;
    if (!this.#isVerified) {
      this.#fail("ERR_PEER_GONE", problem);
      return;
    }
    this.#printer.problem(`${problem}; the sender and the page go on`);
    if (this.#receiverId !== undefined) this.#sender?.drop(this.#receiverId, "its process ended");
  }

  #fail(code: StudioError["code"], message: string): void {
    this.#hasFailed = true;
    this.#outcome.reject(new StudioError(code, message));
  }

  async #release(): Promise<void> {
    this.#sender?.close("the sender ended");
    await this.#receiver?.stop();
    await this.#server?.close();
    const isTemporary = this.#options.isOnce || !this.#isVerified;
    if (this.#folder && isTemporary) await rm(this.#folder, { recursive: true, force: true });
  }
}

type Outcome = {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: StudioError): void;
};

function createOutcome(): Outcome {
  let settle: { resolve(): void; reject(error: StudioError): void } | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => {}); // `run` may be still starting when it fails; it awaits the promise later.
  return {
    promise,
    resolve: () => settle?.resolve(),
    reject: (error) => settle?.reject(error),
  };
}
