import { toOutgoingMessage } from "./channel-data.ts";
import { conversionError, dictionary, unrestrictedDouble, withDefault } from "./webidl/index.ts";
import type { ChannelData, ChannelMessage, OutgoingMessage } from "./channel-data.ts";
import type { ChannelLifecycle } from "./channel-lifecycle.ts";
import type { MessageQueue } from "./channel-receiver.ts";
import type { ChannelSender } from "./channel-sender.ts";

const DEFAULT_HIGH_WATER_MARK_BYTES = 1024 * 1024;

/** How much a reader or a writer may have queued before the flow stops. */
export interface ChannelFlowOptions {
  /** In bytes, some overhead for each received message included. 1 MiB if not given. */
  highWaterMarkBytes?: number;
}

/** Both directions of a channel as Web Streams: a chunk is a whole message. */
export type ChannelStreams = {
  readonly readable: ReadableStream<ChannelMessage>;
  readonly writable: WritableStream<ChannelData>;
};

/** What a writable stream needs of its channel. */
export type WritableHost = {
  readonly sender: ChannelSender;
  readonly lifecycle: ChannelLifecycle;
  /** Throws what `send` would throw for this message now, its size apart from the free room. */
  checkSendable(message: OutgoingMessage): void;
  close(): void;
};

const toFlowOptions = dictionary("ChannelFlowOptions", {
  highWaterMarkBytes: withDefault(
    (value, context) => {
      const bytes = unrestrictedDouble(value, context);
      if (bytes >= 0) return bytes;
      throw conversionError(context, `${bytes} is not a number of bytes`);
    },
    () => DEFAULT_HIGH_WATER_MARK_BYTES,
  ),
});

/** The high-water mark that `options` ask for. Throws `TypeError`. */
export function highWaterMarkOf(options: unknown, context: string): number {
  return toFlowOptions(options, context).highWaterMarkBytes;
}

/** The messages of `queue` as an iterator; leaving the loop gives the queue up. */
export function iterateMessages(queue: MessageQueue): AsyncIterableIterator<ChannelMessage> {
  return {
    next: () => queue.next(),
    return: () => {
      queue.detach();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The messages of `queue` as a stream that has no queue besides; cancelling it gives the queue up. */
export function readableOf(queue: MessageQueue): ReadableStream<ChannelMessage> {
  return new ReadableStream<ChannelMessage>(
    {
      async pull(controller) {
        const result = await queue.next();
        if (result.done === true) controller.close();
        else controller.enqueue(result.value);
      },
      cancel() {
        queue.detach();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * A stream whose writes are done when at most `highWaterMarkBytes` of the channel wait to be sent.
 * Closing it closes the channel, and is done when the peer has got everything. Aborting it closes the
 * channel too, without waiting.
 */
export function writableOf(
  host: WritableHost,
  highWaterMarkBytes: number,
): WritableStream<ChannelData> {
  const { sender, lifecycle } = host;
  return new WritableStream<ChannelData>({
    start(controller) {
      lifecycle.whenClosed().then(
        () => controller.error(new DOMException("the channel is closed", "InvalidStateError")),
        (reason: unknown) => controller.error(reason),
      );
      return lifecycle.whenOpen();
    },
    async write(chunk) {
      const message = toOutgoingMessage(chunk, "RTCDataChannel writable: chunk");
      host.checkSendable(message);
      while (!sender.send(message)) {
        await sender.whenRoomMayBe();
        host.checkSendable(message);
      }
      await sender.whenBufferedAtMost(highWaterMarkBytes);
    },
    close() {
      host.close();
      return lifecycle.whenClosed();
    },
    abort() {
      host.close();
    },
  });
}
