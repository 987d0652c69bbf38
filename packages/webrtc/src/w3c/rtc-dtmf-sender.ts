import type { Deadline } from "../runtime/runtime.ts";
import { defineEventHandlers, eventTargetOf } from "./event-handler.ts";
import { RTCDTMFToneChangeEvent } from "./events/rtc-dtmf-tone-change-event.ts";
import {
  CONSTRUCTION_TOKEN,
  defineInterface,
  domString,
  integer,
  requireArguments,
  constructionParts,
  UNSIGNED_LONG,
} from "./webidl/index.ts";
import type { TransceiverId } from "../negotiation/transceiver.ts";
import type { EventHandler, EventHandlerValue } from "./event-handler.ts";
import type { RtpHost } from "./rtp-host.ts";
import type { ConstructionArguments } from "./webidl/index.ts";

/** The events of a DTMF sender and what each brings. */
export interface RTCDTMFSenderEventMap {
  tonechange: RTCDTMFToneChangeEvent;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcdtmfsender-insertdtmf: all other characters are unrecognized. */
const TONES = /^[0-9A-D#*,]*$/;
const COMMA_MS = 2_000;
const MIN_DURATION_MS = 40;
const MIN_GAP_MS = 30;
const MAX_MS = 6_000;

const toMilliseconds = integer(UNSIGNED_LONG);

/** What a sender gives its DTMF sender. */
type DtmfParts = {
  readonly host: RtpHost;
  readonly id: TransceiverId;
  /** [[SenderTrack]] is not null. */
  readonly hasTrack: () => boolean;
};

/** Set by the class below, which alone sees its private parts. */
let stopPlayout: (dtmf: RTCDTMFSender) => void;

/** What `defineEventHandlers` adds to the class below. */
export interface RTCDTMFSender {
  get ontonechange(): EventHandlerValue;
  set ontonechange(handler: EventHandler<RTCDTMFSender, RTCDTMFToneChangeEvent>);
}

/**
 * https://w3c.github.io/webrtc-pc/#rtcdtmfsender. Keeps the time of the tones; the RTP events
 * themselves (RFC 4733) are for the sender of media.
 */
export class RTCDTMFSender extends eventTargetOf<RTCDTMFSenderEventMap>() {
  readonly #parts: DtmfParts;
  #deadline: Deadline | undefined;
  #toneBuffer = "";
  #durationMs = 0;
  #gapMs = 0;
  /** "A task to run the DTMF playout task steps is scheduled to be run." */
  #isScheduled = false;

  static {
    stopPlayout = (dtmf) => dtmf.#deadline?.clear();
  }

  /** @internal */
  constructor(...args: ConstructionArguments<[parts: DtmfParts]>) {
    const [parts] = constructionParts(args);
    super();
    this.#parts = parts;
  }

  /** https://w3c.github.io/webrtc-pc/#determine-dtmf */
  get canInsertDTMF(): boolean {
    const { host, id, hasTrack } = this.#parts;
    const { isStopping, currentDirection, sender } = host.transceiver(id);
    return (
      host.connectionState === "connected" &&
      !isStopping &&
      hasTrack() &&
      (currentDirection === "sendrecv" || currentDirection === "sendonly") &&
      sender.encodings[0]?.active === true &&
      sender.codecs.some(({ mimeType }) => mimeType.toLowerCase() === "audio/telephone-event")
    );
  }

  /** The tones that have not begun yet. */
  get toneBuffer(): string {
    return this.#toneBuffer;
  }

  /**
   * Replaces the tones that have not begun; 0 to 9, A to D, # and *, and "," for a pause of two seconds.
   * `duration` and `interToneGap` are in milliseconds, held between 40 or 30 and 6000.
   *
   * Throws `InvalidStateError` unless {@link canInsertDTMF}, and `InvalidCharacterError` for other characters.
   */
  insertDTMF(tones: string, duration: number = 100, interToneGap: number = 70): void {
    const context = "RTCDTMFSender.insertDTMF";
    const { tasks } = this.#parts.host;
    requireArguments(arguments.length, 1, context);
    const text = domString(tones, `${context}: argument 1`);
    const durationMs = toMilliseconds(duration, `${context}: argument 2`);
    const gapMs = toMilliseconds(interToneGap, `${context}: argument 3`);
    // Step 4
    if (!this.canInsertDTMF) {
      throw new DOMException(`${context}: DTMF cannot be sent now`, "InvalidStateError");
    }
    // Step 8
    const normalized = text.replace(/[a-d]/g, (tone) => tone.toUpperCase());
    if (!TONES.test(normalized)) {
      const problem = `${JSON.stringify(text)} has characters that are no tones`;
      throw new DOMException(`${context}: ${problem}`, "InvalidCharacterError");
    }
    // Steps 9 to 15
    this.#toneBuffer = normalized;
    this.#durationMs = clamped(durationMs, MIN_DURATION_MS);
    this.#gapMs = clamped(gapMs, MIN_GAP_MS);
    // Steps 16 and 17
    if (normalized === "" || this.#isScheduled) return;
    this.#isScheduled = true;
    tasks.queue(this.#playNext);
  }

  /** The DTMF playout task steps. */
  readonly #playNext = (): void => {
    this.#isScheduled = false;
    // Step 1
    if (!this.canInsertDTMF) return;
    // Step 2 fires "" for an empty buffer; steps 3 to 5
    const tone = this.#toneBuffer.slice(0, 1);
    this.#toneBuffer = this.#toneBuffer.slice(1);
    if (tone !== "") this.#schedule(tone === "," ? COMMA_MS : this.#durationMs + this.#gapMs);
    // Step 6
    this.dispatchEvent(new RTCDTMFToneChangeEvent("tonechange", { tone }));
  };

  #schedule(delayMs: number): void {
    const { runtime, tasks } = this.#parts.host;
    this.#isScheduled = true;
    this.#deadline ??= runtime.createDeadline(() => tasks.queue(this.#playNext));
    this.#deadline.set(runtime.nowMs() + delayMs);
  }
}

defineInterface(RTCDTMFSender, "RTCDTMFSender");
defineEventHandlers(RTCDTMFSender, ["tonechange"]);

/** @internal "Create an RTCDTMFSender". */
export function createDtmfSender(parts: DtmfParts): RTCDTMFSender {
  return new RTCDTMFSender(CONSTRUCTION_TOKEN, parts);
}

/** @internal The connection is closed: lets go of the timer. */
export function stopDtmf(dtmf: RTCDTMFSender): void {
  stopPlayout(dtmf);
}

function clamped(durationMs: number, lowestMs: number): number {
  return Math.min(Math.max(durationMs, lowestMs), MAX_MS);
}
