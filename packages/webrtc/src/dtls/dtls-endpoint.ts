import { NEVER_AT_MS, type Endpoint } from "../base/endpoint.ts";
import { ProtocolFailure, UsageError, WireFormatError } from "../base/errors.ts";
import { toHex } from "../base/bytes.ts";
import { Queue } from "../base/queue.ts";
import { CIPHER_SUITES } from "./cipher-suite.ts";
import type { DtlsEvent, DtlsState, DtlsStats } from "./dtls-events.ts";
import type { DtlsOptions } from "./dtls-options.ts";
import { EarlyRecords } from "./early-records.ts";
import { FlightSender } from "./flight.ts";
import { HandshakeRunner, type HandshakeHost } from "./handshake-runner.ts";
import { ClientHandshake12 } from "./handshakes/client-handshake-12.ts";
import type {
  HandshakeConfig,
  HandshakeStep,
  Negotiated,
  SessionKeys,
} from "./handshakes/handshake.ts";
import { ServerHandshake12 } from "./handshakes/server-handshake-12.ts";
import { exportKeyingMaterial12, type MasterSecret } from "./key-schedule-12.ts";
import { ALERT, alertName, decodeAlert, encodeAlert, type Alert } from "./messages/alert.ts";
import { HANDSHAKE_TYPE } from "./messages/handshake-message.ts";
import { GROUPS } from "./named-group.ts";
import {
  CONTENT_TYPE,
  findRecordEnd,
  MAX_PLAINTEXT_BYTES,
  MAX_SEQUENCE,
  RECORD_HEADER_BYTES,
  readRecordEpoch,
} from "./record/record-header.ts";
import {
  PROTECTED_EPOCH,
  RecordOpener,
  recordOverheadBytesOf,
  RecordSealer,
} from "./record/record-protection.ts";
import { RecordWriter } from "./record/record-writer.ts";

export type { DtlsEvent, DtlsState, DtlsStats } from "./dtls-events.ts";
export type { DtlsOptions } from "./dtls-options.ts";

const DEFAULT_MAX_DATAGRAM_BYTES = 1200;
/** Room for a fragment of a useful size. */
const MIN_DATAGRAM_BYTES = 128;
const DEFAULT_HANDSHAKE_TIMEOUT_MS = 30_000;
/** Before a suite is agreed on: header, explicit nonce and tag of GCM, the largest. */
const WORST_OVERHEAD_BYTES = 37;

/**
 * One DTLS 1.2 connection (RFC 6347) over a path that somebody else provides.
 *
 * Four kinds of methods: getters; `handleDatagram` and `handleTimeout`; the commands `start`,
 * `sealApplicationData` and `close`; `pollTransmit` and `pollEvent`. Drain both after each of the
 * others. The peer is authenticated by its fingerprint and nothing else, before `connected` and
 * before any application data. There is no renegotiation, resumption or compression.
 *
 * What cannot be authenticated never ends an established connection; it is counted in `stats`.
 */
