/*
 * A call, written as for a page: it imports nothing, and takes every name from the globals. It is compiled
 * three times from this one text: against lib.dom, without lib.dom against the types of Pallas (see
 * `without-dom/`), and with objects of Pallas given to what lib.dom has typed (`browser-program.test.ts`,
 * which also runs it).
 */

/** What the two ends of a call tell each other, as JSON. */
export interface SignalingMessage {
  description?: RTCSessionDescription | RTCSessionDescriptionInit | null;
  candidate?: RTCIceCandidateInit | null;
}

/** Carries messages to the other end, in order. */
export interface SignalingChannel {
  send(message: SignalingMessage): void;
  onmessage: ((message: SignalingMessage) => Promise<void>) | null;
}

/** What a page shows of a call. */
export interface CallView {
  showRemoteTrack(track: MediaStreamTrack, stream: MediaStream | undefined): void;
  showState(state: RTCPeerConnectionState): void;
  showText(text: string): void;
  showProblem(problem: DOMException | Error): void;
}

const LOW_WATER_BYTES = 64 * 1024;

/** One end of a call: perfect negotiation, a text channel and tracks. */
export class Call {
  readonly connection: RTCPeerConnection;
  readonly texts: RTCDataChannel;
  readonly #view: CallView;
  readonly #signaling: SignalingChannel;
  readonly #isPolite: boolean;
  readonly #earlyCandidates: RTCIceCandidateInit[] = [];
  #isMakingOffer = false;
  #isIgnoringOffer = false;

