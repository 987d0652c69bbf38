/** Tunables of one association. The defaults follow RFC 9260 §16 unless a line says otherwise. */
export type AssociationOptions = {
  readonly localPort: number;
  readonly remotePort: number;
  /** Largest SCTP packet handed to DTLS, headers included. */
  readonly maxPacketBytes: number;
  /** Payload and book-keeping of messages that wait to be sent; `send` refuses what exceeds it. */
  readonly maxBufferedBytes: number;
  /**
   * Receive window announced to the peer; what is held, with an allowance for each fragment, never
   * exceeds twice that. A message has to fit: the window must not be smaller than the largest one
   * that this side announces to take (RFC 8841 §6.1), and with twice its size nothing has to wait.
   */
  readonly receiveWindowBytes: number;
  /** Streams asked for in each direction. */
  readonly maxStreams: number;
  /** Retransmission timeout before the first round trip is measured. */
  readonly initialRtoMs: number;
  readonly minRtoMs: number;
  readonly maxRtoMs: number;
  /** How long an acknowledgement may be held back (RFC 9260 §6.2). */
  readonly delayedAckMs: number;
  /** Idle time before the path is probed (RFC 9260 §8.3); Infinity: never. */
  readonly heartbeatIntervalMs: number;
  /** Packets with data that one input (a packet, a command, a timeout) may release, beyond those it acknowledges. */
  readonly maxBurstPackets: number;
  /** Transmissions without any answer after which the association is given up (RFC 9260 §8.1). */
  readonly maxRetransmits: number;
  /** The same for INIT and COOKIE ECHO. */
  readonly maxInitRetransmits: number;
  /** Lifetime of a state cookie (RFC 9260 §5.1.3). */
  readonly cookieLifetimeMs: number;
  /** Offer I-DATA (RFC 8260), so that large messages do not block other streams. */
  readonly isInterleavingOffered: boolean;
  /** Accept packets without checksum (RFC 9653): DTLS protects them better than a CRC would. */
  readonly isZeroChecksumOffered: boolean;
};

/** What holds where the owner says nothing. */
export const DEFAULT_ASSOCIATION_OPTIONS: AssociationOptions = {
  localPort: 5000,
  remotePort: 5000,
  // What fits into 1,280 bytes of IPv6 with UDP, DTLS and a TURN channel header; libwebrtc's figure.
  maxPacketBytes: 1191,
  maxBufferedBytes: 16 * 1024 * 1024,
  // libwebrtc's figure; room for twenty messages of the 262,144 bytes that are announced by default.
  receiveWindowBytes: 5 * 1024 * 1024,
  // RFC 8831 §6.2: 65,535 in both directions.
  maxStreams: 65_535,
  // RFC: 1 s each. The path was just measured by ICE and DTLS, and is interactive; but a minimum below
  // twice the 200 ms for which usrsctp and dcsctp hold acknowledgements back would fire for nothing.
  initialRtoMs: 500,
  minRtoMs: 400,
  maxRtoMs: 60_000,
  // RFC: 200 ms. Closing a channel waits for the last acknowledgement, so it comes sooner here.
  delayedAckMs: 20,
  heartbeatIntervalMs: 30_000,
  // RFC: 4, which throttles every path with a bandwidth-delay product worth the name. A third of the
  // packets that a default UDP receive buffer of 208 KiB holds.
  maxBurstPackets: 32,
  maxRetransmits: 10,
  maxInitRetransmits: 8,
  cookieLifetimeMs: 60_000,
  isInterleavingOffered: true,
  isZeroChecksumOffered: true,
};
