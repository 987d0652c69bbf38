/**
 * What this package needs of the W3C API. The browser's objects and those of `@pallas/webrtc` both fit;
 * the constructors are handed in, so that one code serves both.
 *
 * https://w3c.github.io/webrtc-pc/
 */

/** `RTCDataChannel`, as far as it is used here. */
export interface PeerChannel {
  readonly label: string;
  readonly protocol: string;
  readonly readyState: RTCDataChannelState;
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  binaryType: BinaryType;
  send(data: string): void;
  send(data: ArrayBufferView<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
}

/** `RTCPeerConnection`, as far as it is used here. */
export interface PeerConnection {
  readonly connectionState: RTCPeerConnectionState;
  readonly iceConnectionState: RTCIceConnectionState;
  readonly iceGatheringState: RTCIceGatheringState;
  readonly signalingState: RTCSignalingState;
  readonly localDescription: Description | null;
  readonly remoteDescription: Description | null;
  readonly sctp: SctpTransport | null;
  createOffer(): Promise<RTCSessionDescriptionInit>;
  createAnswer(): Promise<RTCSessionDescriptionInit>;
  setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void>;
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>;
  addIceCandidate(candidate?: RTCIceCandidateInit): Promise<void>;
  createDataChannel(label: string, options?: RTCDataChannelInit): PeerChannel;
  addEventListener(type: string, listener: (event: Event) => void): void;
  close(): void;
}

/** `RTCSessionDescription`, as far as it is used here. */
export type Description = { readonly type: RTCSdpType; readonly sdp: string };

/** `RTCSctpTransport` down to the candidate pair in use. */
export interface SctpTransport {
  readonly transport: {
    readonly iceTransport: {
      getSelectedCandidatePair?(): {
        readonly local?: CandidateInfo;
        readonly remote?: CandidateInfo;
      } | null;
    };
  };
}

/** `RTCIceCandidate`, as far as it is used here. */
export type CandidateInfo = {
  readonly candidate: string;
  readonly address?: string | null;
  readonly port?: number | null;
  readonly protocol?: string | null;
  readonly type?: string | null;
};

/** The constructor that is handed in: the browser's or `@pallas/webrtc`'s `RTCPeerConnection`. */
export type PeerConnectionConstructor = new (configuration?: RTCConfiguration) => PeerConnection;

/** `WebSocket`, as far as it is used here: the browser's, Node's or that of the `ws` package. */
export interface SocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "error", listener: (event: { readonly message?: string }) => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
}

/** The constructor that is handed in for signaling. */
export type SocketConstructor = new (url: string) => SocketLike;
