import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, beforeAll, test } from "vitest";

import { createMediaStreamTrack, RTCPeerConnection as PallasConnection } from "@pallas/webrtc";
import {
  Call,
  dial,
  limitLayers,
  sendAll,
  summarize,
  watch,
  type CallView,
  type SignalingChannel,
  type SignalingMessage,
  type Summary,
} from "../connection/browser-program.ts";

/*
 * The program has been typed by lib.dom. It finds the names that `globals.ts` has installed, and is given
 * objects of Pallas.
 */

class View implements CallView {
  readonly states: string[] = [];
  readonly texts: string[] = [];
  readonly problems: unknown[] = [];
  readonly tracks: MediaStreamTrack[] = [];
  onText: (() => void) | undefined;

  showRemoteTrack(track: MediaStreamTrack): void {
    this.tracks.push(track);
  }
  showState(state: RTCPeerConnectionState): void {
    this.states.push(state);
  }
  showText(text: string): void {
    this.texts.push(text);
    this.onText?.();
  }
  showProblem(problem: unknown): void {
    this.problems.push(problem);
  }
}

/** Two ends of a wire that carries JSON, one message after the other. */
function newWire(): readonly [SignalingChannel, SignalingChannel] {
  let queue = Promise.resolve();
  const end = (): SignalingChannel => ({ onmessage: null, send: () => {} });
  const ends = [end(), end()] as const;
  for (const [from, to] of [ends, ends.toReversed()] as [SignalingChannel, SignalingChannel][]) {
    from.send = (message) => {
      const text = JSON.stringify(message);
      queue = queue.then(async () => to.onmessage?.(JSON.parse(text) as SignalingMessage));
    };
  }
  return ends;
}

const calls: Call[] = [];

function newCalls(): { polite: Call; impolite: Call; views: readonly [View, View] } {
  const [near, far] = newWire();
  const views = [new View(), new View()] as const;
  const polite = new Call(near, views[0], true);
  const impolite = new Call(far, views[1], false);
  calls.push(polite, impolite);
  return { polite, impolite, views };
}

async function connected({ connection }: Call): Promise<void> {
  while (connection.connectionState !== "connected") {
    await once(connection, "connectionstatechange");
  }
}

beforeAll(async () => {
  await import("@pallas/webrtc/globals");
});

afterEach(() => {
  for (const call of calls.splice(0)) call.hangUp();
});

test("both ends offer at once, and meet; texts are exchanged, statistics tell of them", async () => {
  const { polite, impolite, views } = newCalls();
  assert.ok(polite.connection instanceof PallasConnection);
  await Promise.all([connected(polite), connected(impolite)]);
  if (polite.texts.readyState !== "open") await once(polite.texts, "open");
  const hasAll = new Promise<void>((resolve) => {
    views[1].onText = () => views[1].texts.length === 200 && resolve();
  });
  await sendAll(
    polite.texts,
    Array.from({ length: 200 }, (_, index) => `${index} `.padEnd(4_000, "x")),
  );
  await hasAll;
  assert.ok(views[1].texts.every((text, index) => text.startsWith(`${index} `)));
  const summary = await summarize(polite.connection);
  assert.ok(summary.bytesSent > 200 * 4_000);
  assert.equal(summary.openChannels, 1);
  assert.equal(typeof summary.roundTripTime, "number");
  assert.deepEqual([views[0].problems, views[1].problems], [[], []]);
});

test("a stream is sent: simulcast layers are limited, tones dialled", async () => {
  const { polite, impolite, views } = newCalls();
  const stream = new MediaStream([
    createMediaStreamTrack({ kind: "audio" }).track,
    createMediaStreamTrack({ kind: "video" }).track,
  ]);
  const [audio, video] = polite.addStream(stream);
  assert.deepEqual(await limitLayers(video!, 700_000), ["q", "h"]);
  const isNegotiated = once(impolite.connection, "track");
  await Promise.all([connected(polite), connected(impolite), isNegotiated]);
  while (polite.connection.signalingState !== "stable" || !audio!.dtmf!.canInsertDTMF) {
    await once(polite.connection, "signalingstatechange");
  }
  assert.equal(await dial(audio!, "1#"), "1#");
  const kinds = impolite.connection.getReceivers().map(({ track }) => track.kind);
  assert.deepEqual(kinds.toSorted(), ["audio", "video"]);
  assert.deepEqual([views[0].problems, views[1].problems], [[], []]);
});

test("a dashboard's loop ends with the call", async () => {
  const { polite } = newCalls();
  const shown: Summary[] = [];
  const watching = watch(
    polite.connection,
    1,
    (summary) => {
      shown.push(summary);
      if (shown.length === 3) polite.hangUp();
    },
    new AbortController().signal,
  );
  await watching;
  assert.equal(shown.length, 3);
});
