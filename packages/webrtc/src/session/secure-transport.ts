import type { Datagram } from "../base/datagram.ts";
import { NEVER_AT_MS } from "../base/endpoint.ts";
import type { ProtocolFailure } from "../base/errors.ts";
import type { CryptoPort } from "../crypto/crypto-port.ts";
import type { LocalCertificate } from "../crypto/certificate.ts";
import { DtlsEndpoint } from "../dtls/dtls-endpoint.ts";
import type { DtlsEvent } from "../dtls/dtls-events.ts";
import { SRTP_PROFILES } from "../dtls/srtp-profile.ts";
import {
  countReceived,
  countSent,
  createTraffic,
  type IceAgentOptions,
  type IceEvent,
} from "../ice/index.ts";
import type { DtlsPlan } from "../negotiation/session-plan.ts";
import { classifyDatagram } from "./demux.ts";
import { IceTransport } from "./ice-transport.ts";
import type { DtlsConnection, DtlsState } from "./session-events.ts";
import type { SecureTransportStatistics } from "./session-statistics.ts";

/** Handshake datagrams kept while their path or the answer is not known yet: one flight of either side. */
const MAX_EARLY_DATAGRAMS = 16;
const MAX_EARLY_BYTES = 24 * 1024;

/** What a transport tells the session. */
export type SecureTransportEvent =
  | { readonly kind: "ice"; readonly event: IceEvent }
  | ({
      readonly kind: "dtls";
      readonly state: DtlsState;
      readonly failure?: ProtocolFailure;
    } & Partial<DtlsConnection>)
  /** The path works again after a time without, or another does. */
  | { readonly kind: "pathRestored" }
  | { readonly kind: "applicationData"; readonly bytes: Uint8Array };

/** What a transport is made of. */
export type SecureTransportOptions = {
  readonly crypto: CryptoPort;
  readonly certificate: LocalCertificate;
  readonly ice: IceAgentOptions;
  /** Largest UDP payload that is sent. */
  readonly maxDatagramBytes: number;
};

/**
 * ICE and the DTLS endpoint that speaks over the pair it selected (RFC 8842, RFC 8261).
 *
 * What is not a connectivity check is passed up only if it came over a pair that has passed one: a
 * stranger who guesses the port reaches the STUN parser and nothing above it.
 *
 * DTLS knows nothing of paths: it outlives every restart of ICE, and also the time in which there is
 * no path at all (webrtc-pc, RTCIceTransportState "failed").
 */
export class SecureTransport {
  readonly ice: IceTransport;
  readonly #options: SecureTransportOptions;
  readonly #events: SecureTransportEvent[] = [];
  #dtls: DtlsEndpoint | undefined;
  #dtlsRole: "client" | "server" | undefined;
  #isDtlsStarted = false;
  #dtlsState: DtlsState = "new";
  #dtlsFailure: ProtocolFailure | undefined;
  #isPathWorking = false;
  #early: Datagram[] = [];
  #earlyBytes = 0;
  /** Of all pairs and generations of ICE together. */
  readonly #traffic = createTraffic();
  /** What the handshake agreed on. */
  #agreement: DtlsConnection | undefined;
  #nowMs = 0;

  constructor(options: SecureTransportOptions) {
    this.#options = options;
    this.ice = new IceTransport(options.ice);
  }

  /** Fixed for the life of the association (RFC 8842 §5.3), whatever later descriptions say. */
  get dtlsRole(): "client" | "server" | undefined {
    return this.#dtlsRole;
  }

  get dtlsState(): DtlsState {
    return this.#dtlsState;
  }

  /** Why, when DTLS has failed. */
  get dtlsFailure(): ProtocolFailure | undefined {
    return this.#dtlsFailure;
  }

  /** Bytes of a datagram that are left for one application-data record. */
  get maxApplicationBytes(): number {
    return this.#options.maxDatagramBytes - (this.#dtls?.recordOverheadBytes ?? 0);
  }

