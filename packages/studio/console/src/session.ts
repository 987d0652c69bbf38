import {
  bindReceiver,
  createSubtleHasher,
  DataReceiver,
  messageOf,
  SYSTEM_CLOCK,
  WebSocketSignaling,
} from "@pallas/peers";
import type { FileHeader, Hasher, PeerData, SignalingEvent } from "@pallas/peers";
import type { FileRow, Tick } from "./model.ts";
import type { Store } from "./store.ts";

const ROOM = "pallas";
const FILE_REQUEST = JSON.stringify({ kind: "sendFile" });
const MAX_FILE_BYTES = 512 * 1024 * 1024;
const PREVIEW_BYTES = 64 * 1024;

/** This page as a receiver: the same code as in Node, with the browser's own connection. */
export class Session {
  readonly #store: Store;
  readonly #receiver: DataReceiver;
  readonly #signaling: WebSocketSignaling;
  readonly #rows = new Map<FileHeader, { row: FileRow; readonly pieces: BlobPart[] }>();
  #nextFileId = 1;

  constructor(store: Store) {
    this.#store = store;
    this.#receiver = new DataReceiver({
      RTCPeerConnection,
      files: {
        maxFileBytes: MAX_FILE_BYTES,
        createHasher,
        openSink: (header) => this.#openSink(header),
        onProgress: ({ header, bytes }) => this.#showFile(header, { receivedBytes: bytes }),
        onReceived: ({ header, sha256 }) => void this.#finishFile(header, sha256),
        onFailed: (error, header) => this.#failFile(error, header),
      },
    });
    this.#signaling = new WebSocketSignaling({
      url: new URL("signaling", location.href.replace(/^http/, "ws")).href,
      room: ROOM,
      role: "receiver",
      name: `${browserName(navigator.userAgent)} page`,
      WebSocket,
    });
    this.#signaling.subscribe((event) => this.#handleSignaling(event));
    this.#receiver.subscribe((event) => {
      store.dispatch({ kind: "peer", event, selfId: this.#signaling.self?.id ?? "this-page" });
      if (event.kind === "message") this.#handleMessage(event.data);
    });
    bindReceiver(this.#receiver, this.#signaling, {
      hasReports: true,
      onProblem: (text) => store.dispatch({ kind: "problem", text }),
    });
    addEventListener("pagehide", () => this.#leave());
  }

  /** Asks the room's sender for an offer: the handshake begins. */
  askForOffer(): void {
    this.#signaling.send({ kind: "offerRequest" });
  }

  /** Ends the connection; the page stays in the room. */
  hangUp(): void {
    this.#receiver.hangUp("hung up by the visitor of the page");
  }

  /** Asks the sender, over the data channel itself, to send its file once more. */
  async askForFile(): Promise<void> {
    try {
      await this.#receiver.send(FILE_REQUEST);
    } catch (error) {
      this.#store.dispatch({ kind: "problem", text: messageOf(error) });
    }
  }

  #leave(): void {
    this.#receiver.close("the page was closed");
    this.#signaling.close("the page was closed");
  }

  #handleSignaling(event: SignalingEvent): void {
    this.#store.dispatch({ kind: "signaling", event, nowEpochMs: SYSTEM_CLOCK.epochMs() });
    const senderIsThere =
      (event.kind === "welcome" && event.participants.some(({ role }) => role === "sender")) ||
      (event.kind === "joined" && event.participant.role === "sender");
    if (senderIsThere && this.#receiver.senderId === undefined) this.askForOffer();
  }

  #handleMessage(data: PeerData): void {
    const tick = typeof data === "string" ? parseTick(data) : undefined;
    if (tick) this.#store.dispatch({ kind: "tick", tick });
  }

  #openSink(header: FileHeader) {
    const pieces: BlobPart[] = [];
    const { name, sizeBytes } = header;
    const row: FileRow = {
      id: this.#nextFileId++,
      name,
      sizeBytes,
      receivedBytes: 0,
      verdict: { kind: "receiving" },
    };
    this.#rows.set(header, { row, pieces });
    return {
      write: (bytes: Uint8Array<ArrayBuffer>) => void pieces.push(bytes),
      close: () => {},
      abort: () => void (pieces.length = 0),
    };
  }

  #showFile(header: FileHeader, change: Partial<FileRow>): void {
    const entry = this.#rows.get(header);
    if (!entry) return;
    entry.row = { ...entry.row, ...change };
    this.#store.dispatch({ kind: "file", file: entry.row });
  }

  async #finishFile(header: FileHeader, sha256: string): Promise<void> {
    const entry = this.#rows.get(header);
    if (!entry) return;
    // Whatever the sender says that it is: as octets it can only be saved, not run in this page.
    const blob = new Blob(entry.pieces, { type: "application/octet-stream" });
    const preview = textPreview(new Uint8Array(await blob.slice(0, PREVIEW_BYTES).arrayBuffer()));
    const url = URL.createObjectURL(blob);
    this.#showFile(header, { verdict: { kind: "verified", sha256, url, preview } });
    this.#rows.delete(header);
    this.#reportVerified(header.name);
  }

  /** Told to the room, and to this page's own diagram. */
  #reportVerified(name: string): void {
    const { senderId: peerId, handshakeId } = this.#receiver;
    const from = this.#signaling.self?.id;
    if (peerId === undefined || handshakeId === undefined || from === undefined) return;
    const atEpochMs = SYSTEM_CLOCK.epochMs();
    const detail = `has ${name} whole: its SHA-256 is the sender's`;
    const report = { peerId, handshakeId, atEpochMs, step: "fileVerified", detail } as const;
    this.#signaling.send({ kind: "report", report });
    this.#store.dispatch({
      kind: "signaling",
      event: { kind: "report", from, report },
      nowEpochMs: atEpochMs,
    });
  }

  #failFile(error: Error, header: FileHeader | undefined): void {
    const verdict = { kind: "failed", reason: error.message } as const;
    if (header && this.#rows.has(header)) {
      this.#showFile(header, { verdict });
      this.#rows.delete(header);
    } else {
      this.#store.dispatch({ kind: "problem", text: `a file was not received: ${error.message}` });
    }
  }
}

