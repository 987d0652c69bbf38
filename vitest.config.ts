import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests run on the sources: a workspace import resolves to `src`, so that no stale build is tested. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@pallas\/webrtc$/, replacement: source("packages/webrtc/src/index.ts") },
      { find: /^@pallas\/webrtc\/globals$/, replacement: source("packages/webrtc/src/globals.ts") },
      {
        find: /^@pallas\/webrtc\/(sdp|testing)$/,
        replacement: source("packages/webrtc/src/$1/index.ts"),
      },
      { find: /^@pallas\/peers$/, replacement: source("packages/peers/src/index.ts") },
    ],
  },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "packages/*/test/**/*.test.{ts,mjs}",
      "examples/**/*.test.ts",
      "scripts/**/*.test.mjs",
    ],
    exclude: ["**/node_modules/**", "**/dist/**"],
    maxWorkers: 2,
    testTimeout: 120_000,
  },
});
