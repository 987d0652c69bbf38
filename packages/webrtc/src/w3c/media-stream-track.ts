import type { MediaKind } from "../rtp/codec.ts";
import { defineEventHandlers, eventTargetOf } from "./event-handler.ts";
import { applyTrackConstraints } from "./media-track-constraints.ts";
import { promiseOf } from "./operations-chain.ts";
import { uuid } from "./uuid.ts";
import {
  boolean,
  CONSTRUCTION_TOKEN,
  defineInterface,
  domString,
  constructionParts,
} from "./webidl/index.ts";
import type { EventHandler, EventHandlerValue } from "./event-handler.ts";
import type {
  MediaTrackCapabilities,
  MediaTrackConstraints,
  MediaTrackSettings,
} from "./media-track-constraints.ts";
import type { MediaConsumer, MediaItem, TrackOutlet, TrackSource } from "./track-source.ts";
import type { ConstructionArguments } from "./webidl/index.ts";

/** https://w3c.github.io/mediacapture-main/#dom-mediastreamtrackstate */
export type MediaStreamTrackState = "ended" | "live";

/** The events of a track and what each brings. */
export interface MediaStreamTrackEventMap {
  ended: Event;
  mute: Event;
  unmute: Event;
}

/** https://w3c.github.io/mst-content-hint/#dom-mediastreamtrack-contenthint */
const CONTENT_HINTS: Readonly<Record<MediaKind, readonly string[]>> = {
  audio: ["", "speech", "speech-recognition", "music"],
  video: ["", "motion", "detail", "text"],
};

/** What an internal slot of a new track begins with. */
type TrackParts = {
  readonly id: string;
  readonly source: TrackSource;
  readonly isLive: boolean;
  readonly isEnabled: boolean;
  readonly contentHint: string;
  readonly constraints: MediaTrackConstraints;
};

/** One consumer may be subscribed more than once. */
type Subscription = { readonly consumer: MediaConsumer };

/** Set by the class below, which alone sees its private parts. */
let subscribeTo: (track: MediaStreamTrack, consumer: MediaConsumer) => () => void;
let sourceIn: (track: MediaStreamTrack) => TrackSource;

/** What `defineEventHandlers` adds to the class below. */
export interface MediaStreamTrack {
  get onended(): EventHandlerValue;
  set onended(handler: EventHandler<MediaStreamTrack>);
  get onmute(): EventHandlerValue;
  set onmute(handler: EventHandler<MediaStreamTrack>);
  get onunmute(): EventHandlerValue;
  set onunmute(handler: EventHandler<MediaStreamTrack>);
}

/**
 * https://w3c.github.io/mediacapture-main/#mediastreamtrack. A switch between a source of media and
 * those who read it: see {@link subscribeToTrack}.
 */
export class MediaStreamTrack extends eventTargetOf<MediaStreamTrackEventMap>() {
  readonly #id: string;
  readonly #source: TrackSource;
  readonly #outlet: TrackOutlet;
  /** Replaced, never changed: consumers may come and go while an item is handed out. */
  #consumers: readonly Subscription[] = [];
  #readyState: MediaStreamTrackState;
  #isEnabled: boolean;
  #isMuted: boolean;
  #contentHint: string;
  #constraints: MediaTrackConstraints;

  static {
    subscribeTo = (track, consumer) => track.#subscribe(consumer);
    sourceIn = (track) => track.#source;
  }

  /** @internal Made by `createMediaStreamTrack`, by `clone`, and for each receiver. */
  constructor(...args: ConstructionArguments<[parts: TrackParts]>) {
    const [parts] = constructionParts(args);
    super();
    this.#id = parts.id;
    this.#source = parts.source;
    this.#isEnabled = parts.isEnabled;
    this.#contentHint = parts.contentHint;
    this.#constraints = parts.constraints;
    this.#isMuted = parts.source.isMuted;
    this.#readyState = parts.isLive ? "live" : "ended";
    this.#outlet = this.#makeOutlet();
    if (parts.isLive) this.#source.attach(this.#outlet);
  }

  get kind(): MediaKind {
    return this.#source.kind;
  }

  get id(): string {
    return this.#id;
  }

  get label(): string {
    return this.#source.label;
  }

  get enabled(): boolean {
    return this.#isEnabled;
  }

