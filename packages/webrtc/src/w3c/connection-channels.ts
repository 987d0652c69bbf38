import { ProtocolFailure, UsageError } from "../base/errors.ts";
import type { Driver } from "../runtime/driver.ts";
import type { ChannelEvent, ChannelInit, ChannelKey } from "../session/channel-events.ts";
import type { ChannelControl, ChannelDescription, ChannelPort } from "./channel-port.ts";
import { RTCDataChannelEvent } from "./events/rtc-data-channel-event.ts";
import { createRTCDataChannel, type RTCDataChannel } from "./rtc-data-channel.ts";
import type { TaskQueue } from "./task-queue.ts";
import {
  boolean,
  dictionary,
  enforceRange,
  optional,
  UNSIGNED_SHORT,
  usvString,
  withDefault,
} from "./webidl/index.ts";

const MAX_TEXT_BYTES = 65_535;
/** What one channel may have waiting, as browsers do. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

const toInit = dictionary("RTCDataChannelInit", {
  ordered: withDefault(boolean, () => true),
  maxPacketLifeTime: optional(enforceRange(UNSIGNED_SHORT)),
  maxRetransmits: optional(enforceRange(UNSIGNED_SHORT)),
  protocol: withDefault(usvString, () => ""),
  negotiated: withDefault(boolean, () => false),
  id: optional(enforceRange(UNSIGNED_SHORT)),
});

/** What the channels need of their connection. */
export type ChannelsHost = {
  readonly tasks: TaskQueue;
  /** Fires at the connection. */
  fire(event: Event): void;
  driver(): Driver;
  /** Largest message that the peer takes, in bytes. */
  maxMessageBytes(): number;
};

type Entry = { readonly channel: RTCDataChannel; readonly control: ChannelControl };

/** The data channels of one connection: objects on one side, keys of the session on the other. */
export class ConnectionChannels {
  readonly #host: ChannelsHost;
  readonly #entries = new Map<ChannelKey, Entry>();
  /** Made without anything below them; their end is queued. */
  readonly #failing = new Set<Entry>();
  #hasCreatedAny = false;

  constructor(host: ChannelsHost) {
    this.#host = host;
  }

  /** True once the application has created a channel: there is something to negotiate then. */
  get hasCreatedAny(): boolean {
    return this.#hasCreatedAny;
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-peerconnection-createdatachannel, steps 3 to 23. Throws
   * `TypeError` for an impossible combination, `OperationError` if the id is taken or none is left.
   * Once SCTP has ended the channel fails by events, since the specification throws nothing then.
   */
  create(label: unknown, options: unknown): RTCDataChannel {
    const init = convert(label, options);
    const { driver, tasks } = this.#host;
    // Step 2, again: a getter of the options may have closed the connection.
    if (tasks.isClosed) throw new DOMException("the connection is closed", "InvalidStateError");
    const description = describe(init);
    try {
      // Steps 18 and 19
      const [key, streamId] = driver().run((session, nowMs) => {
        const created = session.createChannel(toChannelInit(init), nowMs);
        return [created, session.streamIdOf(created)] as const;
      });
      this.#hasCreatedAny = true;
      return this.#add(key, { ...description, id: streamId ?? null }).channel;
    } catch (cause) {
      if (!(cause instanceof UsageError)) throw cause;
      if (cause.code === "ERR_CLOSED") return this.#createFailed(description);
      throw new DOMException(cause.message, "OperationError");
    }
  }

  /** Passes on what the session tells of one channel. */
  handleEvent(event: ChannelEvent): void {
    if (event.kind === "announced") return this.#announce(event);
    const entry = this.#entries.get(event.key);
    if (entry === undefined) return;
    const { control } = entry;
    switch (event.kind) {
      case "message":
        return control.deliver(event.isText, event.payload);
      case "sent":
        return control.noteSent(event.bytes);
      case "sendable":
        return control.noteSendable();
      case "idAssigned":
        return control.assignId(event.streamId);
      case "opened":
        return control.announceOpen();
      case "closing":
        return control.noteClosing();
      case "closed":
        this.#forgetOnceClosed(event.key, entry);
        return control.noteClosed(event.failure);
      case "failedToOpen":
        this.#forgetOnceClosed(event.key, entry);
        return control.noteFailedToOpen(event.failure);
    }
  }

  /** Not before its last event has been fired: `close()` of the connection may come in between. */
  #forgetOnceClosed(key: ChannelKey, { channel }: Entry): void {
    channel.addEventListener("close", () => this.#entries.delete(key), { once: true });
  }

  /** "Close the connection", step 5. */
  closeAbruptly(): void {
    for (const { control } of this.#entries.values()) control.closeAbruptly();
    for (const { control } of this.#failing) control.closeAbruptly();
    this.#entries.clear();
    this.#failing.clear();
  }

  /** Step 23 fails: https://w3c.github.io/webrtc-pc/#dfn-unable-to-create-an-rtcdatachannel */
  #createFailed(description: ChannelDescription): RTCDataChannel {
    const { tasks } = this.#host;
    const entry = createRTCDataChannel({ description, port: NO_PORT, tasks });
    const problem = "the data channels of this connection have ended; make a new connection";
    entry.control.noteFailedToOpen(
      new ProtocolFailure("ERR_PEER_ABORTED", "RFC 8831 §6.2", problem),
    );
    this.#failing.add(entry);
    tasks.queue(() => this.#failing.delete(entry));
    return entry.channel;
  }

  /** https://w3c.github.io/webrtc-pc/#announce-datachannel-instance */
  #announce(event: Extract<ChannelEvent, { kind: "announced" }>): void {
    const { label, protocol, isOrdered, maxRetransmits, maxLifetimeMs } = event.properties;
    const { channel, control } = this.#add(event.key, {
      label,
      ordered: isOrdered,
      maxPacketLifeTime: maxLifetimeMs ?? null,
      maxRetransmits: maxRetransmits ?? null,
      protocol,
      negotiated: false,
      id: event.streamId,
      isFromPeer: true,
    });
    this.#host.tasks.queue(() => {
      control.markOpen();
      this.#host.fire(new RTCDataChannelEvent("datachannel", { channel }));
      control.announceOpen();
    });
  }

  #add(key: ChannelKey, description: ChannelDescription): Entry {
    const { tasks } = this.#host;
    const port = new SessionChannelPort(key, this.#host);
    const entry = createRTCDataChannel({ description, port, tasks });
    this.#entries.set(key, entry);
    return entry;
  }
}

