import dgram from "node:dgram";
import { isIPv6 } from "node:net";

import type { TransportAddress } from "../base/datagram.ts";
import type { UdpBindRequest, UdpSocket, UdpSocketHandlers } from "../runtime/runtime.ts";

/**
 * Room for a burst between two turns of the event loop. The system's default of about 200 KiB holds
 * 170 full packets; a sender on a fast network outruns that while JavaScript is busy elsewhere.
 */
const KERNEL_BUFFER_BYTES = 2 * 1024 * 1024;
/** Errors of a send that concern one destination, not the socket (RFC 1122 §4.1.3.3: soft errors). */
const IGNORED = (): void => {};

/**
 * A UDP socket of Node.
 *
 * Every address that comes here is an IP literal, so the name look-up that `dgram` does before each
 * `send` is replaced by one that answers at once: it would cost a turn of the event loop a packet.
 */
export function bindUdpSocket(
  request: UdpBindRequest,
  handlers: UdpSocketHandlers,
): Promise<UdpSocket> {
  return request.minPort === 0
    ? bindTo(request.address, 0, handlers)
    : bindWithin(request, handlers);
}

async function bindWithin(
  request: UdpBindRequest,
  handlers: UdpSocketHandlers,
): Promise<UdpSocket> {
  const portCount = request.maxPort - request.minPort + 1;
  const firstOffset = Math.floor(Math.random() * portCount);
  let lastError: unknown;
  for (let step = 0; step < portCount; step++) {
    const port = request.minPort + ((firstOffset + step) % portCount);
    try {
      return await bindTo(request.address, port, handlers);
    } catch (error) {
      lastError = error;
      if (errorCode(error) !== "EADDRINUSE") break;
    }
  }
  throw new AddressUnavailableError(
    `cannot bind ${request.address} ports ${request.minPort}-${request.maxPort}: ${describe(lastError)}`,
  );
}

/** No socket could be bound where it was asked for. */
export class AddressUnavailableError extends Error {
  override readonly name = "AddressUnavailableError";
}

function bindTo(address: string, port: number, handlers: UdpSocketHandlers): Promise<UdpSocket> {
  const isV6 = isIPv6(address);
  const socket = dgram.createSocket({
    type: isV6 ? "udp6" : "udp4",
    ipv6Only: isV6,
    lookup: (hostname, _options, callback) => callback(null, hostname, isV6 ? 6 : 4),
  });
  return new Promise((resolve, reject) => {
    socket.once("error", (error) => {
      socket.close();
      const where = `${isV6 ? `[${address}]` : address}:${port}`;
      reject(
        errorCode(error) === "EADDRINUSE"
          ? error
          : new AddressUnavailableError(`cannot bind ${where}: ${describe(error)}`, {
              cause: error,
            }),
      );
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      resolve(new NodeUdpSocket(socket, address, handlers));
    });
  });
}

class NodeUdpSocket implements UdpSocket {
  readonly local: TransportAddress;
  readonly #socket: dgram.Socket;
  #isClosed = false;

  constructor(socket: dgram.Socket, address: string, handlers: UdpSocketHandlers) {
    this.#socket = socket;
    this.local = { address, port: socket.address().port };
    try {
      socket.setRecvBufferSize(KERNEL_BUFFER_BYTES);
      socket.setSendBufferSize(KERNEL_BUFFER_BYTES);
    } catch {
      // The system's limits are smaller; its defaults serve.
    }
    socket.on("message", (bytes, remote) => {
      // Port 0 (RFC 768: "no reply expected") cannot be answered; only a forger sends from it.
      if (this.#isClosed || remote.port === 0) return;
      const zoneAt = remote.address.indexOf("%");
      const remoteAddress = zoneAt < 0 ? remote.address : remote.address.slice(0, zoneAt);
      handlers.onDatagram(bytes, remoteAddress, remote.port);
    });
    socket.on("error", (error) => {
      if (this.#isClosed) return;
      this.close();
      handlers.onFailed(`UDP socket ${address}:${this.local.port} failed: ${describe(error)}`);
    });
  }

  send(bytes: Uint8Array, remoteAddress: string, remotePort: number): void {
    // Node throws for port 0, and what throws here ends the process.
    if (this.#isClosed || remotePort === 0) return;
    // With a callback, an unreachable destination is reported to it and not as "error" of the socket.
    this.#socket.send(bytes, 0, bytes.byteLength, remotePort, remoteAddress, IGNORED);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
