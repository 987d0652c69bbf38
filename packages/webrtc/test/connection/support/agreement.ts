import assert from "node:assert/strict";

import type { RTCPeerConnection } from "../../../src/w3c/rtc-peer-connection.ts";
import type { RTCSessionDescription } from "../../../src/w3c/rtc-session-description.ts";
import type { RandomApplication } from "./random-actions.ts";

/** What a section says, read with nothing but regular expressions: a second opinion beside `sdp/`. */
export type SectionSummary = {
  readonly kind: string;
  readonly isRejected: boolean;
  readonly mid: string | undefined;
  readonly direction: string;
  /** The first halves of its `a=msid` lines. */
  readonly streamIds: readonly string[];
  readonly hasMsid: boolean;
  readonly ufrag: string | undefined;
};

/** The sections of a description, in order. */
export function summarize(description: RTCSessionDescription | null): readonly SectionSummary[] {
  const [, ...sections] = (description?.sdp ?? "").split(/^(?=m=)/m);
  return sections.map((text) => {
    const [, kind = "", port] = /^m=(\w+) (\d+)/.exec(text)!;
    const msids = [...text.matchAll(/^a=msid:(\S+)/gm)].map(([, id]) => id!);
    return {
      kind,
      isRejected: port === "0" && !/^a=bundle-only\r?$/m.test(text),
      mid: /^a=mid:(\S+)/m.exec(text)?.[1],
      direction: /^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(text)?.[1] ?? "sendrecv",
      streamIds: [...new Set(msids.filter((id) => id !== "-"))].toSorted(),
      hasMsid: msids.length > 0,
      ufrag: /^a=ice-ufrag:(\S+)/m.exec(text)?.[1],
    };
  });
}

/** The direction as the other side has it. */
export function reversed(direction: string): string {
  if (direction === "sendonly") return "recvonly";
  return direction === "recvonly" ? "sendonly" : direction;
}

/** What both want (RFC 9429 §5.3.1). */
export function intersection(ours: string, theirs: string): string {
  const isSending = [ours, theirs].every((each) => each === "sendrecv" || each === "sendonly");
  const isReceiving = [ours, theirs].every((each) => each === "sendrecv" || each === "recvonly");
  if (isSending) return isReceiving ? "sendrecv" : "sendonly";
  return isReceiving ? "recvonly" : "inactive";
}

/**
 * https://w3c.github.io/webrtc-pc/#dfn-check-if-negotiation-is-needed, from what the API shows and what
 * the application remembers; of a restart it knows nothing.
 */
export function isNegotiationNeeded(application: RandomApplication): boolean {
  const { connection, hasCreatedChannel, streamIds } = application;
  const local = summarize(connection.currentLocalDescription);
  const remote = summarize(connection.currentRemoteDescription);
  if (hasCreatedChannel && !local.some(({ kind }) => kind === "application")) return true;
  return connection.getTransceivers().some((transceiver) => {
    const { mid, direction, currentDirection, sender } = transceiver;
    const isStopped = currentDirection === "stopped";
    if (direction === "stopped" && !isStopped) return true;
    const index = mid === null ? -1 : local.findIndex((section) => section.mid === mid);
    const [ours, theirs] = [local[index], remote[index]];
    if (isStopped) {
      return ours !== undefined && !ours.isRejected && theirs?.isRejected === false;
    }
    if (ours === undefined || theirs === undefined) return true;
    const wanted = [...new Set(streamIds.get(sender) ?? [])].toSorted();
    const isSending = direction === "sendrecv" || direction === "sendonly";
    if (isSending && (!ours.hasMsid || ours.streamIds.join() !== wanted.join())) return true;
    return connection.currentLocalDescription!.type === "offer"
      ? ours.direction !== direction && reversed(theirs.direction) !== direction
      : ours.direction !== intersection(direction, reversed(theirs.direction));
  });
}

/** Without what trickles into a description after it was made. */
function withoutCandidates(description: RTCSessionDescription | null): string {
  return (description?.sdp ?? "")
    .replaceAll(/^a=(candidate|end-of-candidates).*\r\n/gm, "")
    .replaceAll(/^c=.*\r\n/gm, "")
    .replaceAll(/^a=rtcp:.*\r\n/gm, "")
    .replaceAll(/^(m=\w+) [1-9]\d*/gm, "$1 9");
}

/** Both sides of a connection at rest have agreed on the same, section by section. */
export function assertMirrored(a: RTCPeerConnection, b: RTCPeerConnection): void {
  for (const [near, far] of [
    [a, b],
    [b, a],
  ] as const) {
    assert.equal(near.pendingLocalDescription, null);
    assert.equal(near.pendingRemoteDescription, null);
    assert.equal(
      withoutCandidates(near.currentLocalDescription),
      withoutCandidates(far.currentRemoteDescription),
    );
    assert.notEqual(near.currentLocalDescription!.type, far.currentLocalDescription!.type);
    assertSectionsMatch(near);
  }
  assertTransceiversMatch(a, b);
}

function assertSectionsMatch(connection: RTCPeerConnection): void {
  const local = summarize(connection.currentLocalDescription);
  const remote = summarize(connection.currentRemoteDescription);
  const pairs = (sections: typeof local): readonly string[] =>
    sections.map(({ kind, mid }) => `${kind} ${mid}`);
  const [offered, answered] =
    connection.currentLocalDescription!.type === "offer" ? [local, remote] : [remote, local];
  assert.equal(offered.length, answered.length);
  const live = answered.map(({ isRejected }) => !isRejected);
  const isLive = (_: unknown, index: number): boolean => live[index]!;
  assert.deepEqual(pairs(offered.filter(isLive)), pairs(answered.filter(isLive)));
}

function assertTransceiversMatch(a: RTCPeerConnection, b: RTCPeerConnection): void {
  const far = new Map(b.getTransceivers().map((transceiver) => [transceiver.mid, transceiver]));
  assert.equal(a.getTransceivers().length, far.size, "as many transceivers, each with its mid");
  for (const near of a.getTransceivers()) {
    assert.notEqual(near.mid, null);
    const other = far.get(near.mid);
    assert.ok(other, `the other side has mid ${near.mid}`);
    assert.equal(near.receiver.track.kind, other.receiver.track.kind);
    assert.equal(near.currentDirection, reversed(other.currentDirection!), `mid ${near.mid}`);
    assert.equal(
      near.currentDirection,
      intersection(near.direction, reversed(other.direction)),
      `mid ${near.mid}`,
    );
    assert.equal(near.sender.transport?.state, "connected");
    assert.equal(near.sender.transport, near.receiver.transport);
  }
}