  constructor(
    signaling: SignalingChannel,
    view: CallView,
    isPolite: boolean,
    configuration: RTCConfiguration = {},
  ) {
    const iceServers: RTCIceServer[] = configuration.iceServers ?? [];
    this.connection = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      ...configuration,
      iceServers,
    });
    this.#signaling = signaling;
    this.#view = view;
    this.#isPolite = isPolite;
    this.texts = this.connection.createDataChannel("texts", { negotiated: true, id: 0 });
    this.texts.binaryType = "arraybuffer";
    this.texts.bufferedAmountLowThreshold = LOW_WATER_BYTES;
    this.texts.onmessage = ({ data }: MessageEvent) => view.showText(String(data));
    this.texts.onerror = ({ error }: RTCErrorEvent) => view.showProblem(error);
    signaling.onmessage = (message) => this.#handleMessage(message);
    this.#listen();
  }

  /** Sends the tracks of `stream`: video in three sizes, audio with what DTMF needs. */
  addStream(stream: MediaStream): RTCRtpSender[] {
    return stream.getTracks().map((track) => {
      if (track.kind === "audio") return this.connection.addTrack(track, stream);
      const sendEncodings: RTCRtpEncodingParameters[] = [
        { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
        { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
        { rid: "f", maxBitrate: 1_500_000, priority: "high" },
      ];
      const init: RTCRtpTransceiverInit = {
        direction: "sendonly",
        streams: [stream],
        sendEncodings,
      };
      const transceiver: RTCRtpTransceiver = this.connection.addTransceiver(track, init);
      preferCodec(transceiver, "video/VP8");
      return transceiver.sender;
    });
  }

  hangUp(): void {
    this.connection.getSenders().forEach((sender) => sender.track?.stop());
    this.texts.close();
    this.connection.close();
    this.#signaling.onmessage = null;
  }

  #listen(): void {
    const { connection } = this;
    connection.onnegotiationneeded = async () => {
      try {
        this.#isMakingOffer = true;
        await connection.setLocalDescription();
        this.#signaling.send({ description: connection.localDescription });
      } catch (problem) {
        this.#view.showProblem(problem as DOMException);
      } finally {
        this.#isMakingOffer = false;
      }
    };
    connection.onicecandidate = ({ candidate }: RTCPeerConnectionIceEvent) =>
      this.#signaling.send({ candidate: candidate?.toJSON() ?? null });
    connection.addEventListener("icecandidateerror", ({ errorCode, errorText, url }) => {
      if (errorCode >= 700) this.#view.showProblem(new Error(`${url}: ${errorText}`));
    });
    connection.ontrack = ({ track, streams: [stream] }: RTCTrackEvent) => {
      track.addEventListener("unmute", () => this.#view.showRemoteTrack(track, stream), {
        once: true,
      });
      if (stream !== undefined)
        stream.onremovetrack = (event: MediaStreamTrackEvent) => event.track.stop();
    };
    connection.addEventListener("connectionstatechange", function () {
      if (this.connectionState === "failed") this.restartIce();
    });
    connection.onconnectionstatechange = () => this.#view.showState(connection.connectionState);
  }

  async #handleMessage({ description, candidate }: SignalingMessage): Promise<void> {
    const { connection } = this;
    if (description) {
      const isCollision =
        description.type === "offer" &&
        (this.#isMakingOffer || connection.signalingState !== "stable");
      this.#isIgnoringOffer = !this.#isPolite && isCollision;
      if (this.#isIgnoringOffer) return;
      await connection.setRemoteDescription(description as RTCSessionDescriptionInit);
      if (description.type === "offer") {
        await connection.setLocalDescription();
        this.#signaling.send({ description: connection.localDescription });
      }
      for (const early of this.#earlyCandidates.splice(0)) await connection.addIceCandidate(early);
    } else if (candidate) {
      if (connection.remoteDescription === null) {
        this.#earlyCandidates.push(candidate);
        return;
      }
      try {
        await connection.addIceCandidate(new RTCIceCandidate(candidate));
      } catch (problem) {
        if (!this.#isIgnoringOffer) throw problem;
      }
    }
  }
}

/** Puts the codecs of one MIME type first, and keeps the others. */
export function preferCodec(transceiver: RTCRtpTransceiver, mimeType: string): void {
  const capabilities: RTCRtpCapabilities | null = RTCRtpSender.getCapabilities("video");
  const codecs: RTCRtpCodec[] = capabilities?.codecs ?? [];
  const wanted = codecs.filter((codec) => codec.mimeType === mimeType);
  const others = codecs.filter((codec) => codec.mimeType !== mimeType);
  transceiver.setCodecPreferences([...wanted, ...others]);
}

/** Sends only as many of the simulcast layers as `maxBitrate` has room for. */
export async function limitLayers(sender: RTCRtpSender, maxBitrate: number): Promise<string[]> {
  const parameters: RTCRtpSendParameters = sender.getParameters();
  let leftBps = maxBitrate;
  for (const encoding of parameters.encodings) {
    leftBps -= encoding.maxBitrate ?? 0;
    encoding.active = leftBps >= 0;
  }
  parameters.degradationPreference = "maintain-framerate";
  await sender.setParameters(parameters);
  return parameters.encodings.flatMap(({ rid, active }) => (active && rid ? [rid] : []));
}

/** Dials on the audio sender of a call; done when the last tone has been played. */
export function dial(sender: RTCRtpSender, tones: string): Promise<string> {
  const dtmf: RTCDTMFSender | null = sender.dtmf;
  if (!dtmf?.canInsertDTMF) return Promise.reject(new Error("no DTMF"));
  return new Promise((resolve) => {
    let played = "";
    dtmf.ontonechange = ({ tone }: RTCDTMFToneChangeEvent) => {
      played += tone;
      if (tone === "") resolve(played);
    };
    dtmf.insertDTMF(tones, 40, 30);
  });
}

/** Sends `chunks` no faster than the network takes them. */
export async function sendAll(
  channel: RTCDataChannel,
  chunks: Iterable<string | ArrayBuffer>,
): Promise<void> {
  for (const chunk of chunks) {
    if (channel.bufferedAmount > channel.bufferedAmountLowThreshold) {
      const waiting = new AbortController();
      const { signal } = waiting;
      await new Promise<void>((resolve, reject) => {
        channel.addEventListener("bufferedamountlow", () => resolve(), { signal });
        channel.addEventListener("close", () => reject(new Error("closed")), { signal });
      }).finally(() => waiting.abort());
    }
    if (typeof chunk === "string") channel.send(chunk);
    else channel.send(chunk);
  }
}

/** What a dashboard shows of a connection. */
export type Summary = {
  roundTripTime: number | undefined;
  bytesSent: number;
  localCandidate: string | undefined;
  openChannels: number;
};

/** One look at the statistics. */
export async function summarize(connection: RTCPeerConnection): Promise<Summary> {
  const report: RTCStatsReport = await connection.getStats();
  const summary: Summary = {
    roundTripTime: undefined,
    bytesSent: 0,
    localCandidate: undefined,
    openChannels: 0,
  };
  report.forEach((stats, id) => {
    if (stats.type === "transport") {
      const transport = stats as RTCTransportStats;
      const pair = report.get(transport.selectedCandidatePairId ?? "") as
        | RTCIceCandidatePairStats
        | undefined;
      summary.bytesSent += transport.bytesSent ?? 0;
      summary.roundTripTime = pair?.currentRoundTripTime;
      summary.localCandidate = pair?.localCandidateId;
    } else if (stats.type === "data-channel" && stats.id === id && stats.state === "open") {
      summary.openChannels++;
    }
  });
  return summary;
}

/** Looks again and again until `signal` is aborted. */
export async function watch(
  connection: RTCPeerConnection,
  everyMs: number,
  show: (summary: Summary) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && connection.connectionState !== "closed") {
    show(await summarize(connection));
    await new Promise<void>((resolve) => setTimeout(resolve, everyMs));
  }
}
