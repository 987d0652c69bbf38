import { generateKeyPairSync } from "node:crypto";
import { NEVER_AT_MS } from "../../src/base/endpoint.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { generateCertificate, LocalCertificate } from "../../src/crypto/certificate.ts";
import type { CryptoPort } from "../../src/crypto/crypto-port.ts";
import { createNodeCrypto } from "../../src/crypto/node-crypto.ts";
import { selfSignedCertificate } from "../../src/crypto/self-signed-certificate.ts";
import { DtlsEndpoint, type DtlsEvent, type DtlsOptions } from "../../src/dtls/dtls-endpoint.ts";

const NOW_EPOCH_MS = 1_795_000_000_000;

/** Which kind of key a test certificate has. */
export type TestKey = "ecdsa-p256" | "ecdsa-p384" | "rsa";

const certificates = new Map<string, LocalCertificate>();

/** A certificate per `name` and `key`, made once: RSA keys are slow to find. */
export function testCertificate(name: string, key: TestKey = "ecdsa-p256"): LocalCertificate {
  const id = `${name} ${key}`;
  const known = certificates.get(id);
  if (known) return known;
  const certificate =
    key === "ecdsa-p384"
      ? p384Certificate()
      : generateCertificate({ nowEpochMs: NOW_EPOCH_MS, algorithm: key });
  certificates.set(id, certificate);
  return certificate;
}

function p384Certificate(): LocalCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const der = selfSignedCertificate({
    subjectPublicKeyInfo: publicKey.export({ format: "der", type: "spki" }),
    privateKey,
    random: new SeededRandom(1),
    notBeforeEpochMs: NOW_EPOCH_MS,
    notAfterEpochMs: NOW_EPOCH_MS + 86_400_000,
  });
  return new LocalCertificate([der], privateKey);
}

/** How the wire between the two behaves. */
export type WireOptions = {
  readonly seed?: number;
  readonly delayMs?: number;
  /** Up to so much is added to the delay of each datagram, which reorders them. */
  readonly jitterMs?: number;
  readonly lossRate?: number;
  readonly duplicateRate?: number;
  /** Larger datagrams vanish. */
  readonly mtuBytes?: number;
};

/** One end of the pair, and all that it has said. */
export type Side = {
  readonly endpoint: DtlsEndpoint;
  readonly events: DtlsEvent[];
  readonly sent: Uint8Array[];
};

type InFlight = { readonly atMs: number; readonly to: Side; readonly bytes: Uint8Array };

/** What the test makes of a datagram on the wire: gone, or others in its place. */
export type Tap = (bytes: Uint8Array, from: "client" | "server") => readonly Uint8Array[];

/** A client and a server in virtual time, over a wire that misbehaves by its seed. */
export class DtlsPair {
  readonly client: Side;
  readonly server: Side;
  /** Changes datagrams on their way. */
  tap: Tap = (bytes) => [bytes];
  nowMs = 0;
  readonly #wire: WireOptions;
  readonly #random: SeededRandom;
  #inFlight: InFlight[] = [];

  constructor(
    wire: WireOptions = {},
    options: { client?: Partial<DtlsOptions>; server?: Partial<DtlsOptions> } = {},
  ) {
    this.#wire = wire;
    this.#random = new SeededRandom(wire.seed ?? 1);
    const crypto = createNodeCrypto(new SeededRandom((wire.seed ?? 1) + 1_000_000));
    this.client = side({ ...defaultOptions(crypto, "client"), ...options.client });
    this.server = side({ ...defaultOptions(crypto, "server"), ...options.server });
  }

  start(): this {
    this.server.endpoint.start(this.nowMs);
    this.client.endpoint.start(this.nowMs);
    this.drain();
    return this;
  }

  /** Starts both, lets the handshake happen, and gives back the pair. */
  connect(untilMs = 60_000): this {
    this.start();
    const isDone = (): boolean =>
      this.client.endpoint.state !== "connecting" && this.server.endpoint.state !== "connecting";
    this.run(untilMs, isDone);
    return this;
  }

  /** Plays what happens until `untilMs`, or until `isDone`, or until nothing is left to happen. */
  run(untilMs = 120_000, isDone: () => boolean = () => false): void {
    while (!isDone()) {
      const atMs = this.#nextAtMs();
      if (atMs === NEVER_AT_MS || atMs > untilMs) return;
      this.nowMs = Math.max(this.nowMs, atMs);
      this.#deliverDue();
      for (const { endpoint } of [this.client, this.server]) endpoint.handleTimeout(this.nowMs);
      this.drain();
    }
  }

  /** Puts what both sides want to send on the wire, and their events on their lists. */
  drain(): void {
    this.#drainSide(this.client, this.server, "client");
    this.#drainSide(this.server, this.client, "server");
  }

  /** Puts bytes on the wire in the name of one side, untouched by the tap and by loss. */
  inject(bytes: Uint8Array, from: "client" | "server"): void {
    const to = from === "client" ? this.server : this.client;
    to.endpoint.handleDatagram(bytes, this.nowMs);
    this.drain();
  }

  #drainSide(from: Side, to: Side, name: "client" | "server"): void {
    for (let bytes = from.endpoint.pollTransmit(); bytes; bytes = from.endpoint.pollTransmit()) {
      from.sent.push(bytes);
      for (const tapped of this.tap(bytes, name)) this.#send(tapped, to);
    }
    for (let event = from.endpoint.pollEvent(); event; event = from.endpoint.pollEvent()) {
      from.events.push(event);
    }
  }

  #send(bytes: Uint8Array, to: Side): void {
    const { lossRate = 0, duplicateRate = 0, mtuBytes = 65_535 } = this.#wire;
    if (bytes.byteLength > mtuBytes || this.#random.fraction() < lossRate) return;
    const copies = this.#random.fraction() < duplicateRate ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const { delayMs = 10, jitterMs = 0 } = this.#wire;
      const atMs = this.nowMs + delayMs + jitterMs * this.#random.fraction();
      this.#inFlight.push({ atMs, to, bytes: bytes.slice() });
    }
  }

  #deliverDue(): void {
    const due = this.#inFlight.filter(({ atMs }) => atMs <= this.nowMs);
    this.#inFlight = this.#inFlight.filter(({ atMs }) => atMs > this.nowMs);
    due.sort((a, b) => a.atMs - b.atMs);
    for (const { to, bytes } of due) to.endpoint.handleDatagram(bytes, this.nowMs);
    this.drain();
  }

  #nextAtMs(): number {
    const deadlines = [this.client, this.server].map(({ endpoint }) => endpoint.nextTimeoutAtMs);
    return Math.min(...deadlines, ...this.#inFlight.map(({ atMs }) => atMs));
  }
}

/** Options under which the two named sides trust each other. */
export function defaultOptions(crypto: CryptoPort, role: "client" | "server"): DtlsOptions {
  return {
    crypto,
    role,
    certificate: testCertificate(role),
    remoteFingerprints: testCertificate(role === "client" ? "server" : "client").fingerprints,
  };
}

/** The event of one kind, if there was one. */
export function eventOf<K extends DtlsEvent["kind"]>(
  { events }: Side,
  kind: K,
): Extract<DtlsEvent, { kind: K }> | undefined {
  return events.find((event): event is Extract<DtlsEvent, { kind: K }> => event.kind === kind);
}

/** All application data that a side has been given. */
export function receivedBy({ events }: Side): Uint8Array[] {
  return events.flatMap((event) => (event.kind === "applicationData" ? [event.bytes] : []));
}

function side(options: DtlsOptions): Side {
  return { endpoint: new DtlsEndpoint(options), events: [], sent: [] };
}
