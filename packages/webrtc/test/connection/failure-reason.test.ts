import assert from "node:assert/strict";
import { test } from "vitest";

import { ProtocolFailure } from "../../src/base/errors.ts";
import { ConnectionStateEvent } from "../../src/w3c/events/connection-state-event.ts";
import type { RTCErrorEvent } from "../../src/w3c/events/rtc-error-event.ts";
import type { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { Lab, recordingLogger } from "./support/lab.ts";

type Failed = { readonly code: string; readonly reason: string; readonly line: string };

/** Lets time pass until `connection` has failed; what the event and the log say. */
async function failureOf(
  lab: Lab,
  connection: RTCPeerConnection,
  lines: readonly string[],
): Promise<Failed> {
  const events: ConnectionStateEvent[] = [];
  for (const type of ["connectionstatechange", "iceconnectionstatechange"] as const) {
    connection.addEventListener(type, (event) => {
      assert.ok(event instanceof ConnectionStateEvent);
      const isFailed =
        type === "connectionstatechange"
          ? connection.connectionState === "failed"
          : connection.iceConnectionState === "failed";
      if (isFailed) events.push(event);
      else assert.deepEqual([event.reason, event.failure], [null, null]);
    });
  }
  await lab.world.advanceUntil(() => connection.connectionState === "failed", 120_000);
  await lab.settleNow();
  const { failure, reason } = events.at(-1)!;
  assert.ok(events.every((event) => event.reason === reason));
  assert.ok(failure instanceof ProtocolFailure);
  const line = lines.find((text) => text.startsWith("error connection failed"));
  assert.equal(line, `error connection failed: ${reason}`);
  return { code: failure.code, reason: reason!, line };
}

test("a peer that sends no candidates: failed says that there were none", async () => {
  const lab = new Lab();
  const { logger, lines } = recordingLogger();
  const offerer = lab.connection({}, { logger });
  const answerer = lab.connection({}, { interfaceFilter: () => false });
  offerer.createDataChannel("x");
  answerer.addEventListener("icecandidate", ({ candidate }) => {
    void offerer.addIceCandidate(candidate);
  });
  const negotiation = lab.negotiate(offerer, answerer);
  const { code, reason } = await failureOf(lab, offerer, lines);
  await negotiation;
  assert.equal(code, "ERR_NO_CANDIDATE_PAIR");
  assert.match(reason, /candidate/);
  await lab.close();
});

test("a peer that never answers the checks: failed says what was tried", async () => {
  const lab = new Lab();
  const { logger, lines } = recordingLogger();
  const offerer = lab.connection({}, { logger });
  const silent = lab.host();
  const answerer = lab.connection({}, {}, silent);
  offerer.createDataChannel("x");
  await lab.run(offerer.setLocalDescription());
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  await lab.run(answerer.setLocalDescription());
  await lab.settleNow();
  const answer = answerer.localDescription!;
  silent.powerOff();
  await lab.run(offerer.setRemoteDescription(answer));
  const { code, reason } = await failureOf(lab, offerer, lines);
  assert.equal(code, "ERR_NO_CANDIDATE_PAIR");
  assert.match(reason, /answer/);
  await lab.close();
});

test("a peer that vanishes: disconnected, then failed because consent was lost (RFC 7675 §5.1)", async () => {
  const lab = new Lab();
  const { logger, lines } = recordingLogger();
  const offerer = lab.connection({}, { logger });
  const host = lab.host();
  const answerer = lab.connection({}, {}, host);
  const channel = offerer.createDataChannel("x");
  answerer.addEventListener("icecandidate", ({ candidate }) => {
    void offerer.addIceCandidate(candidate);
  });
  await lab.negotiate(offerer, answerer);
  await lab.world.advanceUntil(() => channel.readyState === "open");
  host.powerOff();
  const states: string[] = [];
  offerer.addEventListener("connectionstatechange", () => states.push(offerer.connectionState));
  const { code, reason } = await failureOf(lab, offerer, lines);
  assert.deepEqual(states, ["disconnected", "failed"]);
  assert.equal(code, "ERR_CONSENT_LOST");
  assert.match(reason, /30 s/);
  await lab.close();
});

test("another certificate than the fingerprint says: fingerprint-failure, and no channel opens (RFC 8122 §6.2)", async () => {
  const lab = new Lab();
  const { logger, lines } = recordingLogger();
  const offerer = lab.connection({}, { logger });
  const answerer = lab.connection();
  const channel = offerer.createDataChannel("x");
  await lab.run(offerer.setLocalDescription());
  await lab.run(answerer.setRemoteDescription(offerer.localDescription!));
  await lab.run(answerer.setLocalDescription());
  await lab.settleNow();
  const { type, sdp } = answerer.localDescription!;
  const forged = sdp.replace(/(a=fingerprint:sha-256 )(..)/, (_, name: string, byte: string) =>
    byte === "00" ? `${name}01` : `${name}00`,
  );
  const errors: RTCErrorEvent[] = [];
  const dtls = offerer.sctp!.transport;
  const dtlsStates: string[] = [];
  dtls.addEventListener("error", (event) => errors.push(event as RTCErrorEvent));
  dtls.addEventListener("statechange", () => dtlsStates.push(dtls.state));
  await lab.run(offerer.setRemoteDescription({ type, sdp: forged }));
  const { code, reason } = await failureOf(lab, offerer, lines);
  assert.equal(code, "ERR_FINGERPRINT_MISMATCH");
  assert.match(reason, /certificate is not the one that signaling promised/);
  assert.deepEqual(
    errors.map(({ error }) => [error.errorDetail, error.message]),
    [["fingerprint-failure", reason]],
  );
  assert.deepEqual(dtlsStates, ["connecting", "failed"]);
  assert.equal(channel.readyState === "open", false);
  assert.deepEqual(dtls.getRemoteCertificates(), []);
  await lab.close();
});
