import type { DescriptionJson } from "./peer-script.ts";
import type { RemotePeer } from "./remote-peer.ts";

/** How candidates travel: inside the descriptions, or one by one after them (RFC 8838). */
export type Signaling = "gathered" | "trickled";

/** One channel, as each of two peers numbers it. */
export type ChannelPair = { readonly a: number; readonly b: number };

/** Offer and answer; resolves when both have been applied, which is before the connection is there. */
export async function exchangeDescriptions(
  offerer: RemotePeer,
  answerer: RemotePeer,
  signaling: Signaling,
): Promise<{ readonly offer: DescriptionJson; readonly answer: DescriptionJson }> {
  const gather = signaling === "gathered";
  const offer = await offerer.call("describe", { type: "offer", gather });
  await answerer.call("accept", offer);
  const answer = await answerer.call("describe", { type: "answer", gather });
  await offerer.call("accept", answer);
  if (!gather) {
    await Promise.all([relayCandidates(offerer, answerer), relayCandidates(answerer, offerer)]);
  }
  return { offer, answer };
}

/** Hands on every candidate of `from`, until it has found all. */
export async function relayCandidates(from: RemotePeer, to: RemotePeer): Promise<void> {
  for (;;) {
    const candidate = await from.nextCandidate();
    if (candidate === null) return;
    await to.call("addCandidate", candidate);
  }
}

/** Connects two fresh peers, with one channel "main" that the offerer has made. */
export async function connect(
  offerer: RemotePeer,
  answerer: RemotePeer,
  signaling: Signaling,
): Promise<ChannelPair> {
  await offerer.call("start", {});
  await answerer.call("start", {});
  const a = await offerer.call("createChannel", { label: "main" });
  await exchangeDescriptions(offerer, answerer, signaling);
  await Promise.all([offerer.reaches("connected"), answerer.reaches("connected")]);
  return { a, b: await awaitOpen(offerer, a, answerer, "main") };
}

/** Opens one more channel between connected peers, made by `creator`. */
export async function openChannel(
  creator: RemotePeer,
  other: RemotePeer,
  label: string,
  init: RTCDataChannelInit = {},
): Promise<ChannelPair> {
  const a = await creator.call("createChannel", { label, init });
  return { a, b: await awaitOpen(creator, a, other, label) };
}

async function awaitOpen(
  creator: RemotePeer,
  channel: number,
  other: RemotePeer,
  label: string,
): Promise<number> {
  await creator.next("open", (event) => event.channel === channel, `channel ${label} to open`);
  const seen = await other.next("channel", (event) => event.label === label, `channel ${label}`);
  await other.next("open", (event) => event.channel === seen.channel, `channel ${label} to open`);
  return seen.channel;
}
