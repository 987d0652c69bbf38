import type { DescriptionType, Side, SignalingState, TransportPlan } from "../negotiation/index.ts";
import { toCandidateAttribute, type IceCandidate } from "../session/candidate-attribute.ts";
import type { TransportConfiguration } from "../session/peer-session.ts";
import type { TransportId } from "../session/session-events.ts";
import type { ConnectionChannels } from "./connection-channels.ts";
import type { ConnectionRtp } from "./connection-rtp.ts";
import type { ConnectionSession } from "./connection-session.ts";
import type { ConnectionTransports } from "./connection-transports.ts";
import { toCandidateError, toDescriptionError } from "./description-errors.ts";
import { NegotiationNeeded } from "./negotiation-needed.ts";
import { Negotiator, type CandidatePlace } from "./negotiator.ts";
import { OperationsChain } from "./operations-chain.ts";
import type { ValidConfiguration } from "./rtc-configuration.ts";
import { RTCIceCandidate, type ConvertedCandidateInit } from "./rtc-ice-candidate.ts";
import type { RTCSdpType, RTCSessionDescriptionInit } from "./rtc-session-description.ts";
import type { TaskQueue } from "./task-queue.ts";

/** Largest message that this side sends, whatever the peer takes ("canSendSize"). */
const MAX_SEND_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Until a description names the peer's limit (RFC 8841 §6). */
const ASSUMED_MAX_MESSAGE_BYTES = 65_536;

/** The parts of a connection that negotiation moves. */
export type NegotiationHost = {
  readonly tasks: TaskQueue;
  readonly session: ConnectionSession;
  readonly transports: ConnectionTransports;
  readonly channels: ConnectionChannels;
  readonly rtp: ConnectionRtp;
  readonly configuration: () => ValidConfiguration;
  readonly isClosed: () => boolean;
  /** Fires at the connection. */
  fire(event: Event): void;
};

/**
 * Offer and answer of one connection: the operations chain and the specification's steps that are
 * queued on it. `negotiation/` decides what a description means; here the result is carried out.
 */
export class ConnectionNegotiation {
  readonly negotiator: Negotiator;
  readonly operations: OperationsChain;
  readonly #host: NegotiationHost;
  readonly #needed: NegotiationNeeded;
  #hasSetLocalDescription = false;
  /** The `ufrag`s of the generations that the session knows. */
  #gathering: ReadonlySet<string> = new Set();
  #maxMessageBytes = ASSUMED_MAX_MESSAGE_BYTES;

