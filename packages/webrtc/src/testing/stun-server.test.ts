import assert from "node:assert/strict";
import { test } from "vitest";

import { fromHex, toHex } from "../base/bytes.ts";
import { startStunServer } from "./stun-server.ts";
import type { VirtualHost } from "./virtual-host.ts";
import { VirtualWorld } from "./virtual-world.ts";

const TRANSACTION_ID = "b7e7a701bc34d686fa87dfae"; // RFC 5769 §2.2
const REQUEST = fromHex(`00010000 2112a442 ${TRANSACTION_ID}`);

/** Asks from a socket of `host` at `address` and returns the answers in hexadecimal. */
async function ask(
  world: VirtualWorld,
  host: VirtualHost,
  from: string,
  port: number,
  to: string,
  bytes: Uint8Array,
) {
  const answers: string[] = [];
  const socket = await host.runtime.bindUdp(
    { address: from, minPort: port, maxPort: port },
    { onDatagram: (answer) => void answers.push(toHex(answer)), onFailed() {} },
  );
  socket.send(bytes, to, 3_478);
  world.runUntilIdle();
  socket.close();
  return answers;
}

function worldWithServer() {
  const world = new VirtualWorld({ seed: 1 });
  const network = world.internet;
  const host = world.createHost("stun", { network, addresses: ["198.51.100.1", "2001:db8::53"] });
  // The reflexive addresses of RFC 5769 §2.2 and §2.3, so that its bytes can be compared.
  const addresses = ["192.0.2.1", "2001:db8:1234:5678:11:2233:4455:6677"];
  const client = world.createHost("client", { network, addresses });
  return { world, host, client };
}

test("a Binding request over IPv4 is answered with its source (RFC 8489 §14.2, RFC 5769 §2.2)", async () => {
  const { world, host, client } = worldWithServer();
  const server = await startStunServer(host);
  const answers = await ask(world, client, "192.0.2.1", 32_853, "198.51.100.1", REQUEST);
  assert.deepEqual(answers, [`0101000c2112a442${TRANSACTION_ID}002000080001a147e112a643`]);
  assert.equal(server.answered, 1);
});

test("a Binding request over IPv6 is answered with its source (RFC 8489 §14.2, RFC 5769 §2.3)", async () => {
  const { world, host, client } = worldWithServer();
  await startStunServer(host);
  const from = "2001:db8:1234:5678:11:2233:4455:6677";
  const answers = await ask(world, client, from, 32_853, "2001:db8::53", REQUEST);
  const mapped = "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9";
  assert.deepEqual(answers, [`010100182112a442${TRANSACTION_ID}${mapped}`]);
});

test("behind a NAT the answer names the external address", async () => {
  const { world, host } = worldWithServer();
  await startStunServer(host);
  const nat = world.createNat("home", {
    outside: world.internet,
    externalAddresses: ["203.0.113.1"],
  });
  const inner = world.createHost("inner", { network: nat.inside, addresses: ["10.0.0.2"] });
  const [answer] = await ask(world, inner, "10.0.0.2", 5_000, "198.51.100.1", REQUEST);
  const bytes = fromHex(answer!);
  const port = ((bytes[26]! << 8) | bytes[27]!) ^ 0x2112;
  assert.equal(port, nat.mappings[0]!.externalPort);
});

test("anything but a Binding request is left without an answer (RFC 8489 §6.3)", async () => {
  const { world, host, client } = worldWithServer();
  const server = await startStunServer(host);
  const noise = [
    fromHex("00010000"),
    fromHex(`00010000 2112a443 ${TRANSACTION_ID}`), // Another cookie.
    fromHex(`00010004 2112a442 ${TRANSACTION_ID}`), // Shorter than it says.
    fromHex(`01010000 2112a442 ${TRANSACTION_ID}`), // A response: two servers must not play ping-pong.
  ];
  for (const bytes of noise) {
    assert.deepEqual(await ask(world, client, "192.0.2.1", 5_000, "198.51.100.1", bytes), []);
  }
  assert.equal(server.answered, 0);
});

test("a closed server releases its ports and answers nothing", async () => {
  const { world, host, client } = worldWithServer();
  const server = await startStunServer(host, 3_478);
  assert.equal(host.resources.sockets, 2);
  server.close();
  assert.equal(host.resources.sockets, 0);
  assert.deepEqual(await ask(world, client, "192.0.2.1", 5_000, "198.51.100.1", REQUEST), []);
});
