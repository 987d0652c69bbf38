import type { SignalingState } from "../negotiation/index.ts";
import type { SessionEvent } from "../session/session-events.ts";
import { ConnectionChannels } from "./connection-channels.ts";
import { ConnectionNegotiation } from "./connection-negotiation.ts";
import { ConnectionRtp } from "./connection-rtp.ts";
import { ConnectionSession } from "./connection-session.ts";
import type {
  RTCIceConnectionState,
  RTCIceGatheringState,
  RTCPeerConnectionState,
} from "./connection-states.ts";
import { ConnectionStatistics } from "./connection-statistics.ts";
import { ConnectionTransports } from "./connection-transports.ts";
import {
  defaultEnvironment,
  validateSettings,
  type Environment,
  type RTCSettings,
  type ValidSettings,
} from "./environment.ts";
import { defineEventHandlers, eventTargetOf } from "./event-handler.ts";
import type { SenderHandle, StreamHandle, TrackHandle, WithHandles } from "./handles.ts";
import { warnOfUnusedServers } from "./ice-server-url.ts";
import {
  withCallbacks,
  type ErrorCallback,
  type SessionDescriptionCallback,
  type VoidCallback,
} from "./legacy-callbacks.ts";
import { promiseOf } from "./operations-chain.ts";
import {
  CONNECTION_EVENTS,
  type PeerConnectionHandlers,
  type RTCPeerConnectionEventMap,
} from "./peer-connection-events.ts";
import {
  generateRtcCertificate,
  type KeygenAlgorithm,
  type RTCCertificate,
} from "./rtc-certificate.ts";
import {
  copyConfiguration,
  validateConfiguration,
  type RTCConfiguration,
  type ValidConfiguration,
} from "./rtc-configuration.ts";
import type { RTCDataChannel, RTCDataChannelInit } from "./rtc-data-channel.ts";
import { toCandidateInit, type RTCIceCandidateInit } from "./rtc-ice-candidate.ts";
import type { RTCRtpReceiver } from "./rtc-rtp-receiver.ts";
import type { RTCRtpSender } from "./rtc-rtp-sender.ts";
import type { RTCRtpTransceiver } from "./rtc-rtp-transceiver.ts";
import type { RTCSctpTransport } from "./rtc-sctp-transport.ts";
import {
  toDescriptionInit,
  toLocalDescriptionInit,
  type RTCLocalSessionDescriptionInit,
  type RTCSessionDescription,
  type RTCSessionDescriptionInit,
} from "./rtc-session-description.ts";
import type { RTCRtpTransceiverInit } from "./rtp-parameters.ts";
import type { RTCStatsReport } from "./stats/index.ts";
import { TaskQueue } from "./task-queue.ts";
import {
  boolean,
  defineInterface,
  dictionary,
  optional,
  requireArguments,
  withDefault,
} from "./webidl/index.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtcofferoptions */
export interface RTCOfferOptions {
  iceRestart?: boolean;
  /** Of the legacy extensions (webrtc-pc §4.4.3.2): use `addTransceiver`. */
  offerToReceiveAudio?: boolean;
  /** Of the legacy extensions (webrtc-pc §4.4.3.2): use `addTransceiver`. */
  offerToReceiveVideo?: boolean;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtcofferansweroptions, which has no members. */
export type RTCOfferAnswerOptions = object;

/** https://w3c.github.io/webrtc-pc/#dom-rtcansweroptions */
export type RTCAnswerOptions = RTCOfferAnswerOptions;

/** The `on…` attributes. */
export interface RTCPeerConnection extends PeerConnectionHandlers<RTCPeerConnection> {}

const CLASS = "RTCPeerConnection";

const toOfferOptions = dictionary("RTCOfferOptions", {
  iceRestart: withDefault(boolean, () => false),
  offerToReceiveAudio: optional(boolean),
  offerToReceiveVideo: optional(boolean),
});
const toAnswerOptions = dictionary("RTCAnswerOptions", {});

/**
 * https://w3c.github.io/webrtc-pc/#rtcpeerconnection-interface. Converts what it is given and shows
 * what its parts know; they run the specification's steps.
 */
export class RTCPeerConnection extends eventTargetOf<RTCPeerConnectionEventMap>() {
  readonly #environment: Environment;
  readonly #settings: ValidSettings;
  readonly #tasks: TaskQueue;
  readonly #session: ConnectionSession;
  readonly #transports: ConnectionTransports;
  readonly #channels: ConnectionChannels;
  readonly #rtp: ConnectionRtp;
  readonly #statistics: ConnectionStatistics;
  readonly #negotiation: ConnectionNegotiation;
  #configuration: ValidConfiguration;
  #isClosed = false;

