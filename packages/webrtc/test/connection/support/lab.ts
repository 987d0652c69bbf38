import type { Logger } from "../../../src/base/log.ts";
import { VirtualWorld, type LinkOptions, type VirtualHost } from "../../../src/testing/index.ts";
import type { RTCSettings } from "../../../src/w3c/environment.ts";
import type { RTCConfiguration } from "../../../src/w3c/rtc-configuration.ts";
import { RTCPeerConnection } from "../../../src/w3c/rtc-peer-connection.ts";

const CONNECTION_EVENTS = [
  "signalingstatechange",
  "negotiationneeded",
  "icegatheringstatechange",
  "iceconnectionstatechange",
  "connectionstatechange",
  "icecandidate",
  "icecandidateerror",
  "datachannel",
] as const;

/** A world with connections in it, each on a host of its own that the others can reach directly. */
export class Lab {
  readonly world: VirtualWorld;
  readonly #connections: RTCPeerConnection[] = [];
  #hosts = 0;

  constructor(seed = 1) {
    this.world = new VirtualWorld({ seed });
  }

  host(link: Partial<LinkOptions> = {}): VirtualHost {
    this.#hosts++;
    return this.world.createHost(`host${this.#hosts}`, {
      network: this.world.internet,
      addresses: [`198.18.${this.#hosts >> 8}.${this.#hosts & 255}`],
      up: link,
      down: link,
    });
  }

  connection(
    configuration: RTCConfiguration = {},
    settings: RTCSettings = {},
    host: VirtualHost = this.host(),
  ): RTCPeerConnection {
    const connection = new RTCPeerConnection(configuration, settings, { runtime: host.runtime });
    this.#connections.push(connection);
    return connection;
  }

  /** Runs what is due now, and what that leads to without time passing. */
  async settleNow(): Promise<void> {
    await this.world.advance(0);
  }

  /** Lets time pass until `promise` is settled. */
  run<T>(promise: Promise<T>): Promise<T> {
    return this.world.settle(promise);
  }

  /** Offer and answer at once, by way of parameterless `setLocalDescription`. */
  async negotiate(offerer: RTCPeerConnection, answerer: RTCPeerConnection): Promise<void> {
    await this.run(offerer.setLocalDescription());
    await this.run(answerer.setRemoteDescription(offerer.localDescription!));
    await this.run(answerer.setLocalDescription());
    await this.run(offerer.setRemoteDescription(answerer.localDescription!));
  }

  /** Two connections with an open channel, candidates trickling both ways. */
  async connectedPair(): Promise<{
    readonly offerer: RTCPeerConnection;
    readonly answerer: RTCPeerConnection;
  }> {
    const offerer = this.connection();
    const answerer = this.connection();
    trickle(offerer, answerer);
    const channel = offerer.createDataChannel("first");
    await this.negotiate(offerer, answerer);
    await this.world.advanceUntil(() => channel.readyState === "open");
    await this.world.advance(1_000);
    return { offerer, answerer };
  }

  /** Closes all connections; the world is empty of timers afterwards. */
  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    await this.settleNow();
  }
}

/** Hands the candidates of each to the other, at once and in order. */
export function trickle(a: RTCPeerConnection, b: RTCPeerConnection): void {
  const pass = (from: RTCPeerConnection, to: RTCPeerConnection): void => {
    from.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate !== null) void to.addIceCandidate(candidate).catch(() => {});
    });
  };
  pass(a, b);
  pass(b, a);
}

/** The events of a connection as they are fired, in words; `log` may be shared. */
export function record(connection: RTCPeerConnection, log: string[] = [], name = ""): string[] {
  const prefix = name === "" ? "" : `${name} `;
  for (const type of CONNECTION_EVENTS) {
    connection.addEventListener(type, (event: Event) => {
      log.push(`${prefix}${type}${detailOf(connection, event)}`);
    });
  }
  return log;
}

/** The same for the transport objects of a connection, which must exist by now. */
export function recordTransports(connection: RTCPeerConnection, log: string[]): void {
  const sctp = connection.sctp!;
  const dtls = sctp.transport;
  const ice = dtls.iceTransport;
  const listen = (name: string, target: EventTarget, types: readonly string[]): void => {
    for (const type of types) {
      target.addEventListener(type, () => {
        const { state, gatheringState } = target as { state?: string; gatheringState?: string };
        log.push(`${name} ${type} ${type === "gatheringstatechange" ? gatheringState : state}`);
      });
    }
  };
  listen("sctp", sctp, ["statechange"]);
  listen("dtls", dtls, ["statechange", "error"]);
  listen("ice", ice, ["statechange", "gatheringstatechange", "selectedcandidatepairchange"]);
}

function detailOf(connection: RTCPeerConnection, event: Event): string {
  switch (event.type) {
    case "signalingstatechange":
      return ` ${connection.signalingState}`;
    case "icegatheringstatechange":
      return ` ${connection.iceGatheringState}`;
    case "iceconnectionstatechange":
      return ` ${connection.iceConnectionState}`;
    case "connectionstatechange":
      return ` ${connection.connectionState}`;
    case "icecandidate": {
      const { candidate } = event as Event & { candidate: { candidate: string } | null };
      if (candidate === null) return " null";
      return candidate.candidate === "" ? " end" : " candidate";
    }
    default:
      return "";
  }
}

/** Everything that an application can see of a connection, to be compared before and after. */
export function observe(connection: RTCPeerConnection): unknown {
  const description = (value: { type: string; sdp: string } | null): unknown =>
    value && { type: value.type, sdp: value.sdp };
  const { sctp } = connection;
  const ice = sctp?.transport.iceTransport;
  return {
    signalingState: connection.signalingState,
    iceGatheringState: connection.iceGatheringState,
    iceConnectionState: connection.iceConnectionState,
    connectionState: connection.connectionState,
    canTrickleIceCandidates: connection.canTrickleIceCandidates,
    localDescription: description(connection.localDescription),
    currentLocalDescription: description(connection.currentLocalDescription),
    pendingLocalDescription: description(connection.pendingLocalDescription),
    remoteDescription: description(connection.remoteDescription),
    currentRemoteDescription: description(connection.currentRemoteDescription),
    pendingRemoteDescription: description(connection.pendingRemoteDescription),
    configuration: connection.getConfiguration(),
    sctp: sctp && {
      state: sctp.state,
      maxMessageSize: sctp.maxMessageSize,
      maxChannels: sctp.maxChannels,
      dtls: sctp.transport.state,
    },
    ice: ice && {
      role: ice.role,
      state: ice.state,
      gatheringState: ice.gatheringState,
      local: ice.getLocalParameters(),
      remote: ice.getRemoteParameters(),
      localCandidates: ice.getLocalCandidates().map((candidate) => candidate.toJSON()),
      remoteCandidates: ice.getRemoteCandidates().map((candidate) => candidate.toJSON()),
    },
  };
}

/** A logger that keeps what it is told: `error connection failed: …`. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (message: string): void => {
      lines.push(`${level} ${message}`);
    };
  const logger = {
    debug: keep("debug"),
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
  };
  return { logger, lines };
}
