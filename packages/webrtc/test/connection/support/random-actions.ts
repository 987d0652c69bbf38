import type { Random } from "../../../src/base/random.ts";
import type { Runtime } from "../../../src/runtime/runtime.ts";
import { createMediaStreamTrack } from "../../../src/w3c/create-media-stream-track.ts";
import { MediaStream } from "../../../src/w3c/media-stream.ts";
import type { MediaStreamTrack } from "../../../src/w3c/media-stream-track.ts";
import { RTCRtpReceiver } from "../../../src/w3c/rtc-rtp-receiver.ts";
import type { RTCPeerConnection } from "../../../src/w3c/rtc-peer-connection.ts";
import type { RTCRtpSender } from "../../../src/w3c/rtc-rtp-sender.ts";
import type { RTCRtpTransceiver } from "../../../src/w3c/rtc-rtp-transceiver.ts";

const KINDS = ["audio", "video"] as const;
const DIRECTIONS = ["sendrecv", "sendonly", "recvonly", "inactive"] as const;
/** More of them make a run slower and no telling case likelier. */
const MAX_TRANSCEIVERS = 3;
/** What the transceivers of a thrifty application have: a description is short then. */
const FEW_CODECS = /\/(opus|vp8)$/i;
const FEW_EXTENSIONS = /sdes:(mid|(repaired-)?rtp-stream-id)$/;

function isBasic({ mimeType }: { readonly mimeType: string }): boolean {
  return FEW_CODECS.test(mimeType);
}

/** A whole number from 0 to `count` - 1. */
export function pick(random: Random, count: number): number {
  return Math.floor(random.fraction() * count);
}

/** One of `items`. */
export function choose<T>(random: Random, items: readonly T[]): T {
  return items[pick(random, items.length)]!;
}

/**
 * An application that does something at random with its connection, and remembers what the API does not
 * show: in which streams its senders are, and whether it has asked for a channel.
 */
export class RandomApplication {
  readonly connection: RTCPeerConnection;
  /** [[AssociatedMediaStreamIds]] as this application has given them. */
  readonly streamIds = new WeakMap<RTCRtpSender, readonly string[]>();
  readonly done: string[] = [];
  hasCreatedChannel = false;
  readonly #random: Random;
  readonly #runtime: Runtime;
  readonly #streams = [new MediaStream(), new MediaStream()];
  readonly #isThrifty: boolean;
  readonly #isLimited = new WeakSet<RTCRtpTransceiver>();

  /** A thrifty one limits its codecs: most of the time goes into codecs otherwise. */
  constructor(connection: RTCPeerConnection, runtime: Runtime, random: Random, isThrifty = false) {
    this.connection = connection;
    this.#runtime = runtime;
    this.#random = random;
    this.#isThrifty = isThrifty;
  }

