import assert from "node:assert/strict";
import { test } from "vitest";
import { assertAgreement, assertChannelWorks, connectMedia, sectionKinds } from "./media-checks.ts";
import type { MediaKind } from "./media-script.ts";
import type { RemotePeer } from "./remote-peer.ts";

const MOST_OF_A_KIND = 3;
const TEST_PATIENCE_MS = 60_000;

/** What a connection begins with. */
export type Combination = {
  readonly audio: number;
  readonly video: number;
  readonly hasData: boolean;
};

/** 0 to 3 audio and 0 to 3 video sections, with and without a data channel; not nothing at all. */
export const COMBINATIONS: readonly Combination[] = [false, true].flatMap((hasData) =>
  countsOf(MOST_OF_A_KIND).flatMap((audio) =>
    countsOf(MOST_OF_A_KIND)
      .map((video) => ({ audio, video, hasData }))
      .filter(({ audio, video, hasData }) => audio + video > 0 || hasData),
  ),
);

/** `npm run interop` asks for everything; `npm test` is content with one of each sort. */
export const IS_WHOLE_MATRIX: boolean = process.env["PALLAS_INTEROP"] === "whole";

/** One of each sort: a kind alone, both, and the largest. */
const REPRESENTATIVE: readonly Combination[] = [
  { audio: 1, video: 0, hasData: false },
  { audio: 0, video: 1, hasData: false },
  { audio: 1, video: 1, hasData: true },
  { audio: 0, video: 2, hasData: true },
  { audio: 3, video: 3, hasData: true },
];

/** What this run tests. */
export const TESTED_COMBINATIONS: readonly Combination[] = IS_WHOLE_MATRIX
  ? COMBINATIONS
  : REPRESENTATIVE;

/** Two kinds of peers that shall negotiate media, as `a` and `b`. */
export type MediaMeeting = {
  readonly a: { readonly name: string; readonly open: () => Promise<RemotePeer> };
  readonly b: { readonly name: string; readonly open: () => Promise<RemotePeer> };
};

/** The same two with exchanged parts. */
export function exchanged({ a, b }: MediaMeeting): MediaMeeting {
  return { a: b, b: a };
}

/** Runs `run` between two fresh peers and closes them. */
export async function withPeers(
  meeting: MediaMeeting,
  run: (a: RemotePeer, b: RemotePeer) => Promise<void>,
): Promise<void> {
  const [a, b] = [await meeting.a.open(), await meeting.b.open()];
  try {
    await a.call("start", {});
    await b.call("start", {});
    await run(a, b);
  } finally {
    await Promise.all([a.stop(), b.stop()]);
  }
}

/** Defines one test per combination: `a` offers it, `b` answers with as many tracks of its own. */
export function defineMatrix(
  meeting: MediaMeeting,
  combinations: readonly Combination[],
  defineTest: typeof test.skip = test,
): void {
  for (const combination of combinations) {
    const title = `${meeting.a.name} offers ${describe(combination)} to ${meeting.b.name}`;
    defineTest(
      title,
      () => withPeers(meeting, (a, b) => assertConnects(a, b, combination)),
      TEST_PATIENCE_MS,
    );
  }
}

async function assertConnects(
  a: RemotePeer,
  b: RemotePeer,
  { audio, video, hasData }: Combination,
): Promise<void> {
  const kinds: MediaKind[] = [
    ...Array.from({ length: audio }, () => "audio" as const),
    ...Array.from({ length: video }, () => "video" as const),
  ];
  for (const kind of kinds) await a.call("addTrack", { kind });
  const channel = hasData ? await a.call("createChannel", { label: "main" }) : undefined;

  const { offer } = await connectMedia(a, b, async () => {
    for (const kind of kinds) await b.call("addTrack", { kind });
  });

  assert.deepEqual(sectionKinds(offer), [...kinds, ...(hasData ? ["application"] : [])]);
  const { a: state } = await assertAgreement(a, b);
  assert.deepEqual(
    state.transceivers.map(({ kind, currentDirection }) => `${kind} ${currentDirection}`),
    kinds.map((kind) => `${kind} sendrecv`),
  );
  if (channel !== undefined) {
    const seen = await b.next("channel");
    await Promise.all([a.next("open"), b.next("open")]);
    await assertChannelWorks(a, channel, b, seen.channel);
  }
}

function describe({ audio, video, hasData }: Combination): string {
  return `${audio} audio, ${video} video${hasData ? " and data" : ""}`;
}

function countsOf(most: number): number[] {
  return Array.from({ length: most + 1 }, (_unused, count) => count);
}
