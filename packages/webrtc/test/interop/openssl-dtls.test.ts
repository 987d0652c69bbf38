import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { NEVER_AT_MS } from "../../src/base/endpoint.ts";
import { encodeUtf8, decodeUtf8, toHex } from "../../src/base/bytes.ts";
import type { LocalCertificate } from "../../src/crypto/certificate.ts";
import { createNodeCrypto } from "../../src/crypto/node-crypto.ts";
import { CIPHER_SUITES } from "../../src/dtls/cipher-suite.ts";
import { DtlsEndpoint, type DtlsEvent, type DtlsOptions } from "../../src/dtls/dtls-endpoint.ts";
import { GROUPS } from "../../src/dtls/named-group.ts";
import { testCertificate, type TestKey } from "../support/dtls-pair.ts";
import { testWith } from "./availability.ts";

const SRTP_AES128_CM_SHA1_80 = 1;
const EXPORT_LABEL = "EXTRACTOR-dtls_srtp";
const folder = mkdtempSync(join(tmpdir(), "pallas-openssl-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const opensslTest = testWith(
  "openssl",
  spawnSync("openssl", ["version"]).status === 0,
  "Install Debian's openssl.",
);

/** The `openssl` command with all that it has said. */
class OpensslProcess {
  readonly process: ChildProcess;
  #output = "";
  #onOutput: () => void = () => {};

  constructor(args: readonly string[]) {
    this.process = spawn("openssl", args, { stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.on("data", (chunk: Buffer) => {
        this.#output += chunk.toString();
        this.#onOutput();
      });
    }
  }

  /** The first group of `pattern`, once the output has it. */
  async output(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        const match = pattern.exec(this.#output);
        if (match) resolve(match[1] ?? "");
      };
      this.#onOutput = look;
      look();
    });
  }

  say(line: string): void {
    this.process.stdin!.write(line);
  }

  kill(): void {
    this.process.kill("SIGKILL");
  }
}

/** A {@link DtlsEndpoint} on a UDP socket of the loopback interface and the real clock. */
class UdpEndpoint {
  readonly endpoint: DtlsEndpoint;
  readonly socket: Socket = createSocket("udp4");
  readonly events: DtlsEvent[] = [];
  #remotePort: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onEvent: () => void = () => {};

  constructor(options: DtlsOptions) {
    this.endpoint = new DtlsEndpoint(options);
    this.socket.on("message", (bytes, from) => {
      this.#remotePort ??= from.port;
      this.endpoint.handleDatagram(bytes, performance.now());
      this.drain();
    });
  }

  async open(remotePort?: number): Promise<number> {
    this.#remotePort = remotePort;
    this.socket.bind(0, "127.0.0.1");
    await once(this.socket, "listening");
    this.endpoint.start(performance.now());
    this.drain();
    return this.socket.address().port;
  }

