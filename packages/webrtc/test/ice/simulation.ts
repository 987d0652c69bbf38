import assert from "node:assert/strict";
import type { Datagram, SocketId, TransportAddress } from "../../src/base/datagram.ts";
import { ipFamilyOf, isLoopbackAddress } from "../../src/base/ip-address.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { createNodeCrypto } from "../../src/crypto/node-crypto.ts";
import type {
  IceAgentOptions,
  IceCandidate,
  IceEvent,
  IceRequest,
  IceState,
} from "../../src/ice/index.ts";
import { IceAgent } from "../../src/ice/index.ts";
import { isStunDatagram } from "../../src/stun/stun-header.ts";
import { decodeStunMessage } from "../../src/stun/stun-decoder.ts";
import { encodeStunMessage } from "../../src/stun/stun-encoder.ts";

const FIRST_PORT = 50_000;
const MAX_STEPS = 200_000;

/** A datagram on the simulated network. */
export type Packet = {
  readonly from: TransportAddress;
  readonly to: TransportAddress;
  readonly bytes: Uint8Array;
};

/** What the network does to packets. */
export type NetworkOptions = {
  readonly seed?: number;
  /** One way. */
  readonly delayMs?: number;
  /** True: the packet is lost. Called for every packet; addresses are the public ones. */
  isLost?(packet: Packet, random: SeededRandom, nowMs: number): boolean;
};

/** A NAT in front of one peer: address-dependent mapping if `isSymmetric`, filtering by address and port. */
export type NatOptions = { readonly publicAddress: string; readonly isSymmetric?: boolean };

/** How a simulated peer is set up. */
export type PeerOptions = Partial<IceAgentOptions> & {
  readonly addresses: readonly string[];
  readonly nat?: NatOptions;
  /** Addresses that the bind request fails for. */
  readonly unbindable?: readonly string[];
  /** What names resolve to; a missing name fails; "never" does not answer. */
  readonly names?: Readonly<Record<string, readonly string[] | "never">>;
};

/** One agent with its sockets. */
export class Peer {
  readonly name: string;
  readonly agent: IceAgent;
  readonly options: PeerOptions;
  readonly events: IceEvent[] = [];
  readonly states: { readonly state: IceState; readonly atMs: number }[] = [];
  readonly sockets = new Map<SocketId, TransportAddress>();
  readonly requests: IceRequest[] = [];
  readonly data: { readonly bytes: Uint8Array; readonly isKnown: boolean }[] = [];
  /** What was sent, for tests of rates and contents. */
  readonly sent: { readonly datagram: Datagram; readonly atMs: number }[] = [];
  onCandidate: ((candidate: IceCandidate) => void) | undefined;
  onGathered: (() => void) | undefined;

  constructor(name: string, agent: IceAgent, options: PeerOptions) {
    this.name = name;
    this.agent = agent;
    this.options = options;
  }

  candidates(): IceCandidate[] {
    return this.events.flatMap((event) =>
      event.kind === "localCandidate" ? [event.candidate] : [],
    );
  }

  /** When a state was first reached. */
  reachedAtMs(state: IceState): number | undefined {
    return this.states.find((entry) => entry.state === state)?.atMs;
  }

  failureText(): string {
    const failures = this.events.flatMap((event) =>
      event.kind === "stateChanged" && event.failure ? [event.failure.message] : [],
    );
    return failures.join();
  }
}

type NatMapping = {
  readonly inside: TransportAddress;
  readonly outside: TransportAddress;
  readonly permitted: Set<string>;
  readonly remote: string | undefined;
};

