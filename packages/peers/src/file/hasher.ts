import type { Hasher } from "./file-types.ts";

/**
 * SHA-256 in a browser. WebCrypto hashes only what it gets at once, so the pieces are kept until the
 * end: give it no file that does not fit into memory.
 */
export function createSubtleHasher(subtle: SubtleCrypto): Hasher {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  return {
    update: (bytes) => void pieces.push(bytes),
    async digestHex() {
      const whole = await new Blob(pieces).arrayBuffer();
      const digest = new Uint8Array(await subtle.digest("SHA-256", whole));
      return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    },
  };
}
