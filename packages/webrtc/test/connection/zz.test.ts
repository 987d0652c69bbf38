import * as pallas from "../../src/index.ts";
declare function fits<T>(value: T): void;
declare const p: {
  pc: pallas.RTCPeerConnection; dc: pallas.RTCDataChannel; s: pallas.RTCRtpSender; r: pallas.RTCRtpReceiver; t: pallas.RTCRtpTransceiver;
  dtmf: pallas.RTCDTMFSender; ms: pallas.MediaStream; mst: pallas.MediaStreamTrack; dtls: pallas.RTCDtlsTransport; ice: pallas.RTCIceTransport; sctp: pallas.RTCSctpTransport;
};
fits<RTCDataChannel>(p.dc);
fits<RTCRtpSender>(p.s);
fits<RTCRtpReceiver>(p.r);
fits<RTCRtpTransceiver>(p.t);
fits<RTCDTMFSender>(p.dtmf);
fits<MediaStream>(p.ms);
fits<MediaStreamTrack>(p.mst);
fits<RTCDtlsTransport>(p.dtls);
fits<RTCIceTransport>(p.ice);
fits<RTCSctpTransport>(p.sctp);
fits<RTCPeerConnection>(p.pc);
fits<typeof RTCPeerConnection>(pallas.RTCPeerConnection);
fits<typeof RTCDataChannel>(pallas.RTCDataChannel);
fits<typeof MediaStream>(pallas.MediaStream);


