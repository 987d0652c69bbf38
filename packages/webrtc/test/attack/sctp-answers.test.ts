import assert from "node:assert/strict";
import { test } from "vitest";

import { concatBytes, writeUint16 } from "../../src/base/bytes.ts";
import { encodeDataChannelOpen } from "../../src/datachannel/data-channel-open.ts";
import { PPID_DCEP } from "../../src/datachannel/ppid.ts";
import { DEFAULT_ASSOCIATION_OPTIONS } from "../../src/sctp/association-options.ts";
import { CHUNK_TYPE } from "../../src/sctp/packet/chunk.ts";
import { encodeHeartbeatChunk } from "../../src/sctp/packet/heartbeat-chunk.ts";
import { decodeInitChunk, encodeInitChunk } from "../../src/sctp/packet/init-chunk.ts";
import { encodeParameters } from "../../src/sctp/packet/parameter.ts";
import { encodeReConfigChunk } from "../../src/sctp/packet/re-config-chunk.ts";
import { COMMON_HEADER_BYTES } from "../../src/sctp/packet/sctp-packet.ts";
import { HostilePeer } from "./support/hostile-peer.ts";

/** As much as one DTLS record of the attacker carries, nearly. */
const HUGE_BYTES = 16_300;

test("an INIT with an unknown parameter of 16 KB is answered in one packet (RFC 9260 §3.2.2)", async () => {
  const peer = await new HostilePeer().secure();
  const init = encodeInitChunk("init", {
    initiateTag: 7,
    receiveWindowBytes: 100_000,
    outgoingStreams: 9,
    incomingStreams: 9,
    initialTsn: peer.tsnAt(0),
    supportsForwardTsn: false,
    supportedChunkTypes: [],
    unrecognized: [],
  });
  const unknown = [
    { type: 0xc123, value: new Uint8Array(HUGE_BYTES) },
    { type: 0xc124, value: Uint8Array.of(1) },
  ];
  const chunk = concatBytes([init, encodeParameters(unknown)]);
  writeUint16(chunk, 2, chunk.byteLength);
  peer.sendTo(0, [chunk]);
  await peer.world.advance(1_000);
  const [initAck] = peer.chunksOf(CHUNK_TYPE.initAck);
  assert.ok(initAck);
  const limitBytes = DEFAULT_ASSOCIATION_OPTIONS.maxPacketBytes - COMMON_HEADER_BYTES;
  assert.ok(initAck.byteLength <= limitBytes, `${initAck.byteLength} bytes`);
  assert.ok(decodeInitChunk(initAck).stateCookie);
  assert.equal(peer.connection.connectionState, "connected");
  await peer.close();
});

test("heartbeats of 16 KB, as many as a peer likes, do no harm (RFC 9260 §8.3)", async () => {
  const peer = await new HostilePeer().connect();
  for (let count = 0; count < 40; count++) {
    peer.send(encodeHeartbeatChunk("heartbeat", new Uint8Array(HUGE_BYTES)));
  }
  await peer.world.advance(1_000);
  assert.equal(peer.connection.connectionState, "connected");
  assert.equal(peer.connection.sctp?.state, "connected");
  await peer.close();
});

test("a reset of all streams closes silent channels too (RFC 6525 §4.1)", async () => {
  const peer = await new HostilePeer().connect();
  const silent = peer.connection.createDataChannel("silent", { negotiated: true, id: 7 });
  const open = encodeDataChannelOpen({ label: "", protocol: "", isOrdered: true, priority: 256 });
  peer.send(peer.message(1, PPID_DCEP, open));
  await peer.world.advance(50);
  const allStreams = {
    kind: "outgoingReset",
    requestSequence: peer.tsnAt(0),
    responseSequence: 0,
    lastAssignedTsn: peer.tsnAt(0),
    streamIds: [],
  } as const;
  peer.send(encodeReConfigChunk([allStreams]));
  await peer.world.advance(50);
  assert.equal(silent.readyState, "closing");
  assert.equal(peer.victim.incoming[0]?.readyState, "closing");
  await peer.close();
});
