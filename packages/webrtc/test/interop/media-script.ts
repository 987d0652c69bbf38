import type { Commands } from "./peer-script.ts";

/** The two kinds of media. */
export type MediaKind = "audio" | "video";

/** What a peer knows of one transceiver. */
export type TransceiverJson = {
  /** How commands name it. */
  readonly transceiver: number;
  readonly mid: string | null;
  readonly kind: string;
  readonly direction: string;
  readonly currentDirection: string | null;
  /** True if its sender has a track. */
  readonly hasTrack: boolean;
};

/** What a peer knows of its connection. */
export type ConnectionJson = {
  readonly signalingState: string;
  readonly connectionState: string;
  readonly transceivers: readonly TransceiverJson[];
};

/** How a transceiver is made. */
export type TransceiverRequest = {
  readonly kind: MediaKind;
  readonly direction?: RTCRtpTransceiverDirection;
  /** With a track of a fake microphone or camera, in a stream of its own. */
  readonly hasTrack?: boolean;
  readonly sendEncodings?: readonly RTCRtpEncodingParameters[];
};

/** Takes one transceiver, named by its number. */
type OnTransceiver<More = unknown> = { readonly transceiver: number } & More;

/**
 * What can be asked of a peer that negotiates media. Transceivers are named by a number, in the order
 * in which the peer has first seen them.
 */
export type MediaCommands = {
  addTransceiver: { params: TransceiverRequest; result: number };
  /** Adds a fake track in a stream of its own; the transceiver may be one that was there. */
  addTrack: { params: { readonly kind: MediaKind }; result: number };
  removeTrack: { params: OnTransceiver; result: null };
  /** Gives the sender a new fake track, or none. */
  replaceTrack: { params: OnTransceiver<{ readonly hasTrack: boolean }>; result: null };
  setDirection: {
    params: OnTransceiver<{ readonly direction: RTCRtpTransceiverDirection }>;
    result: null;
  };
  stopTransceiver: { params: OnTransceiver; result: null };
  /** Leaves only the codecs of these types, e.g. `video/H264`. */
  preferCodecs: { params: OnTransceiver<{ readonly mimeTypes: readonly string[] }>; result: null };
  /** Stops every header extension that can be stopped and is not listed. */
  keepHeaderExtensions: {
    params: OnTransceiver<{ readonly uris: readonly string[] }>;
    result: null;
  };
  restartIce: { params: Record<string, never>; result: null };
  rollback: { params: { readonly side: "local" | "remote" }; result: null };
  /** Resolves as soon as the connection is connected, which after a restart may take a while. */
  settle: { params: Record<string, never>; result: null };
  state: { params: Record<string, never>; result: ConnectionJson };
};

/** A transceiver with the members of webrtc-extensions that lib.dom does not have yet. */
type WithHeaderExtensions = {
  getHeaderExtensionsToNegotiate?: () => { uri: string; direction: string }[];
  setHeaderExtensionsToNegotiate?: (list: { uri: string; direction: string }[]) => void;
};

/**
 * The commands on media as a program on the W3C API; see `installPeer`. It becomes text and must not
 * refer to anything outside of itself. `createStream` makes a stream with one fake track.
 */
