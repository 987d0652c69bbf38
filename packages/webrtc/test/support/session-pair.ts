import type { Datagram, SocketId } from "../../src/base/datagram.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { generateCertificate } from "../../src/crypto/certificate.ts";
import { createNodeCrypto } from "../../src/crypto/node-crypto.ts";
import type { IceCandidate } from "../../src/ice/index.ts";
import type { SessionPlan } from "../../src/negotiation/session-plan.ts";
import { PeerSession } from "../../src/session/peer-session.ts";
import type { SessionEvent, SessionRequest } from "../../src/session/session-events.ts";
import { PlanBook, type PlannedEnd } from "./plan-book.ts";

const LINK_DELAY_MS = 5;
const START_EPOCH_MS = 1_767_225_600_000;
const MAX_STEPS = 200_000;
const PORT_STEP = 10;

type InTransit = { readonly atMs: number; readonly to: SessionEnd; readonly datagram: Datagram };

/** One session with what it needs of the world, and what it has reported. */
export class SessionEnd {
  readonly session: PeerSession;
  readonly certificate;
  readonly address: string;
  readonly events: SessionEvent[] = [];
  /** Of the first socket; later ones have the next free port. */
  readonly port: number;
  /** The socket that was bound last. */
  socketId = 0;
  /** The open sockets with their ports. */
  readonly sockets = new Map<SocketId, number>();
  readonly credentials: { readonly ufrag: string; readonly password: string };

  constructor(name: string, seed: number) {
    const crypto = createNodeCrypto(new SeededRandom(seed));
    this.certificate = generateCertificate({ nowEpochMs: START_EPOCH_MS, random: crypto.random });
    this.session = new PeerSession({ crypto, maxDatagramBytes: 1200 });
    this.address = `198.51.100.${seed}`;
    this.port = 5000 + seed;
    this.credentials = { ufrag: `ufrag${name}`, password: `password-of-at-least-22-${name}` };
    this.session.configure({
      certificate: this.certificate,
      stunServers: [],
      transportPolicy: "all",
      interfaces: [
        { address: this.address, interfaceName: "eth0", isInternal: false, family: "IPv4" },
      ],
    });
  }

  /** Local candidates of all generations. */
  get candidates(): readonly IceCandidate[] {
    return this.of("localCandidate").map(({ candidate }) => candidate);
  }

  /** ICE states of one transport, in order. */
  iceStatesOf(id: string): readonly string[] {
    return this.of("iceStateChanged")
      .filter(({ transportId }) => transportId === id)
      .map(({ state }) => state);
  }

  carryOut(request: SessionRequest, nowMs: number): void {
    if (request.kind === "closeSocket") this.sockets.delete(request.socketId);
    if (request.kind !== "bindUdp") return;
    const taken = new Set(this.sockets.values());
    let port = this.port;
    while (taken.has(port)) port += PORT_STEP;
    this.socketId = request.socketId;
    this.sockets.set(request.socketId, port);
    this.session.handleSocketBound(request.socketId, { address: this.address, port }, nowMs);
  }

  /** Events of one kind, in order. */
  of<K extends SessionEvent["kind"]>(kind: K): readonly Extract<SessionEvent, { kind: K }>[] {
    return this.events.filter(
      (event): event is Extract<SessionEvent, { kind: K }> => event.kind === kind,
    );
  }
}

