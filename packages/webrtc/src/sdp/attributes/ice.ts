import type { CodecTable } from "../attribute-codec.ts";
import { flagCodec } from "../attribute-codec.ts";
import type { IceCandidateAttribute } from "../candidate.ts";
import {
  CANDIDATE_GRAMMAR,
  formatCandidateValue,
  isConnectionAddress,
  parseCandidateValue,
} from "../candidate.ts";
import { isIceText, parseDecimal, splitWords } from "../text-scan.ts";

const MAX_ICE_TEXT_LENGTH = 256;
const MIN_UFRAG_LENGTH = 4;
const MIN_PASSWORD_LENGTH = 22;
const MAX_PORT = 65_535;
const MAX_COMPONENT = 256;
/** RFC 8839 §5.6 allows ten digits; an hour between two checks is beyond any sense. */
const MAX_PACING_MS = 3_600_000;

/** One entry of `a=remote-candidates`. */
export type RemoteCandidate = {
  /** 1 to 256. */
  readonly component: number;
  readonly address: string;
  readonly port: number;
};

/** Attributes of ICE (RFC 8839, RFC 8840). */
export type IceAttribute =
  | ({ readonly kind: "candidate" } & IceCandidateAttribute)
  | { readonly kind: "remote-candidates"; readonly candidates: readonly RemoteCandidate[] }
  | { readonly kind: "end-of-candidates" }
  | { readonly kind: "ice-ufrag"; readonly ufrag: string }
  | { readonly kind: "ice-pwd"; readonly password: string }
  | { readonly kind: "ice-options"; readonly options: readonly string[] }
  | { readonly kind: "ice-pacing"; readonly intervalMs: number }
  | { readonly kind: "ice-lite" }
  | { readonly kind: "ice-mismatch" };

/** The rows of {@link IceAttribute}. */
export const ICE_CODECS: CodecTable<IceAttribute> = {
  /** RFC 8839 §5.1 */
  candidate: {
    grammar: `candidate:${CANDIDATE_GRAMMAR}`,
    level: "media",
    repeat: "any",
    malformed: "refuse",
    parse(value) {
      const candidate = value === undefined ? undefined : parseCandidateValue(value);
      return candidate && { kind: "candidate", ...candidate };
    },
    serialize: formatCandidateValue,
  },
  /** RFC 8839 §5.2. Nothing here depends on it. */
  "remote-candidates": {
    grammar: "remote-candidates:(<component> <address> <port>)...",
    level: "media",
    repeat: "same",
    malformed: "keep",
    parse(value) {
      const candidates = parseRemoteCandidates(value ?? "");
      return candidates && { kind: "remote-candidates", candidates };
    },
    serialize: ({ candidates }) =>
      candidates.map(({ component, address, port }) => `${component} ${address} ${port}`).join(" "),
  },
  /** RFC 8840 §8.2 */
  "end-of-candidates": flagCodec("end-of-candidates", "any"),
  /** RFC 8839 §5.4 */
  "ice-ufrag": {
    grammar: "ice-ufrag:<4 to 256 ice-chars>",
    level: "any",
    repeat: "same",
    malformed: "refuse",
    parse(value) {
      if (!isIceText(value, MIN_UFRAG_LENGTH, MAX_ICE_TEXT_LENGTH)) return undefined;
      return { kind: "ice-ufrag", ufrag: value };
    },
    serialize: ({ ufrag }) => ufrag,
  },
  /** RFC 8839 §5.4 */
  "ice-pwd": {
    grammar: "ice-pwd:<22 to 256 ice-chars>",
    level: "any",
    repeat: "same",
    malformed: "refuse",
    parse(value) {
      if (!isIceText(value, MIN_PASSWORD_LENGTH, MAX_ICE_TEXT_LENGTH)) return undefined;
      return { kind: "ice-pwd", password: value };
    },
    serialize: ({ password }) => password,
  },
  /** RFC 8839 §5.7. Tags are not held to ice-chars: an unknown one is ignored, whatever it looks like. */
  "ice-options": {
    grammar: "ice-options:<tag> [<tag>]...",
    level: "any",
    repeat: "same",
    malformed: "refuse",
    parse(value) {
      const options = splitWords(value ?? "");
      return options.length > 0 ? { kind: "ice-options", options } : undefined;
    },
    serialize: ({ options }) => options.join(" "),
  },
  /** RFC 8839 §5.6 */
  "ice-pacing": {
    grammar: "ice-pacing:<milliseconds between checks, 0 to 3600000>",
    level: "session",
    repeat: "same",
    malformed: "refuse",
    parse(value) {
      const intervalMs = parseDecimal(value, 0, MAX_PACING_MS);
      return intervalMs === undefined ? undefined : { kind: "ice-pacing", intervalMs };
    },
    serialize: ({ intervalMs }) => String(intervalMs),
  },
  /** RFC 8839 §5.3 */
  "ice-lite": flagCodec("ice-lite", "session"),
  /** RFC 8839 §5.3 */
  "ice-mismatch": flagCodec("ice-mismatch", "media"),
};

function parseRemoteCandidates(value: string): RemoteCandidate[] | undefined {
  const words = splitWords(value);
  if (words.length === 0 || words.length % 3 !== 0) return undefined;
  const candidates: RemoteCandidate[] = [];
  for (let index = 0; index < words.length; index += 3) {
    const component = parseDecimal(words[index], 1, MAX_COMPONENT);
    const address = words[index + 1];
    const port = parseDecimal(words[index + 2], 0, MAX_PORT);
    if (component === undefined || port === undefined || !isConnectionAddress(address)) {
      return undefined;
    }
    candidates.push({ component, address, port });
  }
  return candidates;
}
