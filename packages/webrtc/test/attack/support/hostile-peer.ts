import assert from "node:assert/strict";

import { roundUpTo4 } from "../../../src/base/bytes.ts";
import { NEVER_AT_MS } from "../../../src/base/endpoint.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { addToTsn, toTsn, type Tsn } from "../../../src/base/serial-number.ts";
import { generateCertificate } from "../../../src/crypto/certificate.ts";
import { createNodeCrypto } from "../../../src/crypto/node-crypto.ts";
import { drawIceCredentials } from "../../../src/base/ice-credentials.ts";
import type { Deadline, UdpSocket } from "../../../src/runtime/runtime.ts";
import { CHUNK_TYPE, chunkEnd } from "../../../src/sctp/packet/chunk.ts";
import { encodeCookieEchoChunk } from "../../../src/sctp/packet/cookie-chunk.ts";
import {
  decodeInitChunk,
  encodeInitChunk,
  type InitChunk,
} from "../../../src/sctp/packet/init-chunk.ts";
import { encodePacket } from "../../../src/sctp/packet/sctp-packet.ts";
import { parseCandidate, parseSessionDescription } from "../../../src/sdp/index.ts";
import { SecureTransport } from "../../../src/session/secure-transport.ts";
import type { VirtualHost, VirtualWorld } from "../../../src/testing/index.ts";
import type { RTCPeerConnection } from "../../../src/w3c/rtc-peer-connection.ts";
import { rawData, rawSack } from "../../support/sctp-raw-peer.ts";
import { directTopology } from "../../simulation/support/topologies.ts";
import { VirtualPeer } from "../../simulation/support/virtual-peer.ts";

const SOCKET_ID = 1;
/** Longer than any packet of an honest peer, and still one DTLS record. */
const MAX_DATAGRAM_BYTES = 17_000;
const TAG = 0x0bad_0bad;
const FIRST_TSN = toTsn(0xffff_ff00);

/** What the hostile peer says in its INIT. */
export type HostileInit = Partial<InitChunk>;

/**
 * A peer that was authenticated like any other, and then says whatever a test wants: honest ICE and
 * DTLS below, hand-made SCTP above. Its victim is a whole `RTCPeerConnection`.
 */
