import assert from "node:assert/strict";
import { test } from "vitest";
import {
  assertAgreement,
  assertChannelWorks,
  connectMedia,
  negotiate,
  sectionKinds,
} from "./media-checks.ts";
import type { Negotiated } from "./media-checks.ts";
import { withPeers } from "./media-matrix.ts";
import type { MediaMeeting } from "./media-matrix.ts";
import type { ConnectionJson, MediaKind, TransceiverJson } from "./media-script.ts";
import type { RemotePeer } from "./remote-peer.ts";

const TEST_PATIENCE_MS = 120_000;
const STARTS = ["audio", "video", "data"] as const;

type Start = (typeof STARTS)[number];

/** One connection over many negotiations; after each, both sides must agree. */
class Talk {
  readonly a: RemotePeer;
  readonly b: RemotePeer;
  #channels: { readonly ofA: number; readonly ofB: number } | undefined;

  constructor(a: RemotePeer, b: RemotePeer) {
    this.a = a;
    this.b = b;
  }

  /** Connects with one thing that `a` offers and `b` takes part in. */
  async begin(start: Start): Promise<void> {
    if (start === "data") {
      const opened = this.#openChannel(this.a, this.b);
      await connectMedia(this.a, this.b);
      this.#channels = await opened;
    } else {
      await this.a.call("addTrack", { kind: start });
      await connectMedia(this.a, this.b, async () => {
        await this.b.call("addTrack", { kind: start });
      });
    }
    await this.#assertWhole();
  }

  /** One more negotiation; tells what the two know afterwards. */
  async offers(
    offerer: RemotePeer,
    beforeAnswer?: () => Promise<void>,
  ): Promise<Negotiated & { readonly a: ConnectionJson; readonly b: ConnectionJson }> {
    const descriptions = await negotiate(offerer, this.other(offerer), beforeAnswer);
    return { ...descriptions, ...(await this.#assertWhole()) };
  }

  /** Adds the data channel from `creator`, who also offers. */
  async addData(creator: RemotePeer): Promise<void> {
    const opened = this.#openChannel(creator, this.other(creator));
    await negotiate(creator, this.other(creator));
    this.#channels = await opened;
    await this.#assertWhole();
  }

  /** Closes the channel and makes one anew; neither needs an offer (RFC 8831 §6.5). */
  async replaceChannel(creator: RemotePeer): Promise<void> {
    const before = this.#channels!;
    await this.a.call("closeChannel", { channel: before.ofA });
    await this.a.next("closed", ({ channel }) => channel === before.ofA);
    await this.b.next("closed", ({ channel }) => channel === before.ofB);
    this.#channels = await this.#openChannel(creator, this.other(creator));
    await this.#assertWhole();
  }

  other(peer: RemotePeer): RemotePeer {
    return peer === this.a ? this.b : this.a;
  }

  /** The transceiver of a section, as `peer` numbers it. */
  async find(peer: RemotePeer, mid: string | null): Promise<TransceiverJson> {
    const { transceivers } = await peer.call("state", {});
    const found = transceivers.find((one) => one.mid === mid);
    assert.ok(found, `${peer.name} has no transceiver of section ${mid}`);
    return found;
  }

  /** Makes `peer` send in the newest section of a kind, which it has just been offered. */
  async join(peer: RemotePeer, kind: MediaKind): Promise<void> {
    const { transceivers } = await peer.call("state", {});
    const newest = transceivers.findLast((one) => one.kind === kind);
    assert.ok(newest, `${peer.name} has no ${kind}`);
    const { transceiver } = newest;
    await peer.call("replaceTrack", { transceiver, hasTrack: true });
    await peer.call("setDirection", { transceiver, direction: "sendrecv" });
  }

  /** The last section of a kind in which both send. */
  async findBusy(kind: MediaKind): Promise<string> {
    const { transceivers } = await this.a.call("state", {});
    const isBusy = (one: TransceiverJson): boolean =>
      one.kind === kind && one.currentDirection === "sendrecv";
    const found = transceivers.findLast(isBusy);
    assert.ok(found?.mid, `no ${kind} section is in use both ways`);
    return found.mid;
  }

  async #openChannel(
    creator: RemotePeer,
    other: RemotePeer,
  ): Promise<{ readonly ofA: number; readonly ofB: number }> {
    const own = await creator.call("createChannel", { label: "talk" });
    await creator.next("open", ({ channel }) => channel === own);
    const seen = await other.next("channel");
    await other.next("open", ({ channel }) => channel === seen.channel);
    const isOfA = creator === this.a;
    return isOfA ? { ofA: own, ofB: seen.channel } : { ofA: seen.channel, ofB: own };
  }

  async #assertWhole(): Promise<{ readonly a: ConnectionJson; readonly b: ConnectionJson }> {
    const states = await assertAgreement(this.a, this.b);
    const channels = this.#channels;
    if (channels !== undefined) {
      await assertChannelWorks(this.a, channels.ofA, this.b, channels.ofB);
    }
    return states;
  }
}

