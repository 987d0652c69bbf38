import { generateCertificate, type LocalCertificate } from "../crypto/certificate.ts";
import type { Side, SignalingState } from "../negotiation/index.ts";
import { Driver } from "../runtime/driver.ts";
import { toCandidateAttribute } from "../session/candidate-attribute.ts";
import { PeerSession, type TransportConfiguration } from "../session/peer-session.ts";
import type { SessionEvent } from "../session/session-events.ts";
import { ConnectionChannels } from "./connection-channels.ts";
import type {
  RTCIceConnectionState,
  RTCIceGatheringState,
  RTCPeerConnectionState,
} from "./connection-states.ts";
import { ConnectionTransports } from "./connection-transports.ts";
import { toCandidateError, toDescriptionError } from "./description-errors.ts";
import {
  usableAddresses,
  validateSettings,
  type Environment,
  type RTCSettings,
  type ValidSettings,
} from "./environment.ts";
import { defineEventHandlers, type EventHandler } from "./event-handler.ts";
import type { ConnectionStateEvent } from "./events/connection-state-event.ts";
import type { RTCDataChannelEvent } from "./events/rtc-data-channel-event.ts";
import type { RTCPeerConnectionIceErrorEvent } from "./events/rtc-peer-connection-ice-error-event.ts";
import type { RTCPeerConnectionIceEvent } from "./events/rtc-peer-connection-ice-event.ts";
import { stunServersOf } from "./ice-server-url.ts";
import { Negotiator } from "./negotiator.ts";
import { OperationsChain } from "./operations-chain.ts";
import { localCertificateOf } from "./rtc-certificate.ts";
import {
  validateConfiguration,
  type RTCConfiguration,
  type ValidConfiguration,
} from "./rtc-configuration.ts";
import type { RTCDataChannel, RTCDataChannelInit } from "./rtc-data-channel.ts";
import { RTCIceCandidate, toCandidateInit, type RTCIceCandidateInit } from "./rtc-ice-candidate.ts";
import type { RTCSctpTransport } from "./rtc-sctp-transport.ts";
import {
  toDescriptionInit,
  toLocalDescriptionInit,
  type RTCLocalSessionDescriptionInit,
  type RTCSessionDescription,
  type RTCSessionDescriptionInit,
  type RTCSdpType,
} from "./rtc-session-description.ts";
import { TaskQueue } from "./task-queue.ts";
import { defineInterface, requireArguments } from "./webidl/index.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtcofferoptions */
export interface RTCOfferOptions {
  iceRestart?: boolean;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcansweroptions */
export type RTCAnswerOptions = Record<string, never>;

/** The events of a connection and what each brings. */
export interface RTCPeerConnectionEventMap {
  connectionstatechange: ConnectionStateEvent;
  datachannel: RTCDataChannelEvent;
  icecandidate: RTCPeerConnectionIceEvent;
  icecandidateerror: RTCPeerConnectionIceErrorEvent;
  iceconnectionstatechange: ConnectionStateEvent;
  icegatheringstatechange: Event;
  negotiationneeded: Event;
  signalingstatechange: Event;
}

type Handler<K extends keyof RTCPeerConnectionEventMap> = EventHandler<
  RTCPeerConnection,
  RTCPeerConnectionEventMap[K]
>;
type Listener<K extends keyof RTCPeerConnectionEventMap> =
  | ((this: RTCPeerConnection, event: RTCPeerConnectionEventMap[K]) => unknown)
  | { handleEvent(event: RTCPeerConnectionEventMap[K]): unknown };
type AddArguments = Parameters<EventTarget["addEventListener"]>;
type RemoveArguments = Parameters<EventTarget["removeEventListener"]>;

/** What `defineEventHandlers` adds to the class below, and the types of its listeners. */
export interface RTCPeerConnection {
  onconnectionstatechange: Handler<"connectionstatechange">;
  ondatachannel: Handler<"datachannel">;
  onicecandidate: Handler<"icecandidate">;
  onicecandidateerror: Handler<"icecandidateerror">;
  oniceconnectionstatechange: Handler<"iceconnectionstatechange">;
  onicegatheringstatechange: Handler<"icegatheringstatechange">;
  onnegotiationneeded: Handler<"negotiationneeded">;
  onsignalingstatechange: Handler<"signalingstatechange">;
  addEventListener<K extends keyof RTCPeerConnectionEventMap>(
    type: K,
    listener: Listener<K>,
    options?: AddArguments[2],
  ): void;
  addEventListener(...rest: AddArguments): void;
  removeEventListener<K extends keyof RTCPeerConnectionEventMap>(
    type: K,
    listener: Listener<K>,
    options?: RemoveArguments[2],
  ): void;
  removeEventListener(...rest: RemoveArguments): void;
}

/** Largest message that this side sends, whatever the peer takes ("canSendSize"). */
const MAX_SEND_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Until a description names the peer's limit (RFC 8841 §6). */
const ASSUMED_MAX_MESSAGE_BYTES = 65_536;

/**
 * https://w3c.github.io/webrtc-pc/#rtcpeerconnection-interface. Holds what the API shows and runs the
 * specification's steps; `negotiation/` decides, the session behind the driver does the work.
 *
 * Users construct the subclass that the package exports, which brings the environment.
 */
export class RTCPeerConnection extends EventTarget {
  readonly #environment: Environment;
  readonly #settings: ValidSettings;
  readonly #tasks: TaskQueue;
  readonly #operations: OperationsChain;
  readonly #transports: ConnectionTransports;
  readonly #channels: ConnectionChannels;
  readonly #negotiator: Negotiator;
  #configuration: ValidConfiguration;
  #driver: Driver | undefined;
  #certificate: LocalCertificate | undefined;
  #isClosed = false;
  #isNegotiationNeeded = false;
  #shouldUpdateNegotiationNeeded = false;
  #maxMessageBytes = ASSUMED_MAX_MESSAGE_BYTES;