  constructor(host: NegotiationHost, maxReceiveMessageBytes: number) {
    const { tasks, session, channels } = host;
    this.#host = host;
    this.negotiator = new Negotiator({
      random: session.random,
      fingerprints: () =>
        session.certificates(host.configuration()).flatMap(({ fingerprints }) => fingerprints),
      maxReceiveMessageBytes,
      bundlePolicy: () => host.configuration().dictionary.bundlePolicy,
    });
    this.operations = new OperationsChain(host.isClosed, () => this.#needed.handleEmptyChain());
    this.#needed = new NegotiationNeeded({
      tasks,
      signalingState: () => this.negotiator.signalingState,
      isChainEmpty: () => this.operations.isEmpty,
      check: () => this.negotiator.isNegotiationNeeded(channels.hasCreatedAny),
      fire: () => host.fire(new Event("negotiationneeded")),
    });
  }

  /** True once a local description was set: some parts of the configuration are fixed then. */
  get hasSetLocalDescription(): boolean {
    return this.#hasSetLocalDescription;
  }

  /** Largest message that the peer takes, in bytes. */
  get maxMessageBytes(): number {
    return this.#maxMessageBytes;
  }

  /** https://w3c.github.io/webrtc-pc/#dfn-update-the-negotiation-needed-flag */
  updateNeeded(): void {
    this.#needed.update();
  }

  /** "Create an offer" and "create an answer" */
  create(type: "offer" | "answer", iceRestart = false): Promise<RTCSessionDescriptionInit> {
    return this.operations.run(() => {
      orThrow(() => this.negotiator.checkCanCreate(type)); // Step 1
      // The final steps
      return this.#asTask(() => ({
        type,
        sdp:
          type === "offer"
            ? this.negotiator.createOffer(this.#wantsData, iceRestart)
            : this.negotiator.createAnswer(),
      }));
    });
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-setlocaldescription, steps 4 and on. */
  setLocal(init: { readonly type?: RTCSdpType; readonly sdp: string }): Promise<void> {
    return this.operations.run(() => {
      const type = init.type ?? this.#impliedLocalType(); // Step 4.1
      const { sdp } = init;
      orThrow(() => this.negotiator.checkCanSetLocal(type, sdp)); // Steps 4.2 to 4.5
      return this.#set("local", type, sdp); // Step 4.6
    });
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-setremotedescription, steps 3 and on. */
  setRemote({ type, sdp }: { readonly type: RTCSdpType; readonly sdp: string }): Promise<void> {
    const set = (): Promise<void> => this.#set("remote", type, sdp);
    return this.operations.run(() => {
      // Step 3.1; the rollback is refused in the two states of provisional answers.
      const isGlare = type === "offer" && this.negotiator.signalingState === "have-local-offer";
      if (!isGlare) return set(); // Step 3.2
      return this.#set("local", "rollback", "").then(set);
    });
  }

  /** https://w3c.github.io/webrtc-pc/#dom-peerconnection-addicecandidate, steps 4 and on. */
  addCandidate(init: ConvertedCandidateInit): Promise<void> {
    const { sdpMid, sdpMLineIndex, usernameFragment } = init;
    const target = { mid: sdpMid, mediaIndex: sdpMLineIndex, ufrag: usernameFragment };
    return this.operations.run(() => {
      // Steps 4.1 to 4.5
      const mids = orThrow(() => this.negotiator.checkCandidate(target), toCandidateError);
      // Steps 4.6 to 4.8
      return this.#asTask(() => {
        this.negotiator.addRemoteCandidate(target, init.candidate);
        if (init.candidate !== "") {
          const ids = new Set(mids.map((mid) => this.negotiator.transportIdOf(mid) ?? mid));
          this.#host.transports.addRemoteCandidate(ids, new RTCIceCandidate(init));
        }
        this.#applyPlan();
      }, toCandidateError);
    });
  }

  /** https://w3c.github.io/webrtc-pc/#dom-rtcpeerconnection-restartice */
  restartIce(): void {
    this.negotiator.restartIce();
    this.updateNeeded();
  }

  /** Writes a gathered candidate, or their end, into the local descriptions; the section it stands in. */
  surfaceCandidate(
    transportId: TransportId,
    candidate: IceCandidate | undefined,
  ): CandidatePlace | undefined {
    const attribute = candidate && toCandidateAttribute(candidate);
    return this.negotiator.addLocalCandidate(transportId, attribute, candidate?.ufrag);
  }

  /** Whether there is something to offer besides media. */
  get #wantsData(): boolean {
    return this.#host.channels.hasCreatedAny;
  }

  /** Runs `step` as a queued task; on a connection that was closed meanwhile the promise stays pending. */
  #asTask<T>(
    step: () => T | Promise<T>,
    convert: (error: unknown) => unknown = toDescriptionError,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#host.tasks.queue(() => {
        try {
          resolve(step());
        } catch (error) {
          reject(convert(error));
        }
      });
    });
  }

  /** https://w3c.github.io/webrtc-pc/#set-the-session-description */
  #set(side: Side, type: RTCSdpType, sdp: string): Promise<void> {
    return this.#asTask(() => {
      // Step 5.3: what `setParameters` has begun comes first, and the process starts over.
      if (this.#host.rtp.isSettingParameters) return this.#set(side, type, sdp);
      return this.#setDescription(side, type, sdp);
    });
  }

  #impliedLocalType(): DescriptionType {
    const answering: readonly SignalingState[] = ["have-remote-offer", "have-local-pranswer"];
    return answering.includes(this.negotiator.signalingState) ? "answer" : "offer";
  }

  /** https://w3c.github.io/webrtc-pc/#set-the-session-description, the steps of the queued task. */
  #setDescription(side: Side, type: RTCSdpType, sdp: string): void {
    const { session, transports, rtp, fire } = this.#host;
    const before = this.negotiator.signalingState;
    const transceivers = this.negotiator.transceivers;
    // Step 4: all that can fail comes first, and nothing has changed if it does.
    const configuration = this.negotiator.setDescription(
      side,
      type,
      sdp,
      this.#wantsData,
      ({ transports: wanted }) => this.#configurationFor(wanted),
    );
    const after = this.negotiator.signalingState;
    // Steps 5.4 to 5.9: all slots change before anything is fired.
    if (side === "local") this.#hasSetLocalDescription = true;
    if (type === "offer" && before === "stable") {
      transports.rememberStable();
      rtp.rememberStable();
    }
    this.#updateTransports(type);
    const effects = rtp.follow(transceivers, side, type);
    // What ICE, DTLS and SCTP have to do now; channels get their ids here.
    if (configuration !== undefined) session.driver.run((peer) => peer.configure(configuration));
    this.#applyPlan();
    const { transports: planned } = this.negotiator.plan;
    this.#gathering = new Set(planned.map(({ localIce }) => localIce.ufrag));
    // Step 5.11
    if (after === "stable") {
      this.#needed.clear();
      this.#needed.update();
    }
    // Steps 5.12 and on
    if (after !== before) fire(new Event("signalingstatechange"));
    rtp.fire(effects);
  }

  /**
   * With what a transport or an ICE generation that is new in this plan gathers; to ask for the addresses
   * of this machine takes time, so that it is not done for nothing.
   */
  #configurationFor(wanted: readonly TransportPlan[]): TransportConfiguration | undefined {
    if (wanted.every(({ localIce }) => this.#gathering.has(localIce.ufrag))) return undefined;
    return this.#host.session.transportConfiguration(this.#host.configuration());
  }

  #applyPlan(): void {
    const { plan } = this.negotiator;
    this.#gathering = new Set(plan.transports.map(({ localIce }) => localIce.ufrag));
    this.#host.session.driver.runNow((session, nowMs) => session.applyPlan(plan, nowMs));
  }

  /** What a description of this type means for the transport objects. */
  #updateTransports(type: RTCSdpType): void {
    const { transports } = this.#host;
    const { negotiator } = this;
    const { plan, iceRole } = negotiator;
    const data = negotiator.dataSection;
    const ids = new Set(plan.transports.map(({ transportId }) => transportId));
    if (type === "rollback") transports.rollBack();
    else {
      if (data !== undefined) ids.add(data.transportId);
      transports.use(ids, data, type === "offer");
    }
    // Those of an offer that is rolled back were another generation's.
    for (const id of ids) {
      const local = negotiator.credentials("local", id);
      const remote = negotiator.credentials("remote", id);
      transports.setParameters(id, iceRole, local, remote);
    }
    if (type === "rollback") return;
    const agreed = plan.transports.find(({ sctp }) => sctp !== undefined)?.sctp;
    if (type === "offer" || agreed === undefined) return;
    this.#maxMessageBytes = Math.min(agreed.maxSendMessageBytes, MAX_SEND_MESSAGE_BYTES);
    transports.setMaxMessageSize(this.#maxMessageBytes);
  }
}

/** Runs a step that must not wait, and throws what the API says for its errors. */
function orThrow<T>(step: () => T, convert: (error: unknown) => unknown = toDescriptionError): T {
  try {
    return step();
  } catch (error) {
    throw convert(error);
  }
}