/** A course of negotiations after the first. */
export type Scenario = {
  readonly what: string;
  readonly start: Start;
  readonly run: (talk: Talk, start: Start) => Promise<void>;
};

/** What Chromium and Firefox can do with each other. */
export const COMMON_SCENARIOS: readonly Scenario[] = STARTS.map((start) => ({
  what: "grows to all kinds, turns, shrinks and grows again",
  start,
  run: growAndShrink,
}));

/**
 * All of them. The others fail between Chromium and Firefox: Firefox sets up a new transport when the
 * first section of a bundle ends and then refuses Chromium's new credentials, and answers an ICE restart
 * as DTLS client even where it was the server; after a rollback, Chromium refuses other ids for header
 * extensions than those of the offer that was rolled back. Each of the two passes all with itself.
 */
export const SCENARIOS: readonly Scenario[] = [
  ...COMMON_SCENARIOS,
  {
    what: "the bundle survives the stop of its first section (RFC 9143 §7.3.2)",
    start: "audio",
    run: stopFirstSection,
  },
  { what: "ICE restarts from both sides (RFC 9429 §4.1.18)", start: "audio", run: restartIce },
  {
    what: "a rolled back offer leaves no trace (RFC 9429 §4.1.10.2)",
    start: "audio",
    run: rollBack,
  },
  { what: "two offers at once: the polite side rolls back", start: "audio", run: meetInTheMiddle },
];

/**
 * What Pallas can do with each of them. Not yet: when the first section of a bundle ends, both browsers
 * move the rest to a new transport, that of the next section, and Pallas stays on the old one.
 */
export const PALLAS_SCENARIOS: readonly Scenario[] = SCENARIOS.filter(
  ({ run }) => run !== stopFirstSection,
);

/** Defines renegotiation tests, with `a` as the side that begins. */
export function defineRenegotiation(
  meeting: MediaMeeting,
  scenarios: readonly Scenario[],
  defineTest: typeof test.skip = test,
): void {
  for (const { what, start, run } of scenarios) {
    const title = `${meeting.a.name} begins with ${start} to ${meeting.b.name}: ${what}`;
    const begin = async (a: RemotePeer, b: RemotePeer): Promise<void> => {
      const talk = new Talk(a, b);
      await talk.begin(start);
      await run(talk, start);
    };
    defineTest(title, () => withPeers(meeting, begin), TEST_PATIENCE_MS);
  }
}

async function growAndShrink(talk: Talk, start: Start): Promise<void> {
  await growToAllKinds(talk, start);
  await turnDirections(talk);
  await removeTracks(talk);
  await stopAndReuse(talk);
  await talk.replaceChannel(talk.a);
  await talk.replaceChannel(talk.b);
}

