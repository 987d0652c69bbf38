import type { AttributeCodec, CodecTable } from "../attribute-codec.ts";
import { flagCodec } from "../attribute-codec.ts";
import { isToken, splitWords } from "../text-scan.ts";

/** Who sends media in a section, seen from the side that wrote the description (RFC 8866 §6.7). */
export type MediaDirection = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** Attributes that say how sections, streams and tracks belong together (RFC 5888, 8830, 8843, 8285). */
export type SessionAttribute =
  | {
      readonly kind: "group";
      /** `BUNDLE`, `LS`, … */
      readonly semantics: string;
      readonly mids: readonly string[];
    }
  | { readonly kind: "mid"; readonly mid: string }
  | {
      readonly kind: "msid";
      /** `-` for a track that belongs to no stream. */
      readonly streamId: string;
      readonly trackId?: string;
    }
  | {
      readonly kind: "msid-semantic";
      /** `WMS` */
      readonly semantic: string;
      /** `*` stands for all of them. */
      readonly streamIds: readonly string[];
    }
  | { readonly kind: "bundle-only" }
  | { readonly kind: "extmap-allow-mixed" }
  | { readonly kind: "direction"; readonly direction: MediaDirection };

/** The one codec that serves four names. */
const DIRECTION_CODEC: AttributeCodec<Extract<SessionAttribute, { kind: "direction" }>> = {
  grammar: "one direction: sendrecv, sendonly, recvonly or inactive",
  level: "any",
  repeat: "same",
  malformed: "refuse",
  parse: (value, name) =>
    value === undefined && isDirection(name) ? { kind: "direction", direction: name } : undefined,
  serialize: () => undefined,
};

/** The rows of {@link SessionAttribute}. */
export const SESSION_CODECS: CodecTable<SessionAttribute> = {
  /** RFC 5888 §5, RFC 8843 §7 */
  group: {
    grammar: "group:<semantics> [<mid>]...",
    level: "session",
    repeat: "any",
    malformed: "refuse",
    parse(value) {
      const [semantics, ...mids] = splitWords(value ?? "");
      return isToken(semantics) && mids.every(isToken)
        ? { kind: "group", semantics, mids }
        : undefined;
    },
    serialize: ({ semantics, mids }) => [semantics, ...mids].join(" "),
  },
  /** RFC 5888 §4 */
  mid: {
    grammar: "mid:<token>",
    level: "media",
    repeat: "never",
    malformed: "refuse",
    parse: (value) => (isToken(value) ? { kind: "mid", mid: value } : undefined),
    serialize: ({ mid }) => mid,
  },
  /** RFC 8830 §2. The limit of 64 characters is not held: names of other stacks are longer. */
  msid: {
    grammar: "msid:<stream id or -> [<track id>]",
    level: "media",
    repeat: "any",
    malformed: "refuse",
    parse(value) {
      const [streamId, trackId, ...rest] = splitWords(value ?? "");
      if (streamId === undefined || rest.length > 0) return undefined;
      return trackId === undefined
        ? { kind: "msid", streamId }
        : { kind: "msid", streamId, trackId };
    },
    serialize: ({ streamId, trackId }) =>
      trackId === undefined ? streamId : `${streamId} ${trackId}`,
  },
  /** draft-ietf-mmusic-msid-02 §4: dropped from RFC 8830, but every browser still sends it. */
  "msid-semantic": {
    grammar: "msid-semantic:<semantic> [<stream id>]...",
    level: "session",
    repeat: "any",
    malformed: "refuse",
    parse(value) {
      const [semantic, ...streamIds] = splitWords(value ?? "");
      return isToken(semantic) ? { kind: "msid-semantic", semantic, streamIds } : undefined;
    },
    serialize: ({ semantic, streamIds }) => [semantic, ...streamIds].join(" "),
  },
  /** RFC 8843 §6 */
  "bundle-only": flagCodec("bundle-only", "media"),
  /** RFC 8285 §6 */
  "extmap-allow-mixed": flagCodec("extmap-allow-mixed", "any"),
  /** RFC 8866 §6.7 */
  direction: DIRECTION_CODEC,
};

/** True for the four attribute names that share the kind `direction`. */
export function isDirection(name: string): name is MediaDirection {
  return name === "sendrecv" || name === "sendonly" || name === "recvonly" || name === "inactive";
}
