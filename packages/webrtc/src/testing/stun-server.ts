import { writeUint16, writeUint32 } from "../base/bytes.ts";
import { parseIpAddress } from "../base/ip-address.ts";
import type { UdpSocket } from "../runtime/runtime.ts";
import type { VirtualHost } from "./virtual-host.ts";

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112_a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const XOR_MAPPED_ADDRESS = 0x0020;
const IPV4_FAMILY = 0x01;
const IPV6_FAMILY = 0x02;
const STUN_PORT = 3478;

/** A STUN server that runs on a virtual host. */
export type VirtualStunServer = {
  /** Binding requests answered so far. */
  readonly answered: number;
  close(): void;
};

/**
 * Answers Binding requests on UDP port 3478 (or `port`) of every IPv4 and IPv6 address of `host`
 * (RFC 8489 §12.1): no authentication, nothing else.
 *
 * Its few bytes are written here by hand, apart from the stack's own STUN code, so that a mistake
 * there is not cancelled out by the same mistake here.
 */
export async function startStunServer(
  host: VirtualHost,
  port = STUN_PORT,
): Promise<VirtualStunServer> {
  const sockets: UdpSocket[] = [];
  let answered = 0;
  for (const { address, isInternal } of host.runtime.interfaceAddresses()) {
    if (isInternal) continue;
    const socket: UdpSocket = await host.runtime.bindUdp(
      { address, minPort: port, maxPort: port },
      {
        onDatagram(bytes, remoteAddress, remotePort) {
          if (!isBindingRequest(bytes)) return;
          answered++;
          socket.send(encodeSuccess(bytes, remoteAddress, remotePort), remoteAddress, remotePort);
        },
        onFailed() {},
      },
    );
    sockets.push(socket);
  }
  return {
    get answered() {
      return answered;
    },
    close() {
      for (const socket of sockets) socket.close();
    },
  };
}

/** RFC 8489 §5: type, length (a multiple of four that fits), magic cookie. */
function isBindingRequest(bytes: Uint8Array): boolean {
  if (bytes.byteLength < HEADER_BYTES) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (
    view.getUint16(0) === BINDING_REQUEST &&
    view.getUint16(2) === bytes.byteLength - HEADER_BYTES &&
    view.getUint32(4) === MAGIC_COOKIE
  );
}

/** RFC 8489 §14.2: address and port are masked with the cookie, and with the transaction id for IPv6. */
function encodeSuccess(request: Uint8Array, address: string, port: number): Uint8Array {
  const addressBytes = parseIpAddress(address) ?? new Uint8Array(4);
  const valueBytes = 4 + addressBytes.byteLength;
  const response = new Uint8Array(HEADER_BYTES + 4 + valueBytes);
  writeUint16(response, 0, BINDING_SUCCESS);
  writeUint16(response, 2, 4 + valueBytes);
  writeUint32(response, 4, MAGIC_COOKIE);
  response.set(request.subarray(8, HEADER_BYTES), 8);
  writeUint16(response, 20, XOR_MAPPED_ADDRESS);
  writeUint16(response, 22, valueBytes);
  response[25] = addressBytes.byteLength === 4 ? IPV4_FAMILY : IPV6_FAMILY;
  writeUint16(response, 26, port ^ (MAGIC_COOKIE >>> 16));
  for (const [index, byte] of addressBytes.entries()) {
    response[28 + index] = byte ^ response[4 + index]!; // The mask is what stands in the header.
  }
  return response;
}
