import type { SocketId } from "../../../src/base/datagram.ts";
import { NEVER_AT_MS } from "../../../src/base/endpoint.ts";
import type { ProtocolFailure } from "../../../src/base/errors.ts";
import { IceAgent } from "../../../src/ice/index.ts";
import type {
  IceCandidate,
  IceEvent,
  IceRequest,
  IceRole,
  IceState,
} from "../../../src/ice/index.ts";
import type { UdpSocket } from "../../../src/runtime/runtime.ts";
import type { VirtualHost } from "../../../src/testing/index.ts";
import { isStunDatagram } from "../../../src/stun/stun-header.ts";

/** An ICE agent alone on a virtual host: what the driver does for a whole session, in small. */
export class IcePeer {
  readonly agent: IceAgent;
  readonly states: { readonly atMs: number; readonly state: IceState }[] = [];
  failure: ProtocolFailure | undefined;
  /** Where local candidates go: the other peer, through the signaling of the test. */
  onCandidate: (candidate: IceCandidate | undefined) => void = () => {};
  readonly #host: VirtualHost;
  readonly #sockets = new Map<SocketId, UdpSocket>();
  readonly #deadline;
  #nextSocketId = 1;

  constructor(host: VirtualHost, role: IceRole, stunServer: string) {
    this.#host = host;
    this.agent = new IceAgent({
      crypto: host.runtime.crypto,
      role,
      stunServers: [{ address: stunServer, port: 3_478, url: `stun:${stunServer}` }],
      transportPolicy: "all",
      allocateSocketId: () => this.#nextSocketId++,
    });
    this.#deadline = host.runtime.createDeadline(() =>
      this.run((agent, nowMs) => agent.handleTimeout(nowMs)),
    );
  }

  /** One change, then a complete drain. */
  run(command: (agent: IceAgent, nowMs: number) => void): void {
    command(this.agent, this.#host.runtime.nowMs());
    for (let request = this.agent.pollRequest(); request; request = this.agent.pollRequest()) {
      void this.#carryOut(request);
    }
    for (let sent = this.agent.pollTransmit(); sent; sent = this.agent.pollTransmit()) {
      this.#sockets.get(sent.socketId)?.send(sent.bytes, sent.remoteAddress, sent.remotePort);
    }
    for (let event = this.agent.pollEvent(); event; event = this.agent.pollEvent()) {
      this.#handleEvent(event);
    }
    const { nextTimeoutAtMs } = this.agent;
    if (nextTimeoutAtMs === NEVER_AT_MS) this.#deadline.clear();
    else this.#deadline.set(nextTimeoutAtMs);
  }

  gather(): void {
    const interfaces = this.#host.runtime
      .interfaceAddresses()
      .filter(({ isInternal }) => !isInternal);
    this.run((agent, nowMs) => agent.gather(interfaces, nowMs));
  }

  #handleEvent(event: IceEvent): void {
    if (event.kind === "localCandidate") this.onCandidate(event.candidate);
    if (event.kind === "gatheringStateChanged" && event.state === "complete")
      this.onCandidate(undefined);
    if (event.kind !== "stateChanged") return;
    this.states.push({ atMs: this.#host.runtime.nowMs(), state: event.state });
    this.failure = event.failure ?? this.failure;
  }

  async #carryOut(request: IceRequest): Promise<void> {
    if (request.kind === "closeSocket") {
      this.#sockets.get(request.socketId)?.close();
      return;
    }
    if (request.kind === "resolveName") return; // These tests name servers by address.
    const { socketId, address } = request;
    const socket = await this.#host.runtime.bindUdp(
      { address, minPort: 0, maxPort: 0 },
      {
        onDatagram: (bytes, remoteAddress, remotePort) => {
          if (!isStunDatagram(bytes)) return;
          this.run((agent, nowMs) =>
            agent.handleDatagram({ socketId, bytes, remoteAddress, remotePort }, nowMs),
          );
        },
        onFailed: (reason) =>
          this.run((agent, nowMs) => agent.handleSocketFailed(socketId, reason, nowMs)),
      },
    );
    this.#sockets.set(socketId, socket);
    this.run((agent, nowMs) => agent.handleSocketBound(socketId, socket.local, nowMs));
  }
}

/** Exchanges parameters and candidates of two peers at once, and lets both gather and trickle. */
export function introduce(a: IcePeer, b: IcePeer): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.onCandidate = (candidate) => {
      to.run((agent, nowMs) => {
        if (candidate === undefined) agent.endOfRemoteCandidates(nowMs);
        else agent.addRemoteCandidate(candidate, nowMs);
      });
    };
    to.run((agent, nowMs) => agent.setRemoteParameters(from.agent.localParameters, nowMs));
  }
  a.gather();
  b.gather();
}

/** True once the agent has a path, nominated or about to be. */
export function isConnected({ agent }: IcePeer): boolean {
  return agent.state === "connected" || agent.state === "completed";
}
