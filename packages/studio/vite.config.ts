import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** Builds the console to plain files that the studio's server hands out; nothing comes from elsewhere. */
export default defineConfig({
  root: fileURLToPath(new URL("./console", import.meta.url)),
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: fileURLToPath(new URL("./dist/console", import.meta.url)),
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});
