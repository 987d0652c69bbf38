import { decodeUtf8, encodeUtf8 } from "../../../src/base/bytes.ts";
import { startStunServer, VirtualWorld } from "../../../src/testing/index.ts";
import type { VirtualHost, VirtualNat } from "../../../src/testing/index.ts";
import type { NatKind } from "./nat-theory.ts";

const PROBE_INTERVAL_MS = 50;
const MAX_KNOWN_PORTS = 50;

/**
 * The bare idea of ICE in a few lines, to hold against the theory what the virtual NATs do: probe all
 * ports that are known of the other side, answer every probe, learn ports from probes.
 */
class ToyProber {
  /** True once an answer came back from the very port that was probed. */
  hasPath = false;
  readonly #host: VirtualHost;
  readonly #known = new Set<string>();
  #send: (text: string, endpoint: string) => void = () => {};

  constructor(host: VirtualHost) {
    this.#host = host;
  }

  async start(): Promise<void> {
    const { runtime } = this.#host;
    const socket = await runtime.bindUdp(
      { address: "192.168.1.2", minPort: 5_000, maxPort: 5_000 },
      {
        onDatagram: (bytes, address, port) => this.#handle(decodeUtf8(bytes), `${address}:${port}`),
        onFailed() {},
      },
    );
    this.#send = (text, endpoint) => {
      const [address, port] = endpoint.split(":");
      socket.send(encodeUtf8(text), address!, Number(port));
    };
    const next = runtime.createDeadline(() => {
      for (const endpoint of this.#known) this.#send(`probe ${endpoint}`, endpoint);
      next.set(runtime.nowMs() + PROBE_INTERVAL_MS);
    });
    next.set(PROBE_INTERVAL_MS);
  }

  /** Opens a mapping towards the STUN server, as gathering does. */
  touch(endpoint: string): void {
    this.#send("touch", endpoint);
  }

  learn(endpoint: string): void {
    if (this.#known.size < MAX_KNOWN_PORTS) this.#known.add(endpoint);
  }

  #handle(text: string, from: string): void {
    const [kind, probed] = text.split(" ");
    if (kind === "answer") {
      if (probed === from) this.hasPath = true;
      return;
    }
    this.learn(from);
    this.#send(`answer ${probed}`, from);
  }
}

/** Whether two toy probers find a path through two virtual NATs of these kinds, within two seconds. */
export async function findsPath(offererNat: NatKind, answererNat: NatKind): Promise<boolean> {
  const world = new VirtualWorld({ seed: 1 });
  const stun = world.createHost("stun", { network: world.internet, addresses: ["198.51.100.1"] });
  await startStunServer(stun);
  const sides: { prober: ToyProber; nat: VirtualNat }[] = [];
  for (const [index, behaviour] of [offererNat, answererNat].entries()) {
    const externalAddresses = [`203.0.113.${index + 1}`];
    const nat = world.createNat(`nat${index}`, {
      outside: world.internet,
      externalAddresses,
      behaviour,
    });
    const host = world.createHost(`host${index}`, {
      network: nat.inside,
      addresses: ["192.168.1.2"],
    });
    const prober = new ToyProber(host);
    await prober.start();
    prober.touch("198.51.100.1:3478");
    sides.push({ prober, nat });
  }
  const [a, b] = [sides[0]!, sides[1]!];
  for (const [side, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const { externalAddress, externalPort } = other.nat.mappings[0]!;
    side.prober.learn(`${externalAddress}:${externalPort}`);
  }
  world.runFor(2_000);
  return a.prober.hasPath && b.prober.hasPath;
}
