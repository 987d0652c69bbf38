import type { TransportAddress, UdpSocket, UdpSocketHandlers } from "../runtime/runtime.ts";

/** What a socket needs of its host. */
export type UdpSocketOwner = {
  sendFrom(socket: VirtualUdpSocket, bytes: Uint8Array, address: string, port: number): void;
  releaseSocket(socket: VirtualUdpSocket): void;
};

/** A bound UDP port of a virtual host. */
export class VirtualUdpSocket implements UdpSocket {
  readonly local: TransportAddress;
  readonly #owner: UdpSocketOwner;
  readonly #handlers: UdpSocketHandlers;
  #isClosed = false;

  constructor(local: TransportAddress, handlers: UdpSocketHandlers, owner: UdpSocketOwner) {
    this.local = local;
    this.#handlers = handlers;
    this.#owner = owner;
  }

  send(bytes: Uint8Array, remoteAddress: string, remotePort: number): void {
    if (this.#isClosed) return;
    this.#owner.sendFrom(this, bytes, remoteAddress, remotePort);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#owner.releaseSocket(this);
  }

  /** @internal Hands over a copy: the receiver may write in it, and a duplicate may follow. */
  deliver(bytes: Uint8Array, remoteAddress: string, remotePort: number): void {
    this.#handlers.onDatagram(new Uint8Array(bytes), remoteAddress, remotePort);
  }

  /** @internal The address is gone. */
  fail(reason: string): void {
    if (this.#isClosed) return;
    this.close();
    this.#handlers.onFailed(reason);
  }
}
