/** What one server puts up with. Every figure bounds memory or work that a stranger could cause. */
export type ServerLimits = {
  readonly maxConnections: number;
  readonly maxRooms: number;
  readonly maxParticipantsPerRoom: number;
  /** A longer WebSocket message closes its connection (RFC 6455 code 1009). */
  readonly maxMessageBytes: number;
  /** Sustained messages of one connection. */
  readonly messagesPerSecond: number;
  /**
   * Messages at once, on top: handshakes come in a burst, one for each receiver of a sender, each of some
   * 25 messages where all steps are reported.
   */
  readonly burstMessages: number;
  /** Sustained bytes of one connection's messages. */
  readonly bytesPerSecond: number;
  /** Bytes at once, on top: as many handshakes, with descriptions of 10 kB and more. */
  readonly burstBytes: number;
  /**
   * Offers and requests for one that a connection may send. Each makes another participant send a whole
   * handshake: nobody is to spend another's `burstMessages`. More are refused, with an error for each.
   */
  readonly handshakesPerSecond: number;
  /** Handshakes at once, on top: one with everybody. */
  readonly burstHandshakes: number;
  /** After this many messages that break the protocol the connection is closed. */
  readonly maxBadMessages: number;
  /**
   * While this much waits for a connection, nothing of other participants is added: their signals come
   * back to them as errors, reports and goodbyes are left out. Nobody can have another dropped as too slow.
   */
  readonly maxRelayBacklogBytes: number;
  /** A connection that does not even keep up with the server's own words is closed. */
  readonly maxUnsentBytes: number;
  /** How long a connection may take to say `join`. */
  readonly joinWithinMs: number;
  /** How often it is pinged; one that has not answered by the next ping is dropped. */
  readonly heartbeatMs: number;
};

/** For a server on the open network as well as for one machine. */
export const SERVER_LIMITS: ServerLimits = {
  maxConnections: 2000,
  maxRooms: 500,
  maxParticipantsPerRoom: 64,
  maxMessageBytes: 256 * 1024,
  messagesPerSecond: 200,
  burstMessages: 2000,
  bytesPerSecond: 256 * 1024,
  burstBytes: 2 * 1024 * 1024,
  handshakesPerSecond: 4,
  burstHandshakes: 64,
  maxBadMessages: 10,
  maxRelayBacklogBytes: 1024 * 1024,
  maxUnsentBytes: 4 * 1024 * 1024,
  joinWithinMs: 10_000,
  heartbeatMs: 15_000,
};