/** `b` adds what is missing, one by one, and offers; then `a` adds one more of each kind at once. */
async function growToAllKinds(talk: Talk, start: Start): Promise<void> {
  const { a, b } = talk;
  for (const kind of ["audio", "video"] as const) {
    if (kind === start) continue;
    await b.call("addTrack", { kind });
    await talk.offers(b, async () => {
      await a.call("addTrack", { kind });
    });
  }
  if (start !== "data") await talk.addData(b);
  await a.call("addTransceiver", { kind: "audio", direction: "sendonly", hasTrack: true });
  await a.call("addTransceiver", { kind: "video", direction: "recvonly" });
  const { offer, b: state } = await talk.offers(a);
  assert.equal(sectionKinds(offer).length, 5);
  assert.deepEqual(
    state.transceivers.slice(-2).map(({ currentDirection }) => currentDirection),
    ["recvonly", "inactive"],
  );
}

/** Directions change from both sides, and offers without a change keep them. */
async function turnDirections(talk: Talk): Promise<void> {
  const { a, b } = talk;
  const mid = await talk.findBusy("video");
  const ofA = await talk.find(a, mid);
  const ofB = await talk.find(b, mid);
  const current = async (peer: RemotePeer): Promise<string | null> =>
    (await talk.find(peer, mid)).currentDirection;

  for (const direction of ["sendonly", "recvonly", "inactive", "sendrecv"] as const) {
    await a.call("setDirection", { transceiver: ofA.transceiver, direction });
    await talk.offers(a);
    assert.equal(await current(a), direction);
    // The other side's wish is still "sendrecv", and its own offer brings no more than `a` allows.
    await talk.offers(b);
    assert.equal(await current(a), direction);
  }
  // A wish of the answerer counts as well.
  await b.call("setDirection", { transceiver: ofB.transceiver, direction: "recvonly" });
  await talk.offers(a);
  assert.equal(await current(b), "recvonly");
  await b.call("setDirection", { transceiver: ofB.transceiver, direction: "sendrecv" });
  await talk.offers(b);
  assert.equal(await current(b), "sendrecv");
}

/** Tracks are removed and come back by `replaceTrack` and a direction. */
async function removeTracks(talk: Talk): Promise<void> {
  for (const kind of ["audio", "video"] as const) {
    for (const peer of [talk.a, talk.b]) {
      const mid = await talk.findBusy(kind);
      const { transceiver } = await talk.find(peer, mid);
      await peer.call("removeTrack", { transceiver });
      await talk.offers(peer);
      const removed = await talk.find(peer, mid);
      assert.equal(removed.direction, "recvonly");
      assert.equal(removed.currentDirection, "recvonly");
      assert.equal(removed.hasTrack, false);

      await peer.call("replaceTrack", { transceiver, hasTrack: true });
      await peer.call("setDirection", { transceiver, direction: "sendrecv" });
      await talk.offers(talk.other(peer));
      assert.equal((await talk.find(peer, mid)).currentDirection, "sendrecv");
    }
  }
}

/**
 * Sections end from either side and new ones take their places (RFC 9429 §5.2.2). A stop reaches the
 * other side with the stopper's own offer; its answers before that say "inactive".
 */
async function stopAndReuse(talk: Talk): Promise<void> {
  for (const kind of ["audio", "video"] as const) {
    // One more, so that none of those that end is the first section of the bundle.
    await talk.a.call("addTransceiver", { kind, hasTrack: true });
    await talk.offers(talk.a, () => talk.join(talk.b, kind));
    for (const stopper of [talk.a, talk.b]) {
      const mid = await talk.findBusy(kind);
      const { transceiver } = await talk.find(stopper, mid);
      await stopper.call("stopTransceiver", { transceiver });
      await talk.offers(talk.other(stopper));
      assert.equal((await talk.find(talk.other(stopper), mid)).currentDirection, "inactive");

      const { answer, a, b } = await talk.offers(stopper);
      for (const { transceivers } of [a, b]) {
        assert.ok(!transceivers.some((one) => one.mid === mid), "a stopped one is gone");
      }
      assert.ok(sectionKinds(answer).includes(`${kind}-`), "its m-line stays, refused");

      const adder = kind === "audio" ? stopper : talk.other(stopper);
      await adder.call("addTransceiver", { kind, hasTrack: true });
      const reused = await talk.offers(adder, () => talk.join(talk.other(adder), kind));
      const kinds = sectionKinds(reused.answer);
      assert.equal(kinds.length, sectionKinds(answer).length, "the m-line is used again");
      assert.ok(!kinds.includes(`${kind}-`), "the m-line is used again");
    }
  }
}

