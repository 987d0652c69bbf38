import type { Datagram, SocketId, TransportAddress } from "../base/datagram.ts";
import type { ProtocolFailure } from "../base/errors.ts";
import { NEVER_AT_MS, type Endpoint } from "../base/endpoint.ts";
import { Queue } from "../base/queue.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";
import type { LocalCertificate } from "../crypto/certificate.ts";
import type {
  GatherInterface,
  IceAgentOptions,
  IceEvent,
  IceRole,
  IceServer,
} from "../ice/index.ts";
import type { IceCredentials, SessionPlan, TransportPlan } from "../negotiation/session-plan.ts";
import type { ChannelInit, ChannelKey } from "./channel-events.ts";
import { DataTransport } from "./data-transport.ts";
import { SecureTransport, type SecureTransportEvent } from "./secure-transport.ts";
import type { SessionEvent, SessionRequest, TransportId } from "./session-events.ts";
import { closedStatisticsOf, type SessionStatistics } from "./session-statistics.ts";

/** What a session is made with. */
export type PeerSessionOptions = {
  readonly crypto: CryptoPort;
  /** Largest UDP payload that is sent. */
  readonly maxDatagramBytes: number;
  /**
   * Largest message of a data channel that is taken, as announced to the peer; default 262,144. A
   * larger one closes its channel.
   */
  readonly maxMessageBytes?: number;
};

const DEFAULT_MAX_MESSAGE_BYTES = 262_144;

/** With what transports are made; counts for those that are made, and restarted, later. */
export type TransportConfiguration = {
  readonly certificate: LocalCertificate;
  readonly stunServers: readonly IceServer[];
  readonly transportPolicy: "all" | "relay";
  /** The addresses of this machine that may be used. */
  readonly interfaces: readonly GatherInterface[];
};

type TransportEntry = {
  readonly id: TransportId;
  readonly serial: number;
  readonly transport: SecureTransport;
  plan: TransportPlan;
};

/**
 * One peer: everything between the description and the datagram, without a clock or a socket.
 *
 * It is told what negotiation agreed on (`applyPlan`), what the network brought (`handle…`) and what
 * the application wants; it is asked for datagrams, requests and events. After each call, drain
 * `pollTransmit`, `pollRequest` and `pollEvent`.
 *
 *     datagram -> transport of the socket (SecureTransport: ICE, DTLS) -> DataTransport (SCTP, channels)
 */
export class PeerSession implements Endpoint<Datagram, SessionEvent> {
  readonly #options: PeerSessionOptions;
  readonly #transports = new Map<TransportId, TransportEntry>();
  readonly #entryOfSocket = new Map<SocketId, TransportEntry>();
  readonly #askers = new Map<
    number,
    { readonly entry: TransportEntry; readonly requestId: number }
  >();
  readonly #requests = new Queue<SessionRequest>();
  readonly #events = new Queue<SessionEvent>();
  /** Goodbyes of transports that are gone. */
  readonly #farewells = new Queue<Datagram>();
  /** Of the transport that carries the data channels, or of the one that will. */
  #data: DataTransport;
  #configuration: TransportConfiguration | undefined;
  /** The transport that carries the data channels. */
  #dataEntry: TransportEntry | undefined;
  #lastSocketId = 0;
  #lastRequestId = 0;
  #lastTransportSerial = 0;
  #isClosed = false;
  /** What was known when the session was closed. */
  #finalStatistics: SessionStatistics | undefined;
  #nowMs = 0;

  constructor(options: PeerSessionOptions) {
    this.#options = options;
    const { crypto, maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES } = options;
    this.#data = new DataTransport({ crypto, maxMessageBytes });
  }

  // Commands

  /** Comes before the first plan that has transports. */
  configure(configuration: TransportConfiguration): void {
    this.#configuration = configuration;
  }

