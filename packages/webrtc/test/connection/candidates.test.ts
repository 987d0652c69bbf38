import assert from "node:assert/strict";
import { test } from "vitest";

import { DEFAULT_SDP_LIMITS } from "../../src/sdp/index.ts";
import { RTCIceCandidate, type RTCIceCandidateInit } from "../../src/w3c/rtc-ice-candidate.ts";
import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { Lab, observe } from "./support/lab.ts";

const CANDIDATE = "candidate:1 1 udp 2113937151 192.0.2.99 58041 typ host";

/** A connection with the offer of a peer set, its section "0" the only one. */
async function withRemoteOffer(lab: Lab): Promise<RTCPeerConnection> {
  const [connection, peer] = [lab.connection(), lab.connection()];
  peer.createDataChannel("x");
  await lab.run(connection.setRemoteDescription(await lab.run(peer.createOffer())));
  return connection;
}

test("before any remote description a candidate is an InvalidStateError (webrtc-pc §4.4.2, step 4.1)", async () => {
  const lab = new Lab();
  for (const init of [{ candidate: CANDIDATE, sdpMid: "0" }, {}, null]) {
    const connection = lab.connection();
    await assert.rejects(lab.run(connection.addIceCandidate(init)), { name: "InvalidStateError" });
  }
  await lab.close();
});

test.each([
  { candidate: CANDIDATE, sdpMid: "9" },
  { candidate: CANDIDATE, sdpMid: "" },
  { candidate: CANDIDATE, sdpMid: "9", sdpMLineIndex: 0 },
  { candidate: CANDIDATE, sdpMLineIndex: 1 },
  { candidate: CANDIDATE, sdpMid: "0", usernameFragment: "unknown" },
  { candidate: "", sdpMid: "9" },
  { candidate: "", sdpMid: "0", usernameFragment: "unknown" },
  { candidate: "candidate", sdpMid: "0" },
  { candidate: "candidate:1 1 udp", sdpMid: "0" },
  { candidate: `${CANDIDATE}\r\na=x`, sdpMid: "0" },
])(
  "%j fits nothing: OperationError, and nothing changes (webrtc-pc §4.4.2, steps 4.2 to 4.6)",
  async (init) => {
    const lab = new Lab();
    const connection = await withRemoteOffer(lab);
    const before = observe(connection);
    await assert.rejects(lab.run(connection.addIceCandidate(init)), (error) => {
      assert.ok(error instanceof DOMException);
      return error.name === "OperationError" && error.message.length > 10;
    });
    await lab.settleNow();
    assert.deepEqual(observe(connection), before);
    await lab.close();
  },
);

test("a candidate is found by mid first, else by index, and stands in the remote description (webrtc-pc §4.4.2)", async () => {
  const lab = new Lab();
  for (const init of [
    { candidate: CANDIDATE, sdpMid: "0" },
    { candidate: CANDIDATE, sdpMLineIndex: 0 },
    { candidate: CANDIDATE, sdpMid: "0", sdpMLineIndex: 7 },
    new RTCIceCandidate({ candidate: CANDIDATE, sdpMid: "0" }),
  ]) {
    const connection = await withRemoteOffer(lab);
    await lab.run(connection.addIceCandidate(init));
    assert.ok(connection.remoteDescription!.sdp.includes(`a=${CANDIDATE}\r\n`));
    const [exposed, ...others] = connection.sctp!.transport.iceTransport.getRemoteCandidates();
    assert.deepEqual([exposed?.candidate, others], [CANDIDATE, []]);
  }
  await lab.close();
});

test.each([undefined, null, {}, { candidate: "" }, { candidate: "", sdpMid: "0" }])(
  "%j is the end of the peer's candidates (webrtc-pc §4.4.2)",
  async (init: RTCIceCandidateInit | null | undefined) => {
    const lab = new Lab();
    const connection = await withRemoteOffer(lab);
    await lab.run(connection.addIceCandidate(init));
    await lab.run(connection.addIceCandidate(init));
    assert.equal(connection.remoteDescription!.sdp.split("a=end-of-candidates").length, 2);
    assert.deepEqual(connection.sctp!.transport.iceTransport.getRemoteCandidates(), []);
    await lab.close();
  },
);

test("candidates of kinds that nobody here can use are kept in the description and ignored (RFC 8839 §5.1)", async () => {
  const lab = new Lab();
  const connection = await withRemoteOffer(lab);
  for (const candidate of [
    "candidate:1 2 udp 1 192.0.2.99 9 typ host",
    "candidate:2 1 sctp 1 192.0.2.99 9 typ host",
    "candidate:3 1 udp 1 192.0.2.99 9 typ future",
    "candidate:4 1 tcp 1 192.0.2.99 9 typ host tcptype active",
  ]) {
    await lab.run(connection.addIceCandidate({ candidate, sdpMid: "0" }));
    assert.ok(connection.remoteDescription!.sdp.includes(candidate));
  }
  await lab.run(connection.setLocalDescription());
  await lab.world.advance(100);
  assert.equal(connection.signalingState, "stable");
  await lab.close();
});

test("each gathered candidate says all that the peer needs, and ends with the generation (webrtc-pc §5.6)", async () => {
  const lab = new Lab();
  const connection = lab.connection();
  connection.createDataChannel("x");
  const seen: (RTCIceCandidate | null)[] = [];
  connection.addEventListener("icecandidate", ({ candidate, url }) => {
    seen.push(candidate);
    assert.equal(url, null);
    const { sdp } = connection.localDescription!;
    if (candidate !== null)
      assert.ok(
        sdp.includes(candidate.candidate === "" ? "a=end-of-candidates" : candidate.candidate),
      );
  });
  await lab.run(connection.setLocalDescription());
  await lab.settleNow();
  const { iceTransport } = connection.sctp!.transport;
  const ufrag = iceTransport.getLocalParameters()!.usernameFragment;
  assert.deepEqual(
    seen.map((candidate) => candidate?.toJSON() ?? null),
    [
      {
        candidate: iceTransport.getLocalCandidates()[0]!.candidate,
        sdpMid: "0",
        sdpMLineIndex: 0,
        usernameFragment: ufrag,
      },
      { candidate: "", sdpMid: "0", sdpMLineIndex: 0, usernameFragment: ufrag },
      null,
    ],
  );
  await lab.close();
});

test("a flood of candidates leaves no more behind than the parser's limit, repeated ones nothing", async () => {
  const lab = new Lab();
  const connection = await withRemoteOffer(lab);
  await lab.run(connection.setLocalDescription());
  const limit = DEFAULT_SDP_LIMITS.maxCandidatesPerSection;
  for (let number = 0; number < limit * 2; number++) {
    const port = 1 + (number >> 1);
    const candidate = `candidate:1 1 udp ${port} 192.0.2.99 ${port} typ host`;
    await lab.run(connection.addIceCandidate({ candidate, sdpMid: "0" }));
  }
  await lab.run(connection.addIceCandidate({ candidate: CANDIDATE, sdpMid: "0" }));
  assert.equal(connection.remoteDescription!.sdp.split("a=candidate:").length - 1, limit);
  assert.equal(connection.sctp!.transport.iceTransport.getRemoteCandidates().length, limit);
  await lab.close();
});