/** Agents, NATs and STUN servers on one network in virtual time. Everything follows from the seed. */
export class IceSimulation {
  readonly random: SeededRandom;
  readonly peers: Peer[] = [];
  readonly packets: Packet[] = [];
  readonly #options: NetworkOptions;
  readonly #scheduled: {
    readonly atMs: number;
    readonly order: number;
    readonly act: () => void;
  }[] = [];
  readonly #mappings: NatMapping[] = [];
  readonly #stunServers = new Set<string>();
  readonly #bareHosts = new Map<string, (packet: Packet) => void>();
  #order = 0;
  #nextSocketId = 1;
  #nextPort = FIRST_PORT;
  #nowMs = 0;

  constructor(options: NetworkOptions = {}) {
    this.#options = options;
    this.random = new SeededRandom(options.seed ?? 1);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  addPeer(name: string, options: PeerOptions): Peer {
    const agent = new IceAgent({
      crypto: createNodeCrypto(new SeededRandom(this.random.uint32())),
      role: "controlling",
      stunServers: [],
      transportPolicy: "all",
      allocateSocketId: () => this.#nextSocketId++,
      ...options,
    });
    const peer = new Peer(name, agent, options);
    this.peers.push(peer);
    return peer;
  }

  /** A STUN server that answers. */
  addStunServer(address: string, port: number): void {
    this.#stunServers.add(keyOf({ address, port }));
  }

  /** An address whose packets are handled by the test itself. */
  addBareHost(at: TransportAddress, onPacket: (packet: Packet) => void): void {
    this.#bareHosts.set(keyOf(at), onPacket);
  }

  gather(peer: Peer): void {
    const interfaces = peer.options.addresses.map((address) => ({
      address,
      interfaceName: "eth0",
      isInternal: isLoopbackAddress(address),
      family: ipFamilyOf(address),
    }));
    peer.agent.gather(interfaces, this.#nowMs);
    this.#drain();
  }

  /** Runs `act` with the clock at `atMs`, then drains all agents. */
  at(atMs: number, act: () => void): void {
    this.#scheduled.push({ atMs, order: this.#order++, act });
  }

  do(act: () => void): void {
    act();
    this.#drain();
  }

  /** Exchanges parameters and candidates both ways, each with its signalling delay. */
  connect(
    a: Peer,
    b: Peer,
    delays: { aToB?: number; bToA?: number; isTrickled?: boolean } = {},
  ): void {
    this.signal(a, b, delays.aToB ?? 0, delays.isTrickled);
    this.signal(b, a, delays.bToA ?? 0, delays.isTrickled);
    this.gather(a);
    this.gather(b);
  }

  /** What `from` gathers is told to `to`, `delayMs` later; not trickled: all at the end. */
  signal(from: Peer, to: Peer, delayMs: number, isTrickled = true): void {
    const later = (act: (agent: IceAgent, nowMs: number) => void): void => {
      this.at(this.#nowMs + delayMs, () => act(to.agent, this.#nowMs));
    };
    const parameters = from.agent.localParameters;
    const held: IceCandidate[] = [];
    if (isTrickled) later((agent, nowMs) => agent.setRemoteParameters(parameters, nowMs));
    from.onCandidate = (candidate) => {
      if (isTrickled) later((agent, nowMs) => agent.addRemoteCandidate(candidate, nowMs));
      else held.push(candidate);
    };
    from.onGathered = () =>
      later((agent, nowMs) => {
        if (!isTrickled) agent.setRemoteParameters(parameters, nowMs);
        for (const candidate of held) agent.addRemoteCandidate(candidate, nowMs);
        agent.endOfRemoteCandidates(nowMs);
      });
  }

  /** Application data along the selected path. */
  sendData(peer: Peer, bytes: Uint8Array): void {
    const path = peer.agent.selectedPath;
    assert.ok(path, `${peer.name} has no path`);
    this.#send(peer, { ...path, bytes });
  }

  /** All NATs forget their mappings: what comes next has a new public port. */
  rebindNats(): void {
    this.#mappings.length = 0;
  }

  /** Puts a packet on the wire as anybody could, source address forged. */
  inject(packet: Packet): void {
    this.#transport(packet);
  }

  /** Advances to `untilMs`, or until `isDone` says so. Asserts that no agent asks for the past. */
  run(untilMs: number, isDone: () => boolean = () => false): void {
    this.#drain();
    for (let step = 0; step < MAX_STEPS && !isDone(); step++) {
      const nextAtMs = this.#nextAtMs();
      if (nextAtMs > untilMs) {
        this.#nowMs = untilMs;
        return;
      }
      this.#nowMs = Math.max(this.#nowMs, nextAtMs);
      this.#runScheduled();
      for (const peer of this.peers) this.#fireTimer(peer);
    }
    assert.ok(isDone(), "the simulation does not come to rest");
  }

  #fireTimer(peer: Peer): void {
    if (peer.agent.nextTimeoutAtMs > this.#nowMs) return;
    peer.agent.handleTimeout(this.#nowMs);
    this.#drain();
    assert.ok(peer.agent.nextTimeoutAtMs > this.#nowMs, `${peer.name} asks for the past`);
  }

  #nextAtMs(): number {
    const timers = this.peers.map(({ agent }) => agent.nextTimeoutAtMs);
    return Math.min(...timers, ...this.#scheduled.map(({ atMs }) => atMs));
  }

  #runScheduled(): void {
    for (;;) {
      this.#scheduled.sort((x, y) => x.atMs - y.atMs || x.order - y.order);
      if (this.#scheduled[0] === undefined || this.#scheduled[0].atMs > this.#nowMs) return;
      this.#scheduled.shift()!.act();
      this.#drain();
    }
  }

  #drain(): void {
    let isIdle = false;
    while (!isIdle) {
      isIdle = true;
      for (const peer of this.peers) if (this.#drainPeer(peer)) isIdle = false;
    }
  }

  #drainPeer(peer: Peer): boolean {
    const { agent } = peer;
    let hasMoved = false;
    for (let request = agent.pollRequest(); request; request = agent.pollRequest()) {
      hasMoved = true;
      peer.requests.push(request);
      this.#handleRequest(peer, request);
    }
    for (let datagram = agent.pollTransmit(); datagram; datagram = agent.pollTransmit()) {
      hasMoved = true;
      peer.sent.push({ datagram, atMs: this.#nowMs });
      this.#send(peer, datagram);
    }
    for (let event = agent.pollEvent(); event; event = agent.pollEvent()) {
      hasMoved = true;
      this.#handleEvent(peer, event);
    }
    return hasMoved;
  }

  #handleEvent(peer: Peer, event: IceEvent): void {
    peer.events.push(event);
    if (event.kind === "stateChanged") {
      peer.states.push({ state: event.state, atMs: this.#nowMs });
    } else if (event.kind === "localCandidate") {
      peer.onCandidate?.(event.candidate);
    } else if (event.kind === "gatheringStateChanged" && event.state === "complete") {
      peer.onGathered?.();
    }
  }

  #handleRequest(peer: Peer, request: IceRequest): void {
    const { agent, options } = peer;
    switch (request.kind) {
      case "bindUdp": {
        const { socketId, address } = request;
        if (options.unbindable?.includes(address)) {
          agent.handleSocketFailed(socketId, "EADDRNOTAVAIL", this.#nowMs);
          return;
        }
        const local = { address, port: this.#nextPort++ };
        peer.sockets.set(socketId, local);
        agent.handleSocketBound(socketId, local, this.#nowMs);
        return;
      }
      case "closeSocket":
        peer.sockets.delete(request.socketId);
        return;
      case "resolveName": {
        const answer = options.names?.[request.name] ?? [];
        if (answer !== "never") agent.handleNameResolved(request.requestId, answer, this.#nowMs);
        return;
      }
    }
  }

  #send(peer: Peer, datagram: Datagram): void {
    const inside = peer.sockets.get(datagram.socketId);
    if (inside === undefined) return;
    const to = { address: datagram.remoteAddress, port: datagram.remotePort };
    const { nat } = peer.options;
    const isWithin = peer.options.addresses.includes(to.address);
    const from = nat === undefined || isWithin ? inside : this.#mapOut(inside, to, nat);
    this.#transport({ from, to, bytes: datagram.bytes });
  }

  #mapOut(inside: TransportAddress, to: TransportAddress, nat: NatOptions): TransportAddress {
    const remote = nat.isSymmetric ? keyOf(to) : undefined;
    let mapping = this.#mappings.find(
      (known) => keyOf(known.inside) === keyOf(inside) && known.remote === remote,
    );
    if (mapping === undefined) {
      const outside = { address: nat.publicAddress, port: this.#nextPort++ };
      mapping = { inside, outside, permitted: new Set(), remote };
      this.#mappings.push(mapping);
    }
    mapping.permitted.add(keyOf(to));
    return mapping.outside;
  }

  #transport(packet: Packet): void {
    this.packets.push(packet);
    const { isLost, delayMs = 1 } = this.#options;
    if (isLost?.(packet, this.random, this.#nowMs)) return;
    this.at(this.#nowMs + delayMs, () => this.#arrive(packet));
  }

  #arrive(packet: Packet): void {
    if (this.#stunServers.has(keyOf(packet.to))) return this.#answerStun(packet);
    const bareHost = this.#bareHosts.get(keyOf(packet.to));
    if (bareHost !== undefined) return bareHost(packet);
    const mapping = this.#mappings.find(({ outside }) => keyOf(outside) === keyOf(packet.to));
    if (mapping !== undefined && !mapping.permitted.has(keyOf(packet.from))) return;
    const to = keyOf(mapping?.inside ?? packet.to);
    for (const peer of this.peers) {
      if (mapping === undefined && peer.options.nat && !isLocal(peer, packet.from)) continue;
      for (const [socketId, local] of peer.sockets) {
        if (keyOf(local) === to) this.#deliver(peer, socketId, packet);
      }
    }
  }

  #deliver(peer: Peer, socketId: SocketId, { from, bytes }: Packet): void {
    const { agent } = peer;
    if (isStunDatagram(bytes)) {
      const { address: remoteAddress, port: remotePort } = from;
      agent.handleDatagram({ socketId, remoteAddress, remotePort, bytes }, this.#nowMs);
    } else {
      peer.data.push({ bytes, isKnown: agent.isKnownPath(socketId, from.address, from.port) });
    }
  }

  #answerStun({ from, to, bytes }: Packet): void {
    const request = decodeStunMessage(bytes);
    const answer = encodeStunMessage({
      class: "success",
      method: 1,
      transactionId: request.transactionId,
      attributes: { xorMappedAddress: from },
    });
    this.#transport({ from: to, to: from, bytes: answer });
  }
}

function isLocal(peer: Peer, from: TransportAddress): boolean {
  return peer.options.addresses.includes(from.address);
}

function keyOf({ address, port }: TransportAddress): string {
  return `${address} ${port}`;
}