  /** One action; its name, with what it was done to. */
  act(): string {
    const actions: readonly (() => string)[] = [
      () => this.addTrack(),
      () => this.addTrack(),
      () => this.removeTrack(),
      () => this.addTransceiver(),
      () => this.addTransceiver(),
      () => this.stop(),
      () => this.turn(),
      () => this.turn(),
      () => this.replaceTrack(),
      () => this.setStreams(),
      () => this.createChannel(),
      () => this.restartIce(),
      () => this.preferCodecs(),
    ];
    const name = choose(this.#random, actions)();
    this.done.push(name);
    if (this.#isThrifty) this.#limitCodecs();
    return name;
  }

  #limitCodecs(): void {
    for (const transceiver of this.connection.getTransceivers()) {
      if (this.#isLimited.has(transceiver)) continue;
      this.#isLimited.add(transceiver);
      const { codecs } = RTCRtpReceiver.getCapabilities(transceiver.receiver.track.kind)!;
      transceiver.setCodecPreferences(codecs.filter(isBasic));
      const extensions = transceiver.getHeaderExtensionsToNegotiate();
      transceiver.setHeaderExtensionsToNegotiate(
        extensions.map((extension) =>
          FEW_EXTENSIONS.test(extension.uri) ? extension : { ...extension, direction: "stopped" },
        ),
      );
    }
  }

  addTrack(): string {
    if (this.connection.getTransceivers().length >= MAX_TRANSCEIVERS) return this.stop();
    const kind = choose(this.#random, KINDS);
    const streams = this.#someStreams();
    const sender = this.connection.addTrack(this.#track(kind), ...streams);
    const ids = streams.map(({ id }) => id);
    this.streamIds.set(sender, ids);
    return `addTrack ${kind}`;
  }

  removeTrack(): string {
    const senders = this.connection.getSenders().filter(({ track }) => track !== null);
    if (senders.length === 0) return "nothing to remove";
    this.connection.removeTrack(choose(this.#random, senders));
    return "removeTrack";
  }

  addTransceiver(): string {
    if (this.connection.getTransceivers().length >= MAX_TRANSCEIVERS) return this.stop();
    const kind = choose(this.#random, KINDS);
    const direction = choose(this.#random, DIRECTIONS);
    const streams = [...this.#someStreams()];
    const hasLayers = kind === "video" && pick(this.#random, 4) === 0;
    const sendEncodings = hasLayers ? [{ rid: "h" }, { rid: "l" }] : [{}];
    const what = pick(this.#random, 2) === 0 ? kind : this.#track(kind);
    const transceiver = this.connection.addTransceiver(what, { direction, streams, sendEncodings });
    this.streamIds.set(
      transceiver.sender,
      streams.map(({ id }) => id),
    );
    return `addTransceiver ${kind} ${direction}${hasLayers ? " simulcast" : ""}`;
  }

  stop(): string {
    const transceiver = this.#someTransceiver();
    transceiver?.stop();
    return `stop ${transceiver?.mid}`;
  }

  /** Another direction. */
  turn(): string {
    const transceiver = this.#someTransceiver();
    const direction = choose(this.#random, DIRECTIONS);
    if (transceiver !== undefined) transceiver.direction = direction;
    return `direction ${transceiver?.mid} ${direction}`;
  }

  replaceTrack(): string {
    const transceiver = this.#someTransceiver();
    if (transceiver === undefined) return "nothing to replace";
    const { kind } = transceiver.receiver.track;
    const track =
      pick(this.#random, 3) === 0 ? null : this.#track(kind === "audio" ? kind : "video");
    void transceiver.sender.replaceTrack(track).catch(() => {}); // Refused if stopped meanwhile.
    return `replaceTrack ${transceiver.mid}`;
  }

  setStreams(): string {
    const transceiver = this.#someTransceiver();
    if (transceiver === undefined) return "no streams to set";
    const streams = this.#someStreams();
    transceiver.sender.setStreams(...streams);
    this.streamIds.set(
      transceiver.sender,
      streams.map(({ id }) => id),
    );
    return `setStreams ${transceiver.mid}`;
  }

  createChannel(): string {
    this.connection.createDataChannel("random");
    this.hasCreatedChannel = true;
    return "createDataChannel";
  }

  restartIce(): string {
    this.connection.restartIce();
    return "restartIce";
  }

  preferCodecs(): string {
    const transceiver = this.#someTransceiver();
    if (transceiver === undefined) return "nothing to prefer codecs for";
    const { codecs } = RTCRtpReceiver.getCapabilities(transceiver.receiver.track.kind)!;
    // A rotation, sometimes without the end, and what both sides have in common at last: an answer that
    // refuses the first section refuses the whole bundle (RFC 8843 §7.3), and data with it.
    const at = pick(this.#random, codecs.length);
    const count = pick(this.#random, 2) === 0 ? codecs.length : 1 + pick(this.#random, 4);
    const rotated = [...codecs.slice(at), ...codecs.slice(0, at)].slice(0, count);
    const wanted = new Set([
      ...(this.#isThrifty ? [] : rotated),
      ...choose(this.#random, [codecs, codecs.toReversed()]).filter(isBasic),
    ]);
    transceiver.setCodecPreferences([...wanted]);
    return `setCodecPreferences ${transceiver.mid} ${wanted.size}`;
  }

  #someTransceiver(): RTCRtpTransceiver | undefined {
    const live = this.connection
      .getTransceivers()
      .filter(({ direction }) => direction !== "stopped");
    return live.length === 0 ? undefined : choose(this.#random, live);
  }

  #someStreams(): MediaStream[] {
    return this.#streams.slice(pick(this.#random, 3));
  }

  #track(kind: "audio" | "video"): MediaStreamTrack {
    return createMediaStreamTrack({ kind }, this.#runtime).track;
  }
}
