/** A description or candidate as it goes over a signaling channel. */
export type DescriptionJson = { readonly type: "offer" | "answer"; readonly sdp: string };

/** What a message carries: text as it is, binary as base64. */
export type Payload = { readonly text: string } | { readonly base64: string };

/** What can be asked of a peer, whatever it is written in. Channels are named by a number. */
export type PeerCommands = {
  /** Creates the connection; comes first. */
  start: { params: { configuration?: RTCConfiguration }; result: null };
  createChannel: { params: { label: string; init?: RTCDataChannelInit }; result: number };
  addTransceiver: { params: { kind: "audio" | "video" }; result: null };
  /** Makes an offer or answer and applies it; with `gather` it contains every candidate. */
  describe: { params: { type: "offer" | "answer"; gather: boolean }; result: DescriptionJson };
  accept: { params: DescriptionJson; result: null };
  addCandidate: { params: RTCIceCandidateInit; result: null };
  send: { params: { channel: number } & Payload; result: null };
  closeChannel: { params: { channel: number }; result: null };
  channelId: { params: { channel: number }; result: number | null };
  close: { params: Record<string, never>; result: null };
};

/** What a peer tells by itself, in the order in which it happened. */
export type PeerEvent =
  | { readonly kind: "candidate"; readonly candidate: RTCIceCandidateInit }
  | { readonly kind: "gathered" }
  | { readonly kind: "connectionState"; readonly state: string }
  | { readonly kind: "iceState"; readonly state: string }
  | ({ readonly kind: "channel"; readonly channel: number } & ChannelJson)
  | { readonly kind: "open"; readonly channel: number }
  | { readonly kind: "closed"; readonly channel: number }
  | ({ readonly kind: "message"; readonly channel: number } & Payload);

/** What a peer sees of a channel that the other side has made. */
export type ChannelJson = {
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
  readonly maxRetransmits: number | null;
  readonly maxPacketLifeTime: number | null;
};

/** Does one command; the caller knows which parameters and result belong to it. */
export type PeerCall = (method: string, params: never) => Promise<unknown>;

/**
 * The peer as a program on the W3C API. The same function drives `@pallas/webrtc` inside the test's
 * process and a browser's own connection, for which it is turned into text: it must not refer to
 * anything outside of itself.
 */
export function installPeer(
  Connection: new (configuration?: RTCConfiguration) => RTCPeerConnection,
  report: (event: PeerEvent) => void,
): PeerCall {
  let connection: RTCPeerConnection;
  const channels: RTCDataChannel[] = [];

  const toBase64 = (buffer: ArrayBuffer): string => {
    let binary = "";
    for (const byte of new Uint8Array(buffer)) binary += String.fromCharCode(byte);
    return btoa(binary);
  };
  const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  const watch = (dataChannel: RTCDataChannel): number => {
    const channel = channels.push(dataChannel) - 1;
    dataChannel.binaryType = "arraybuffer";
    dataChannel.onopen = () => report({ kind: "open", channel });
    dataChannel.onclose = () => report({ kind: "closed", channel });
    dataChannel.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      const payload = typeof data === "string" ? { text: data } : { base64: toBase64(data) };
      report({ kind: "message", channel, ...payload });
    };
    return channel;
  };

  const gathered = async (): Promise<void> => {
    if (connection.iceGatheringState === "complete") return;
    await new Promise<void>((resolve) => {
      connection.addEventListener("icegatheringstatechange", () => {
        if (connection.iceGatheringState === "complete") resolve();
      });
    });
  };

  const start = ({ configuration }: PeerCommands["start"]["params"]): null => {
    connection = new Connection(configuration);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate === null) report({ kind: "gathered" });
      else report({ kind: "candidate", candidate: candidate.toJSON() });
    };
    connection.onconnectionstatechange = () =>
      report({ kind: "connectionState", state: connection.connectionState });
    connection.oniceconnectionstatechange = () =>
      report({ kind: "iceState", state: connection.iceConnectionState });
    connection.ondatachannel = ({ channel: dataChannel }) => {
      const channel = watch(dataChannel);
      const { label, protocol, ordered, maxRetransmits, maxPacketLifeTime } = dataChannel;
      const shown = { label, protocol, ordered, maxRetransmits, maxPacketLifeTime };
      report({ kind: "channel", channel, ...shown });
    };
    return null;
  };

  const commands: {
    [Name in keyof PeerCommands]: (
      params: PeerCommands[Name]["params"],
    ) => PeerCommands[Name]["result"] | Promise<PeerCommands[Name]["result"]>;
  } = {
    start,
    createChannel: ({ label, init }) => watch(connection.createDataChannel(label, init)),
    addTransceiver: ({ kind }) => {
      connection.addTransceiver(kind);
      return null;
    },
    describe: async ({ type, gather }) => {
      const made =
        type === "offer" ? await connection.createOffer() : await connection.createAnswer();
      await connection.setLocalDescription(made);
      if (gather) await gathered();
      return { type, sdp: connection.localDescription?.sdp ?? "" };
    },
    accept: async (description) => {
      await connection.setRemoteDescription(description);
      return null;
    },
    addCandidate: async (candidate) => {
      await connection.addIceCandidate(candidate);
      return null;
    },
    send: (params) => {
      const channel = channels[params.channel];
      if ("text" in params) channel?.send(params.text);
      else channel?.send(fromBase64(params.base64));
      return null;
    },
    closeChannel: ({ channel }) => {
      channels[channel]?.close();
      return null;
    },
    channelId: ({ channel }) => channels[channel]?.id ?? null,
    close: () => {
      connection.close();
      return null;
    },
  };

  return async (method, params) => commands[method as keyof PeerCommands](params);
}