export class DtlsEndpoint implements Endpoint<Uint8Array, DtlsEvent> {
  readonly #options: DtlsOptions;
  readonly #transmits = new Queue<Uint8Array>();
  readonly #events = new Queue<DtlsEvent>();
  readonly #writer = new RecordWriter();
  readonly #flights: FlightSender;
  readonly #counts = {
    malformedRecords: 0,
    strayRecords: 0,
    replayedRecords: 0,
    unauthenticatedRecords: 0,
    overflowedRecords: 0,
    refusedMessages: 0,
    ignoredAlerts: 0,
  };
  #state: DtlsState = "new";
  #runner: HandshakeRunner | undefined;
  #early: EarlyRecords | undefined;
  #shouldReplayEarly = false;
  #opener: RecordOpener | undefined;
  #sealer: RecordSealer | undefined;
  #master: MasterSecret | undefined;
  #recordOverheadBytes = WORST_OVERHEAD_BYTES;
  #hasRefusedRenegotiation = false;

  /** Throws {@link UsageError} if an option is out of its range. */
  constructor(options: DtlsOptions) {
    checkOptions(options);
    this.#options = options;
    const maxDatagramBytes = options.maxDatagramBytes ?? DEFAULT_MAX_DATAGRAM_BYTES;
    this.#flights = new FlightSender(this.#writer, this.#transmits, maxDatagramBytes);
  }

  get state(): DtlsState {
    return this.#state;
  }

  /** Counters since the beginning. */
  get stats(): DtlsStats {
    const refusedMessages = this.#counts.refusedMessages + (this.#runner?.refusedMessages ?? 0);
    return { ...this.#counts, refusedMessages, resentFlights: this.#flights.resentFlights };
  }

  /** Bytes that {@link sealApplicationData} adds; the worst case until a cipher suite is agreed on. */
  get recordOverheadBytes(): number {
    return this.#recordOverheadBytes;
  }

  get nextTimeoutAtMs(): number {
    if (!this.#runner) return NEVER_AT_MS;
    return Math.min(this.#runner.nextTimeoutAtMs, this.#flights.nextTimeoutAtMs);
  }

  /** Begins: a client sends its first flight, a server listens. Throws {@link UsageError} the second time. */
  start(nowMs: number): void {
    if (this.#state !== "new") {
      throw new UsageError("ERR_OUT_OF_ORDER", `the connection is ${this.#state} already`);
    }
    this.#state = "connecting";
    const config = configOf(this.#options);
    const handshake =
      this.#options.role === "client"
        ? new ClientHandshake12(config)
        : new ServerHandshake12(config);
    const timeoutMs = this.#options.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
    this.#runner = new HandshakeRunner(handshake, this.#host, nowMs, timeoutMs);
    this.#early = new EarlyRecords();
    this.#applyStep(handshake.start(), nowMs);
  }

  /** Takes one datagram, which may hold several records. Never throws on what is in it. */
  handleDatagram(bytes: Uint8Array, nowMs: number): void {
    for (let offset = 0; offset < bytes.byteLength;) {
      if (this.#opener === undefined && this.#runner === undefined) return; // Not begun, or over.
      const end = findRecordEnd(bytes, offset);
      if (end < 0) {
        this.#counts.malformedRecords++;
        break;
      }
      this.#handleRecord(bytes, offset, end, nowMs);
      offset = end;
    }
    if (this.#shouldReplayEarly) this.#replayEarlyRecords(nowMs);
  }

  /**
   * One datagram that carries `plaintext` as one record. Throws {@link UsageError}: `ERR_OUT_OF_ORDER`
   * before `connected`, `ERR_CLOSED` afterwards, `ERR_RANGE` over 16,384 bytes.
   */
  sealApplicationData(plaintext: Uint8Array): Uint8Array {
    if (this.#state !== "connected") throw this.#notConnected();
    if (plaintext.byteLength > MAX_PLAINTEXT_BYTES) {
      throw new UsageError("ERR_RANGE", `a record cannot carry ${plaintext.byteLength} bytes`);
    }
    const sealer = this.#sealer!;
    if (sealer.isExhausted) {
      this.#fail(keyIsUsedUp());
      throw this.#notConnected();
    }
    return sealer.seal(CONTENT_TYPE.applicationData, plaintext);
  }

  /**
   * Key material that only the two sides know (RFC 5705), for SRTP for example. `context` may be
   * absent, which differs from empty. Throws {@link UsageError} unless connected.
   */
  exportKeyingMaterial(
    label: string,
    context: Uint8Array | undefined,
    byteCount: number,
  ): Uint8Array {
    if (this.#state !== "connected") throw this.#notConnected();
    return exportKeyingMaterial12(this.#options.crypto, this.#master!, label, context, byteCount);
  }

  /**
   * The path below is broken: the time until it works again does not count against the handshake. It
   * may come back, or another in its place, since a restart of ICE leaves DTLS as it is (RFC 8842 §4).
   */
  handlePathLost(nowMs: number): void {
    this.#runner?.pause(nowMs);
  }

  /** The path works again, or another does: the handshake goes on at once where it was. */
  handlePathRestored(nowMs: number): void {
    if (this.#runner === undefined) return;
    this.#runner.resume(nowMs);
    this.#flights.hasten(nowMs);
  }

  /** Says goodbye with close_notify (RFC 5246 §7.2.1), if there is anybody to say it to. Idempotent. */
  close(_nowMs: number): void {
    if (this.#state === "closed" || this.#state === "failed") return;
    if (this.#state !== "new") this.#sendAlert({ isFatal: false, description: ALERT.close_notify });
    this.#end("closed");
  }

  handleTimeout(nowMs: number): void {
    this.#runner?.handleTimeout(nowMs);
    if (this.#runner) this.#flights.handleTimeout(nowMs);
  }

  pollTransmit(): Uint8Array | undefined {
    return this.#transmits.shift();
  }

  pollEvent(): DtlsEvent | undefined {
    return this.#events.shift();
  }

  #handleRecord(bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    const epoch = readRecordEpoch(bytes, start);
    if (epoch === PROTECTED_EPOCH) {
      this.#handleProtectedRecord(bytes, start, end, nowMs);
    } else if (epoch === 0) {
      const payload = bytes.subarray(start + RECORD_HEADER_BYTES, end);
      this.#handlePlainRecord(bytes[start]!, payload, nowMs);
    } else {
      this.#counts.strayRecords++;
    }
  }

  #handleProtectedRecord(bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    const type = bytes[start]!;
    const isEarly = type === CONTENT_TYPE.applicationData && this.#state !== "connected";
    if (this.#opener === undefined || isEarly) {
      if (!this.#early?.keep(bytes, start, end)) this.#counts.overflowedRecords++;
      return;
    }
    const plaintext = this.#opener.open(bytes, start, end);
    if (plaintext === "replayed") {
      this.#counts.replayedRecords++;
    } else if (plaintext === "unauthenticated") {
      this.#counts.unauthenticatedRecords++;
    } else if (plaintext === "oversized") {
      this.#counts.malformedRecords++;
    } else if (type === CONTENT_TYPE.applicationData) {
      // An empty record is allowed as padding of traffic (RFC 5246 §6.2.1) and says nothing.
      if (plaintext.byteLength > 0)
        this.#events.push({ kind: "applicationData", bytes: plaintext });
    } else {
      this.#handleProtectedControl(type, plaintext, nowMs);
    }
  }

  #handleProtectedControl(type: number, plaintext: Uint8Array, nowMs: number): void {
    if (type === CONTENT_TYPE.alert) {
      this.#handleProtectedAlert(plaintext);
    } else if (type !== CONTENT_TYPE.handshake) {
      this.#counts.strayRecords++;
    } else if (this.#runner) {
      this.#runner.handleRecord(plaintext, PROTECTED_EPOCH, nowMs);
    } else {
      this.#handleLateHandshake(plaintext, nowMs);
    }
  }

  /** Nothing without protection is believed once the connection stands. */
  #handlePlainRecord(type: number, payload: Uint8Array, nowMs: number): void {
    if (type === CONTENT_TYPE.alert) {
      this.#handlePlainAlert(payload, nowMs);
    } else if (type === CONTENT_TYPE.handshake && this.#runner) {
      this.#runner.handleRecord(payload, 0, nowMs);
    } else if (type !== CONTENT_TYPE.changeCipherSpec) {
      this.#counts.strayRecords++;
    }
  }

  #replayEarlyRecords(nowMs: number): void {
    while (this.#shouldReplayEarly) {
      this.#shouldReplayEarly = false;
      for (const record of this.#early?.takeAll() ?? []) {
        if (this.#opener) this.#handleRecord(record, 0, record.byteLength, nowMs);
      }
    }
    if (this.#state === "connected") this.#early = undefined;
  }

  /** RFC 6347 §4.2.4: the last flight is repeated when the peer repeats its own. RFC 5746: no new handshakes. */
  #handleLateHandshake(plaintext: Uint8Array, nowMs: number): void {
    const type = plaintext[0];
    if (type === HANDSHAKE_TYPE.finished) {
      this.#flights.resend(nowMs);
    } else if (type === HANDSHAKE_TYPE.clientHello || type === HANDSHAKE_TYPE.helloRequest) {
      if (!this.#hasRefusedRenegotiation) {
        this.#sendAlert({ isFatal: false, description: ALERT.no_renegotiation });
      }
      this.#hasRefusedRenegotiation = true;
      this.#counts.refusedMessages++;
    } else {
      this.#counts.refusedMessages++;
    }
  }

  #handleProtectedAlert(plaintext: Uint8Array): void {
    const alert = this.#tryDecodeAlert(plaintext);
    if (!alert) return;
    if (alert.description === ALERT.close_notify && this.#state === "connected") {
      this.#sendAlert({ isFatal: false, description: ALERT.close_notify });
      this.#end("closed");
    } else if (alert.isFatal || alert.description === ALERT.close_notify) {
      this.#fail(peerAborted(alert.description));
    } else {
      this.#counts.ignoredAlerts++;
    }
  }

  /**
   * A peer in epoch 0 may mean it (it refused our hello or certificate), and a stranger may have
   * forged it (RFC 6347 §4.1.2.7): it counts if the handshake does not go on.
   */
  #handlePlainAlert(payload: Uint8Array, nowMs: number): void {
    const alert = this.#tryDecodeAlert(payload);
    if (!alert) return;
    const isEnd = alert.isFatal || alert.description === ALERT.close_notify;
    if (isEnd && this.#runner) this.#runner.suspect(peerAborted(alert.description), nowMs);
    else this.#counts.ignoredAlerts++;
  }

  #tryDecodeAlert(payload: Uint8Array): Alert | undefined {
    try {
      return decodeAlert(payload);
    } catch (error) {
      if (!(error instanceof WireFormatError)) throw error;
      this.#counts.malformedRecords++;
      return undefined;
    }
  }

  get #host(): HandshakeHost {
    return {
      applyStep: (step, nowMs) => this.#applyStep(step, nowMs),
      resendFlight: (nowMs) => this.#flights.resend(nowMs),
      fail: (failure) => this.#fail(failure),
    };
  }

  #applyStep(step: HandshakeStep, nowMs: number): void {
    if (this.#runner && !this.#runner.isAwaitingHello) this.#writer.useNegotiatedVersion();
    if (step.keys) this.#installKeys(step.keys);
    if (step.flight) this.#flights.send(step.flight, nowMs);
    if (step.result) this.#becomeConnected(step.result);
  }

  #installKeys({ master, write, read }: SessionKeys): void {
    const { crypto, isKeyLogEnabled, maxRecords = MAX_SEQUENCE + 1 } = this.#options;
    const { suite } = master;
    this.#master = master;
    this.#recordOverheadBytes = recordOverheadBytesOf(suite);
    this.#sealer = new RecordSealer(crypto, suite, write, maxRecords);
    this.#opener = new RecordOpener(crypto, suite, read);
    this.#writer.installSealer(this.#sealer, this.#recordOverheadBytes);
    this.#shouldReplayEarly = true;
    if (!isKeyLogEnabled) return;
    const line = `CLIENT_RANDOM ${toHex(master.clientRandom)} ${toHex(master.secret)}`;
    this.#events.push({ kind: "keyLog", line });
  }

  #becomeConnected(result: Negotiated): void {
    this.#state = "connected";
    this.#counts.refusedMessages += this.#runner?.refusedMessages ?? 0;
    this.#runner = undefined;
    this.#shouldReplayEarly = true;
    if (this.#options.role === "client") this.#flights.stop();
    this.#events.push({
      kind: "connected",
      protocolVersion: "1.2",
      cipherSuite: result.suite.name,
      group: result.group,
      remoteCertificates: result.remoteCertificates,
      ...(result.srtpProfile === undefined ? {} : { srtpProfile: result.srtpProfile }),
    });
  }

  #sendAlert(alert: Alert): void {
    const epoch = this.#flights.writeEpoch;
    const record = this.#writer.write(epoch, CONTENT_TYPE.alert, encodeAlert(alert));
    if (record) this.#transmits.push(record);
  }

  #fail(failure: ProtocolFailure): void {
    if (this.#state === "closed" || this.#state === "failed") return;
    const { sentAlert } = failure.detail;
    if (sentAlert !== undefined) this.#sendAlert({ isFatal: true, description: sentAlert });
    this.#end("failed", failure);
  }

  /** The last event; keys and whatever was kept are let go. */
  #end(state: "closed" | "failed", failure?: ProtocolFailure): void {
    this.#state = state;
    this.#counts.refusedMessages += this.#runner?.refusedMessages ?? 0;
    this.#runner = undefined;
    this.#early = undefined;
    this.#opener = undefined;
    this.#sealer = undefined;
    this.#master = undefined;
    this.#flights.stop();
    this.#events.push(failure ? { kind: "closed", failure } : { kind: "closed" });
  }

  #notConnected(): UsageError {
    const isOver = this.#state === "closed" || this.#state === "failed";
    return new UsageError(isOver ? "ERR_CLOSED" : "ERR_OUT_OF_ORDER", `DTLS is ${this.#state}`);
  }
}

