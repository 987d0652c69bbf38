import type {
  Side,
  TransceiverId,
  TransceiverInit,
  TransceiverState,
} from "../negotiation/index.ts";
import type { MediaKind } from "../rtp/codec.ts";
import { RTCTrackEvent, type RTCTrackEventInit } from "./events/rtc-track-event.ts";
import { addTrackAndFire, idOf, isStream, removeTrackAndFire } from "./media-stream.ts";
import { isTrack, sourceOf, type MediaStreamTrack } from "./media-stream-track.ts";
import { compareStreams, RemoteStreams, type StreamChange } from "./remote-streams.ts";
import { RTCRtpSender } from "./rtc-rtp-sender.ts";
import type { RTCRtpReceiver } from "./rtc-rtp-receiver.ts";
import type { RTCRtpTransceiver } from "./rtc-rtp-transceiver.ts";
import type { RTCSdpType } from "./rtc-session-description.ts";
import { toTransceiverInitDictionary } from "./rtp-parameters.ts";
import { transceiverInitOf } from "./send-encodings.ts";
import { TransceiverEntry, type RtpConnection } from "./transceiver-entry.ts";
import { describe, domString, interfaceType } from "./webidl/index.ts";

/** What is to be fired once all slots have changed: the lists of "set a session description". */
export type RtpEffects = {
  readonly ended: TransceiverEntry[];
  readonly muted: TransceiverEntry[];
  readonly removed: StreamChange[];
  readonly added: StreamChange[];
  readonly tracks: RTCTrackEventInit[];
};

/** The legacy members of `RTCOfferOptions`. */
export type ReceiveOptions = {
  readonly offerToReceiveAudio?: boolean;
  readonly offerToReceiveVideo?: boolean;
};

const toTrack = interfaceType("MediaStreamTrack", isTrack);
const toStream = interfaceType("MediaStream", isStream);
const toSender = interfaceType(
  "RTCRtpSender",
  (value): value is RTCRtpSender => value instanceof RTCRtpSender,
);

/** The transceivers of one connection: objects on one side, records of negotiation on the other. */
export class ConnectionRtp {
  readonly #connection: RtpConnection;
  /** Those in the set; the objects of others live on as long as the application holds them. */
  readonly #entries = new Map<TransceiverId, TransceiverEntry>();
  readonly #ownSenders = new WeakSet<RTCRtpSender>();
  readonly #streams = new RemoteStreams();

