// What negotiation costs: offers and answers alone, in one process, without a network. Beside werift, which
// is the other stack that is JavaScript throughout.
//
//   npm run bench -- negotiation
import { RTCPeerConnection as WeriftConnection } from "werift";
import { RTCPeerConnection } from "../packages/webrtc/dist/index.js";
import { advantage, formatNumber, formatTable, median } from "./lib/statistics.mjs";
import { installedVersion } from "./lib/version.mjs";

const TRANSCEIVERS = 100;
const WARM_UP_RUNS = 15;
const RUNS = 31;
const DATA_ROUNDS = 200;

const STACKS = {
  pallas: (configuration = {}) => new RTCPeerConnection(configuration),
  // Without this it asks a public STUN server.
  werift: (configuration = {}) => new WeriftConnection({ iceServers: [], ...configuration }),
};

/** Fifty audio and fifty video, none of which has a track. */
function withTransceivers(connect) {
  const connection = connect();
  for (let index = 0; index < TRANSCEIVERS; index++) {
    connection.addTransceiver(index % 2 === 0 ? "audio" : "video", { direction: "sendrecv" });
  }
  return connection;
}

/** Median of the milliseconds that `run` takes, once it is warm; `prepare` is not counted. */
async function medianMs(prepare, run) {
  const times = [];
  for (let round = 0; round < WARM_UP_RUNS + RUNS; round++) {
    const subject = await prepare();
    const startMs = performance.now();
    await run(subject);
    if (round >= WARM_UP_RUNS) times.push(performance.now() - startMs);
    subject.close();
  }
  return median(times);
}

/** A new connection each time: the same one would give the text that it has made before. */
const firstOffer = (connect) =>
  medianMs(
    () => withTransceivers(connect),
    (connection) => connection.createOffer(),
  );

async function answer(connect) {
  const offerer = withTransceivers(connect);
  const offer = await offerer.createOffer();
  const answerMs = await medianMs(
    () => connect(),
    async (connection) => {
      await connection.setRemoteDescription(offer);
      await connection.createAnswer();
    },
  );
  offerer.close();
  return answerMs;
}

/** Offer, answer and all four descriptions set, between two that have negotiated before. */
async function renegotiation(connect, prepare) {
  const [offerer, answerer] = [connect(), connect()];
  prepare(offerer);
  const round = async () => {
    await offerer.setLocalDescription(await offerer.createOffer());
    await answerer.setRemoteDescription(offerer.localDescription);
    await answerer.setLocalDescription(await answerer.createAnswer());
    await offerer.setRemoteDescription(answerer.localDescription);
  };
  const times = [];
  for (let count = 0; count < DATA_ROUNDS; count++) {
    const startMs = performance.now();
    await round();
    if (count >= DATA_ROUNDS / 4) times.push(performance.now() - startMs);
  }
  for (const connection of [offerer, answerer]) await connection.close();
  return median(times);
}

const MEASURES = {
  [`createOffer, ${TRANSCEIVERS} transceivers`]: firstOffer,
  [`setRemoteDescription and createAnswer, ${TRANSCEIVERS} transceivers`]: answer,
  "renegotiation, data": (connect) =>
    renegotiation(connect, (connection) => connection.createDataChannel("x")),
  "renegotiation, audio, video and data": (connect) =>
    renegotiation(connect, (connection) => {
      connection.addTransceiver("audio");
      connection.addTransceiver("video");
      connection.createDataChannel("x");
    }),
};

const names = Object.keys(STACKS);
console.log(`Node ${process.version}, werift ${installedVersion("werift")}; medians in ms`);
const rows = [["", ...names, "vs werift"]];
for (const [label, measure] of Object.entries(MEASURES)) {
  const results = {};
  for (const [name, connect] of Object.entries(STACKS)) {
    try {
      results[name] = await measure(connect);
    } catch (error) {
      console.log(`  ${label}, ${name}: ${error.message}`);
    }
  }
  const cells = names.map((name) => (name in results ? formatNumber(results[name]) : "failed"));
  const ratio = advantage(results.pallas, results.werift, "lower");
  rows.push([label, ...cells, Number.isNaN(ratio) ? "" : `${formatNumber(ratio)}x`]);
}
console.log(`\n${formatTable(rows)}\n\nvs: how many times better Pallas is; above 1 is better`);
process.exit(0); // werift's connections keep timers.
