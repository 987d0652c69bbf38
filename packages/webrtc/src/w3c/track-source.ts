import type { MediaKind } from "../rtp/codec.ts";
import type { MediaTrackCapabilities, MediaTrackSettings } from "./media-track-constraints.ts";

/**
 * A picture or a piece of sound as WebCodecs has it (https://w3c.github.io/webcodecs/#videoframe-interface,
 * https://w3c.github.io/webcodecs/#audiodata-interface), as far as it matters here.
 */
export interface RawFrame {
  /** In microseconds. */
  readonly timestamp: number;
  clone(): RawFrame;
  close(): void;
}

/** What an encoder has made of one frame: https://w3c.github.io/webcodecs/#encodedvideochunk-interface. */
export interface EncodedChunk {
  /** Audio has key frames only. */
  readonly type: "key" | "delta";
  /** In microseconds. */
  readonly timestamp: number;
  /** `video/VP8`: which of the negotiated codecs this is for. */
  readonly mimeType: string;
  readonly data: Uint8Array;
}

/** One piece of media on its way from a source to the consumers of its tracks. */
export type MediaItem =
  | { readonly kind: "frame"; readonly frame: RawFrame }
  | { readonly kind: "chunk"; readonly chunk: EncodedChunk }
  /** A whole RTP packet (RFC 3550 §5.1); whoever sends it on writes its own SSRC and payload type. */
  | { readonly kind: "packet"; readonly packet: Uint8Array };

/** The three kinds of media that a source can bring. */
export type MediaItemKind = MediaItem["kind"];

/** Reads a track: a sender, a recorder, the application. None of the methods may throw. */
export interface MediaConsumer {
  /** The item is lent for the call: a frame that is kept must be cloned, bytes must be copied. */
  handleItem(item: MediaItem): void;
  /**
   * The track is now muted or disabled, or neither any more. While nothing flows, a sender of video
   * sends black frames and one of audio nothing.
   */
  handleFlowChange?(isFlowing: boolean): void;
  /** The track has ended; nothing is called any more. */
  handleEnded?(): void;
}

/** Where the media of an application's track comes from. Every member is optional. */
export interface MediaProducer {
  /** What `push` will get: fixed for the life of the source. Default "frame". */
  readonly itemKind?: MediaItemKind;
  /** Called once, when the track is made. */
  start?(controller: TrackController): void;
  /** All tracks of the source have ended: let go of the camera or file. Not called after `controller.end()`. */
  stop?(): void;
  /** A peer cannot decode: the next chunk should be a key frame (RFC 4585 §6.3.1). */
  requestKeyFrame?(): void;
}

/** The producer's end of a source. */
export interface TrackController {
  /** True once all tracks have ended, or `end` was called: nothing that is pushed arrives. */
  readonly isEnded: boolean;
  /** Somebody reads one of the tracks. */
  readonly hasConsumers: boolean;
  /**
   * Hands an item to all consumers; the caller still owns it. False if it went nowhere, because the
   * source is muted or has ended. Throws `TypeError` for an item of another kind than the producer's.
   */
  push(item: MediaItem): boolean;
  /** No media for a while: all tracks fire `mute`. What is pushed meanwhile is lost. */
  mute(): void;
  /** Media again: all tracks fire `unmute`. */
  unmute(): void;
  /** There will be no more media: all tracks fire `ended`. */
  end(): void;
  /** What `getSettings()` of the tracks says from now on. */
  setSettings(settings: MediaTrackSettings): void;
}

/** @internal A track, as its source sees it. */
export interface TrackOutlet {
  readonly hasConsumers: boolean;
  handleItem(item: MediaItem): void;
  /** Gating begins or ends at once; the track's `muted` follows in `showMuted`. */
  handleGate(isOpen: boolean): void;
  /** "Set a track's muted state", within a task. */
  showMuted(isMuted: boolean): void;
  /** "Ends for any reason other than stop()", within a task. */
  showEnded(): void;
}

/** What a source is made of. */
export type TrackSourceOptions = {
  readonly kind: MediaKind;
  readonly label: string;
  readonly isMuted: boolean;
  readonly producer: MediaProducer;
  readonly queueTask: (task: () => void) => void;
};

/**
 * https://w3c.github.io/mediacapture-main/#dfn-source. One source may have many tracks: the clones
 * of the first. It stops when the last of them has ended.
 */
export class TrackSource {
  readonly kind: MediaKind;
  readonly label: string;
  readonly itemKind: MediaItemKind;
  readonly #producer: MediaProducer;
  readonly #queueTask: (task: () => void) => void;
  /** Replaced, never changed: a consumer may clone or stop a track while an item is handed out. */
  #outlets: readonly TrackOutlet[] = [];
  #isMuted: boolean;
  #isEnded = false;
  /** None: no source here can be configured through its tracks. */
  readonly capabilities: MediaTrackCapabilities = {};
  #settings: MediaTrackSettings = {};

  constructor(options: TrackSourceOptions) {
    this.kind = options.kind;
    this.label = options.label;
    this.itemKind = options.producer.itemKind ?? "frame";
    this.#producer = options.producer;
    this.#queueTask = options.queueTask;
    this.#isMuted = options.isMuted;
  }

  get isMuted(): boolean {
    return this.#isMuted;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get settings(): MediaTrackSettings {
    return this.#settings;
  }

  get hasConsumers(): boolean {
    return this.#outlets.some(({ hasConsumers }) => hasConsumers);
  }

  attach(outlet: TrackOutlet): void {
    this.#outlets = [...this.#outlets, outlet];
  }

  /** "Notify track's source that track is ended." */
  detach(outlet: TrackOutlet): void {
    this.#outlets = this.#outlets.filter((other) => other !== outlet);
    if (this.#outlets.length > 0 || this.#isEnded) return;
    this.#isEnded = true;
    this.#producer.stop?.();
  }

  /** See {@link TrackController.push}. */
  push(item: MediaItem): boolean {
    if (item.kind !== this.itemKind) {
      throw new TypeError(`the source brings items of kind "${this.itemKind}", not "${item.kind}"`);
    }
    if (this.#isMuted || this.#isEnded) return false;
    for (const outlet of this.#outlets) outlet.handleItem(item);
    return true;
  }

  /** What a peer's key frame request comes to. */
  requestKeyFrame(): void {
    if (!this.#isEnded) this.#producer.requestKeyFrame?.();
  }

  setSettings(settings: MediaTrackSettings): void {
    this.#settings = { ...settings };
  }

  /** "Set a track's muted state" of all tracks; called within a task. */
  setMuted(isMuted: boolean): void {
    this.#gate(isMuted);
    for (const outlet of this.#outlets) outlet.showMuted(isMuted);
  }

  /** Media stops or flows at once; the tracks say so in a task. */
  queueMuted(isMuted: boolean): void {
    if (isMuted === this.#isMuted) return;
    this.#gate(isMuted);
    this.#queueTask(() => {
      for (const outlet of this.#outlets) outlet.showMuted(isMuted);
    });
  }

  /** https://w3c.github.io/mediacapture-main/#track-ended: media stops at once, the tracks end in a task. */
  queueEnd(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#queueTask(() => {
      for (const outlet of this.#outlets) outlet.showEnded();
    });
  }

  #gate(isMuted: boolean): void {
    if (isMuted === this.#isMuted) return;
    this.#isMuted = isMuted;
    for (const outlet of this.#outlets) outlet.handleGate(!isMuted);
  }
}
