import { toChannelMessage, toOutgoingMessage } from "./channel-data.ts";
import { ChannelInbox } from "./channel-inbox.ts";
import { ChannelLifecycle } from "./channel-lifecycle.ts";
import { ChannelReceiver } from "./channel-receiver.ts";
import { ChannelSender } from "./channel-sender.ts";
import { highWaterMarkOf, iterateMessages, readableOf, writableOf } from "./channel-streams.ts";
import { defineEventHandlers, eventTargetOf } from "./event-handler.ts";
import { RTCErrorEvent } from "./events/rtc-error-event.ts";
import { RTCError, rtcErrorOf } from "./rtc-error.ts";
import {
  CONSTRUCTION_TOKEN,
  defineInterface,
  enforceRange,
  enumerationOrIgnore,
  requireArguments,
  constructionParts,
  UNSIGNED_LONG,
} from "./webidl/index.ts";
import type { BinaryType, ChannelData, ChannelMessage, OutgoingMessage } from "./channel-data.ts";
import type { InboxMessage } from "./channel-inbox.ts";
import type { ChannelControl, ChannelDescription, ChannelPort } from "./channel-port.ts";
import type { ChannelFlowOptions, ChannelStreams } from "./channel-streams.ts";
import type { EventHandler, EventHandlerValue } from "./event-handler.ts";
import type { TaskQueue } from "./task-queue.ts";
import type { ConstructionArguments } from "./webidl/index.ts";

export type { BinaryType, ChannelData, ChannelMessage } from "./channel-data.ts";
export type { ChannelFlowOptions, ChannelStreams } from "./channel-streams.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtcdatachannelstate */
export type RTCDataChannelState = "closed" | "closing" | "connecting" | "open";

/** https://w3c.github.io/webrtc-pc/#dom-rtcdatachannelinit */
export interface RTCDataChannelInit {
  /** 0 to 65534; ignored unless `negotiated`. */
  id?: number;
  /** In milliseconds. */
  maxPacketLifeTime?: number;
  maxRetransmits?: number;
  negotiated?: boolean;
  ordered?: boolean;
  protocol?: string;
}

/** The events of a channel and what each brings. */
export interface RTCDataChannelEventMap {
  bufferedamountlow: Event;
  close: Event;
  closing: Event;
  error: RTCErrorEvent;
  message: MessageEvent;
  open: Event;
}

const toThreshold = enforceRange(UNSIGNED_LONG);
const toBinaryType = enumerationOrIgnore(["blob", "arraybuffer"]);

/** Set by the class below, which alone sees its private parts. */
let controlOf: (channel: RTCDataChannel) => ChannelControl;

/** What `defineEventHandlers` adds to the class below. */
export interface RTCDataChannel {
  get onbufferedamountlow(): EventHandlerValue;
  set onbufferedamountlow(handler: EventHandler<RTCDataChannel>);
  get onclose(): EventHandlerValue;
  set onclose(handler: EventHandler<RTCDataChannel>);
  get onclosing(): EventHandlerValue;
  set onclosing(handler: EventHandler<RTCDataChannel>);
  get onerror(): EventHandlerValue;
  set onerror(handler: EventHandler<RTCDataChannel, RTCErrorEvent>);
  get onmessage(): EventHandlerValue;
  set onmessage(handler: EventHandler<RTCDataChannel, MessageEvent>);
  get onopen(): EventHandlerValue;
  set onopen(handler: EventHandler<RTCDataChannel>);
}

/**
 * https://w3c.github.io/webrtc-pc/#rtcdatachannel. Holds what the API shows; the work is done behind
 * the `ChannelPort`. Besides the W3C's members it has {@link messages} and {@link streams}.
 */
export class RTCDataChannel extends eventTargetOf<RTCDataChannelEventMap>() {
  readonly #port: ChannelPort;
  readonly #tasks: TaskQueue;
  readonly #description: ChannelDescription;
  readonly #inbox: ChannelInbox;
  readonly #sender: ChannelSender;
  readonly #receiver: ChannelReceiver;
  readonly #lifecycle = new ChannelLifecycle();
  #id: number | null;
  #readyState: RTCDataChannelState = "connecting";
  #binaryType: BinaryType = "arraybuffer";
  #bufferedAmountLowThreshold = 0;
  /** Sent bytes of which `bufferedAmount` does not know: its task is queued. */
  #unreportedBytes = 0;
  /** An `open` event has been or will be fired, unless `close` comes before. */
  #isOpeningCertain: boolean;

  static {
    controlOf = (channel) => channel.#makeControl();
  }

