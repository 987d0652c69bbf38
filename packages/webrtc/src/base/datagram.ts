/** A UDP socket as the core knows it: a number that its owner chose when asking for it. */
export type SocketId = number;

/** An IP address in canonical text form (RFC 5952 for IPv6, no brackets) and a UDP or TCP port. */
export type TransportAddress = {
  readonly address: string;
  readonly port: number;
};

/** Bytes on their way in from, or out to, `remoteAddress`:`remotePort` through one local socket. */
export type Datagram = {
  readonly socketId: SocketId;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly bytes: Uint8Array;
};