export function installMedia(
  connection: () => RTCPeerConnection,
  createStream: (kind: MediaKind) => Promise<MediaStream>,
): Commands<keyof MediaCommands> {
  /** Every transceiver that was ever seen; stopped ones keep their numbers. */
  let owner: RTCPeerConnection | undefined;
  let known: RTCRtpTransceiver[] = [];

  const numberOf = (transceiver: RTCRtpTransceiver): number => {
    if (owner !== connection()) known = [];
    owner = connection();
    const index = known.indexOf(transceiver);
    return index === -1 ? known.push(transceiver) - 1 : index;
  };
  const find = (number: number): RTCRtpTransceiver => {
    const transceiver = known[number];
    if (transceiver === undefined) throw new RangeError(`no transceiver has the number ${number}`);
    return transceiver;
  };
  const createTrack = async (kind: MediaKind): Promise<[MediaStreamTrack, MediaStream]> => {
    const stream = await createStream(kind);
    const [track] = stream.getTracks();
    if (track === undefined) throw new RangeError(`the fake ${kind} stream has no track`);
    return [track, stream];
  };
  const describe = (transceiver: RTCRtpTransceiver) => ({
    transceiver: numberOf(transceiver),
    mid: transceiver.mid,
    kind: transceiver.receiver.track.kind,
    direction: transceiver.direction,
    currentDirection: transceiver.currentDirection,
    hasTrack: transceiver.sender.track !== null,
  });

  return {
    addTransceiver: async ({ kind, direction, hasTrack, sendEncodings }) => {
      const init: RTCRtpTransceiverInit = {};
      if (direction !== undefined) init.direction = direction;
      if (sendEncodings !== undefined) init.sendEncodings = [...sendEncodings];
      if (hasTrack !== true) return numberOf(connection().addTransceiver(kind, init));
      const [track, stream] = await createTrack(kind);
      return numberOf(connection().addTransceiver(track, { ...init, streams: [stream] }));
    },
    addTrack: async ({ kind }) => {
      const [track, stream] = await createTrack(kind);
      const sender = connection().addTrack(track, stream);
      const found = connection()
        .getTransceivers()
        .find((one) => one.sender === sender);
      if (found === undefined) throw new RangeError("the sender belongs to no transceiver");
      return numberOf(found);
    },
    removeTrack: ({ transceiver }) => {
      connection().removeTrack(find(transceiver).sender);
      return null;
    },
    replaceTrack: async ({ transceiver, hasTrack }) => {
      const { sender, receiver } = find(transceiver);
      const kind = receiver.track.kind as MediaKind;
      await sender.replaceTrack(hasTrack ? (await createTrack(kind))[0] : null);
      return null;
    },
    setDirection: ({ transceiver, direction }) => {
      find(transceiver).direction = direction;
      return null;
    },
    stopTransceiver: ({ transceiver }) => {
      find(transceiver).stop();
      return null;
    },
    preferCodecs: ({ transceiver, mimeTypes }) => {
      const wanted = new Set(mimeTypes.map((type) => type.toLowerCase()));
      const { kind } = find(transceiver).receiver.track;
      const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
      const left = codecs.filter((codec) => wanted.has(codec.mimeType.toLowerCase()));
      if (left.length === 0) throw new RangeError(`no codec is one of ${mimeTypes.join(", ")}`);
      find(transceiver).setCodecPreferences(left);
      return null;
    },
    keepHeaderExtensions: ({ transceiver, uris }) => {
      const target = find(transceiver) as RTCRtpTransceiver & WithHeaderExtensions;
      const list = target.getHeaderExtensionsToNegotiate?.() ?? [];
      const stopped = list.map((one) =>
        uris.includes(one.uri) || one.uri.endsWith("sdes:mid")
          ? one
          : { ...one, direction: "stopped" },
      );
      target.setHeaderExtensionsToNegotiate?.(stopped);
      return null;
    },
    restartIce: () => {
      connection().restartIce();
      return null;
    },
    rollback: async ({ side }) => {
      if (side === "local") await connection().setLocalDescription({ type: "rollback" });
      else await connection().setRemoteDescription({ type: "rollback" });
      return null;
    },
    settle: async () => {
      const observed = connection();
      await new Promise<void>((resolve, reject) => {
        const look = (): void => {
          const state = observed.connectionState;
          if (state === "connected") resolve();
          else if (state === "failed" || state === "closed")
            reject(new RangeError(`it is ${state}`));
          else return;
          observed.removeEventListener("connectionstatechange", look);
        };
        observed.addEventListener("connectionstatechange", look);
        look();
      });
      return null;
    },
    state: () => ({
      signalingState: connection().signalingState,
      connectionState: connection().connectionState,
      transceivers: connection().getTransceivers().map(describe),
    }),
  };
}