  /**
   * Throws `TypeError` for a member of the wrong type and the `DOMException`s of
   * {@link validateConfiguration}.
   */
  constructor(configuration: unknown, settings: RTCSettings | undefined, environment: Environment) {
    super();
    const { runtime } = environment;
    this.#environment = environment;
    this.#settings = validateSettings(settings);
    this.#configuration = validateConfiguration(
      configuration,
      "RTCPeerConnection constructor: argument 1",
      runtime.epochMs(),
    );
    this.#negotiator = new Negotiator({
      random: runtime.crypto.random,
      fingerprints: () => this.#ensureCertificate().fingerprints,
      maxReceiveMessageBytes: this.#settings.maxMessageBytes,
    });
    this.#tasks = new TaskQueue(runtime);
    this.#operations = new OperationsChain(
      () => this.#isClosed,
      () => this.#handleEmptyChain(),
    );
    this.#transports = new ConnectionTransports({
      tasks: this.#tasks,
      logger: this.#settings.logger,
      fire: (event) => this.dispatchEvent(event),
      surfaceCandidate: (mid, candidate) =>
        this.#negotiator.addLocalCandidate(mid, candidate && toCandidateAttribute(candidate)),
    });
    this.#channels = new ConnectionChannels({
      tasks: this.#tasks,
      fire: (event) => this.dispatchEvent(event),
      driver: () => this.#ensureDriver(),
      maxMessageBytes: () => this.#maxMessageBytes,
    });
  }

  // State

  get signalingState(): SignalingState {
    if (this.#isClosed) return "closed";
    return this.#negotiator.signalingState;
  }

  get iceGatheringState(): RTCIceGatheringState {
    return this.#transports.iceGatheringState;
  }

  get iceConnectionState(): RTCIceConnectionState {
    return this.#transports.iceConnectionState;
  }

  get connectionState(): RTCPeerConnectionState {
    return this.#transports.connectionState;
  }

  /** Whether the peer said that it takes candidates one by one; `null` before its first description. */
  get canTrickleIceCandidates(): boolean | null {
    return this.#negotiator.canTrickle;
  }

  get sctp(): RTCSctpTransport | null {
    return this.#transports.sctp;
  }

  get localDescription(): RTCSessionDescription | null {
    return this.#negotiator.description("local");
  }

  get currentLocalDescription(): RTCSessionDescription | null {
    return this.#negotiator.description("currentLocal");
  }

  get pendingLocalDescription(): RTCSessionDescription | null {
    return this.#negotiator.description("pendingLocal");
  }

  get remoteDescription(): RTCSessionDescription | null {
    return this.#negotiator.description("remote");
  }

  get currentRemoteDescription(): RTCSessionDescription | null {
    return this.#negotiator.description("currentRemote");
  }

  get pendingRemoteDescription(): RTCSessionDescription | null {
    return this.#negotiator.description("pendingRemote");
  }

  // Negotiation

  /** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-createoffer. Rejects with `InvalidStateError` while an offer of the peer is pending. */
  async createOffer(options: RTCOfferOptions = {}): Promise<RTCSessionDescriptionInit> {
    if (options?.iceRestart === true) {
      throw new DOMException(
        "an ICE restart is not supported; make a new connection",
        "NotSupportedError",
      );
    }
    return this.#operations.run(() =>
      this.#asTask(() => {
        const sdp = this.#negotiator.createOffer(this.#channels.hasCreatedAny);
        return { type: "offer", sdp };
      }),
    );
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-createanswer. Rejects with `InvalidStateError` unless an offer of the peer is pending. */
  async createAnswer(_options: RTCAnswerOptions = {}): Promise<RTCSessionDescriptionInit> {
    return this.#operations.run(() =>
      this.#asTask(() => ({ type: "answer", sdp: this.#negotiator.createAnswer() })),
    );
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-peerconnection-setlocaldescription. Without an argument the
   * description that the state calls for is made and set. Gathering candidates begins here.
   *
   * Rejects with `InvalidStateError` if the description does not fit the signaling state, and with
   * `InvalidModificationError` if it is not the one that was created last.
   */
  async setLocalDescription(description: RTCLocalSessionDescriptionInit = {}): Promise<void> {
    const init = toLocalDescriptionInit(
      description,
      "RTCPeerConnection.setLocalDescription: argument 1",
    );
    return this.#operations.run(() => {
      const type = init.type ?? this.#impliedLocalType(); // Step 4.1
      return this.#asTask(() => this.#setDescription("local", type, init.sdp));
    });
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-peerconnection-setremotedescription. An offer in
   * "have-local-offer" rolls the own one back first.
   *
   * Rejects with `InvalidStateError` if the description does not fit the signaling state, with an
   * `RTCError` ("sdp-syntax-error", with the line) if it is not SDP, and with `InvalidAccessError`
   * that says what is wrong if its content is not acceptable. Nothing has changed then.
   */
  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    requireArguments(arguments.length, 1, "RTCPeerConnection.setRemoteDescription");
    const init = toDescriptionInit(
      description,
      "RTCPeerConnection.setRemoteDescription: argument 1",
    );
    return this.#operations.run(async () => {
      const isGlare = init.type === "offer" && this.signalingState === "have-local-offer";
      if (isGlare) await this.#asTask(() => this.#setDescription("local", "rollback", ""));
      return this.#asTask(() => this.#setDescription("remote", init.type, init.sdp));
    });
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-peerconnection-addicecandidate. An empty `candidate`, or no
   * argument, says that there are no more.
   *
   * Rejects with `TypeError` if a candidate names no section, `InvalidStateError` before a remote
   * description is set, `OperationError` if it does not parse or fit.
   */
  async addIceCandidate(candidate: RTCIceCandidateInit | null = {}): Promise<void> {
    const init = toCandidateInit(candidate, "RTCPeerConnection.addIceCandidate: argument 1");
    // Step 3
    if (init.candidate !== "" && init.sdpMid === null && init.sdpMLineIndex === null) {
      throw new TypeError(
        "RTCPeerConnection.addIceCandidate: sdpMid and sdpMLineIndex are both null",
      );
    }
    return this.#operations.run(() =>
      this.#asTask(() => this.#addIceCandidate(init), toCandidateError),
    );
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-createdatachannel. Throws `InvalidStateError` after `close`. */
  createDataChannel(label: string, dataChannelDict: RTCDataChannelInit = {}): RTCDataChannel {
    requireArguments(arguments.length, 1, "RTCPeerConnection.createDataChannel");
    if (this.#isClosed) throw closedError();
    const isFirst = !this.#channels.hasCreatedAny;
    const channel = this.#channels.create(label, dataChannelDict);
    if (isFirst) this.#updateNegotiationNeeded();
    return channel;
  }

  getConfiguration(): RTCConfiguration {
    const { iceServers, certificates, ...rest } = this.#configuration.dictionary;
    return {
      ...rest,
      iceServers: iceServers.map((server) => ({ ...server })),
      certificates: [...certificates],
    };
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-setconfiguration. New servers count when gathering starts next. */
  setConfiguration(configuration: RTCConfiguration = {}): void {
    if (this.#isClosed) throw closedError();
    this.#configuration = validateConfiguration(
      configuration,
      "RTCPeerConnection.setConfiguration: argument 1",
      this.#environment.runtime.epochMs(),
      this.#configuration,
      this.localDescription !== null,
    );
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-close. At once: the peer is told, all
   * sockets and timers are released, and no event is fired any more.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tasks.close();
    this.#channels.closeAbruptly();
    this.#transports.close();
    this.#driver?.runNow((session, nowMs) => session.close(nowMs));
    this.#driver?.stop();
    this.#settings.logger.info("connection is closed");
  }

  // Steps

  /** Runs `step` as a queued task; on a connection that was closed meanwhile the promise stays pending. */
  #asTask<T>(step: () => T, convert: (error: unknown) => unknown = toDescriptionError): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#tasks.queue(() => {
        try {
          resolve(step());
        } catch (error) {
          reject(convert(error));
        }
      });
    });
  }

  #impliedLocalType(): RTCSdpType {
    const offering: readonly SignalingState[] = [
      "stable",
      "have-local-offer",
      "have-remote-pranswer",
    ];
    return offering.includes(this.signalingState) ? "offer" : "answer";
  }

  /** https://w3c.github.io/webrtc-pc/#set-the-session-description */
  #setDescription(side: Side, type: RTCSdpType, sdp: string): void {
    const before = this.signalingState;
    this.#negotiator.setDescription(side, type, sdp, this.#channels.hasCreatedAny);
    const after = this.signalingState;
    // Steps 4.5.1 and 4.5.2: all slots change before anything is fired.
    if (type === "offer" && before === "stable") this.#transports.rememberStable();
    if (type === "rollback") this.#transports.rollBack();
    else this.#describeTransports();
    this.#ensureDriver().runNow((session, nowMs) => {
      session.configure(this.#transportConfiguration());
      session.applyPlan(this.#negotiator.plan, nowMs);
    });
    // Step 4.5.9
    if (after === "stable") {
      this.#isNegotiationNeeded = false;
      this.#updateNegotiationNeeded();
    }
    // Step 4.5.10
    if (after !== before) this.dispatchEvent(new Event("signalingstatechange"));
  }

  /** The transport objects that the descriptions call for, and what they say of them. */
  #describeTransports(): void {
    const { dataMid, iceRole, plan } = this.#negotiator;
    this.#transports.describeSctp(dataMid);
    const transport = plan.transports.find(({ transportId }) => transportId === dataMid);
    if (dataMid === undefined) return;
    this.#transports.setParameters(dataMid, iceRole, transport?.localIce, transport?.remote?.ice);
    if (transport?.sctp === undefined) return;
    this.#maxMessageBytes = Math.min(transport.sctp.maxSendMessageBytes, MAX_SEND_MESSAGE_BYTES);
    this.#transports.setMaxMessageSize(this.#maxMessageBytes);
  }

  #addIceCandidate(init: ReturnType<typeof toCandidateInit>): void {
    const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = init;
    const target = { mid: sdpMid, mediaIndex: sdpMLineIndex, ufrag: usernameFragment };
    this.#negotiator.addRemoteCandidate(target, candidate);
    if (candidate !== "") this.#transports.addRemoteCandidate(new RTCIceCandidate(init));
    this.#ensureDriver().run((session, nowMs) => session.applyPlan(this.#negotiator.plan, nowMs));
  }

  // Negotiation needed

  /** https://w3c.github.io/webrtc-pc/#dfn-update-the-negotiation-needed-flag */
  #updateNegotiationNeeded(): void {
    if (!this.#operations.isEmpty) {
      this.#shouldUpdateNegotiationNeeded = true;
      return;
    }
    this.#tasks.queue(() => {
      if (!this.#operations.isEmpty) {
        this.#shouldUpdateNegotiationNeeded = true;
        return;
      }
      if (this.signalingState !== "stable") return;
      const wasNeeded = this.#isNegotiationNeeded;
      this.#isNegotiationNeeded = this.#checkNegotiationNeeded();
      if (this.#isNegotiationNeeded && !wasNeeded)
        this.dispatchEvent(new Event("negotiationneeded"));
    });
  }

  #handleEmptyChain(): void {
    if (!this.#shouldUpdateNegotiationNeeded) return;
    this.#shouldUpdateNegotiationNeeded = false;
    this.#updateNegotiationNeeded();
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-check-if-negotiation-is-needed, step 4. */
  #checkNegotiationNeeded(): boolean {
    return this.#channels.hasCreatedAny && !this.#negotiator.hasNegotiatedData;
  }

  // Parts that are made when they are first needed

  #ensureCertificate(): LocalCertificate {
    const given = this.#configuration.dictionary.certificates[0];
    const { runtime } = this.#environment;
    this.#certificate ??=
      given === undefined
        ? generateCertificate({ nowEpochMs: runtime.epochMs(), random: runtime.crypto.random })
        : localCertificateOf(given);
    return this.#certificate;
  }

  #ensureDriver(): Driver {
    if (this.#driver !== undefined) return this.#driver;
    const { runtime } = this.#environment;
    const { maxDatagramBytes } = this.#settings;
    const session = new PeerSession({ crypto: runtime.crypto, maxDatagramBytes });
    this.#driver = new Driver(session, runtime, {
      portRange: { minPort: this.#settings.minPort, maxPort: this.#settings.maxPort },
      onEvent: (event) => this.#handleSessionEvent(event),
    });
    return this.#driver;
  }

  #transportConfiguration(): TransportConfiguration {
    const { serverUrls, dictionary } = this.#configuration;
    return {
      certificate: this.#ensureCertificate(),
      stunServers: stunServersOf(serverUrls, this.#settings.logger),
      transportPolicy: dictionary.iceTransportPolicy,
      interfaces: usableAddresses(this.#environment.runtime.interfaceAddresses(), this.#settings),
    };
  }

  #handleSessionEvent(event: SessionEvent): void {
    if (event.kind === "channel") this.#channels.handleEvent(event.event);
    else this.#transports.handleEvent(event);
  }
}

defineInterface(RTCPeerConnection, "RTCPeerConnection");
defineEventHandlers(RTCPeerConnection, [
  "negotiationneeded",
  "icecandidate",
  "icecandidateerror",
  "signalingstatechange",
  "iceconnectionstatechange",
  "icegatheringstatechange",
  "connectionstatechange",
  "datachannel",
]);

function closedError(): DOMException {
  return new DOMException("the connection is closed", "InvalidStateError");
}