  /** @internal */
  constructor(...args: ConstructionArguments<[parts: ChannelParts]>) {
    const [parts] = constructionParts(args);
    super();
    const { description, port, tasks } = parts;
    this.#description = description;
    this.#port = port;
    this.#tasks = tasks;
    this.#id = description.id;
    this.#isOpeningCertain = description.isFromPeer;
    this.#inbox = new ChannelInbox(tasks, description.isFromPeer, (message) => {
      this.#receive(message);
    });
    this.#receiver = new ChannelReceiver(port);
    this.#sender = new ChannelSender(port, (message, reason) => {
      this.#reportUnreadable(message, reason);
    });
  }

  get label(): string {
    return this.#description.label;
  }

  get ordered(): boolean {
    return this.#description.ordered;
  }

  /** In milliseconds; `null` if the channel does not limit it. */
  get maxPacketLifeTime(): number | null {
    return this.#description.maxPacketLifeTime;
  }

  /** `null` if the channel does not limit them. */
  get maxRetransmits(): number | null {
    return this.#description.maxRetransmits;
  }

  get protocol(): string {
    return this.#description.protocol;
  }

  get negotiated(): boolean {
    return this.#description.negotiated;
  }

  /** `null` until the DTLS role is known, unless the application chose it. */
  get id(): number | null {
    return this.#id;
  }

  get readyState(): RTCDataChannelState {
    return this.#readyState;
  }

  /** Bytes that were given to `send` and have not been handed to the network. Falls in tasks only. */
  get bufferedAmount(): number {
    return this.#sender.bufferedAmount;
  }

  /** `bufferedamountlow` is fired when `bufferedAmount` falls to this many bytes or fewer. */
  get bufferedAmountLowThreshold(): number {
    return this.#bufferedAmountLowThreshold;
  }

  set bufferedAmountLowThreshold(value: number) {
    this.#bufferedAmountLowThreshold = toThreshold(
      value,
      "RTCDataChannel.bufferedAmountLowThreshold",
    );
  }

  /** The form of binary messages. Setting another value than "arraybuffer" and "blob" changes nothing. */
  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(value: BinaryType) {
    this.#binaryType = toBinaryType(value, "RTCDataChannel.binaryType") ?? this.#binaryType;
  }

  /**
   * https://w3c.github.io/webrtc-pc/#datachannel-send. Throws `InvalidStateError` unless the channel is
   * open, `TypeError` for a message larger than the peer accepts, `OperationError` when too much is
   * buffered already; the channel stays open after all of them.
   */
  send(data: ChannelData): void {
    requireArguments(arguments.length, 1, "RTCDataChannel.send");
    const message = toOutgoingMessage(data, "RTCDataChannel.send: argument 1"); // Step 4
    this.#checkSendable(message);
    // Steps 6 to 8
    if (this.#sender.send(message)) return;
    const { bufferedAmount } = this.#sender;
    throw new DOMException(
      `the send buffer has no room for ${message.byteLength} bytes: ${bufferedAmount} of this channel wait`,
      "OperationError",
    );
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcdatachannel-close. What was sent before is still delivered. */
  close(): void {
    // Step 2
    if (this.#readyState === "closing" || this.#readyState === "closed") return;
    // Step 3
    this.#readyState = "closing";
    // Step 4
    this.#sender.closeWhenFlushed();
  }

  /**
   * The messages that come from now on: `for await (const message of channel.messages())`. The loop ends
   * when the channel closes, and throws the `RTCError` if it fails; what came before is read first.
   *
   * Each call has a queue of its own. While one has more than its high-water mark, the whole channel is
   * paused down to SCTP, and the peer's sender slows down; no message is lost. So read on, or leave the
   * loop: an iterator that is kept but not read stops the channel for everybody.
   */
  messages(options: ChannelFlowOptions = {}): AsyncIterableIterator<ChannelMessage> {
    const highWaterMark = highWaterMarkOf(options, "RTCDataChannel.messages: argument 1");
    return iterateMessages(this.#receiver.attach(highWaterMark));
  }

  /**
   * Both directions as Web Streams with back-pressure. A write is done when the channel has at most the
   * high-water mark buffered, so `await writer.write(…)` in a loop, or `pipeTo`, never overruns it, and
   * never meets the `OperationError` of `send`. Closing the writable closes the channel, and is done
   * when the peer's SCTP has acknowledged everything. Reading is paced like {@link messages}; cancelling
   * the readable leaves the channel open.
   */
  streams(options: ChannelFlowOptions = {}): ChannelStreams {
    const highWaterMark = highWaterMarkOf(options, "RTCDataChannel.streams: argument 1");
    const host = {
      sender: this.#sender,
      lifecycle: this.#lifecycle,
      checkSendable: (message: OutgoingMessage) => this.#checkSendable(message),
      close: () => this.close(),
    };
    return {
      readable: readableOf(this.#receiver.attach(highWaterMark)),
      writable: writableOf(host, highWaterMark),
    };
  }

  /** Steps 3 and 5 of https://w3c.github.io/webrtc-pc/#datachannel-send. */
  #checkSendable(message: OutgoingMessage): void {
    if (this.#readyState !== "open") {
      throw new DOMException(
        `the channel "${this.label}" is ${this.#readyState}, not open`,
        "InvalidStateError",
      );
    }
    const { maxMessageBytes } = this.#port;
    if (message.byteLength > maxMessageBytes) {
      throw new TypeError(
        `RTCDataChannel.send: the message has ${message.byteLength} bytes, the peer accepts ${maxMessageBytes}`,
      );
    }
  }

  /** https://w3c.github.io/webrtc-pc/#announce-rtcdatachannel-open, as a task. */
  #announceOpen(): void {
    // Step 3
    if (this.#readyState === "connecting" || this.#readyState === "open") {
      // Steps 4 and 5
      this.#markOpen();
      this.dispatchEvent(new Event("open"));
    }
    this.#inbox.release();
  }

  #markOpen(): void {
    this.#readyState = "open";
    this.#lifecycle.noteOpen();
  }

  /** https://w3c.github.io/webrtc-pc/#receiving-messages-on-a-data-channel, as a task. */
  #receive({ isText, payload }: InboxMessage): void {
    // Step 3
    if (this.#readyState !== "open") return;
    // Step 4
    const data = toChannelMessage(isText, payload, this.#binaryType);
    if (this.#receiver.hasReaders) this.#receiver.push(data, payload.byteLength);
    // Step 5
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  /** https://w3c.github.io/webrtc-pc/#data-transport-closing-procedure, as a task. */
  #startClosing(): void {
    if (this.#readyState === "closing" || this.#readyState === "closed") return;
    // Step 4
    this.#readyState = "closing";
    this.dispatchEvent(new Event("closing"));
  }

  /** https://w3c.github.io/webrtc-pc/#announcing-a-data-channel-as-closed, as a task. */
  #announceClosed(error: RTCError | undefined): void {
    // Step 2
    if (this.#readyState === "closed") return;
    this.#end(error, error);
    // Step 5
    if (error !== undefined) this.dispatchEvent(new RTCErrorEvent("error", { error }));
    // Step 6
    this.dispatchEvent(new Event("close"));
  }

  #end(readError: unknown, writeError: unknown): void {
    this.#readyState = "closed";
    this.#sender.end();
    this.#receiver.end(readError);
    this.#lifecycle.noteClosed(writeError);
  }

  /** Behind all that has come, unless that waits for an `open` that never will be. */
  #queueClosed(error: RTCError | undefined): void {
    const step = (): void => this.#announceClosed(error);
    if (this.#isOpeningCertain) this.#inbox.push(step);
    else this.#tasks.queue(step);
  }

  /** One task for all reports until it runs: small messages are reported one by one otherwise. */
  #noteSent(bytes: number): void {
    if (this.#unreportedBytes === 0 && bytes > 0) this.#tasks.queue(this.#lowerBufferedAmount);
    this.#unreportedBytes += bytes;
  }

  readonly #lowerBufferedAmount = (): void => {
    const before = this.#sender.bufferedAmount;
    const bytes = this.#unreportedBytes;
    this.#unreportedBytes = 0;
    this.#sender.noteSent(bytes);
    const threshold = this.#bufferedAmountLowThreshold;
    const hasCrossed = before > threshold && this.#sender.bufferedAmount <= threshold;
    if (hasCrossed && this.#readyState !== "closed") {
      this.dispatchEvent(new Event("bufferedamountlow"));
    }
  };

  /** No specification says what happens: the message is left out, and the application told. */
  #reportUnreadable(message: OutgoingMessage, reason: unknown): void {
    this.#noteSent(message.byteLength);
    this.#tasks.queue(() => {
      const text = `a Blob could not be read and was not sent: ${String(reason)}`;
      const error = new RTCError({ errorDetail: "data-channel-failure" }, text);
      this.dispatchEvent(new RTCErrorEvent("error", { error }));
    });
  }

  #makeControl(): ChannelControl {
    return {
      assignId: (id) => {
        this.#id = id;
      },
      markOpen: () => this.#markOpen(),
      announceOpen: () => {
        this.#isOpeningCertain = true;
        this.#inbox.hold();
        this.#tasks.queue(() => this.#announceOpen());
      },
      deliver: (isText, payload) => this.#inbox.push({ isText, payload }),
      noteSent: (bytes) => this.#noteSent(bytes),
      noteSendable: () => this.#sender.noteSendable(),
      noteClosing: () => this.#inbox.push(() => this.#startClosing()),
      noteClosed: (failure) => this.#queueClosed(failure && rtcErrorOf("sctp-failure", failure)),
      noteFailedToOpen: (failure) => this.#queueClosed(rtcErrorOf("data-channel-failure", failure)),
      closeAbruptly: () => {
        this.#end(undefined, new DOMException("the connection was closed", "AbortError"));
      },
    };
  }
}

defineInterface(RTCDataChannel, "RTCDataChannel", ["messages", "streams"]);
defineEventHandlers(RTCDataChannel, [
  "open",
  "bufferedamountlow",
  "error",
  "closing",
  "close",
  "message",
]);

/** What the connection gives a new channel. */
export type ChannelParts = {
  readonly description: ChannelDescription;
  readonly port: ChannelPort;
  readonly tasks: TaskQueue;
};

/** "Create an RTCDataChannel": the object for the application, and the connection's hold on it. */
export function createRTCDataChannel(parts: ChannelParts): {
  readonly channel: RTCDataChannel;
  readonly control: ChannelControl;
} {
  const channel = new RTCDataChannel(CONSTRUCTION_TOKEN, parts);
  return { channel, control: controlOf(channel) };
}
