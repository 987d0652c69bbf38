import type { DescriptionType, Side, SignalingState } from "../negotiation/index.ts";
import { toCandidateAttribute } from "../session/candidate-attribute.ts";
import type { SessionEvent } from "../session/session-events.ts";
import { ConnectionChannels } from "./connection-channels.ts";
import { ConnectionSession } from "./connection-session.ts";
import type {
  RTCIceConnectionState,
  RTCIceGatheringState,
  RTCPeerConnectionState,
} from "./connection-states.ts";
import { ConnectionTransports } from "./connection-transports.ts";
import { toCandidateError, toDescriptionError } from "./description-errors.ts";
import {
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
import { warnOfUnusedServers } from "./ice-server-url.ts";
import { NegotiationNeeded } from "./negotiation-needed.ts";
import { Negotiator } from "./negotiator.ts";
import { OperationsChain, promiseOf } from "./operations-chain.ts";
import {
  copyConfiguration,
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
import {
  boolean,
  defineInterface,
  dictionary,
  requireArguments,
  withDefault,
} from "./webidl/index.ts";

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

const toOfferOptions = dictionary("RTCOfferOptions", {
  iceRestart: withDefault(boolean, () => false),
});
const toAnswerOptions = dictionary("RTCAnswerOptions", {});

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
  readonly #negotiationNeeded: NegotiationNeeded;
  readonly #negotiator: Negotiator;
  readonly #session: ConnectionSession;
  readonly #transports: ConnectionTransports;
  readonly #channels: ConnectionChannels;
  #configuration: ValidConfiguration;
  #isClosed = false;
  #hasSetLocalDescription = false;
  #maxMessageBytes = ASSUMED_MAX_MESSAGE_BYTES;

  /**
   * Throws `TypeError` for a member of the wrong type and the `DOMException`s of
   * {@link validateConfiguration}.
   */
  constructor(configuration: unknown, settings: RTCSettings | undefined, environment: Environment) {
    super();
    const { runtime } = environment;
    const context = "RTCPeerConnection constructor: argument 1";
    this.#environment = environment;
    this.#settings = validateSettings(settings);
    // Steps 4 to 8
    this.#configuration = validateConfiguration(configuration, context, runtime.epochMs());
    warnOfUnusedServers(this.#configuration.serverUrls, this.#settings.logger);
    // The slots
    this.#tasks = new TaskQueue(runtime, (error) => this.#session.driver.abandon(error));
    this.#negotiator = new Negotiator({
      random: runtime.crypto.random,
      fingerprints: () => this.#fingerprints,
      maxReceiveMessageBytes: this.#settings.maxMessageBytes,
    });
    this.#operations = new OperationsChain(
      () => this.#isClosed,
      () => this.#negotiationNeeded.handleEmptyChain(),
    );
    this.#negotiationNeeded = new NegotiationNeeded({
      tasks: this.#tasks,
      signalingState: () => this.signalingState,
      isChainEmpty: () => this.#operations.isEmpty,
      // "Check if negotiation is needed", step 4: the only one that concerns data.
      check: () => this.#channels.hasCreatedAny && !this.#negotiator.hasNegotiatedData,
      fire: () => this.dispatchEvent(new Event("negotiationneeded")),
    });
    this.#session = new ConnectionSession({
      environment,
      settings: this.#settings,
      onEvent: (event) => this.#handleSessionEvent(event),
    });
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
      driver: () => this.#session.driver,
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
  createOffer(options: RTCOfferOptions = {}): Promise<RTCSessionDescriptionInit> {
    return promiseOf(() => {
      const { iceRestart } = toOfferOptions(options, "RTCPeerConnection.createOffer: argument 1");
      if (iceRestart) {
        const problem = "an ICE restart is not supported yet; make a new connection";
        throw new DOMException(problem, "NotSupportedError");
      }
      return this.#create("offer", () => this.#negotiator.createOffer(this.#wantsData));
    });
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-createanswer. Rejects with `InvalidStateError` unless an offer of the peer is pending. */
  createAnswer(options: RTCAnswerOptions = {}): Promise<RTCSessionDescriptionInit> {
    return promiseOf(() => {
      toAnswerOptions(options, "RTCPeerConnection.createAnswer: argument 1");
      return this.#create("answer", () => this.#negotiator.createAnswer());
    });
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-peerconnection-setlocaldescription. Without an argument the
   * description that the state calls for is made and set. Gathering candidates begins here.
   *
   * Rejects with `InvalidStateError` if the description does not fit the signaling state, and with
   * `InvalidModificationError` if it is not the one that was created last.
   */
  setLocalDescription(description: RTCLocalSessionDescriptionInit = {}): Promise<void> {
    return promiseOf(() => {
      const context = "RTCPeerConnection.setLocalDescription: argument 1";
      const init = toLocalDescriptionInit(description, context);
      return this.#operations.run(() => {
        const type = init.type ?? this.#impliedLocalType(); // Step 4.1
        const { sdp } = init;
        orThrow(() => this.#negotiator.checkCanSetLocal(type, sdp)); // Steps 4.2 to 4.5
        return this.#asTask(() => this.#setDescription("local", type, sdp)); // Step 4.6
      });
    });
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
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    const argumentCount = arguments.length;
    return promiseOf(() => {
      requireArguments(argumentCount, 1, "RTCPeerConnection.setRemoteDescription");
      const context = "RTCPeerConnection.setRemoteDescription: argument 1";
      const { type, sdp } = toDescriptionInit(description, context);
      const set = (): Promise<void> =>
        this.#asTask(() => this.#setDescription("remote", type, sdp));
      return this.#operations.run(() => {
        // Step 3.1; the rollback is refused in the two states of provisional answers.
        const isGlare = type === "offer" && this.signalingState === "have-local-offer";
        if (!isGlare) return set(); // Step 3.2
        return this.#asTask(() => this.#setDescription("local", "rollback", "")).then(set);
      });
    });
  }

  /**
   * https://w3c.github.io/webrtc-pc/#dom-peerconnection-addicecandidate. An empty `candidate`, or no
   * argument, says that there are no more.
   *
   * Rejects with `TypeError` if a candidate names no section, `InvalidStateError` before a remote
   * description is set, `OperationError` if it does not parse or fit.
   */
  addIceCandidate(candidate: RTCIceCandidateInit | null = {}): Promise<void> {
    return promiseOf(() => {
      const init = toCandidateInit(candidate, "RTCPeerConnection.addIceCandidate: argument 1");
      // Step 3
      if (init.candidate !== "" && init.sdpMid === null && init.sdpMLineIndex === null) {
        const problem = "sdpMid and sdpMLineIndex are both null";
        throw new TypeError(`RTCPeerConnection.addIceCandidate: ${problem}`);
      }
      const { sdpMid, sdpMLineIndex, usernameFragment } = init;
      const target = { mid: sdpMid, mediaIndex: sdpMLineIndex, ufrag: usernameFragment };
      return this.#operations.run(() => {
        // Steps 4.1 to 4.5
        const mids = orThrow(() => this.#negotiator.checkCandidate(target), toCandidateError);
        // Steps 4.6 to 4.8
        return this.#asTask(() => {
          this.#negotiator.addRemoteCandidate(target, init.candidate);
          if (init.candidate !== "")
            this.#transports.addRemoteCandidate(mids, new RTCIceCandidate(init));
          this.#applyPlan();
        }, toCandidateError);
      });
    });
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-createdatachannel. Throws `InvalidStateError` after `close`. */
  createDataChannel(label: string, dataChannelDict: RTCDataChannelInit = {}): RTCDataChannel {
    requireArguments(arguments.length, 1, "RTCPeerConnection.createDataChannel");
    // Step 2
    if (this.#isClosed) throw closedError();
    // Steps 3 to 19
    const isFirst = !this.#wantsData;
    const channel = this.#channels.create(label, dataChannelDict);
    // Step 20
    if (isFirst) this.#negotiationNeeded.update();
    return channel;
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
      "RTCPeerConnection.setConfiguration: argument 1",
      this.#environment.runtime.epochMs(),
      this.#configuration,
      this.#hasSetLocalDescription,
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
    // Step 5
    this.#channels.closeAbruptly();
    // Steps 6 to 8
    this.#session.stop();
    // Steps 7 and 9 to 11
    this.#transports.close();
    this.#settings.logger.info("connection is closed");
  }

  // Steps

  /** Whether there is something to offer. */
  get #wantsData(): boolean {
    return this.#channels.hasCreatedAny;
  }

  get #fingerprints(): readonly { readonly algorithm: string; readonly value: string }[] {
    return this.#session
      .certificates(this.#configuration)
      .flatMap(({ fingerprints }) => fingerprints);
  }

  /** "Create an offer" and "create an answer" */
  #create(type: "offer" | "answer", make: () => string): Promise<RTCSessionDescriptionInit> {
    return this.#operations.run(() => {
      orThrow(() => this.#negotiator.checkCanCreate(type)); // Step 1
      return this.#asTask(() => ({ type, sdp: make() })); // The final steps
    });
  }

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

  #impliedLocalType(): DescriptionType {
    const answering: readonly SignalingState[] = ["have-remote-offer", "have-local-pranswer"];
    return answering.includes(this.signalingState) ? "answer" : "offer";
  }

  /** https://w3c.github.io/webrtc-pc/#set-the-session-description, the steps of the queued task. */
  #setDescription(side: Side, type: RTCSdpType, sdp: string): void {
    const before = this.signalingState;
    // Step 4: all that can fail comes first, and nothing has changed if it does. Only a local
    // description brings transports that gather.
    const configuration =
      side === "local" && type !== "rollback"
        ? this.#session.transportConfiguration(this.#configuration)
        : undefined;
    this.#negotiator.setDescription(side, type, sdp, this.#wantsData);
    const after = this.signalingState;
    // Steps 5.4 to 5.9: all slots change before anything is fired.
    if (side === "local") this.#hasSetLocalDescription = true;
    if (type === "offer" && before === "stable") this.#transports.rememberStable();
    this.#updateTransports(type);
    // What ICE, DTLS and SCTP have to do now; channels get their ids here.
    if (configuration !== undefined)
      this.#session.driver.run((session) => session.configure(configuration));
    this.#applyPlan();
    // Step 5.11
    if (after === "stable") {
      this.#negotiationNeeded.clear();
      this.#negotiationNeeded.update();
    }
    // Step 5.12
    if (after !== before) this.dispatchEvent(new Event("signalingstatechange"));
  }

  #applyPlan(): void {
    const { plan } = this.#negotiator;
    this.#session.driver.runNow((session, nowMs) => session.applyPlan(plan, nowMs));
  }

  /** What a description of this type means for the transport objects. */
  #updateTransports(type: RTCSdpType): void {
    if (type === "rollback") return this.#transports.rollBack();
    const { offeredDataMid, iceRole, plan } = this.#negotiator;
    const agreed = plan.transports.find(({ sctp }) => sctp !== undefined);
    if (type === "offer" && offeredDataMid !== undefined) this.#transports.offer(offeredDataMid);
    if (type === "answer") this.#transports.agree(agreed?.transportId);
    const mid = agreed?.transportId ?? offeredDataMid;
    if (mid === undefined) return;
    const local = this.#negotiator.credentials("local", mid);
    const remote = this.#negotiator.credentials("remote", mid);
    this.#transports.setParameters(iceRole, local, remote);
    if (type === "offer" || agreed?.sctp === undefined) return;
    this.#maxMessageBytes = Math.min(agreed.sctp.maxSendMessageBytes, MAX_SEND_MESSAGE_BYTES);
    this.#transports.setMaxMessageSize(this.#maxMessageBytes);
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

/** Runs a step that must not wait, and throws what the API says for its errors. */
function orThrow<T>(step: () => T, convert: (error: unknown) => unknown = toDescriptionError): T {
  try {
    return step();
  } catch (error) {
    throw convert(error);
  }
}
