import { test } from "vitest";
import { assertAgreement, connectMedia, negotiate } from "./media-checks.ts";
import { withPeers } from "./media-matrix.ts";
import type { MediaMeeting } from "./media-matrix.ts";
import type { MediaKind, TransceiverRequest } from "./media-script.ts";
import type { RemotePeer } from "./remote-peer.ts";

const TEST_PATIENCE_MS = 60_000;
const THREE = 3;
const MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid";
const AUDIO_LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

/** An offer that is more than transceivers as they come. The names of captures are made of these. */
export type SpecialOffer = {
  readonly name: string;
  /** What the offerer does before; connections that are changed are made here. */
  readonly prepare: (offerer: RemotePeer, answerer: RemotePeer) => Promise<void>;
  /** Tells whether the offer comes after a first connection. */
  readonly isLater?: true;
};

const both: readonly MediaKind[] = ["audio", "video"];

async function addAll(peer: RemotePeer, requests: readonly TransceiverRequest[]): Promise<void> {
  for (const request of requests) await peer.call("addTransceiver", request);
}

async function connectBoth(offerer: RemotePeer, answerer: RemotePeer): Promise<void> {
  for (const kind of both) await offerer.call("addTrack", { kind });
  await connectMedia(offerer, answerer, async () => {
    for (const kind of both) await answerer.call("addTrack", { kind });
  });
}

/** Offers that every browser can make. */
export const SPECIAL_OFFERS: readonly SpecialOffer[] = [
  {
    name: "data",
    prepare: async (offerer) => {
      await offerer.call("createChannel", { label: "main" });
    },
  },
  {
    name: "audio-video-data",
    prepare: async (offerer) => {
      for (const kind of both) await offerer.call("addTrack", { kind });
      await offerer.call("createChannel", { label: "main" });
    },
  },
  {
    name: "three-audio-three-video-data",
    prepare: async (offerer) => {
      for (const kind of both) {
        for (let count = 0; count < THREE; count++) await offerer.call("addTrack", { kind });
      }
      await offerer.call("createChannel", { label: "main" });
    },
  },
  {
    name: "recvonly",
    prepare: (offerer) =>
      addAll(
        offerer,
        both.map((kind) => ({ kind, direction: "recvonly" })),
      ),
  },
  {
    name: "send-encodings",
    prepare: (offerer) =>
      addAll(offerer, [
        {
          kind: "video",
          direction: "sendonly",
          hasTrack: true,
          sendEncodings: [
            { rid: "h", maxBitrate: 900_000 },
            { rid: "m", maxBitrate: 300_000, scaleResolutionDownBy: 2 },
            { rid: "l", maxBitrate: 100_000, scaleResolutionDownBy: 4 },
          ],
        },
      ]),
  },
  {
    name: "one-codec",
    prepare: async (offerer) => {
      const audio = await offerer.call("addTransceiver", { kind: "audio" });
      const video = await offerer.call("addTransceiver", { kind: "video" });
      await offerer.call("preferCodecs", { transceiver: audio, mimeTypes: ["audio/PCMU"] });
      await offerer.call("preferCodecs", { transceiver: video, mimeTypes: ["video/VP8"] });
    },
  },
  {
    name: "few-header-extensions",
    prepare: async (offerer) => {
      for (const kind of both) {
        const transceiver = await offerer.call("addTransceiver", { kind });
        const uris = [MID_URI, AUDIO_LEVEL_URI];
        await offerer.call("keepHeaderExtensions", { transceiver, uris });
      }
    },
  },
  {
    name: "ice-restart",
    isLater: true,
    prepare: async (offerer, answerer) => {
      await connectBoth(offerer, answerer);
      await offerer.call("restartIce", {});
    },
  },
  {
    name: "stopped-section",
    isLater: true,
    prepare: async (offerer, answerer) => {
      await connectBoth(offerer, answerer);
      const { transceivers } = await offerer.call("state", {});
      await offerer.call("stopTransceiver", { transceiver: transceivers[1]!.transceiver });
    },
  },
  {
    name: "reused-section",
    isLater: true,
    prepare: async (offerer, answerer) => {
      await connectBoth(offerer, answerer);
      const { transceivers } = await offerer.call("state", {});
      await offerer.call("stopTransceiver", { transceiver: transceivers[1]!.transceiver });
      await negotiate(offerer, answerer);
      await offerer.call("addTrack", { kind: "audio" });
      await offerer.call("addTrack", { kind: "video" });
    },
  },
];

/** Defines one test per special offer, which `a` makes and `b` answers. */
export function defineSpecialOffers(
  meeting: MediaMeeting,
  defineTest: typeof test.skip = test,
): void {
  for (const { name, prepare, isLater } of SPECIAL_OFFERS) {
    const run = async (a: RemotePeer, b: RemotePeer): Promise<void> => {
      await prepare(a, b);
      await (isLater === true ? negotiate(a, b) : connectMedia(a, b));
      await assertAgreement(a, b);
    };
    defineTest(
      `${meeting.a.name} makes a special offer to ${meeting.b.name}: ${name}`,
      () => withPeers(meeting, run),
      TEST_PATIENCE_MS,
    );
  }
}
