import { ChannelTable } from "../../src/datachannel/channel-table.ts";
import { RTCDataChannelEvent } from "../../src/w3c/events/rtc-data-channel-event.ts";
import { createRTCDataChannel } from "../../src/w3c/rtc-data-channel.ts";
import { TaskQueue } from "../../src/w3c/task-queue.ts";
import type { ChannelEvent, ChannelKey } from "../../src/datachannel/channel-events.ts";
import type { ChannelControl, ChannelPort } from "../../src/w3c/channel-port.ts";
import type { RTCDataChannel } from "../../src/w3c/rtc-data-channel.ts";

/** `RTCDataChannelInit`, after its conversion. */
export type TestInit = {
  negotiated?: boolean;
  id?: number;
  ordered?: boolean;
  maxRetransmits?: number;
  maxPacketLifeTime?: number;
  protocol?: string;
};

/** What the peer accepts. */
export const MAX_MESSAGE_BYTES = 1000;

/** One end: a channel table, its W3C objects, and a task queue that the test runs. */
export class Side extends EventTarget {
  readonly table: ChannelTable;
  readonly runtimeTasks: (() => void)[] = [];
  readonly tasks = new TaskQueue({ queueTask: (task) => void this.runtimeTasks.push(task) });
  readonly controls = new Map<ChannelKey, ChannelControl>();
  readonly announced: RTCDataChannel[] = [];

  constructor(role: "client" | "server", maxBufferedBytes: number) {
    super();
    this.table = new ChannelTable({ maxBufferedBytes });
    this.table.setRole(role);
  }

  create(label: string, init: TestInit = {}): RTCDataChannel {
    const { ordered = true, negotiated = false, protocol = "" } = init;
    const key = this.table.createChannel({
      label,
      protocol,
      isOrdered: ordered,
      isNegotiated: negotiated,
      streamId: init.id,
      maxRetransmits: init.maxRetransmits,
      maxLifetimeMs: init.maxPacketLifeTime,
    });
    return this.#make(key, {
      label,
      ordered,
      protocol,
      negotiated,
      maxRetransmits: init.maxRetransmits ?? null,
      maxPacketLifeTime: init.maxPacketLifeTime ?? null,
      id: this.table.streamIdOf(key) ?? null,
      isFromPeer: false,
    });
  }

  handle(event: ChannelEvent): void {
    if (event.kind === "announced") this.#announce(event);
    else this.#tell(this.controls.get(event.key)!, event);
  }

  #announce({ key, properties, streamId }: ChannelEvent & { kind: "announced" }): void {
    const channel = this.#make(key, {
      label: properties.label,
      ordered: properties.isOrdered,
      protocol: properties.protocol,
      negotiated: false,
      maxRetransmits: properties.maxRetransmits ?? null,
      maxPacketLifeTime: properties.maxLifetimeMs ?? null,
      id: streamId,
      isFromPeer: true,
    });
    this.tasks.queue(() => {
      this.controls.get(key)!.markOpen();
      this.announced.push(channel);
      this.dispatchEvent(new RTCDataChannelEvent("datachannel", { channel }));
      this.controls.get(key)!.announceOpen();
    });
  }

  #tell(control: ChannelControl, event: Exclude<ChannelEvent, { kind: "announced" }>): void {
    switch (event.kind) {
      case "idAssigned":
        return control.assignId(event.streamId);
      case "opened":
        return control.announceOpen();
      case "message":
        return control.deliver(event.isText, event.payload);
      case "sent":
        return control.noteSent(event.bytes);
      case "sendable":
        return control.noteSendable();
      case "closing":
        return control.noteClosing();
      case "closed":
        return control.noteClosed(event.failure);
      case "failedToOpen":
        return control.noteFailedToOpen(event.failure);
    }
  }

  #make(
    key: ChannelKey,
    description: Parameters<typeof createRTCDataChannel>[0]["description"],
  ): RTCDataChannel {
    const port: ChannelPort = {
      maxMessageBytes: MAX_MESSAGE_BYTES,
      maxBufferedBytes: 100_000,
      send: (kind, payload) => this.table.send(key, kind, payload),
      close: () => this.table.close(key),
      setReceivePaused: (isPaused) => this.table.setReceivePaused(key, isPaused),
    };
    const { channel, control } = createRTCDataChannel({ description, port, tasks: this.tasks });
    this.controls.set(key, control);
    return channel;
  }
}

/** Two ends over a transport that keeps the order of a stream and answers resets, as SCTP does. */
export class Pair {
  readonly left: Side;
  readonly right: Side;
  isSending = true;

  constructor(maxBufferedBytes = 100_000) {
    this.left = new Side("client", maxBufferedBytes);
    this.right = new Side("server", maxBufferedBytes);
  }

  connect(): void {
    this.left.table.handleConnected(1024, 1024);
    this.right.table.handleConnected(1024, 1024);
  }

  /** Runs all there is to run, one task at a time, with the microtasks between. */
  async settle(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const hasCarried = this.#carry(this.left, this.right) || this.#carry(this.right, this.left);
      const task = this.left.runtimeTasks.shift() ?? this.right.runtimeTasks.shift();
      if (task !== undefined) task();
      else if (!hasCarried) return;
    }
  }

  #carry(from: Side, to: Side): boolean {
    let count = 0;
    for (
      let next = this.isSending && from.table.pollCommand();
      next;
      next = from.table.pollCommand()
    ) {
      count++;
      if (next.kind === "send") {
        from.table.handleSent(next.streamId, next.payload.byteLength);
        to.table.handleMessage(next.streamId, next.ppid, next.payload);
      } else {
        to.table.handleStreamsReset([next.streamId]);
        from.table.handleStreamResetDone(next.streamId);
      }
    }
    for (const side of [from, to]) {
      for (let event = side.table.pollEvent(); event; event = side.table.pollEvent()) {
        count++;
        side.handle(event);
      }
    }
    return count > 0;
  }
}

/** A channel, open on both ends. */
export type OpenPair = { pair: Pair; left: RTCDataChannel; right: RTCDataChannel };

/** Creates a channel on the left and runs until it is open on both ends. */
export async function openPair(init: TestInit = {}, pair = new Pair()): Promise<OpenPair> {
  const left = pair.left.create("chat", init);
  const fixed = init.negotiated === true ? pair.right.create("chat", init) : undefined;
  pair.connect();
  await pair.settle();
  return { pair, left, right: fixed ?? pair.right.announced[0]! };
}

/** Writes down what is fired at `channel`, with the state at that time. */
export function logOf(channel: RTCDataChannel): string[] {
  const log: string[] = [];
  for (const type of ["open", "message", "error", "closing", "close", "bufferedamountlow"]) {
    channel.addEventListener(type, (event) => {
      const data = event instanceof MessageEvent ? `:${String(event.data)}` : "";
      log.push(`${type}${data} ${channel.readyState}`);
    });
  }
  return log;
}
