// Runs the Web Platform Tests for WebRTC against the built package and compares with what is pinned.
//
//   WPT_DIR=… npm run wpt
//   WPT_DIR=… npm run wpt -- RTCDataChannel --failures
//   npm run wpt -- --help
import { ensureReady } from "./setup.mjs";

await ensureReady({ build: false });
const { main } = await import("../packages/webrtc/test/wpt/runner/command.mjs");
process.exitCode = await main(process.argv.slice(2), process.env, () =>
  ensureReady({ build: true }),
);
