import type { MediaCommands } from "./media-script.ts";

/** A description or candidate as it goes over a signaling channel. */
export type DescriptionJson = { readonly type: "offer" | "answer"; readonly sdp: string };

/** What a message carries: text as it is, binary as base64. */
export type Payload = { readonly text: string } | { readonly base64: string };

/** What can be asked of a peer, whatever it is written in. Channels are named by a number. */
export type PeerCommands = ChannelCommands & MediaCommands;

/** What every peer understands. */
export type ChannelCommands = {
  /** Creates the connection; comes first. */
  start: { params: { configuration?: RTCConfiguration }; result: null };
  createChannel: { params: { label: string; init?: RTCDataChannelInit }; result: number };
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

/** Does one command out of a larger set; the caller knows which parameters and result belong to it. */
export type Commands<Names extends keyof PeerCommands> = {
  [Name in Names]: (
    params: PeerCommands[Name]["params"],
  ) => PeerCommands[Name]["result"] | Promise<PeerCommands[Name]["result"]>;
};

/** Adds commands to a peer; handed the connection of the moment. */
export type Extension = (connection: () => RTCPeerConnection) => Commands<keyof MediaCommands>;

/**
 * The peer as a program on the W3C API. The same function drives `@pallas/webrtc` inside the test's
 * process and a browser's own connection, for which it is turned into text: it must not refer to
 * anything outside of itself.
 */
export function installPeer(
  Connection: new (configuration?: RTCConfiguration) => RTCPeerConnection,
  report: (event: PeerEvent) => void,
  extend: Extension,
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

  const ufragIn = (sdp = ""): string | undefined => /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];

  /**
   * Applies a description and waits until it contains every candidate. New credentials mean that there
   * will be a gathering even if the state still speaks of the one before.
   */
  const applyAndGather = async (made: RTCSessionDescriptionInit): Promise<void> => {
    const ufragBefore = ufragIn(connection.localDescription?.sdp);
    const gathered = new Promise<void>((resolve) => {
      connection.addEventListener("icecandidate", ({ candidate }) => {
        if (candidate === null) resolve();
      });
    });
    await connection.setLocalDescription(made);
    const isFresh = ufragIn(connection.localDescription?.sdp) !== ufragBefore;
    if (isFresh || connection.iceGatheringState !== "complete") await gathered;
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

  const commands: Commands<keyof PeerCommands> = {
    ...extend(() => connection),
    start,
    createChannel: ({ label, init }) => watch(connection.createDataChannel(label, init)),
    describe: async ({ type, gather }) => {
      const made =
        type === "offer" ? await connection.createOffer() : await connection.createAnswer();
      if (gather) await applyAndGather(made);
      else await connection.setLocalDescription(made);
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

  return async (method, params) => {
    const command = commands[method as keyof PeerCommands] as (params: never) => unknown;
    return command(params);
  };
}