  /** Brings the transports to what the descriptions say by now. Applying a plan twice changes nothing. */
  applyPlan(plan: SessionPlan, nowMs: number): void {
    if (this.#isClosed) return;
    for (const entry of this.#transports.values()) {
      const isKept = plan.transports.some(({ transportId }) => transportId === entry.id);
      if (!isKept) this.#removeTransport(entry, nowMs);
    }
    const dataId = this.#dataEntry?.id;
    const dataPlan = plan.transports.find(({ transportId }) => transportId === dataId);
    if (dataPlan !== undefined && dataPlan.sctp === undefined) this.#endData(nowMs);
    for (const wanted of plan.transports) {
      const entry = this.#transports.get(wanted.transportId) ?? this.#addTransport(wanted, nowMs);
      this.#updateTransport(entry, wanted, nowMs);
    }
  }

  /** Throws `UsageError` as `ChannelTable.createChannel` does. */
  createChannel(init: ChannelInit, nowMs: number): ChannelKey {
    const key = this.#data.channels.createChannel(init);
    this.#settleData(nowMs);
    return key;
  }

  /** False when the send buffer is full; nothing was queued then. */
  sendOnChannel(
    key: ChannelKey,
    kind: "text" | "binary",
    payload: Uint8Array,
    nowMs: number,
  ): boolean {
    const isQueued = this.#data.channels.send(key, kind, payload);
    this.#settleData(nowMs);
    return isQueued;
  }

  /** See `ChannelTable.setReceivePaused`; what is held is taken off the window that SCTP announces. */
  setReceivePaused(key: ChannelKey, isPaused: boolean, nowMs: number): void {
    this.#data.channels.setReceivePaused(key, isPaused);
    this.#settleData(nowMs);
  }

  closeChannel(key: ChannelKey, nowMs: number): void {
    this.#data.channels.close(key);
    this.#settleData(nowMs);
  }

  /** The stream of a channel, `undefined` while it has none. */
  streamIdOf(key: ChannelKey): number | undefined {
    return this.#data.channels.streamIdOf(key);
  }

  /** A snapshot of everything that is counted; costs objects. After `close`, as it was then. */
  statistics(nowMs: number): SessionStatistics {
    const { channels, associationStats } = this.#data;
    return (
      this.#finalStatistics ?? {
        atMs: nowMs,
        transports: [...this.#transports.values()].map(({ id, serial, transport }) => ({
          id,
          serial,
          ...transport.statistics,
        })),
        sctp: associationStats,
        channels: channels.statistics,
        openedChannels: channels.history.openedChannels,
        closedChannels: channels.history.closedChannels,
      }
    );
  }

  /** Ends everything: the peer is told (SCTP ABORT, DTLS close_notify), sockets are given back. No event follows. */
  close(nowMs: number): void {
    if (this.#isClosed) return;
    this.#finalStatistics = closedStatisticsOf(this.statistics(nowMs));
    this.#isClosed = true;
    this.#data.abort("the connection was closed", nowMs);
    for (const entry of this.#transports.values()) this.#removeTransport(entry, nowMs);
    this.#data.channels.handleAssociationClosed();
    this.#events.clear();
  }

  /**
   * Something broke that must not: every transport and channel is reported as failed, and nothing is
   * done any more. The inner parts are let go without a call, since one of them is not what it should
   * be; whatever is asked of the session later does not reach them.
   */
  abandon(failure: ProtocolFailure): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const transportId of this.#transports.keys()) {
      this.#events.push({ kind: "iceStateChanged", transportId, state: "failed", failure });
    }
    this.#data.abandon(failure);
    this.#collectDataEvents();
    this.#dataEntry = undefined;
    for (const table of [this.#transports, this.#entryOfSocket, this.#askers]) table.clear();
    for (const queue of [this.#farewells, this.#requests]) queue.clear();
  }

  // What the world tells

  handleDatagram(datagram: Datagram, nowMs: number): void {
    const entry = this.#entryOfSocket.get(datagram.socketId);
    if (entry === undefined) return;
    this.#nowMs = nowMs;
    entry.transport.handleDatagram(datagram, nowMs);
    this.#settle(entry, nowMs);
  }

  handleSocketBound(socketId: SocketId, local: TransportAddress, nowMs: number): void {
    const entry = this.#entryOfSocket.get(socketId);
    if (entry === undefined) return;
    entry.transport.ice.handleSocketBound(socketId, local, nowMs);
    this.#settleTransport(entry, nowMs);
  }

  handleSocketFailed(socketId: SocketId, reason: string, nowMs: number): void {
    const entry = this.#entryOfSocket.get(socketId);
    if (entry === undefined) return;
    this.#entryOfSocket.delete(socketId);
    entry.transport.ice.handleSocketFailed(socketId, reason, nowMs);
    this.#settleTransport(entry, nowMs);
  }

  handleNameResolved(requestId: number, addresses: readonly string[], nowMs: number): void {
    const asker = this.#askers.get(requestId);
    if (asker === undefined) return;
    this.#askers.delete(requestId);
    asker.entry.transport.ice.handleNameResolved(asker.requestId, addresses, nowMs);
    this.#settleTransport(asker.entry, nowMs);
  }

  handleTimeout(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const entry of this.#transports.values()) {
      entry.transport.handleTimeout(nowMs);
      this.#settle(entry, nowMs);
    }
    if (!this.#isDataStranded) this.#data.handleTimeout(nowMs);
    this.#collectDataEvents();
  }

  // What it wants

  get nextTimeoutAtMs(): number {
    if (this.#isClosed) return NEVER_AT_MS;
    let earliestAtMs = this.#isDataStranded ? NEVER_AT_MS : this.#data.nextTimeoutAtMs;
    for (const { transport } of this.#transports.values()) {
      earliestAtMs = Math.min(earliestAtMs, transport.nextTimeoutAtMs);
    }
    return earliestAtMs;
  }

  pollTransmit(): Datagram | undefined {
    if (this.#farewells.size > 0) return this.#farewells.shift();
    if (this.#isClosed) return undefined;
    const data = this.#pollData();
    if (data !== undefined) return data;
    for (const { transport } of this.#transports.values()) {
      const datagram = transport.pollTransmit();
      if (datagram !== undefined) return datagram;
    }
    return undefined;
  }

  pollRequest(): SessionRequest | undefined {
    if (this.#requests.size > 0) return this.#requests.shift();
    for (const entry of this.#transports.values()) {
      const request = entry.transport.ice.pollRequest();
      if (request !== undefined) return this.#remember(request, entry);
    }
    return undefined;
  }

  pollEvent(): SessionEvent | undefined {
    if (this.#events.size === 0 && !this.#isClosed) this.#collectDataEvents();
    return this.#events.shift();
  }

  // Transports

  readonly #allocateSocketId = (): SocketId => ++this.#lastSocketId;

  #addTransport(plan: TransportPlan, nowMs: number): TransportEntry {
    const { certificate, interfaces } = this.#configuration!;
    const { crypto, maxDatagramBytes } = this.#options;
    const ice = this.#iceOptions(plan.localIce, plan.iceRole);
    const transport = new SecureTransport({ crypto, certificate, maxDatagramBytes, ice });
    const serial = ++this.#lastTransportSerial;
    const entry = { id: plan.transportId, serial, transport, plan };
    this.#transports.set(entry.id, entry);
    transport.ice.gather(interfaces, nowMs);
    return entry;
  }

  #iceOptions(localParameters: IceCredentials, role: IceRole): IceAgentOptions {
    const { stunServers, transportPolicy } = this.#configuration!;
    return {
      crypto: this.#options.crypto,
      role,
      localParameters,
      stunServers,
      transportPolicy,
      allocateSocketId: this.#allocateSocketId,
    };
  }

  #updateTransport(entry: TransportEntry, plan: TransportPlan, nowMs: number): void {
    entry.plan = plan;
    const { transport } = entry;
    this.#followLocalIce(entry, plan, nowMs);
    if (plan.remote !== undefined) transport.ice.setRemote(plan.remote, nowMs);
    if (plan.dtls !== undefined) transport.prepareDtls(plan.dtls, nowMs);
    this.#settleTransport(entry, nowMs);
    if (plan.sctp === undefined) return;
    if (this.#dataEntry === undefined) this.#beginData(entry, nowMs);
    if (this.#dataEntry === entry) this.#updateData(entry, nowMs);
  }

  /** Other credentials than before begin an ICE restart, or take it back (RFC 8839 §4.4.1.1.1). */
  #followLocalIce({ transport }: TransportEntry, plan: TransportPlan, nowMs: number): void {
    const { ice } = transport;
    if (ice.isAt(plan.localIce) || ice.rollBackTo(plan.localIce, nowMs)) return;
    const { interfaces } = this.#configuration!;
    // Whoever controls goes on to: the conflict, if there was one, is settled.
    ice.restart(this.#iceOptions(plan.localIce, ice.role), interfaces, nowMs);
  }

  #removeTransport(entry: TransportEntry, nowMs: number): void {
    const { transport } = entry;
    if (this.#dataEntry === entry) this.#endData(nowMs);
    transport.closeDtls(nowMs);
    for (let last = transport.pollTransmit(); last !== undefined; last = transport.pollTransmit()) {
      this.#farewells.push(last);
    }
    transport.ice.close();
    for (
      let last = transport.ice.pollRequest();
      last !== undefined;
      last = transport.ice.pollRequest()
    ) {
      this.#requests.push(this.#remember(last, entry));
    }
    for (const [requestId, asker] of this.#askers) {
      if (asker.entry === entry) this.#askers.delete(requestId);
    }
    this.#transports.delete(entry.id);
  }

  /** From here on the data channels use this transport, which may have been there for long. */
  #beginData(entry: TransportEntry, nowMs: number): void {
    this.#dataEntry = entry;
    const { dtlsState, dtlsFailure } = entry.transport;
    const isOver = dtlsState === "closed" || dtlsState === "failed";
    if (isOver) this.#data.handleTransportClosed(dtlsFailure, nowMs);
    this.#collectDataEvents();
  }

  #updateData(entry: TransportEntry, nowMs: number): void {
    const { transport, plan } = entry;
    const role = transport.dtlsRole ?? plan.dtls?.role;
    if (role !== undefined) this.#data.setRole(role);
    if (transport.dtlsState === "connected") this.#connectData(entry, nowMs);
    this.#settleData(nowMs);
  }

  /** The data channels lose their transport; those that have never been open wait for the next one. */
  #endData(nowMs: number): void {
    const successor = this.#data.createSuccessor();
    this.#data.handleTransportClosed(undefined, nowMs);
    for (let last = this.#pollData(); last !== undefined; last = this.#pollData())
      this.#farewells.push(last);
    this.#collectDataEvents();
    this.#data = successor;
    this.#dataEntry = undefined;
  }

  /** An answer must find its way back to the transport that asked. */
  #remember(request: SessionRequest, entry: TransportEntry): SessionRequest {
    switch (request.kind) {
      case "bindUdp":
        this.#entryOfSocket.set(request.socketId, entry);
        return request;
      case "closeSocket":
        this.#entryOfSocket.delete(request.socketId);
        return request;
      case "resolveName": {
        const requestId = ++this.#lastRequestId;
        this.#askers.set(requestId, { entry, requestId: request.requestId });
        return { ...request, requestId };
      }
    }
  }

  // Events on their way up

  /** Something was done to the transport's ICE. */
  #settleTransport(entry: TransportEntry, nowMs: number): void {
    entry.transport.advance(nowMs);
    this.#settle(entry, nowMs);
  }

  #settle(entry: TransportEntry, nowMs: number): void {
    for (;;) {
      const event = entry.transport.pollEvent();
      if (event === undefined) break;
      this.#handleTransportEvent(entry, event, nowMs);
    }
    this.#collectDataEvents();
  }

  #handleTransportEvent(entry: TransportEntry, event: SecureTransportEvent, nowMs: number): void {
    const isDataTransport = this.#dataEntry === entry;
    if (event.kind === "applicationData") {
      if (isDataTransport) this.#data.handlePacket(event.bytes, nowMs);
    } else if (event.kind === "ice") {
      this.#events.push(toSessionEvent(entry.id, event.event));
    } else if (event.kind === "pathRestored") {
      if (isDataTransport) this.#data.handlePathRestored(nowMs);
    } else {
      this.#events.push({ ...event, kind: "dtlsStateChanged", transportId: entry.id });
      if (!isDataTransport) return;
      if (event.state === "connected") this.#connectData(entry, nowMs);
      else if (event.state !== "connecting") this.#data.handleTransportClosed(event.failure, nowMs);
    }
  }

  #connectData({ transport, plan }: TransportEntry, nowMs: number): void {
    if (plan.sctp !== undefined)
      this.#data.connect(plan.sctp, transport.maxApplicationBytes, nowMs);
  }

  /** Nothing can be sent, which is not the peer's fault: the association's timers stand still. */
  get #isDataStranded(): boolean {
    return this.#dataEntry !== undefined && !this.#dataEntry.transport.hasPath;
  }

  #pollData(): Datagram | undefined {
    const transport = this.#dataEntry?.transport;
    if (transport === undefined || !transport.isWritable) return undefined;
    const packet = this.#data.pollTransmit();
    return packet === undefined ? undefined : transport.seal(packet, this.#nowMs);
  }

  #settleData(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#data.settle(nowMs);
    this.#collectDataEvents();
  }

  #collectDataEvents(): void {
    for (;;) {
      const event = this.#data.pollEvent();
      if (event === undefined) return;
      // There is no association without its transport.
      const isOfChannel = event.kind === "channel";
      this.#events.push(isOfChannel ? event : { ...event, transportId: this.#dataEntry!.id });
    }
  }
}

function toSessionEvent(transportId: TransportId, event: IceEvent): SessionEvent {
  switch (event.kind) {
    case "gatheringStateChanged":
      return { ...event, kind: "iceGatheringStateChanged", transportId };
    case "stateChanged":
      return { ...event, kind: "iceStateChanged", transportId };
    case "roleChanged":
      return { ...event, kind: "iceRoleChanged", transportId };
    default:
      return { ...event, transportId };
  }
}