  set enabled(value: boolean) {
    const isEnabled = boolean(value, "MediaStreamTrack.enabled");
    if (isEnabled === this.#isEnabled) return;
    this.#isEnabled = isEnabled;
    if (!this.#source.isMuted) this.#announceFlow(isEnabled);
  }

  /** Whether the source has nothing to give for now. */
  get muted(): boolean {
    return this.#isMuted;
  }

  get readyState(): MediaStreamTrackState {
    return this.#readyState;
  }

  /** https://w3c.github.io/mst-content-hint/: a hint that the kind does not have is ignored. */
  get contentHint(): string {
    return this.#contentHint;
  }

  set contentHint(value: string) {
    const hint = domString(value, "MediaStreamTrack.contentHint");
    if (CONTENT_HINTS[this.kind].includes(hint)) this.#contentHint = hint;
  }

  /** A track of the same source with an id of its own; it ends and is disabled apart from this one. */
  clone(): MediaStreamTrack {
    return new MediaStreamTrack(CONSTRUCTION_TOKEN, {
      id: uuid(),
      source: this.#source,
      isLive: this.#readyState === "live",
      isEnabled: this.#isEnabled,
      contentHint: this.#contentHint,
      constraints: this.#constraints,
    });
  }

  /** Ends the track, without an event. The source goes on while it has other tracks. */
  stop(): void {
    if (this.#readyState === "ended") return;
    this.#end();
  }

  /** Empty: no source here can be configured through its track. */
  getCapabilities(): MediaTrackCapabilities {
    return { ...this.#source.capabilities };
  }

  /** What `applyConstraints` was last called with. */
  getConstraints(): MediaTrackConstraints {
    return structuredClone(this.#constraints);
  }

  /** What the source says of itself: see `TrackController.setSettings`. */
  getSettings(): MediaTrackSettings {
    return this.#readyState === "ended" ? {} : { ...this.#source.settings };
  }

  /**
   * https://w3c.github.io/mediacapture-main/#dom-mediastreamtrack-applyconstraints. Nothing here
   * changes a source: what it does not happen to fulfil rejects with {@link OverconstrainedError}.
   */
  applyConstraints(constraints: MediaTrackConstraints = {}): Promise<void> {
    return promiseOf(() => {
      const context = "MediaStreamTrack.applyConstraints: argument 1";
      const settings = this.#source.settings;
      const applied = applyTrackConstraints(constraints, context, this.#readyState, settings);
      if (applied !== undefined) this.#constraints = applied;
      return Promise.resolve();
    });
  }

  #makeOutlet(): TrackOutlet {
    const hasConsumers = (): boolean => this.#consumers.length > 0;
    return {
      get hasConsumers() {
        return hasConsumers();
      },
      handleItem: (item) => this.#handleItem(item),
      handleGate: (isOpen) => {
        if (this.#isEnabled) this.#announceFlow(isOpen);
      },
      showMuted: (isMuted) => this.#showMuted(isMuted),
      showEnded: () => {
        if (this.#readyState === "ended") return;
        this.#end();
        this.dispatchEvent(new Event("ended"));
      },
    };
  }

  #handleItem(item: MediaItem): void {
    if (!this.#isEnabled) return;
    for (const { consumer } of this.#consumers) consumer.handleItem(item);
  }

  #announceFlow(isFlowing: boolean): void {
    for (const { consumer } of this.#consumers) consumer.handleFlowChange?.(isFlowing);
  }

  /** https://w3c.github.io/mediacapture-main/#set-track-muted */
  #showMuted(isMuted: boolean): void {
    if (this.#readyState === "ended" || isMuted === this.#isMuted) return;
    this.#isMuted = isMuted;
    this.dispatchEvent(new Event(isMuted ? "mute" : "unmute"));
  }

  #end(): void {
    this.#readyState = "ended";
    const consumers = this.#consumers;
    this.#consumers = [];
    this.#source.detach(this.#outlet);
    for (const { consumer } of consumers) consumer.handleEnded?.();
  }

  #subscribe(consumer: MediaConsumer): () => void {
    if (this.#readyState === "ended") {
      consumer.handleEnded?.();
      return () => {};
    }
    const subscription: Subscription = { consumer };
    this.#consumers = [...this.#consumers, subscription];
    return () => {
      this.#consumers = this.#consumers.filter((other) => other !== subscription);
    };
  }
}

defineInterface(MediaStreamTrack, "MediaStreamTrack");
defineEventHandlers(MediaStreamTrack, ["mute", "unmute", "ended"]);

/** @internal "Create a MediaStreamTrack" from `source`; without an `id` it draws one. */
export function trackOfSource(source: TrackSource, id: string = uuid()): MediaStreamTrack {
  return new MediaStreamTrack(CONSTRUCTION_TOKEN, {
    id,
    source,
    isLive: !source.isEnded,
    isEnabled: true,
    contentHint: "",
    constraints: {},
  });
}

/** @internal The source of `track`. */
export function sourceOf(track: MediaStreamTrack): TrackSource {
  return sourceIn(track);
}

/**
 * Not in the W3C's API, where only elements and senders read tracks: `consumer` gets what `track`
 * carries, a local one as well as a receiver's, until the function that is returned is called or the
 * track ends. While the track is muted or disabled nothing comes.
 */
export function subscribeToTrack(track: MediaStreamTrack, consumer: MediaConsumer): () => void {
  return subscribeTo(track, consumer);
}

/** @internal For conversions of arguments. */
export const isTrack = (value: unknown): value is MediaStreamTrack =>
  value instanceof MediaStreamTrack;