/**
 * The first section carries the transport, and the others go on when it ends (RFC 9143 §7.3.2). Firefox
 * sets up a new transport for them, with which its data channels end; so there are none here.
 */
async function stopFirstSection(talk: Talk): Promise<void> {
  const { a, b } = talk;
  await a.call("addTransceiver", { kind: "video", hasTrack: true });
  await a.call("addTransceiver", { kind: "video", hasTrack: true });
  await talk.offers(a);
  for (const [stopper, kindsAfter] of [
    [a, ["audio-", "video", "video"]],
    [b, ["audio-", "video-", "video"]],
  ] as const) {
    const [first] = (await stopper.call("state", {})).transceivers;
    await stopper.call("stopTransceiver", { transceiver: first!.transceiver });
    const { answer } = await talk.offers(stopper);
    assert.deepEqual(sectionKinds(answer), kindsAfter);
    await talk.offers(talk.other(stopper));
  }
  await b.call("addTrack", { kind: "audio" });
  await b.call("addTransceiver", { kind: "video", hasTrack: true });
  const { answer } = await talk.offers(b);
  // Where the new ones stand is open: Chromium sets up a new transport if they come before the others.
  const live = sectionKinds(answer).filter((kind) => !kind.endsWith("-"));
  assert.deepEqual(live.sort(), ["audio", "video", "video"]);
}

async function restartIce(talk: Talk): Promise<void> {
  const ufragIn = ({ sdp }: { readonly sdp: string }): string | undefined =>
    /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
  let before = await talk.offers(talk.a);
  for (const peer of [talk.a, talk.b, talk.b, talk.a]) {
    const unchanged = await talk.offers(peer);
    await peer.call("restartIce", {});
    const restarted = await talk.offers(peer);
    assert.notEqual(ufragIn(restarted.offer), ufragIn(unchanged.offer));
    assert.notEqual(ufragIn(restarted.answer), ufragIn(unchanged.answer));
    before = restarted;
  }
  const after = await talk.offers(talk.b);
  assert.equal(ufragIn(after.answer), ufragIn(before.offer), "no restart without a wish");
}

async function rollBack(talk: Talk): Promise<void> {
  for (const peer of [talk.a, talk.b]) {
    const other = talk.other(peer);
    const count = (await other.call("state", {})).transceivers.length;
    const added = await peer.call("addTransceiver", { kind: "video", hasTrack: true });
    const offer = await peer.call("describe", { type: "offer", gather: false });
    await other.call("accept", offer);
    await peer.call("rollback", { side: "local" });
    await other.call("rollback", { side: "remote" });
    assert.equal((await other.call("state", {})).transceivers.length, count);
    await peer.call("stopTransceiver", { transceiver: added });
    await talk.offers(other);
    await talk.offers(peer);
  }
}

/** Both have made an offer; the polite one drops its own by applying the other's (implicit rollback). */
async function meetInTheMiddle(talk: Talk): Promise<void> {
  for (const impolite of [talk.a, talk.b]) {
    const polite = talk.other(impolite);
    await impolite.call("addTransceiver", { kind: "audio", hasTrack: true });
    await polite.call("addTransceiver", { kind: "video", hasTrack: true });
    const offer = await impolite.call("describe", { type: "offer", gather: false });
    await polite.call("describe", { type: "offer", gather: false });
    await polite.call("accept", offer);
    const answer = await polite.call("describe", { type: "answer", gather: false });
    await impolite.call("accept", answer);
    const { answer: last } = await talk.offers(polite);
    assert.ok(sectionKinds(last).filter((kind) => kind === "video").length > 0);
  }
}
