import { encodeUtf8, toHex } from "../../base/bytes.ts";
import type { CryptoPort } from "../../crypto/crypto-port.ts";

const SALT_BYTES = 16;
/** 48 bits: no two objects of one connection ever meet. */
const ID_BYTES = 6;

/** What an id begins with, so that a person sees what it is about; much as browsers have it. */
export type StatsIdPrefix = "P" | "T" | "CF" | "I" | "CP" | "D" | "C" | "S" | "O";

/** Remembers what was asked for in the running report and in the one before, and nothing older. */
class Recent<Value> {
  #before = new Map<string, Value>();
  #now = new Map<string, Value>();

  turn(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  get(key: string, create: () => Value): Value {
    const value = this.#now.get(key) ?? this.#before.get(key) ?? create();
    this.#now.set(key, value);
    return value;
  }
}

/**
 * The ids of one connection's statistics: the same object has the same id in each report, and no two
 * objects ever share one. An id is a hash with a salt of the connection, since an application must not
 * be able to guess it (https://w3c.github.io/webrtc-pc/#dom-rtcstats-id). Keeps no more than the last
 * reports had.
 */
export class StatsIds {
  readonly #crypto: CryptoPort;
  readonly #salt: Uint8Array;
  readonly #ids = new Recent<string>();
  readonly #attachments = new Recent<number>();
  #lastAttachment = 0;

  constructor(crypto: CryptoPort) {
    this.#crypto = crypto;
    this.#salt = crypto.random.bytes(SALT_BYTES);
  }

  /** A new report begins. */
  beginReport(): void {
    this.#ids.turn();
    this.#attachments.turn();
  }

  /** `key` names the object among those of its prefix, for the life of the connection. */
  of(prefix: StatsIdPrefix, ...key: readonly (string | number | undefined)[]): string {
    const text = JSON.stringify([prefix, ...key]);
    return this.#ids.get(text, () => prefix + toHex(this.#digest(text).subarray(0, ID_BYTES)));
  }

  /**
   * The source of a track as long as it is attached to any sender. One that is attached again, after
   * a report without it, is another source (https://w3c.github.io/webrtc-stats/#mststats-dict*).
   */
  ofSource(trackId: string): string {
    const attachment = this.#attachments.get(trackId, () => ++this.#lastAttachment);
    return this.of("S", trackId, attachment);
  }

  #digest(text: string): Uint8Array {
    return this.#crypto.hmac("sha-256", this.#salt, [encodeUtf8(text)]);
  }
}
