/** What one server puts up with. Every figure bounds memory or work that a stranger could cause. */
export type ServerLimits = {
  readonly maxConnections: number;
  readonly maxRooms: number;
  readonly maxParticipantsPerRoom: number;
  /** A longer WebSocket message closes its connection (RFC 6455 code 1009). */
  readonly maxMessageBytes: number;
  /** Sustained messages of one connection. */
  readonly messagesPerSecond: number;
  /** Messages at once, on top: a handshake comes in a burst, one for each receiver of a sender. */
  readonly burstMessages: number;
  /** After this many messages that break the protocol the connection is closed. */
  readonly maxBadMessages: number;
  /** A connection that reads too slowly to keep up is closed when this much waits for it. */
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
  burstMessages: 1000,
  maxBadMessages: 10,
  maxUnsentBytes: 4 * 1024 * 1024,
  joinWithinMs: 10_000,
  heartbeatMs: 15_000,
};