  constructor(connection: RtpConnection) {
    this.#connection = connection;
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-collecttransceivers: stopped ones too, while they are in the set. */
  get transceivers(): RTCRtpTransceiver[] {
    return Array.from(this.#entries.values(), ({ object }) => object);
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-collectsenders */
  get senders(): RTCRtpSender[] {
    return this.#live().map(({ object }) => object.sender);
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-collectreceivers */
  get receivers(): RTCRtpReceiver[] {
    return this.#live().map(({ object }) => object.receiver);
  }

  /** The entries of the set, in the order in which they were added; stopped ones too. */
  get entries(): Iterable<TransceiverEntry> {
    return this.#entries.values();
  }

  /** The entry of a sender or receiver, unless it has left the set. */
  entryOf(half: RTCRtpSender | RTCRtpReceiver): TransceiverEntry | undefined {
    return [...this.#entries.values()].find(
      ({ object }) => object.sender === half || object.receiver === half,
    );
  }

  /** Some promise of `setParameters` is not settled yet: descriptions wait for it. */
  get isSettingParameters(): boolean {
    return [...this.#entries.values()].some((entry) => entry.isSettingParameters);
  }

  // The connection's methods

  /** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-addtrack */
  addTrack(trackValue: unknown, streamValues: readonly unknown[]): RTCRtpSender {
    const context = "RTCPeerConnection.addTrack";
    const track = toTrack(trackValue, `${context}: argument 1`);
    const streams = streamValues.map((value, index) =>
      toStream(value, `${context}: argument ${index + 2}`),
    );
    // Step 4
    this.#requireOpen();
    // Steps 5 and 6
    const entries = this.#live();
    if (entries.some(({ object }) => object.sender.track === track))
      throw new DOMException(`${context}: the track has a sender already`, "InvalidAccessError");
    const streamIds = [...new Set(streams.map(idOf))];
    const { kind } = sourceOf(track);
    // Step 7
    const free = entries.find(
      ({ record, object }) =>
        object.sender.track === null &&
        record.kind === kind &&
        !record.isStopping &&
        !record.hasSent,
    );
    // Steps 8 and 9
    const { sender } = (free ?? this.#addTransceiverFor(track, streamIds)).object;
    if (free !== undefined) {
      free.control.sender.setTrack(track);
      const isReceiving = ["sendrecv", "recvonly"].includes(free.record.direction);
      const direction = isReceiving ? "sendrecv" : "sendonly";
      free.apply({ hasAddedTrack: true, streamIds, direction });
    }
    // Step 11
    this.#connection.negotiation().updateNeeded();
    return sender;
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-removetrack */
  removeTrack(senderValue: unknown): void {
    const context = "RTCPeerConnection.removeTrack";
    const sender = toSender(senderValue, `${context}: argument 1`);
    // Step 3
    this.#requireOpen();
    // Step 4
    if (!this.#ownSenders.has(sender)) {
      const problem = `${context}: the sender belongs to another connection`;
      throw new DOMException(problem, "InvalidAccessError");
    }
    // Steps 5 to 9
    const entry = this.#live().find(({ object }) => object.sender === sender);
    if (entry === undefined || entry.record.isStopping || sender.track === null) return;
    // Steps 10 and 11
    entry.control.sender.setTrack(null);
    const { direction } = entry.record;
    if (direction === "sendrecv") entry.apply({ direction: "recvonly" });
    else if (direction === "sendonly") entry.apply({ direction: "inactive" });
    // Step 12
    this.#connection.negotiation().updateNeeded();
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-addtransceiver */
  addTransceiver(trackOrKind: unknown, initValue: unknown): RTCRtpTransceiver {
    const context = "RTCPeerConnection.addTransceiver";
    // Steps 3 and 4, of which the conversion comes before the closed connection is noticed
    const track = isTrack(trackOrKind) ? trackOrKind : null;
    const kind =
      track === null ? toKind(trackOrKind, `${context}: argument 1`) : sourceOf(track).kind;
    const init = toTransceiverInitDictionary(initValue, `${context}: argument 2`);
    // Step 5
    this.#requireOpen();
    // Steps 6 to 8
    const start = transceiverInitOf(init, kind, context);
    // Steps 9 to 11
    const { object } = this.#create(start, track);
    this.#connection.negotiation().updateNeeded();
    return object;
  }

  /** https://w3c.github.io/webrtc-pc/#legacy-configuration-extensions, for the offer that is about to be made. */
  prepareToReceive(options: ReceiveOptions): void {
    for (const kind of ["audio", "video"] as const) {
      const isWanted = kind === "audio" ? options.offerToReceiveAudio : options.offerToReceiveVideo;
      if (isWanted === undefined) continue;
      const entries = this.#live().filter(({ record }) => record.kind === kind);
      if (!isWanted) {
        for (const entry of entries) {
          const { direction } = entry.record;
          if (direction === "sendrecv") entry.apply({ direction: "sendonly" });
          else if (direction === "recvonly") entry.apply({ direction: "inactive" });
        }
      } else if (!entries.some(({ record }) => isReceiving(record.direction))) {
        const init = { kind, direction: "recvonly", streamIds: [], encodings: [] } as const;
        this.#create({ ...init, isFromAddTrack: false }, null);
      }
    }
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-close-the-connection, step 4 */
  close(): void {
    for (const entry of this.#entries.values()) entry.stopForGood();
  }

  // "Set a session description"

  /** The first step of an offer in "stable". */
  rememberStable(): void {
    for (const entry of this.#entries.values()) entry.stablePlace = entry.place;
  }

  /**
   * Brings the objects to what a description has made of the records since `before`: all slots change, and
   * what is to be fired is returned.
   */
  follow(before: readonly TransceiverState[], side: Side, type: RTCSdpType): RtpEffects {
    const effects: RtpEffects = { ended: [], muted: [], removed: [], added: [], tracks: [] };
    const { negotiator } = this.#connection.negotiation();
    const records = new Map(negotiator.transceivers.map((record) => [record.id, record]));
    const previous = new Map(before.map((record) => [record.id, record]));
    for (const record of records.values()) {
      const entry = this.#entries.get(record.id) ?? this.#addEntry(record, null);
      this.#followRecord(entry, previous.get(record.id), record, effects);
    }
    for (const [id, entry] of this.#entries) {
      if (records.has(id)) continue;
      const last = previous.get(id)!;
      this.#followRecord(entry, last, negotiator.afterRemoval(last), effects);
      this.#entries.delete(id);
    }
    this.#placeOnTransports(side, type);
    // An own answer takes tracks away, and never brings any.
    return side === "local" && type !== "rollback" ? { ...effects, tracks: [] } : effects;
  }

  /** The last steps: what the application sees of it all. Any listener may close the connection: then no more is fired. */
  fire({ ended, muted, removed, added, tracks }: RtpEffects): void {
    const steps: readonly (() => void)[] = [
      ...muted.map(
        ({ control }) =>
          () =>
            control.receiver.source.setMuted(true),
      ),
      ...ended.map(
        ({ control }) =>
          () =>
            control.endTracks(),
      ),
      ...removed.map((change) => () => removeTrackAndFire(change.stream, change.track)),
      ...added.map((change) => () => addTrackAndFire(change.stream, change.track)),
      ...tracks.map((init) => () => this.#connection.fire(new RTCTrackEvent("track", init))),
    ];
    for (const step of steps) {
      if (this.#connection.isClosed()) return;
      step();
    }
  }

  /** "Process remote tracks", by the difference between two records. */
  #followRecord(
    entry: TransceiverEntry,
    before: TransceiverState | undefined,
    after: TransceiverState,
    effects: RtpEffects,
  ): void {
    if (before === after) return;
    entry.follow(after);
    const { object: transceiver, control } = entry;
    const isSameSending =
      before?.sender.codecs === after.sender.codecs &&
      before.sender.encodings === after.sender.encodings;
    if (!isSameSending) control.sender.forgetParameters();
    const { receiver } = transceiver;
    const streams = this.#streams.of(after.receiver.streamIds);
    const { added, removed } = compareStreams(receiver.track, entry.streams, streams);
    entry.streams = streams;
    effects.added.push(...added);
    effects.removed.push(...removed);
    const wasFired = isReceiving(before?.firedDirection ?? null);
    const isFired = isReceiving(after.firedDirection);
    if (isFired && (!wasFired || added.length > 0))
      effects.tracks.push({ receiver, track: receiver.track, streams: [...streams], transceiver });
    if (wasFired && !isFired) effects.muted.push(entry);
    if (after.isStopped && before?.isStopped !== true) effects.ended.push(entry);
  }

  /** [[SenderTransport]] follows local descriptions and remote answers; a rollback restores it. */
  #placeOnTransports(side: Side, type: RTCSdpType): void {
    if (side === "remote" && type === "offer") return;
    const { negotiator } = this.#connection.negotiation();
    for (const entry of this.#entries.values()) {
      const { mid, isStopped } = entry.record;
      if (type === "rollback") entry.place = entry.stablePlace;
      else if (mid !== null && !isStopped) {
        const transportId = negotiator.transportIdOf(mid) ?? mid;
        const transport = this.#connection.transports.dtls(transportId);
        if (transport !== null) entry.place = { transport, transportId };
      }
    }
  }

  #live(): readonly TransceiverEntry[] {
    return [...this.#entries.values()].filter(({ record }) => !record.isStopped);
  }

  #requireOpen(): void {
    if (this.#connection.isClosed())
      throw new DOMException("the connection is closed", "InvalidStateError");
  }

  #addTransceiverFor(track: MediaStreamTrack, streamIds: readonly string[]): TransceiverEntry {
    const init = { direction: "sendrecv", streamIds, encodings: [], isFromAddTrack: true } as const;
    return this.#create({ ...init, kind: sourceOf(track).kind }, track);
  }

  #create(init: TransceiverInit, track: MediaStreamTrack | null): TransceiverEntry {
    const record = this.#connection.negotiation().negotiator.addTransceiver(init);
    return this.#addEntry(record, track);
  }

  #addEntry(record: TransceiverState, track: MediaStreamTrack | null): TransceiverEntry {
    const entry = new TransceiverEntry(this.#connection, record, track);
    this.#entries.set(record.id, entry);
    this.#ownSenders.add(entry.object.sender);
    return entry;
  }
}

function isReceiving(direction: string | null): boolean {
  return direction === "sendrecv" || direction === "recvonly";
}

/** Step 4.1: a kind, given as text. */
function toKind(value: unknown, context: string): MediaKind {
  const kind = domString(value, context);
  if (kind === "audio" || kind === "video") return kind;
  throw new TypeError(`${context}: ${describe(kind)} is neither "audio" nor "video", nor a track`);
}
