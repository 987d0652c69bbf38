import type { Runtime } from "../runtime/runtime.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpcontributingsource, with webrtc-extensions' members */
export interface RTCRtpContributingSource {
  /** 0 to 1, linear. */
  audioLevel?: number;
  captureTimestamp?: number;
  rtpTimestamp: number;
  senderCaptureTimeOffset?: number;
  /** The CSRC or SSRC. */
  source: number;
  /** Milliseconds since 1970: when the media was handed to the track. */
  timestamp: number;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpsynchronizationsource */
export type RTCRtpSynchronizationSource = RTCRtpContributingSource;

/** What the packets of one frame tell of a source. */
export type SourceReport = Omit<RTCRtpContributingSource, "timestamp"> & {
  /** Of {@link RTCRtpContributingSource.timestamp}, on the monotonic clock. */
  readonly atMs: number;
};

type Clock = Pick<Runtime, "nowMs" | "epochMs">;

/** https://w3c.github.io/webrtc-pc/#dom-rtcrtpreceiver-getcontributingsources */
const LIFETIME_MS = 10_000;
/** A peer can write a new SSRC and 15 CSRCs into every packet; nobody mixes as many sources as this. */
const MAX_SOURCES = 256;

/** Which sources a receiver has heard of lately; whoever depacketizes media reports them. */
export class RtpSources {
  readonly #clock: Clock;
  readonly #contributing = new Map<number, SourceReport>();
  readonly #synchronization = new Map<number, SourceReport>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  reportContributing(report: SourceReport): void {
    remember(this.#contributing, report);
  }

  reportSynchronization(report: SourceReport): void {
    remember(this.#synchronization, report);
  }

  /** Those of the last ten seconds, the latest first. */
  contributing(): RTCRtpContributingSource[] {
    return this.#recent(this.#contributing);
  }

  /** Those of the last ten seconds, the latest first. */
  synchronization(): RTCRtpSynchronizationSource[] {
    return this.#recent(this.#synchronization);
  }

  #recent(reports: Map<number, SourceReport>): RTCRtpContributingSource[] {
    const nowMs = this.#clock.nowMs();
    const originMs = this.#clock.epochMs() - nowMs;
    for (const { source, atMs } of reports.values()) {
      if (atMs < nowMs - LIFETIME_MS) reports.delete(source);
    }
    return [...reports.values()]
      .toReversed()
      .map(({ atMs, ...report }) => ({ ...report, timestamp: originMs + atMs }));
  }
}

/** Insertion order is the order of time, since the latest report always goes to the end. */
function remember(reports: Map<number, SourceReport>, report: SourceReport): void {
  reports.delete(report.source);
  reports.set(report.source, report);
  if (reports.size <= MAX_SOURCES) return;
  for (const oldest of reports.keys()) {
    reports.delete(oldest);
    return;
  }
}
