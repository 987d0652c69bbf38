import { SeededRandom } from "../../src/base/random.ts";
import type { TransceiverChange, TransceiverState } from "../../src/negotiation/transceiver.ts";
import type { MediaKind } from "../../src/rtp/codec.ts";
import { supportedHeaderExtensions } from "../../src/rtp/supported-header-extensions.ts";
import type { Deadline } from "../../src/runtime/runtime.ts";
import { OperationsChain } from "../../src/w3c/operations-chain.ts";
import type { RTCPeerConnectionState } from "../../src/w3c/connection-states.ts";
import type { MediaStreamTrack } from "../../src/w3c/media-stream-track.ts";
import type { RTCDtlsTransport } from "../../src/w3c/rtc-dtls-transport.ts";
import {
  createTransceiver,
  type RTCRtpTransceiver,
  type TransceiverControl,
} from "../../src/w3c/rtc-rtp-transceiver.ts";
import type { RtpHost } from "../../src/w3c/rtp-host.ts";
import { RTCStatsReport } from "../../src/w3c/stats/index.ts";
import { CONSTRUCTION_TOKEN } from "../../src/w3c/webidl/index.ts";
import { defaultEncoding } from "../../src/negotiation/transceivers.ts";
import { TaskQueue } from "../../src/w3c/task-queue.ts";

/** Virtual time for one connection: tasks run when told, deadlines when the clock gets there. */
export class FakeRuntime {
  #nowMs = 1_000;
  readonly #tasks: (() => void)[] = [];
  readonly #deadlines: { atMs: number; onReached: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  queueTask(task: () => void): void {
    this.#tasks.push(task);
  }

  createDeadline(onReached: () => void): Deadline {
    const entry = { atMs: Number.POSITIVE_INFINITY, onReached };
    this.#deadlines.push(entry);
    return {
      set: (atMs) => {
        entry.atMs = atMs;
      },
      clear: () => {
        entry.atMs = Number.POSITIVE_INFINITY;
      },
    };
  }

  get hasDeadlines(): boolean {
    return this.#deadlines.some(({ atMs }) => atMs < Number.POSITIVE_INFINITY);
  }

  /** Runs all tasks, and the microtasks between them. */
  async runTasks(): Promise<void> {
    await settleMicrotasks();
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      task();
      await settleMicrotasks();
    }
  }

  /** Moves the clock, and runs what becomes due on the way. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    await this.runTasks();
    for (;;) {
      const due = this.#deadlines
        .filter(({ atMs }) => atMs <= endMs)
        .toSorted((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.atMs = Number.POSITIVE_INFINITY;
      due.onReached();
      await this.runTasks();
    }
    this.#nowMs = endMs;
  }
}

/** A connection as far as its transceivers see it: real tasks, a real chain, real records. */
export class FakeRtpHost implements RtpHost {
  readonly runtime = new FakeRuntime();
  readonly tasks = new TaskQueue(this.runtime);
  readonly random = new SeededRandom(7);
  readonly cname = "cname of the tests";
  connectionState: RTCPeerConnectionState = "new";
  isClosed = false;
  isRtcpReduced = false;
  transport: RTCDtlsTransport | null = null;
  readonly report = new RTCStatsReport(CONSTRUCTION_TOKEN, []);
  /** How often the negotiation-needed flag was updated. */
  negotiationUpdates = 0;
  readonly selectors: unknown[] = [];
  readonly #operations = new OperationsChain(
    () => this.isClosed,
    () => {},
  );
  readonly #records: TransceiverState[] = [];

  chain<T>(operation: () => Promise<T>): Promise<T> {
    return this.#operations.run(operation);
  }

  transceiver(id: number): TransceiverState {
    return this.#records[id]!;
  }

  change(id: number, change: TransceiverChange): void {
    const { streamIds, encodings, ...rest } = change;
    const record = this.transceiver(id);
    const sender = {
      ...record.sender,
      ...(streamIds === undefined ? {} : { streamIds }),
      ...(encodings === undefined ? {} : { encodings }),
    };
    this.#records[id] = { ...record, ...rest, sender };
  }

  /** What descriptions do, and the API cannot. */
  patch(id: number, patch: Partial<TransceiverState>): void {
    this.#records[id] = { ...this.transceiver(id), ...patch };
  }

  queueParameters(step: () => void): void {
    this.tasks.queue(step);
  }

  updateNegotiationNeeded(): void {
    this.negotiationUpdates++;
  }

  transportOf(): RTCDtlsTransport | null {
    return this.transport;
  }

  hasReducedSizeRtcp(): boolean {
    return this.isRtcpReduced;
  }

  getStats(selector: unknown): Promise<RTCStatsReport> {
    this.selectors.push(selector);
    return Promise.resolve(this.report);
  }

  close(): void {
    this.isClosed = true;
    this.tasks.close();
  }

  add(
    kind: MediaKind,
    patch: Partial<TransceiverState> = {},
    track: MediaStreamTrack | null = null,
  ): { readonly transceiver: RTCRtpTransceiver; readonly control: TransceiverControl } {
    const id = this.#records.length;
    this.#records.push({ ...newRecord(id, kind), ...patch });
    return createTransceiver({ host: this, id, track });
  }
}

function newRecord(id: number, kind: MediaKind): TransceiverState {
  return {
    id,
    kind,
    mid: null,
    mediaIndex: null,
    direction: "sendrecv",
    currentDirection: null,
    firedDirection: null,
    isReceptive: false,
    isStopping: false,
    isStopped: false,
    isFromAddTrack: false,
    hasAddedTrack: false,
    isFromPendingOffer: false,
    hasSent: false,
    preferredCodecs: [],
    headerExtensions: supportedHeaderExtensions(kind),
    refusedHeaderExtensions: [],
    negotiatedHeaderExtensions: [],
    sender: {
      msidTrackId: "msid",
      streamIds: [],
      encodings: [defaultEncoding(kind)],
      codecs: [],
      ssrc: 1,
      rtxSsrc: 2,
    },
    receiver: { trackId: "id of the remote track", streamIds: [], codecs: [] },
  };
}

/** Long enough for the longest chain of promises in the objects under test. */
async function settleMicrotasks(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