/** The way down of a channel that has nothing below it. */
const NO_PORT: ChannelPort = {
  maxMessageBytes: 0,
  maxBufferedBytes: 0,
  send: () => false,
  close() {},
};

/** One channel's way down to the session. */
class SessionChannelPort implements ChannelPort {
  readonly maxBufferedBytes = MAX_BUFFERED_BYTES;
  readonly #key: ChannelKey;
  readonly #host: ChannelsHost;
  readonly #driver: Driver;

  constructor(key: ChannelKey, host: ChannelsHost) {
    this.#key = key;
    this.#host = host;
    this.#driver = host.driver();
  }

  get maxMessageBytes(): number {
    return this.#host.maxMessageBytes();
  }

  send(kind: "text" | "binary", payload: Uint8Array): boolean {
    return this.#driver.sendOnChannel(this.#key, kind, payload);
  }

  close(): void {
    this.#driver.run((session, nowMs) => session.closeChannel(this.#key, nowMs));
  }

  setReceivePaused(isPaused: boolean): void {
    this.#driver.run((session, nowMs) => session.setReceivePaused(this.#key, isPaused, nowMs));
  }
}

type ConvertedInit = ReturnType<typeof toInit> & { readonly label: string };

/** Steps 4 to 17 */
function convert(labelValue: unknown, options: unknown): ConvertedInit {
  const context = "RTCPeerConnection.createDataChannel";
  const label = usvString(labelValue, `${context}: argument 1`);
  const init = { ...toInit(options, `${context}: argument 2`), label };
  if (byteCountOf(label) > MAX_TEXT_BYTES)
    throw new TypeError(`${context}: the label is longer than 65535 bytes`);
  if (byteCountOf(init.protocol) > MAX_TEXT_BYTES) {
    throw new TypeError(`${context}: the protocol is longer than 65535 bytes`);
  }
  if (init.negotiated && init.id === undefined) {
    throw new TypeError(`${context}: a negotiated channel needs an id`);
  }
  if (init.maxPacketLifeTime !== undefined && init.maxRetransmits !== undefined) {
    throw new TypeError(`${context}: maxPacketLifeTime and maxRetransmits exclude each other`);
  }
  if (init.negotiated && init.id === 65_535)
    throw new TypeError(`${context}: the largest id is 65534`);
  return init;
}

function describe(init: ConvertedInit): ChannelDescription {
  return {
    label: init.label,
    ordered: init.ordered,
    maxPacketLifeTime: init.maxPacketLifeTime ?? null,
    maxRetransmits: init.maxRetransmits ?? null,
    protocol: init.protocol,
    negotiated: init.negotiated,
    id: init.negotiated ? (init.id ?? null) : null,
    isFromPeer: false,
  };
}

function toChannelInit(init: ConvertedInit): ChannelInit {
  return {
    label: init.label,
    protocol: init.protocol,
    isOrdered: init.ordered,
    maxRetransmits: init.maxRetransmits,
    maxLifetimeMs: init.maxPacketLifeTime,
    isNegotiated: init.negotiated,
    streamId: init.negotiated ? init.id : undefined,
  };
}

function byteCountOf(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
