import assert from "node:assert/strict";
import { test } from "vitest";

import type { UdpSocket, UdpSocketHandlers } from "../runtime/runtime.ts";
import { AddressUnavailableError, bindUdpSocket } from "./udp-socket.ts";

type Received = { readonly text: string; readonly address: string; readonly port: number };

function receiver(): { handlers: UdpSocketHandlers; next: Promise<Received> } {
  let resolve!: (received: Received) => void;
  const next = new Promise<Received>((settle) => (resolve = settle));
  const handlers: UdpSocketHandlers = {
    onDatagram: (bytes, address, port) =>
      resolve({ text: new TextDecoder().decode(bytes), address, port }),
    onFailed: (reason) => assert.fail(reason),
  };
  return { handlers, next };
}

const anyPort = { minPort: 0, maxPort: 0 };

async function withSockets(
  addresses: readonly string[],
  use: (sockets: UdpSocket[], next: Promise<Received>) => Promise<void>,
): Promise<void> {
  const { handlers, next } = receiver();
  const sockets = await Promise.all(
    addresses.map((address) => bindUdpSocket({ address, ...anyPort }, handlers)),
  );
  try {
    await use(sockets, next);
  } finally {
    for (const socket of sockets) socket.close();
  }
}

test.each(["127.0.0.1", "::1"])("a datagram on %s arrives with its source", async (address) => {
  await withSockets([address, address], async ([a, b], next) => {
    a!.send(new TextEncoder().encode("hello"), address, b!.local.port);
    assert.deepEqual(await next, { text: "hello", address, port: a!.local.port });
  });
});

test("sending to nobody is as silent as the network", async () => {
  await withSockets(["127.0.0.1", "127.0.0.1"], async ([a, b], next) => {
    for (const unreachable of ["203.0.113.1", "255.255.255.255"])
      a!.send(Uint8Array.of(1), unreachable, 9);
    a!.send(new TextEncoder().encode("after"), "127.0.0.1", b!.local.port);
    assert.equal((await next).text, "after");
  });
});

test("sending to port 0, which a forged datagram may name as its source, throws nothing", async () => {
  await withSockets(["127.0.0.1", "127.0.0.1"], async ([a, b], next) => {
    a!.send(Uint8Array.of(1), "127.0.0.1", 0);
    a!.send(new TextEncoder().encode("after"), "127.0.0.1", b!.local.port);
    assert.equal((await next).text, "after");
  });
});

test("a port of the range is taken, another one when it is in use, and a full range is refused in words", async () => {
  await withSockets(["127.0.0.1"], async ([occupied]) => {
    const { port } = occupied!.local;
    const request = { address: "127.0.0.1", minPort: port, maxPort: port };
    await assert.rejects(bindUdpSocket(request, receiver().handlers), (error) => {
      assert.ok(error instanceof AddressUnavailableError);
      assert.match(error.message, new RegExp(`127.0.0.1 ports ${port}-${port}.*EADDRINUSE`));
      return true;
    });
    const wider = { ...request, minPort: port - 3, maxPort: port + 3 };
    const socket = await bindUdpSocket(wider, receiver().handlers);
    assert.ok(socket.local.port >= port - 3 && socket.local.port <= port + 3);
    assert.notEqual(socket.local.port, port);
    socket.close();
  });
});

test("an address that this machine does not have is refused with its name", async () => {
  const request = { address: "203.0.113.5", ...anyPort };
  await assert.rejects(bindUdpSocket(request, receiver().handlers), /cannot bind 203\.0\.113\.5:0/);
});

test("a closed socket sends nothing, reports nothing and can be closed again", async () => {
  await withSockets(["127.0.0.1", "127.0.0.1"], async ([a, b], next) => {
    a!.close();
    a!.close();
    a!.send(Uint8Array.of(1), "127.0.0.1", b!.local.port);
    b!.send(new TextEncoder().encode("self"), "127.0.0.1", b!.local.port);
    assert.equal((await next).text, "self");
  });
});
