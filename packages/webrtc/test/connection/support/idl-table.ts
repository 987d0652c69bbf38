/**
 * The interfaces of webrtc-pc, mediacapture-main and their extensions, as facts: what is named, how many
 * arguments are required, what can be written, what gives a promise.
 */
export type IdlInterface = {
  /** "Object" for an interface that inherits none. */
  readonly parent: "DOMException" | "Event" | "EventTarget" | "Object";
  /** Required arguments of the constructor; absent where there is none. */
  readonly construct?: number;
  /** Names of read-only attributes. */
  readonly readonly?: string;
  /** Names of attributes that can be set. */
  readonly writable?: string;
  /** Types of the events that have an `on…` attribute. */
  readonly events?: string;
  /** Operations with their required arguments: `name/1`, and `name/1!` if they give a promise. */
  readonly operations?: string;
  /** The same, of the interface object. */
  readonly statics?: string;
  /** Read-only attributes that always give the same object. */
  readonly sameObject?: string;
};

/** By name. */
export const IDL: Readonly<Record<string, IdlInterface>> = {
  RTCPeerConnection: {
    parent: "EventTarget",
    construct: 0,
    readonly: `localDescription currentLocalDescription pendingLocalDescription remoteDescription
      currentRemoteDescription pendingRemoteDescription signalingState iceGatheringState
      iceConnectionState connectionState canTrickleIceCandidates sctp`,
    events: `negotiationneeded icecandidate icecandidateerror signalingstatechange
      iceconnectionstatechange icegatheringstatechange connectionstatechange track datachannel`,
    operations: `createOffer/0! createAnswer/0! setLocalDescription/0! setRemoteDescription/1!
      addIceCandidate/0! getStats/0! restartIce/0 getConfiguration/0 setConfiguration/0 close/0
      getSenders/0 getReceivers/0 getTransceivers/0 addTrack/1 removeTrack/1 addTransceiver/1
      createDataChannel/1`,
    statics: "generateCertificate/1!",
  },
  RTCSessionDescription: {
    parent: "Object",
    construct: 1,
    readonly: "type sdp",
    operations: "toJSON/0",
  },
  RTCIceCandidate: {
    parent: "Object",
    construct: 0,
    readonly: `candidate sdpMid sdpMLineIndex foundation component priority address protocol port type
      tcpType relatedAddress relatedPort usernameFragment relayProtocol url`,
    operations: "toJSON/0",
  },
  RTCIceCandidatePair: {
    parent: "Object",
    readonly: "local remote",
    sameObject: "local remote",
  },
  RTCCertificate: { parent: "Object", readonly: "expires", operations: "getFingerprints/0" },
  RTCRtpSender: {
    parent: "Object",
    readonly: "track transport dtmf",
    writable: "transform",
    operations: "setParameters/1! getParameters/0 replaceTrack/1! setStreams/0 getStats/0!",
    statics: "getCapabilities/1",
    sameObject: "dtmf",
  },
  RTCRtpReceiver: {
    parent: "Object",
    readonly: "track transport",
    writable: "transform jitterBufferTarget",
    operations: `getParameters/0 getContributingSources/0 getSynchronizationSources/0 getStats/0!`,
    statics: "getCapabilities/1",
    sameObject: "track",
  },
  RTCRtpTransceiver: {
    parent: "Object",
    // "stopped" is a legacy member that all browsers have.
    readonly: "mid sender receiver currentDirection stopped",
    writable: "direction",
    operations: `stop/0 setCodecPreferences/1 getHeaderExtensionsToNegotiate/0
      setHeaderExtensionsToNegotiate/1 getNegotiatedHeaderExtensions/0`,
    sameObject: "sender receiver",
  },
  RTCDTMFSender: {
    parent: "EventTarget",
    readonly: "canInsertDTMF toneBuffer",
    events: "tonechange",
    operations: "insertDTMF/1",
  },
  RTCDtlsTransport: {
    parent: "EventTarget",
    readonly: "iceTransport state",
    events: "statechange error",
    operations: "getRemoteCertificates/0",
    sameObject: "iceTransport",
  },
  RTCIceTransport: {
    parent: "EventTarget",
    readonly: "role component state gatheringState",
    events: "statechange gatheringstatechange selectedcandidatepairchange",
    operations: `getLocalCandidates/0 getRemoteCandidates/0 getSelectedCandidatePair/0
      getLocalParameters/0 getRemoteParameters/0`,
  },
  RTCSctpTransport: {
    parent: "EventTarget",
    readonly: "transport state maxMessageSize maxChannels",
    events: "statechange",
    sameObject: "transport",
  },
  RTCDataChannel: {
    parent: "EventTarget",
    readonly: `label ordered maxPacketLifeTime maxRetransmits protocol negotiated id readyState
      bufferedAmount`,
    writable: "bufferedAmountLowThreshold binaryType",
    events: "open bufferedamountlow error closing close message",
    operations: "close/0 send/1",
  },
  RTCStatsReport: {
    parent: "Object",
    readonly: "size",
    operations: "entries/0 forEach/1 get/1 has/1 keys/0 values/0",
  },
  RTCError: {
    parent: "DOMException",
    construct: 1,
    readonly: "errorDetail sdpLineNumber sctpCauseCode receivedAlert sentAlert",
  },
  RTCTrackEvent: {
    parent: "Event",
    construct: 2,
    readonly: "receiver track streams transceiver",
    sameObject: "streams",
  },
  RTCDataChannelEvent: { parent: "Event", construct: 2, readonly: "channel" },
  RTCErrorEvent: { parent: "Event", construct: 2, readonly: "error", sameObject: "error" },
  RTCPeerConnectionIceEvent: { parent: "Event", construct: 1, readonly: "candidate url" },
  RTCPeerConnectionIceErrorEvent: {
    parent: "Event",
    construct: 2,
    readonly: "address port url errorCode errorText",
  },
  RTCDTMFToneChangeEvent: { parent: "Event", construct: 1, readonly: "tone" },
  MediaStream: {
    parent: "EventTarget",
    construct: 0,
    readonly: "id active",
    events: "addtrack removetrack",
    operations: `getAudioTracks/0 getVideoTracks/0 getTracks/0 getTrackById/1 addTrack/1 removeTrack/1
      clone/0`,
  },
  MediaStreamTrack: {
    parent: "EventTarget",
    readonly: "kind id label muted readyState",
    writable: "enabled contentHint",
    events: "mute unmute ended",
    operations: `clone/0 stop/0 getCapabilities/0 getConstraints/0 getSettings/0 applyConstraints/0!`,
  },
  MediaStreamTrackEvent: {
    parent: "Event",
    construct: 2,
    readonly: "track",
    sameObject: "track",
  },
  OverconstrainedError: { parent: "DOMException", construct: 1, readonly: "constraint" },
};