  drain(): void {
    const { endpoint } = this;
    for (let bytes = endpoint.pollTransmit(); bytes; bytes = endpoint.pollTransmit())
      this.send(bytes);
    for (let event = endpoint.pollEvent(); event; event = endpoint.pollEvent())
      this.events.push(event);
    this.#onEvent();
    clearTimeout(this.#timer);
    if (endpoint.nextTimeoutAtMs === NEVER_AT_MS) return;
    this.#timer = setTimeout(() => {
      endpoint.handleTimeout(performance.now());
      this.drain();
    }, endpoint.nextTimeoutAtMs - performance.now());
  }

  send(bytes: Uint8Array): void {
    this.socket.send(bytes, this.#remotePort!, "127.0.0.1");
  }

  /** The first event of one kind, once it is there; rejects if the connection ends before it. */
  async event<K extends DtlsEvent["kind"]>(kind: K): Promise<Extract<DtlsEvent, { kind: K }>> {
    return new Promise((resolve, reject) => {
      this.#onEvent = () => {
        const found = this.events.find((event) => event.kind === kind);
        const closed = this.events.find((event) => event.kind === "closed");
        if (found) resolve(found as Extract<DtlsEvent, { kind: K }>);
        else if (closed) reject(closed.failure ?? new TypeError("closed without a failure"));
      };
      this.#onEvent();
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.socket.close();
  }
}

function pemFiles(certificate: LocalCertificate): readonly string[] {
  const { certificatePem, privateKeyPem } = certificate.exportPem();
  const path = join(folder, toHex(certificate.chain[0]!.slice(-8)));
  writeFileSync(`${path}.crt`, certificatePem);
  writeFileSync(`${path}.key`, privateKeyPem);
  return ["-cert", `${path}.crt`, "-key", `${path}.key`];
}

function ourOptions(role: "client" | "server", peerKey: TestKey): DtlsOptions {
  return {
    crypto: createNodeCrypto(),
    role,
    certificate: testCertificate("pallas"),
    remoteFingerprints: testCertificate("openssl", peerKey).fingerprints,
    srtpProfiles: [SRTP_AES128_CM_SHA1_80],
  };
}

const COMMON_ARGS = [
  ...["-dtls1_2", "-use_srtp", "SRTP_AES128_CM_SHA1_80"],
  ...["-keymatexport", EXPORT_LABEL, "-keymatexportlen", "60"],
];

/** Sends a line each way and compares exported keys; then the client says goodbye. */
async function converse(
  ours: UdpEndpoint,
  theirs: OpensslProcess,
  client: "ours" | "theirs",
): Promise<void> {
  const connected = await ours.event("connected");
  assert.equal(connected.srtpProfile, SRTP_AES128_CM_SHA1_80);
  const exported = await theirs.output(/Keying material: ([0-9A-F]{120})/);
  const keys = ours.endpoint.exportKeyingMaterial(EXPORT_LABEL, undefined, 60);
  assert.equal(toHex(keys).toUpperCase(), exported);

  ours.send(ours.endpoint.sealApplicationData(encodeUtf8("from pallas\n")));
  await theirs.output(/(from pallas)/);
  theirs.say("from openssl\n");
  assert.equal(decodeUtf8((await ours.event("applicationData")).bytes), "from openssl\n");

  if (client === "ours") {
    ours.endpoint.close(performance.now());
    ours.drain();
    await theirs.output(/^(DONE)/m);
  } else {
    theirs.say("Q\n");
    await ours.event("closed");
  }
  assert.deepEqual(ours.events.at(-1), { kind: "closed" });
  assert.equal(ours.endpoint.state, "closed");
}

async function meetServer(
  peerKey: TestKey,
  theirArgs: readonly string[],
  options: Partial<DtlsOptions> = {},
): Promise<DtlsEvent[]> {
  const theirs = new OpensslProcess([
    ...["s_server", "-accept", "127.0.0.1:0", "-Verify", "1", ...COMMON_ARGS, ...theirArgs],
    ...pemFiles(testCertificate("openssl", peerKey)),
  ]);
  const ours = new UdpEndpoint({ ...ourOptions("client", peerKey), ...options });
  try {
    await ours.open(Number(await theirs.output(/ACCEPT 127\.0\.0\.1:(\d+)/)));
    await converse(ours, theirs, "ours");
    return ours.events;
  } finally {
    ours.close();
    theirs.kill();
  }
}

async function meetClient(
  peerKey: TestKey,
  theirArgs: readonly string[],
  options: Partial<DtlsOptions> = {},
): Promise<DtlsEvent[]> {
  const ours = new UdpEndpoint({ ...ourOptions("server", peerKey), ...options });
  const port = await ours.open();
  const theirs = new OpensslProcess([
    ...["s_client", "-connect", `127.0.0.1:${port}`, ...COMMON_ARGS, ...theirArgs],
    ...pemFiles(testCertificate("openssl", peerKey)),
  ]);
  try {
    await converse(ours, theirs, "theirs");
    return ours.events;
  } finally {
    ours.close();
    theirs.kill();
  }
}

const OPENSSL_NAMES: Readonly<Record<number, string>> = {
  0xc02b: "ECDHE-ECDSA-AES128-GCM-SHA256",
  0xc02f: "ECDHE-RSA-AES128-GCM-SHA256",
  0xcca9: "ECDHE-ECDSA-CHACHA20-POLY1305",
  0xcca8: "ECDHE-RSA-CHACHA20-POLY1305",
  0xc02c: "ECDHE-ECDSA-AES256-GCM-SHA384",
  0xc030: "ECDHE-RSA-AES256-GCM-SHA384",
};

for (const suite of CIPHER_SUITES) {
  opensslTest(`our client and OpenSSL's server speak ${suite.name}`, async () => {
    const peerKey = suite.authentication === "rsa" ? "rsa" : "ecdsa-p256";
    const events = await meetServer(peerKey, ["-cipher", OPENSSL_NAMES[suite.id]!]);
    assert.equal(events.find((event) => event.kind === "connected")?.cipherSuite, suite.name);
  });
}

for (const suite of CIPHER_SUITES.filter(({ authentication }) => authentication === "ecdsa")) {
  opensslTest(`OpenSSL's client and our server speak ${suite.name}`, async () => {
    const events = await meetClient("ecdsa-p256", ["-cipher", OPENSSL_NAMES[suite.id]!]);
    assert.equal(events.find((event) => event.kind === "connected")?.cipherSuite, suite.name);
  });
}

for (const group of GROUPS) {
  opensslTest(`our client agrees with OpenSSL's server on a key over ${group}`, async () => {
    // OpenSSL follows the client's order; the list must also hold the curve of the certificates.
    const events = await meetServer("ecdsa-p256", [], { groups: [group, "secp256r1"] });
    assert.equal(events.find((event) => event.kind === "connected")?.group, group);
  });
}

opensslTest("our client accepts a P-384 certificate, cut to small datagrams", async () => {
  await meetServer("ecdsa-p384", ["-mtu", "300"]);
});

opensslTest(
  "our client accepts an RSA certificate with RSA-PSS or PKCS #1 signatures",
  async () => {
    await meetServer("rsa", ["-sigalgs", "RSA-PSS+SHA384:ECDSA+SHA256"]);
    await meetServer("rsa", ["-sigalgs", "RSA+SHA512:ECDSA+SHA256"]);
  },
);

opensslTest("our client echoes the cookie of OpenSSL's listener (RFC 6347 §4.2.1)", async () => {
  await meetServer("ecdsa-p256", ["-listen"]);
});

opensslTest("our server asks OpenSSL's client for a cookie (RFC 6347 §4.2.1)", async () => {
  await meetClient("ecdsa-p256", [], { isCookieExchangeRequired: true });
});

opensslTest(
  "our server accepts an RSA client in small datagrams, and sends small ones",
  async () => {
    await meetClient("rsa", ["-mtu", "300"], { maxDatagramBytes: 300 });
  },
);

opensslTest("our server serves OpenSSL's client with an RSA certificate", async () => {
  await meetClient("ecdsa-p256", [], { certificate: testCertificate("pallas", "rsa") });
});

opensslTest(
  "a fingerprint that differs ends the connection on both sides (RFC 8122 §5)",
  async () => {
    const options = { remoteFingerprints: testCertificate("somebody else").fingerprints };
    await assert.rejects(meetClient("ecdsa-p256", [], options), {
      code: "ERR_FINGERPRINT_MISMATCH",
    });
  },
);