function checkOptions(options: DtlsOptions): void {
  const { maxDatagramBytes = DEFAULT_MAX_DATAGRAM_BYTES, maxRecords = 2 } = options;
  if (!(maxDatagramBytes >= MIN_DATAGRAM_BYTES)) {
    throw new UsageError("ERR_RANGE", `maxDatagramBytes is under ${MIN_DATAGRAM_BYTES}`);
  }
  if (!(maxRecords >= 2 && maxRecords <= MAX_SEQUENCE + 1)) {
    throw new UsageError("ERR_RANGE", "maxRecords is not within 2 to 2^48");
  }
  if (suitesOf(options).length === 0) throw new UsageError("ERR_RANGE", "no known cipher suite");
  if (options.groups?.length === 0) throw new UsageError("ERR_RANGE", "no group");
}

function suitesOf(options: DtlsOptions): HandshakeConfig["cipherSuites"] {
  if (!options.cipherSuites) return CIPHER_SUITES;
  return options.cipherSuites.flatMap((id) => CIPHER_SUITES.filter((suite) => suite.id === id));
}

function configOf(options: DtlsOptions): HandshakeConfig {
  return {
    crypto: options.crypto,
    certificate: options.certificate,
    remoteFingerprints: options.remoteFingerprints,
    cipherSuites: suitesOf(options),
    groups: options.groups ?? GROUPS,
    srtpProfiles: options.srtpProfiles ?? [],
    isCookieExchangeRequired: options.isCookieExchangeRequired ?? false,
  };
}

function peerAborted(description: number): ProtocolFailure {
  const message =
    description === ALERT.close_notify
      ? "the peer closed the DTLS connection before it stood"
      : `the peer ended the DTLS connection with ${alertName(description)}`;
  return new ProtocolFailure("ERR_PEER_ABORTED", "RFC 5246 §7.2", message, {
    detail: { receivedAlert: description },
  });
}

function keyIsUsedUp(): ProtocolFailure {
  const message = "all record numbers of the connection's key are used up";
  return new ProtocolFailure("ERR_LOCAL_RESOURCE", "RFC 6347 §4.1", message);
}
