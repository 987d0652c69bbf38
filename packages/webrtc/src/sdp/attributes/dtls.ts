import type { CodecTable } from "../attribute-codec.ts";
import { isToken, parseDecimal, splitWords } from "../text-scan.ts";

const HEX_PAIRS = /^[0-9A-F]{2}(?::[0-9A-F]{2})*$/;
const TLS_ID = /^[A-Za-z0-9+/_-]{20,255}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const CHARACTERS_PER_HEX_PAIR = 3;
/** The longest digest of any hash function in the registry (SHA-512). */
const MAX_DIGEST_BYTES = 64;
const MAX_CRYPTO_TAG = 999_999_999;

const DIGEST_BYTES: ReadonlyMap<string, number> = new Map([
  ["md2", 16],
  ["md5", 16],
  ["sha-1", 20],
  ["sha-224", 28],
  ["sha-256", 32],
  ["sha-384", 48],
  ["sha-512", 64],
]);

/** Who opens the connection (RFC 4145 §4, RFC 8842 §5.1): the active side is the DTLS client. */
export type SetupRole = "active" | "passive" | "actpass" | "holdconn";

/** Attributes of DTLS and of the identity of the peer (RFC 8122, 8827, 8842, 4145, 4568). */
export type DtlsAttribute =
  | {
      readonly kind: "fingerprint";
      /** Lower case: `sha-256`. One that is not known here is kept, whatever its length. */
      readonly algorithm: string;
      /** Upper-case hexadecimal pairs with colons between them. */
      readonly value: string;
    }
  | { readonly kind: "setup"; readonly role: SetupRole }
  | { readonly kind: "tls-id"; readonly id: string }
  | { readonly kind: "connection"; readonly reuse: "new" | "existing" }
  | {
      readonly kind: "identity";
      /** Base64. */
      readonly assertion: string;
      /** What follows the assertion, unread. */
      readonly extensions?: string;
    }
  | {
      readonly kind: "crypto";
      readonly tag: number;
      readonly suite: string;
      readonly keyParameters: string;
      readonly sessionParameters: readonly string[];
    };

/** The rows of {@link DtlsAttribute}. */
export const DTLS_CODECS: CodecTable<DtlsAttribute> = {
  /** RFC 8122 §5. Several are allowed: the certificate has to match one per hash function. */
  fingerprint: {
    grammar:
      "fingerprint:<hash function> <hexadecimal pairs with colons between, as many as the hash has>",
    level: "any",
    repeat: "any",
    malformed: "refuse",
    parse(value) {
      const [algorithmText, digest, ...rest] = splitWords(value ?? "");
      if (!isToken(algorithmText) || digest === undefined || rest.length > 0) return undefined;
      const algorithm = algorithmText.toLowerCase();
      const upperCase = digest.toUpperCase();
      const isSound = HEX_PAIRS.test(upperCase) && hasDigestLength(algorithm, upperCase);
      return isSound ? { kind: "fingerprint", algorithm, value: upperCase } : undefined;
    },
    serialize: ({ algorithm, value }) => `${algorithm} ${value}`,
  },
  /** RFC 4145 §4, where as in all ABNF the case of literal text does not matter (RFC 5234 §2.3). */
  setup: {
    grammar: "setup:<active, passive, actpass or holdconn>",
    level: "any",
    repeat: "same",
    malformed: "refuse",
    parse(value = "") {
      const role = value.toLowerCase();
      return isSetupRole(role) ? { kind: "setup", role } : undefined;
    },
    serialize: ({ role }) => role,
  },
  /** RFC 8842 §5.2 */
  "tls-id": {
    grammar: "tls-id:<20 to 255 letters, digits, +, /, - or _>",
    level: "any",
    repeat: "same",
    malformed: "refuse",
    parse: (value) =>
      value !== undefined && TLS_ID.test(value) ? { kind: "tls-id", id: value } : undefined,
    serialize: ({ id }) => id,
  },
  /** RFC 4145 §5. Nothing here depends on it: DTLS goes by `tls-id` (RFC 8842 §5.2). */
  connection: {
    grammar: "connection:<new or existing>",
    level: "any",
    repeat: "same",
    malformed: "keep",
    parse: (value) =>
      value === "new" || value === "existing" ? { kind: "connection", reuse: value } : undefined,
    serialize: ({ reuse }) => reuse,
  },
  /** RFC 8827 §5 */
  identity: {
    grammar: "identity:<base64 assertion> [<extension>]...",
    level: "session",
    repeat: "same",
    malformed: "refuse",
    parse(value) {
      const [assertion, ...extensions] = splitWords(value ?? "");
      if (assertion === undefined || !BASE64.test(assertion)) return undefined;
      return extensions.length > 0
        ? { kind: "identity", assertion, extensions: extensions.join(" ") }
        : { kind: "identity", assertion };
    },
    serialize: ({ assertion, extensions }) =>
      extensions === undefined ? assertion : `${assertion} ${extensions}`,
  },
  /** RFC 4568 §4. WebRTC forbids it (RFC 8827 §6.5); it is read so that it can be refused by name. */
  crypto: {
    grammar: "crypto:<tag> <suite> <key parameters> [<session parameter>]...",
    level: "media",
    repeat: "any",
    malformed: "keep",
    parse(value) {
      const [tagText, suite, keyParameters, ...sessionParameters] = splitWords(value ?? "");
      const tag = parseDecimal(tagText, 0, MAX_CRYPTO_TAG);
      if (tag === undefined || suite === undefined || keyParameters === undefined) return undefined;
      return { kind: "crypto", tag, suite, keyParameters, sessionParameters };
    },
    serialize: ({ tag, suite, keyParameters, sessionParameters }) =>
      [tag, suite, keyParameters, ...sessionParameters].join(" "),
  },
};

function isSetupRole(text: string): text is SetupRole {
  return text === "active" || text === "passive" || text === "actpass" || text === "holdconn";
}

function hasDigestLength(algorithm: string, pairs: string): boolean {
  const digestBytes = (pairs.length + 1) / CHARACTERS_PER_HEX_PAIR;
  const expectedBytes = DIGEST_BYTES.get(algorithm);
  return expectedBytes === undefined
    ? digestBytes <= MAX_DIGEST_BYTES
    : digestBytes === expectedBytes;
}
