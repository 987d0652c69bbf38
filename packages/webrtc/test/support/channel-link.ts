import assert from "node:assert/strict";
import { ChannelTable } from "../../src/datachannel/channel-table.ts";
import { encodeDataChannelOpen } from "../../src/datachannel/data-channel-open.ts";
import { PPID_DCEP } from "../../src/datachannel/ppid.ts";
import type {
  ChannelCommand,
  ChannelEvent,
  ChannelInit,
  ChannelKey,
} from "../../src/datachannel/channel-events.ts";
import type { ChannelTableOptions } from "../../src/datachannel/channel-table-options.ts";

/** A plain channel, announced in-band. */
export const INIT: ChannelInit = {
  label: "chat",
  protocol: "",
  isOrdered: true,
  isNegotiated: false,
};
/** One that both applications create. */
export const negotiated = (streamId: number): ChannelInit => ({
  ...INIT,
  isNegotiated: true,
  streamId,
});

/** All commands that wait. */
export function commandsOf(table: ChannelTable): ChannelCommand[] {
  const commands: ChannelCommand[] = [];
  for (let next = table.pollCommand(); next; next = table.pollCommand()) commands.push(next);
  return commands;
}

/** All events that wait. */
export function eventsOf(table: ChannelTable): ChannelEvent[] {
  const events: ChannelEvent[] = [];
  for (let next = table.pollEvent(); next; next = table.pollEvent()) events.push(next);
  return events;
}

/** For comparisons that need no more. */
export const kindsOf = (items: readonly { readonly kind: string }[]): string[] =>
  items.map(({ kind }) => kind);

/** A connected table on which what the peer does is told by hand. */
export function connected(
  role: "client" | "server",
  options: Partial<ChannelTableOptions> = {},
  streams = 65_535,
): ChannelTable {
  const table = new ChannelTable(options);
  table.setRole(role);
  table.handleConnected(streams, streams);
  return table;
}

/** An OPEN of the peer. */
export function openBytes(properties: object = {}): Uint8Array {
  return encodeDataChannelOpen({ ...INIT, priority: 256, ...properties });
}

/** A channel that the peer has opened, with the events and commands of that taken out. */
export function acceptOpen(
  table: ChannelTable,
  streamId: number,
  properties: object = {},
): ChannelKey {
  table.handleMessage(streamId, PPID_DCEP, openBytes(properties));
  const announced = eventsOf(table).find(({ kind }) => kind === "announced");
  commandsOf(table);
  assert.ok(announced);
  return announced.key;
}

/** Two tables over a transport that keeps the order of each stream, like SCTP, and answers resets. */
export class Link {
  readonly client = new ChannelTable();
  readonly server = new ChannelTable();
  readonly clientEvents: ChannelEvent[] = [];
  readonly serverEvents: ChannelEvent[] = [];

  constructor() {
    this.client.setRole("client");
    this.server.setRole("server");
  }

  connect(): this {
    this.client.handleConnected(65_535, 65_535);
    this.server.handleConnected(65_535, 65_535);
    this.run();
    return this;
  }

  /** Carries commands until both are silent. */
  run(): void {
    let isBusy = true;
    while (isBusy) {
      isBusy = this.#carry(this.client, this.server) || this.#carry(this.server, this.client);
      this.clientEvents.push(...eventsOf(this.client));
      this.serverEvents.push(...eventsOf(this.server));
    }
  }

  #carry(from: ChannelTable, to: ChannelTable): boolean {
    const commands = commandsOf(from);
    for (const command of commands) {
      if (command.kind === "send") {
        from.handleSent(command.streamId, command.payload.byteLength);
        to.handleMessage(command.streamId, command.ppid, command.payload);
      } else {
        to.handleStreamsReset([command.streamId]);
        from.handleStreamResetDone(command.streamId);
      }
    }
    return commands.length > 0;
  }
}
