import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const SECRET_BYTES = 32;

/**
 * Proves that a participant had its id before: lets it come back after a lost connection, and nobody
 * else in its place. Nothing is stored; a server that restarts knows none of its old tokens.
 */
export class ResumeTokens {
  readonly #secret = randomBytes(SECRET_BYTES);

  /** The token of `participantId` in `room`: 43 characters of base64url. */
  issue(room: string, participantId: string): string {
    // Neither contains a space (see the protocol's ids), so that no two pairs make one text.
    return createHmac("sha256", this.#secret)
      .update(`${room} ${participantId}`)
      .digest("base64url");
  }

  /** Constant time in the token. */
  isValid(room: string, participantId: string, token: string): boolean {
    const expected = Buffer.from(this.issue(room, participantId));
    const given = Buffer.from(token);
    return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
  }
}