/** Two sessions on a wire in virtual time; `intercept` may drop, change or add datagrams. */
export class SessionPair {
  readonly a = new SessionEnd("A", 1);
  readonly b = new SessionEnd("B", 2);
  nowMs = 0;
  /** Returns what arrives in place of `datagram` at the end `to`; nothing drops it. */
  intercept: (datagram: Datagram, to: SessionEnd) => readonly Datagram[] = (datagram) => [datagram];
  /** Plans for more than one transport, and for restarts; candidates go from one end to the other by it. */
  readonly book = new PlanBook(this.#planned(this.a), this.#planned(this.b));
  #inTransit: InTransit[] = [];

  /** What two descriptions would have agreed on; `a` offers and is the DTLS server. */
  plans(changes: { readonly fingerprintOfB?: string } = {}): {
    readonly a: SessionPlan;
    readonly b: SessionPlan;
  } {
    const { a, b } = this;
    const side = (
      own: SessionEnd,
      peer: SessionEnd,
      isOfferer: boolean,
      fingerprint: string,
    ): SessionPlan => ({
      transports: [
        {
          transportId: "0",
          localIce: own.credentials,
          iceRole: isOfferer ? "controlling" : "controlled",
          remote: {
            ice: { ...peer.credentials, isLite: false },
            candidates: [
              {
                foundation: "1",
                component: 1,
                transport: "udp",
                priority: 2_130_706_431,
                address: peer.address,
                port: peer.port,
                type: "host",
                extensions: [],
              },
            ],
            hasAllCandidates: true,
          },
          dtls: {
            role: isOfferer ? "server" : "client",
            remoteFingerprints: [{ algorithm: "sha-256", value: fingerprint }],
          },
          sctp: { localPort: 5000, remotePort: 5000, maxSendMessageBytes: 262_144 },
        },
      ],
    });
    const fingerprintOf = (end: SessionEnd): string => end.certificate.fingerprints[0]!.value;
    return {
      a: side(a, b, true, changes.fingerprintOfB ?? fingerprintOf(b)),
      b: side(b, a, false, fingerprintOf(a)),
    };
  }

  /** Applies the plans on both sides and lets `forMs` pass. */
  connect(forMs: number, plans = this.plans()): void {
    this.a.session.applyPlan(plans.a, this.nowMs);
    this.b.session.applyPlan(plans.b, this.nowMs);
    this.run(forMs);
  }

  /** Lets virtual time pass. */
  run(forMs: number): void {
    const untilMs = this.nowMs + forMs;
    for (let step = 0; step < MAX_STEPS; step++) {
      for (const end of [this.a, this.b]) this.#drain(end);
      const nextMs = Math.min(
        this.a.session.nextTimeoutAtMs,
        this.b.session.nextTimeoutAtMs,
        ...this.#inTransit.map(({ atMs }) => atMs),
      );
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      this.#deliver();
      for (const { session } of [this.a, this.b]) {
        if (session.nextTimeoutAtMs <= this.nowMs) session.handleTimeout(this.nowMs);
      }
    }
    this.nowMs = untilMs;
  }

  /** Hands bytes to `to` as if they had come from that address. */
  inject(to: SessionEnd, bytes: Uint8Array, remoteAddress: string, remotePort: number): void {
    to.session.handleDatagram(
      { socketId: to.socketId, remoteAddress, remotePort, bytes },
      this.nowMs,
    );
    this.run(0);
  }

  #deliver(): void {
    const due = this.#inTransit.filter(({ atMs }) => atMs <= this.nowMs);
    this.#inTransit = this.#inTransit.filter(({ atMs }) => atMs > this.nowMs);
    for (const { to, datagram } of due) {
      for (const arriving of this.intercept(datagram, to))
        to.session.handleDatagram(arriving, this.nowMs);
    }
  }

  #drain(end: SessionEnd): void {
    const { session } = end;
    for (;;) {
      const outgoing = session.pollTransmit();
      // A goodbye leaves before its socket is closed.
      const request = outgoing === undefined ? session.pollRequest() : undefined;
      const event = session.pollEvent();
      if (request !== undefined) end.carryOut(request, this.nowMs);
      if (outgoing !== undefined) this.#send(end, outgoing);
      if (event !== undefined) end.events.push(event);
      if (event?.kind === "localCandidate") this.book.trickle(end === this.a ? "a" : "b");
      if (request === undefined && outgoing === undefined && event === undefined) return;
    }
  }

  #send(from: SessionEnd, datagram: Datagram): void {
    const to = from === this.a ? this.b : this.a;
    const remotePort = from.sockets.get(datagram.socketId);
    const [socketId] = [...to.sockets].find(([, port]) => port === datagram.remotePort) ?? [];
    if (datagram.remoteAddress !== to.address || remotePort === undefined) return;
    if (socketId === undefined) return;
    const arriving: Datagram = {
      socketId,
      remoteAddress: from.address,
      remotePort,
      bytes: datagram.bytes.slice(),
    };
    this.#inTransit.push({ atMs: this.nowMs + LINK_DELAY_MS, to, datagram: arriving });
  }

  #planned(end: SessionEnd): PlannedEnd {
    return {
      certificate: end.certificate,
      get candidates() {
        return end.candidates;
      },
      applyPlan: (plan) => end.session.applyPlan(plan, this.nowMs),
    };
  }
}
