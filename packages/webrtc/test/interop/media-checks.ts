import assert from "node:assert/strict";
import { relayCandidates } from "./handshake.ts";
import type { ConnectionJson, TransceiverJson } from "./media-script.ts";
import type { DescriptionJson } from "./peer-script.ts";
import type { RemotePeer } from "./remote-peer.ts";

const REVERSED: Readonly<Record<string, string>> = {
  sendrecv: "sendrecv",
  sendonly: "recvonly",
  recvonly: "sendonly",
  inactive: "inactive",
};

/** What two peers have told each other, and what they think of it. */
export type Negotiated = {
  readonly offer: DescriptionJson;
  readonly answer: DescriptionJson;
};

/** One offer and its answer with all candidates inside; `beforeAnswer` is the answerer's own business. */
export async function negotiate(
  offerer: RemotePeer,
  answerer: RemotePeer,
  beforeAnswer: () => Promise<void> = async () => {},
): Promise<Negotiated> {
  const offer = await offerer.call("describe", { type: "offer", gather: true });
  await answerer.call("accept", offer);
  await beforeAnswer();
  const answer = await answerer.call("describe", { type: "answer", gather: true });
  await offerer.call("accept", answer);
  assert.deepEqual(sectionKinds(answer), sectionKinds(offer), "the answer mirrors the m-lines");
  return { offer, answer };
}

/** The first negotiation, trickled, until both are connected. */
export async function connectMedia(
  offerer: RemotePeer,
  answerer: RemotePeer,
  beforeAnswer: () => Promise<void> = async () => {},
): Promise<Negotiated> {
  const offer = await offerer.call("describe", { type: "offer", gather: false });
  await answerer.call("accept", offer);
  await beforeAnswer();
  const answer = await answerer.call("describe", { type: "answer", gather: false });
  await offerer.call("accept", answer);
  const relays = [relayCandidates(offerer, answerer), relayCandidates(answerer, offerer)];
  await Promise.all([offerer.reaches("connected"), answerer.reaches("connected"), ...relays]);
  assert.deepEqual(sectionKinds(answer), sectionKinds(offer), "the answer mirrors the m-lines");
  return { offer, answer };
}

/**
 * Both are stable and connected, know the same sections by the same names, and each sends what the
 * other receives (RFC 9429 §4.2.5).
 */
export async function assertAgreement(
  a: RemotePeer,
  b: RemotePeer,
): Promise<{ readonly a: ConnectionJson; readonly b: ConnectionJson }> {
  await Promise.all([a.call("settle", {}), b.call("settle", {})]);
  const [stateOfA, stateOfB] = await Promise.all([a.call("state", {}), b.call("state", {})]);
  for (const { signalingState, connectionState } of [stateOfA, stateOfB]) {
    assert.equal(signalingState, "stable");
    assert.equal(connectionState, "connected");
  }
  const [sectionsOfA, sectionsOfB] = [sectionsIn(stateOfA), sectionsIn(stateOfB)];
  assert.deepEqual(
    sectionsOfB.map(({ mid, kind }) => `${mid} ${kind}`),
    sectionsOfA.map(({ mid, kind }) => `${mid} ${kind}`),
    "both know the same sections",
  );
  const currentOfA = sectionsOfA.map(({ mid, currentDirection }) => `${mid} ${currentDirection}`);
  const currentOfB = sectionsOfB.map(
    ({ mid, currentDirection }) => `${mid} ${REVERSED[currentDirection ?? ""]}`,
  );
  assert.deepEqual(currentOfB, currentOfA, "each receives what the other sends");
  return { a: stateOfA, b: stateOfB };
}

/** The transceivers that belong to a section, in one order for both sides. */
export function sectionsIn({ transceivers }: ConnectionJson): TransceiverJson[] {
  return transceivers
    .filter(({ mid }) => mid !== null)
    .sort((one, other) => (one.mid! < other.mid! ? -1 : 1));
}

/** Kinds of the m-lines, in order; a refused one ends in "-". */
export function sectionKinds({ sdp }: DescriptionJson): string[] {
  return [...sdp.matchAll(/^m=(\w+) (\d+) [^\r\n]*(?:\r?\n(?!m=)[^\r\n]*)*/gm)].map((match) => {
    const isRefused = match[2] === "0" && !match[0].includes("a=bundle-only");
    return `${match[1]}${isRefused ? "-" : ""}`;
  });
}

/** A message each way over the channel. */
export async function assertChannelWorks(
  a: RemotePeer,
  channelOfA: number,
  b: RemotePeer,
  channelOfB: number,
): Promise<void> {
  await a.call("send", { channel: channelOfA, text: "from a" });
  await b.next("message", (event) => event.channel === channelOfB && "text" in event);
  await b.call("send", { channel: channelOfB, text: "from b" });
  await a.next("message", (event) => event.channel === channelOfA && "text" in event);
}