  /**
   * Throws `TypeError` for a member of the wrong type, "SyntaxError" for a bad server URL and
   * "InvalidAccessError" for missing credentials or an expired certificate. The second argument is what
   * a browser never needs: see {@link RTCSettings}.
   */
  constructor(configuration?: RTCConfiguration, settings?: RTCSettings);
  /** @internal In tests the world is a virtual one, and the configuration may be anything. */
  constructor(configuration: unknown, settings: RTCSettings | undefined, environment: Environment);
  constructor(
    configuration: unknown = {},
    settings: RTCSettings | undefined = undefined,
    environment: Environment = defaultEnvironment(),
  ) {
    super();
    const { runtime } = environment;
    this.#environment = environment;
    this.#settings = validateSettings(settings);
    const { logger } = this.#settings;
    // Steps 4 to 8
    const context = `${CLASS} constructor: argument 1`;
    this.#configuration = validateConfiguration(configuration, context, runtime.epochMs());
    warnOfUnusedServers(this.#configuration.serverUrls, logger);
    // The slots
    const fire = (event: Event): boolean => this.dispatchEvent(event);
    const isClosed = (): boolean => this.#isClosed;
    this.#tasks = new TaskQueue(runtime, (error) => this.#session.driver.abandon(error));
    const tasks = this.#tasks;
    this.#session = new ConnectionSession({
      environment,
      settings: this.#settings,
      onEvent: (event) => this.#handleSessionEvent(event),
    });
    this.#transports = new ConnectionTransports({
      tasks,
      logger,
      fire,
      surfaceCandidate: (id, candidate) => this.#negotiation.surfaceCandidate(id, candidate),
    });
    this.#channels = new ConnectionChannels({
      tasks,
      fire,
      driver: () => this.#session.driver,
      maxMessageBytes: () => this.#negotiation.maxMessageBytes,
    });
    this.#rtp = new ConnectionRtp({
      tasks,
      runtime,
      isClosed,
      fire,
      transports: this.#transports,
      negotiation: () => this.#negotiation,
      getStats: (half) => this.#statistics.ofObject(half),
    });
    this.#statistics = new ConnectionStatistics({
      runtime,
      session: this.#session,
      rtp: this.#rtp,
    });
    this.#negotiation = new ConnectionNegotiation(
      {
        tasks,
        session: this.#session,
        transports: this.#transports,
        channels: this.#channels,
        rtp: this.#rtp,
        configuration: () => this.#configuration,
        isClosed,
        fire,
      },
      this.#settings.maxMessageBytes,
    );
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-generatecertificate. Rejects with
   * "NotSupportedError" for other algorithms than ECDSA on P-256 and RSASSA-PKCS1-v1_5.
   */
  static async generateCertificate(keygenAlgorithm: KeygenAlgorithm): Promise<RTCCertificate> {
    requireArguments(arguments.length, 1, `${CLASS}.generateCertificate`);
    return generateRtcCertificate(defaultEnvironment().runtime, keygenAlgorithm);
  }

  // State

  get signalingState(): SignalingState {
    return this.#isClosed ? "closed" : this.#negotiation.negotiator.signalingState;
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
    return this.#negotiation.negotiator.canTrickle;
  }

  get sctp(): RTCSctpTransport | null {
    return this.#transports.sctp;
  }

  get localDescription(): RTCSessionDescription | null {
    return this.#negotiation.negotiator.description("local");
  }

  get currentLocalDescription(): RTCSessionDescription | null {
    return this.#negotiation.negotiator.description("currentLocal");
  }

  get pendingLocalDescription(): RTCSessionDescription | null {
    return this.#negotiation.negotiator.description("pendingLocal");
  }

  get remoteDescription(): RTCSessionDescription | null {
    return this.#negotiation.negotiator.description("remote");
  }

  get currentRemoteDescription(): RTCSessionDescription | null {
    return this.#negotiation.negotiator.description("currentRemote");
  }

  get pendingRemoteDescription(): RTCSessionDescription | null {
    return this.#negotiation.negotiator.description("pendingRemote");
  }

  // Negotiation

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-createoffer. Rejects with
   * `InvalidStateError` while an offer of the peer is pending.
   */
  createOffer(options?: RTCOfferOptions): Promise<RTCSessionDescriptionInit>;
  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-createoffer-legacy: with callbacks. */
  createOffer(
    successCallback: SessionDescriptionCallback,
    failureCallback: ErrorCallback,
    options?: RTCOfferOptions,
  ): Promise<void>;
  createOffer(...args: readonly unknown[]): Promise<RTCSessionDescriptionInit | void> {
    return withCallbacks(`${CLASS}.createOffer`, args, { callbacksAt: 0 }, ([value]) => {
      const options = toOfferOptions(value, `${CLASS}.createOffer: argument 1`);
      if (!this.#isClosed) this.#rtp.prepareToReceive(options);
      return this.#negotiation.create("offer", options.iceRestart);
    });
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-createanswer. Rejects with
   * `InvalidStateError` unless an offer of the peer is pending.
   */
  createAnswer(options?: RTCAnswerOptions): Promise<RTCSessionDescriptionInit>;
  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-createanswer-legacy: with callbacks. */
  createAnswer(
    successCallback: SessionDescriptionCallback,
    failureCallback: ErrorCallback,
  ): Promise<void>;
  createAnswer(...args: readonly unknown[]): Promise<RTCSessionDescriptionInit | void> {
    return withCallbacks(`${CLASS}.createAnswer`, args, { callbacksAt: 0 }, ([value]) => {
      toAnswerOptions(value, `${CLASS}.createAnswer: argument 1`);
      return this.#negotiation.create("answer");
    });
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-peerconnection-setlocaldescription. Without an argument the
   * description that the state calls for is made and set. Gathering candidates begins here.
   *
   * Rejects with `InvalidStateError` if the description does not fit the signaling state, and with
   * `InvalidModificationError` if it is not the one that was created last.
   */
  setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void>;
  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-setlocaldescription-legacy: with callbacks. */
  setLocalDescription(
    description: RTCLocalSessionDescriptionInit,
    successCallback: VoidCallback,
    failureCallback: ErrorCallback,
  ): Promise<void>;
  setLocalDescription(...args: readonly unknown[]): Promise<void> {
    return withCallbacks(`${CLASS}.setLocalDescription`, args, { callbacksAt: 1 }, ([value]) =>
      this.#negotiation.setLocal(
        toLocalDescriptionInit(value, `${CLASS}.setLocalDescription: argument 1`),
      ),
    );
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-peerconnection-setremotedescription. An offer in
   * "have-local-offer" rolls the own one back first.
   *
   * Rejects with `InvalidStateError` if the description does not fit the signaling state, with an
   * `RTCError` ("sdp-syntax-error", with the line) if it is not SDP, and with `InvalidAccessError`
   * that says what is wrong if its content is not acceptable. Nothing has changed then, but for the
   * rollback.
   */
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>;
  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-setremotedescription-legacy: with callbacks. */
  setRemoteDescription(
    description: RTCSessionDescriptionInit,
    successCallback: VoidCallback,
    failureCallback: ErrorCallback,
  ): Promise<void>;
  setRemoteDescription(_description: unknown, ..._callbacks: readonly unknown[]): Promise<void> {
    const where = { callbacksAt: 1, requiredArguments: 1 } as const;
    return withCallbacks(`${CLASS}.setRemoteDescription`, [...arguments], where, ([value]) =>
      this.#negotiation.setRemote(
        toDescriptionInit(value, `${CLASS}.setRemoteDescription: argument 1`),
      ),
    );
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-peerconnection-addicecandidate. An empty `candidate`, or no
   * argument, says that there are no more.
   *
   * Rejects with `TypeError` if a candidate names no section, `InvalidStateError` before a remote
   * description is set, `OperationError` if it does not parse or fit.
   */
  addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void>;
  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-addicecandidate-legacy: with callbacks. */
  addIceCandidate(
    candidate: RTCIceCandidateInit | null,
    successCallback: VoidCallback,
    failureCallback: ErrorCallback,
  ): Promise<void>;
  addIceCandidate(...args: readonly unknown[]): Promise<void> {
    return withCallbacks(`${CLASS}.addIceCandidate`, args, { callbacksAt: 1 }, ([value]) => {
      const init = toCandidateInit(value, `${CLASS}.addIceCandidate: argument 1`);
      // Step 3
      if (init.candidate !== "" && init.sdpMid === null && init.sdpMLineIndex === null)
        throw new TypeError(`${CLASS}.addIceCandidate: sdpMid and sdpMLineIndex are both null`);
      return this.#negotiation.addCandidate(init);
    });
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-restartice. The next offer, which
   * `negotiationneeded` asks for, looks for new paths; what runs goes on meanwhile.
   */
  restartIce(): void {
    if (!this.#isClosed) this.#negotiation.restartIce();
  }

  // Media

  /** The senders of all transceivers that have not stopped. */
  getSenders(): RTCRtpSender[] {
    return this.#rtp.senders;
  }

  /** The receivers of all transceivers that have not stopped. */
  getReceivers(): RTCRtpReceiver[] {
    return this.#rtp.receivers;
  }

  /** In the order in which they were added; a stopped one until a negotiation has taken its section away. */
  getTransceivers(): RTCRtpTransceiver[] {
    return this.#rtp.transceivers;
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-addtrack. Throws `InvalidStateError` after
   * `close`, and `InvalidAccessError` if the track has a sender already.
   */
  addTrack(track: TrackHandle, ...streams: StreamHandle[]): RTCRtpSender {
    requireArguments(arguments.length, 1, `${CLASS}.addTrack`);
    return this.#rtp.addTrack(track, streams);
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-removetrack. Throws `InvalidStateError`
   * after `close`, and `InvalidAccessError` for a sender of another connection.
   */
  removeTrack(sender: SenderHandle): void {
    requireArguments(arguments.length, 1, `${CLASS}.removeTrack`);
    this.#rtp.removeTrack(sender);
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-addtransceiver. Throws `TypeError` for
   * another kind than "audio" and "video" and for bad encodings, `RangeError` for scales and rates out
   * of range, `InvalidStateError` after `close`.
   */
  addTransceiver(
    trackOrKind: TrackHandle | string,
    init: WithHandles<RTCRtpTransceiverInit> = {},
  ): RTCRtpTransceiver {
    requireArguments(arguments.length, 1, `${CLASS}.addTransceiver`);
    return this.#rtp.addTransceiver(trackOrKind, init);
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-createdatachannel. Throws `InvalidStateError` after `close`. */
  createDataChannel(label: string, dataChannelDict: RTCDataChannelInit = {}): RTCDataChannel {
    requireArguments(arguments.length, 1, `${CLASS}.createDataChannel`);
    // Step 2
    if (this.#isClosed) throw closedError();
    // Steps 3 to 19
    const isFirst = !this.#channels.hasCreatedAny;
    const channel = this.#channels.create(label, dataChannelDict);
    // Step 20
    if (isFirst) this.#negotiation.updateNeeded();
    return channel;
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-getstats: of the whole connection, or of the
   * streams of one track with all that they refer to. Rejects with `InvalidAccessError` unless exactly
   * one sender or receiver has the track.
   */
  getStats(selector: TrackHandle | null = null): Promise<RTCStatsReport> {
    return promiseOf(() => this.#statistics.ofConnection(selector));
  }

  /** A copy: changing it changes nothing. */
  getConfiguration(): RTCConfiguration {
    return copyConfiguration(this.#configuration);
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-setconfiguration. New servers count when
   * gathering starts next.
   */
  setConfiguration(configuration: RTCConfiguration = {}): void {
    // Step 2
    if (this.#isClosed) throw closedError();
    // Step 3
    this.#configuration = validateConfiguration(
      configuration,
      `${CLASS}.setConfiguration: argument 1`,
      this.#environment.runtime.epochMs(),
      this.#configuration,
      this.#negotiation.hasSetLocalDescription,
    );
    warnOfUnusedServers(this.#configuration.serverUrls, this.#settings.logger);
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dfn-close-the-connection. At once: the peer is told, all sockets
   * and timers are released, and no event is fired any more.
   */
  close(): void {
    // Steps 1 to 3
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tasks.close();
    // Step 4
    this.#rtp.close();
    // Step 5
    this.#channels.closeAbruptly();
    // Steps 6 to 8
    this.#session.stop();
    // Steps 7 and 9 to 11
    this.#transports.close();
    this.#settings.logger.info("connection is closed");
  }

  #handleSessionEvent(event: SessionEvent): void {
    if (event.kind === "channel") this.#channels.handleEvent(event.event);
    else this.#transports.handleEvent(event);
  }
}

defineInterface(RTCPeerConnection, "RTCPeerConnection");
defineEventHandlers(RTCPeerConnection, CONNECTION_EVENTS);

function closedError(): DOMException {
  return new DOMException("the connection is closed", "InvalidStateError");
}