  /** A snapshot; costs objects. */
  get statistics(): SecureTransportStatistics {
    return {
      ice: this.ice.statistics,
      traffic: { ...this.#traffic },
      dtlsState: this.#dtlsState,
      dtlsRole: this.#dtlsRole,
      agreement: this.#agreement,
      localCertificates: this.#options.certificate.chain,
    };
  }

  /** Both roles and the peer's fingerprints are known: the handshake may run. Later calls change nothing. */
  prepareDtls(plan: DtlsPlan, nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#dtls !== undefined || this.#dtlsState === "closed") return;
    this.#dtlsRole = plan.role;
    this.#dtls = new DtlsEndpoint({
      crypto: this.#options.crypto,
      role: plan.role,
      certificate: this.#options.certificate,
      remoteFingerprints: plan.remoteFingerprints,
      maxDatagramBytes: this.#options.maxDatagramBytes,
      // Whatever the sections are now: media may join the bundle later (RFC 8843 §7.1.3).
      srtpProfiles: SRTP_PROFILES,
    });
    this.advance(nowMs);
  }

  handleDatagram(datagram: Datagram, nowMs: number): void {
    this.#nowMs = nowMs;
    switch (classifyDatagram(datagram.bytes)) {
      case "stun":
        this.ice.handleDatagram(datagram, nowMs);
        this.advance(nowMs);
        return;
      case "dtls":
        this.#handleDtlsDatagram(datagram, nowMs);
        return;
      default: // Nobody here speaks it.
    }
  }

  handleTimeout(nowMs: number): void {
    this.#nowMs = nowMs;
    if (nowMs >= this.ice.nextTimeoutAtMs) this.ice.handleTimeout(nowMs);
    this.advance(nowMs);
    if (nowMs >= this.#dtlsTimeoutAtMs) this.#dtls!.handleTimeout(nowMs);
  }

  get nextTimeoutAtMs(): number {
    return Math.min(this.ice.nextTimeoutAtMs, this.#dtlsTimeoutAtMs);
  }

  /** There is somewhere to send to. */
  get hasPath(): boolean {
    return this.ice.selectedPath !== undefined;
  }

  /** True while application data can go out. */
  get isWritable(): boolean {
    return this.#dtlsState === "connected" && this.ice.selectedPath !== undefined;
  }

  /** Wraps `plaintext` for the selected pair. Only while {@link isWritable}. */
  seal(plaintext: Uint8Array, nowMs: number): Datagram {
    this.#nowMs = nowMs;
    return this.#onSelectedPath(this.#dtls!.sealApplicationData(plaintext));
  }

  /** Checks of ICE and handshake records; application data is sealed by its owner. */
  pollTransmit(): Datagram | undefined {
    const check = this.ice.pollTransmit();
    if (check !== undefined) return check;
    if (this.ice.selectedPath === undefined) return undefined;
    const record = this.#dtls?.pollTransmit();
    return record === undefined ? undefined : this.#onSelectedPath(record);
  }

  pollEvent(): SecureTransportEvent | undefined {
    const iceEvent = this.ice.pollEvent();
    if (iceEvent !== undefined) return { kind: "ice", event: iceEvent };
    if (this.#events.length > 0) return this.#events.shift();
    const dtlsEvent = this.#dtls?.pollEvent();
    return dtlsEvent === undefined ? undefined : this.#convertDtlsEvent(dtlsEvent);
  }

  /** Says goodbye to the peer. Poll what is to be sent before the ICE agent is closed. */
  closeDtls(nowMs: number): void {
    this.#dtls?.close(nowMs);
    this.#dtlsState = "closed";
    this.#early = [];
  }

  /**
   * Follows what was done to {@link ice}: the handshake starts as soon as there is a path and both
   * sides' roles are known, and stands still while the path is broken.
   */
  advance(nowMs: number): void {
    const { isWorking } = this.ice;
    if (isWorking !== this.#isPathWorking) this.#followPath(isWorking, nowMs);
    if (this.#dtls !== undefined && !this.#isDtlsStarted && this.hasPath) this.#startDtls(nowMs);
  }

  /** Without a path nothing could be repeated, and would only pile up. */
  get #dtlsTimeoutAtMs(): number {
    return this.#dtls === undefined || !this.hasPath ? NEVER_AT_MS : this.#dtls.nextTimeoutAtMs;
  }

  #followPath(isWorking: boolean, nowMs: number): void {
    this.#isPathWorking = isWorking;
    if (!isWorking) {
      this.#dtls?.handlePathLost(nowMs);
      return;
    }
    this.#dtls?.handlePathRestored(nowMs);
    this.#events.push({ kind: "pathRestored" });
  }

  #onSelectedPath(bytes: Uint8Array): Datagram {
    const path = this.ice.selectedPath!;
    countSent(path.traffic, bytes.byteLength, this.#nowMs);
    countSent(this.#traffic, bytes.byteLength, this.#nowMs);
    return {
      socketId: path.socketId,
      remoteAddress: path.remoteAddress,
      remotePort: path.remotePort,
      bytes,
    };
  }

  #handleDtlsDatagram(datagram: Datagram, nowMs: number): void {
    const { socketId, remoteAddress, remotePort, bytes } = datagram;
    const traffic = this.ice.knownTraffic(socketId, remoteAddress, remotePort);
    if (traffic !== undefined && this.#isDtlsStarted) {
      countReceived(traffic, bytes.byteLength, nowMs);
      countReceived(this.#traffic, bytes.byteLength, nowMs);
      this.#dtls!.handleDatagram(bytes, nowMs);
    } else if (!this.#isDtlsStarted) {
      this.#keepEarly(datagram, traffic !== undefined);
    }
  }

  /**
   * The peer may finish its checks first, or hold the answer before we do, and start the handshake
   * at once; dropping its first flight would cost a retransmission timeout. Whether the path is a
   * known one is decided when the handshake can start; what comes along one that is known already
   * takes the place of what does not.
   */
  #keepEarly(datagram: Datagram, isKnown: boolean): void {
    const { byteLength } = datagram.bytes;
    if (isKnown) while (!this.#hasRoomForEarly(byteLength) && this.#dropStranger());
    if (!this.#hasRoomForEarly(byteLength) || this.#dtlsState !== "new") return;
    this.#early.push(datagram);
    this.#earlyBytes += byteLength;
  }

  #hasRoomForEarly(byteCount: number): boolean {
    return (
      this.#early.length < MAX_EARLY_DATAGRAMS && this.#earlyBytes + byteCount <= MAX_EARLY_BYTES
    );
  }

  /** False if all that is kept came along known paths. */
  #dropStranger(): boolean {
    const index = this.#early.findIndex(
      ({ socketId, remoteAddress, remotePort }) =>
        !this.ice.isKnownPath(socketId, remoteAddress, remotePort),
    );
    if (index < 0) return false;
    const [dropped] = this.#early.splice(index, 1);
    this.#earlyBytes -= dropped!.bytes.byteLength;
    return true;
  }

  #startDtls(nowMs: number): void {
    this.#isDtlsStarted = true;
    this.#dtlsState = "connecting";
    this.#events.push({ kind: "dtls", state: "connecting" });
    this.#dtls!.start(nowMs);
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    for (const datagram of early) this.#handleDtlsDatagram(datagram, nowMs);
  }

  #convertDtlsEvent(event: DtlsEvent): SecureTransportEvent | undefined {
    switch (event.kind) {
      case "applicationData":
        return { kind: "applicationData", bytes: event.bytes };
      case "connected":
        this.#dtlsState = "connected";
        this.#agreement = event;
        return { ...event, kind: "dtls", state: "connected" };
      case "closed": {
        const { failure } = event;
        this.#dtlsFailure = failure;
        this.#dtlsState = failure === undefined ? "closed" : "failed";
        const state = this.#dtlsState;
        return failure === undefined ? { kind: "dtls", state } : { kind: "dtls", state, failure };
      }
      case "keyLog":
        return this.pollEvent();
    }
  }
}