export class HostilePeer {
  readonly world: VirtualWorld;
  readonly victim: VirtualPeer;
  readonly host: VirtualHost;
  readonly #random = new SeededRandom(99);
  readonly #crypto = createNodeCrypto(this.#random);
  readonly #certificate = generateCertificate({
    nowEpochMs: 1_767_225_600_000,
    random: this.#random,
  });
  readonly #credentials = drawIceCredentials(this.#random);
  readonly #deadline: Deadline;
  readonly transport: SecureTransport;
  #socket: UdpSocket | undefined;
  #victimTag = 0;
  #nextTsn = 0;
  /** The highest TSN of the victim that was seen: the raw peer acknowledges only on request. */
  victimTsn: Tsn | undefined;
  /** Chunks of the victim, in the order in which they came. */
  readonly chunks: Uint8Array[] = [];

  constructor(seed = 1, victimSettings: ConstructorParameters<typeof VirtualPeer>[2] = {}) {
    const { world, offererHost, answererHost } = directTopology(seed, { path: { delayMs: 1 } });
    this.world = world;
    this.host = offererHost;
    this.victim = new VirtualPeer(answererHost, [], victimSettings);
    this.#deadline = this.host.runtime.createDeadline(() => {
      this.transport.handleTimeout(world.nowMs);
      this.#flush();
    });
    this.transport = new SecureTransport({
      crypto: this.#crypto,
      certificate: this.#certificate,
      maxDatagramBytes: MAX_DATAGRAM_BYTES,
      ice: {
        crypto: this.#crypto,
        role: "controlling",
        localParameters: this.#credentials,
        stunServers: [],
        transportPolicy: "all",
        allocateSocketId: () => SOCKET_ID,
      },
    });
  }

  get connection(): RTCPeerConnection {
    return this.victim.connection;
  }

  /** Its offer, as it would be if it were honest. */
  get offer(): string {
    const [fingerprint] = this.#certificate.fingerprints;
    const { address, port } = this.#socket!.local;
    return [
      "v=0",
      "o=- 1 1 IN IP4 0.0.0.0",
      "s=-",
      "t=0 0",
      "a=group:BUNDLE 0",
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
      "c=IN IP4 0.0.0.0",
      `a=ice-ufrag:${this.#credentials.ufrag}`,
      `a=ice-pwd:${this.#credentials.password}`,
      `a=fingerprint:${fingerprint!.algorithm} ${fingerprint!.value}`,
      "a=setup:actpass",
      "a=mid:0",
      "a=sctp-port:5000",
      "a=max-message-size:262144",
      `a=candidate:1 1 udp 2130706431 ${address} ${port} typ host`,
      "a=end-of-candidates",
      "",
    ].join("\r\n");
  }

  /** ICE and DTLS with the victim; `changeOffer` makes its text hostile. */
  async secure(changeOffer: (sdp: string) => string = (sdp) => sdp): Promise<this> {
    const { world, connection } = this;
    await this.#gather();
    const offer = { type: "offer" as const, sdp: changeOffer(this.offer) };
    await world.settle(connection.setRemoteDescription(offer));
    await world.settle(connection.setLocalDescription());
    await world.advanceUntil(() => connection.iceGatheringState === "complete");
    this.#takeAnswer(connection.localDescription!.sdp);
    await world.advanceUntil(
      () => this.transport.isWritable || connection.connectionState === "failed",
    );
    await world.advance(5);
    return this;
  }

  /** {@link secure}, then SCTP up to "established" on the victim's side. */
  async connect(init: HostileInit = {}): Promise<this> {
    await this.secure();
    const initAck = await this.exchangeInit(init);
    this.sendTo(initAck.initiateTag, [encodeCookieEchoChunk(initAck.stateCookie!)]);
    await this.world.advanceUntil(() => this.connection.sctp?.state === "connected");
    return this;
  }

  /** Sends INIT and gives back what it was answered with. */
  async exchangeInit(init: HostileInit = {}): Promise<InitChunk> {
    this.sendTo(0, [encodeInitChunk("init", { ...DEFAULT_INIT, ...init })]);
    const findAck = (): Uint8Array | undefined =>
      this.chunks.findLast(([type]) => type === CHUNK_TYPE.initAck);
    await this.world.advanceUntil(() => findAck() !== undefined);
    const initAck = decodeInitChunk(findAck()!);
    this.#victimTag = initAck.initiateTag;
    this.victimTsn = addToTsn(initAck.initialTsn, -1);
    return initAck;
  }

  /** One packet with these chunks to the established association. */
  send(...chunks: Uint8Array[]): void {
    this.sendTo(this.#victimTag, chunks);
  }

  /** One packet with another verification tag. */
  sendTo(verificationTag: number, chunks: readonly Uint8Array[]): void {
    const header = { sourcePort: 5000, destinationPort: 5000, verificationTag };
    this.sendPlaintext(encodePacket(header, chunks));
  }

  /** Whatever it is, sealed as application data. */
  sendPlaintext(bytes: Uint8Array): void {
    const {
      bytes: record,
      remoteAddress,
      remotePort,
    } = this.transport.seal(bytes, this.world.nowMs);
    this.#socket!.send(record.slice(), remoteAddress, remotePort);
  }

  /** The `count`-th TSN after those that were used; takes it if `isTaken`. */
  nextTsn(): Tsn {
    return addToTsn(FIRST_TSN, this.#nextTsn++);
  }

  /** A TSN relative to the first. */
  tsnAt(index: number): Tsn {
    return addToTsn(FIRST_TSN, index);
  }

  /** A whole message in one DATA chunk. */
  message(streamId: number, ppid: number, payload: Uint8Array, sequence = 0): Uint8Array {
    return rawData({ tsn: this.nextTsn(), streamId, ppid, sequence }, payload);
  }

  /** Acknowledges all that the victim has sent. */
  acknowledge(receiveWindowBytes = 1_000_000): void {
    this.send(rawSack({ cumulativeTsn: this.victimTsn!, receiveWindowBytes }));
  }

  /** Chunks of one type that the victim has sent so far. */
  chunksOf(type: number): Uint8Array[] {
    return this.chunks.filter((chunk) => chunk[0] === type);
  }

  /** Both ends go; nothing may be left of the victim. */
  async close(): Promise<void> {
    this.connection.close();
    this.transport.ice.close();
    this.#deadline.clear();
    this.#socket?.close();
    await this.world.advance(5_000);
    assert.deepEqual(this.victim.host.resources, { sockets: 0, deadlines: 0 });
  }

  async #gather(): Promise<void> {
    const { runtime } = this.host;
    const addresses = runtime.interfaceAddresses().filter(({ isInternal }) => !isInternal);
    this.transport.ice.gather(addresses, this.world.nowMs);
    const request = this.transport.ice.pollRequest();
    assert.equal(request?.kind, "bindUdp");
    this.#socket = await this.world.settle(
      runtime.bindUdp(
        { address: request.address, minPort: 0, maxPort: 0 },
        {
          onDatagram: (bytes, remoteAddress, remotePort) => {
            const datagram = { socketId: SOCKET_ID, remoteAddress, remotePort, bytes };
            this.transport.handleDatagram(datagram, this.world.nowMs);
            this.#flush();
          },
          onFailed: () => assert.fail("the attacker's own socket failed"),
        },
      ),
    );
    this.transport.ice.handleSocketBound(SOCKET_ID, this.#socket.local, this.world.nowMs);
    this.#flush();
  }

  #takeAnswer(sdp: string): void {
    const [section] = parseSessionDescription(sdp).media;
    const valueOf = (name: string): string =>
      new RegExp(`^a=${name}:(.*)$`, "m").exec(sdp)![1]!.trim();
    const nowMs = this.world.nowMs;
    this.transport.ice.setRemote(
      {
        ice: { ufrag: valueOf("ice-ufrag"), password: valueOf("ice-pwd"), isLite: false },
        candidates: [...sdp.matchAll(/candidate:.*/g)].map(([line]) => parseCandidate(line.trim())),
        hasAllCandidates: true,
      },
      nowMs,
    );
    const [algorithm, value] = valueOf("fingerprint").split(" ");
    this.transport.prepareDtls(
      {
        role: valueOf("setup") === "active" ? "server" : "client",
        remoteFingerprints: [{ algorithm: algorithm!, value: value! }],
      },
      nowMs,
    );
    assert.ok(section);
    this.#flush();
  }

  #flush(): void {
    for (let out = this.transport.pollTransmit(); out; out = this.transport.pollTransmit()) {
      this.#socket!.send(out.bytes, out.remoteAddress, out.remotePort);
    }
    for (let event = this.transport.pollEvent(); event; event = this.transport.pollEvent()) {
      if (event.kind === "applicationData") this.#read(event.bytes);
    }
    const atMs = this.transport.nextTimeoutAtMs;
    if (atMs === NEVER_AT_MS) this.#deadline.clear();
    else this.#deadline.set(atMs);
  }

  #read(packet: Uint8Array): void {
    for (let start = 12; start < packet.byteLength;) {
      const end = chunkEnd(packet, start, packet.byteLength);
      const chunk = packet.slice(start, end);
      this.chunks.push(chunk);
      const isData = chunk[0] === CHUNK_TYPE.data || chunk[0] === CHUNK_TYPE.iData;
      if (isData) this.victimTsn = toTsn(new DataView(chunk.buffer).getUint32(4));
      start += roundUpTo4(end - start);
    }
  }
}

/** No I-DATA, so that the plain chunks of most attacks are legal. */
const DEFAULT_INIT: InitChunk = {
  initiateTag: TAG,
  receiveWindowBytes: 1_000_000,
  outgoingStreams: 65_535,
  incomingStreams: 65_535,
  initialTsn: FIRST_TSN,
  supportsForwardTsn: true,
  supportedChunkTypes: [CHUNK_TYPE.reConfig, CHUNK_TYPE.forwardTsn],
  unrecognized: [],
};

/** Also agrees on I-DATA. */
export const INTERLEAVING_INIT: HostileInit = {
  supportedChunkTypes: [
    CHUNK_TYPE.reConfig,
    CHUNK_TYPE.forwardTsn,
    CHUNK_TYPE.iData,
    CHUNK_TYPE.iForwardTsn,
  ],
};