function createHasher(): Hasher {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle) return createSubtleHasher(subtle);
  throw new TypeError("this page cannot compute SHA-256: open it on localhost or over https");
}

/** The sender is trusted with numbers only: anything else makes no tick. */
function parseTick(text: string): Tick | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (value?.["kind"] !== "tick") return undefined;
  const number = (name: string): number => {
    const member = value[name];
    return typeof member === "number" && Number.isFinite(member) ? member : 0;
  };
  return {
    number: number("number"),
    sentAtEpochMs: number("sentAtEpochMs"),
    receivedAtEpochMs: SYSTEM_CLOCK.epochMs(),
    receivers: number("receivers"),
    uptimeS: number("uptimeS"),
    memoryBytes: number("memoryBytes"),
    cpuMs: number("cpuMs"),
  };
}

/** The text that `bytes` hold, or nothing if they are no text. */
function textPreview(bytes: Uint8Array): string {
  if (bytes.includes(0)) return "";
  const text = new TextDecoder().decode(bytes);
  const strange =
    text.match(/[\uFFFD\p{Cc}]/gu)?.filter((char) => !/[\r\n\t]/.test(char)).length ?? 0;
  return strange * 20 > text.length ? "" : text;
}

function browserName(userAgent: string): string {
  if (userAgent.includes("Firefox/")) return "Firefox";
  if (userAgent.includes("Edg/")) return "Edge";
  if (userAgent.includes("Chrome/")) return "Chromium";
  return userAgent.includes("Safari/") ? "Safari" : "browser";
}
