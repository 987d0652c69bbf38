import type { LocalCertificate } from "../../../src/crypto/certificate.ts";
import { generateCertificate } from "../../../src/crypto/certificate.ts";
import type { IceCandidate } from "../../../src/ice/index.ts";
import type { SessionPlan } from "../../../src/negotiation/session-plan.ts";
import { Driver } from "../../../src/runtime/driver.ts";
import type { ChannelInit, ChannelKey } from "../../../src/session/channel-events.ts";
import { PeerSession } from "../../../src/session/peer-session.ts";
import type { SessionEvent } from "../../../src/session/session-events.ts";
import type { VirtualHost, VirtualWorld } from "../../../src/testing/index.ts";
import { PlanBook, type PlannedEnd, type Side } from "../../support/plan-book.ts";
import type { Topology } from "./topologies.ts";

const MAX_DATAGRAM_BYTES = 1_200;

/** A session on a virtual host, driven as a connection drives it, without the W3C objects on top. */
export class SessionPeer implements PlannedEnd {
  readonly host: VirtualHost;
  readonly certificate: LocalCertificate;
  readonly driver: Driver;
  readonly events: { readonly atMs: number; readonly event: SessionEvent }[] = [];
  readonly candidates: IceCandidate[] = [];
  /** Told of each event after it was noted. */
  onEvent: (event: SessionEvent) => void = () => {};
  readonly #stunUrls: readonly string[];

  constructor({ host, stunUrls }: { host: VirtualHost; stunUrls: readonly string[] }) {
    const { runtime } = host;
    this.host = host;
    this.#stunUrls = stunUrls;
    const { crypto } = runtime;
    this.certificate = generateCertificate({
      nowEpochMs: runtime.epochMs(),
      random: crypto.random,
    });
    const session = new PeerSession({ crypto, maxDatagramBytes: MAX_DATAGRAM_BYTES });
    this.driver = new Driver(session, runtime, {
      portRange: { minPort: 0, maxPort: 0 },
      onEvent: (event) => this.#note(event),
    });
    this.configure();
  }

  /** Addresses are looked up anew, as for every new offer. */
  configure(): void {
    const interfaces = this.host.runtime
      .interfaceAddresses()
      .filter(({ isInternal }) => !isInternal);
    const stunServers = this.#stunUrls.map((url) => {
      const [, address, port] = url.split(":");
      return { url, address: address!, port: Number(port) };
    });
    const { certificate } = this;
    this.driver.run((session) =>
      session.configure({ certificate, stunServers, transportPolicy: "all", interfaces }),
    );
  }

  applyPlan(plan: SessionPlan): void {
    this.driver.run((session, nowMs) => session.applyPlan(plan, nowMs));
  }

  createChannel(init: Partial<ChannelInit> = {}): ChannelKey {
    const channel = { label: "x", protocol: "", isOrdered: true, isNegotiated: false, ...init };
    return this.driver.run((session, nowMs) => session.createChannel(channel, nowMs));
  }

  /** Events of one kind, in order. */
  of<K extends SessionEvent["kind"]>(kind: K): readonly Extract<SessionEvent, { kind: K }>[] {
    return this.events
      .map(({ event }) => event)
      .filter((event): event is Extract<SessionEvent, { kind: K }> => event.kind === kind);
  }

  /** ICE states of one transport, in order. */
  iceStatesOf(id: string): readonly string[] {
    return this.of("iceStateChanged").flatMap(({ transportId, state }) =>
      transportId === id ? [state] : [],
    );
  }

  /** Payloads of the messages that came, in order. */
  get messages(): readonly Uint8Array[] {
    return this.of("channel").flatMap(({ event }) =>
      event.kind === "message" ? [event.payload] : [],
    );
  }

  close(): void {
    this.driver.run((session, nowMs) => session.close(nowMs));
    this.driver.stop();
  }

  #note(event: SessionEvent): void {
    this.events.push({ atMs: this.host.runtime.nowMs(), event });
    if (event.kind === "localCandidate") this.candidates.push(event.candidate);
    this.onEvent(event);
  }
}

/** Two session peers, and the plans between them; candidates take `signalingDelayMs` to the other side. */
export class SessionPeers {
  readonly world: VirtualWorld;
  readonly a: SessionPeer;
  readonly b: SessionPeer;
  readonly book: PlanBook;

  constructor({ world, offererHost, answererHost, stunUrls }: Topology, signalingDelayMs = 10) {
    this.world = world;
    this.a = new SessionPeer({ host: offererHost, stunUrls });
    this.b = new SessionPeer({ host: answererHost, stunUrls });
    this.book = new PlanBook(this.a, this.b);
    for (const [side, peer] of [["a", this.a] as const, ["b", this.b] as const]) {
      peer.onEvent = (event) => {
        if (event.kind !== "localCandidate") return;
        void world.delay(signalingDelayMs).then(() => this.book.trickle(side));
      };
    }
  }

  peer(side: Side): SessionPeer {
    return side === "a" ? this.a : this.b;
  }

  /** Ends both, and lets pass what the goodbyes take. */
  async close(): Promise<void> {
    this.a.close();
    this.b.close();
    await this.world.advance(5_000);
  }
}
