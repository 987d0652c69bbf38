import type { CodecTable } from "../attribute-codec.ts";
import { isToken, parseDecimal, splitWords } from "../text-scan.ts";

const MAX_SSRC = 2 ** 32 - 1;
const MAX_PAYLOAD_TYPE = 127;
/** RFC 8851 §5 defines eight. */
const MAX_RID_PARAMETERS = 64;
const RID = /^[A-Za-z0-9_-]{1,255}$/;

/** A restriction of one RID stream, `max-width=1280` (RFC 8851 §5). */
export type RidRestriction = { readonly name: string; readonly value?: string };

/** One encoding that may be sent or received under `rid`. */
export type SimulcastEncoding = {
  readonly rid: string;
  /** Written as `~`: known, but not sent for the time being. */
  readonly isPaused: boolean;
};

/** One simulcast stream: its encodings in order of preference, of which one is chosen. */
export type SimulcastStream = readonly SimulcastEncoding[];

/** Attributes that name single RTP streams (RFC 5576, RFC 8851, RFC 8853). */
export type StreamAttribute =
  | {
      readonly kind: "ssrc";
      readonly ssrc: number;
      /** `cname`, `msid`, … */
      readonly attribute: string;
      readonly value?: string;
    }
  | {
      readonly kind: "ssrc-group";
      /** `FID`, `FEC-FR`, `SIM` */
      readonly semantics: string;
      readonly ssrcs: readonly number[];
    }
  | {
      readonly kind: "rid";
      readonly id: string;
      readonly direction: "send" | "recv";
      readonly payloadTypes?: readonly number[];
      readonly restrictions: readonly RidRestriction[];
    }
  | {
      readonly kind: "simulcast";
      readonly send?: readonly SimulcastStream[];
      readonly recv?: readonly SimulcastStream[];
    };

type RidAttribute = Extract<StreamAttribute, { kind: "rid" }>;

/** The rows of {@link StreamAttribute}. */
export const STREAM_CODECS: CodecTable<StreamAttribute> = {
  /** RFC 5576 §4.1 */
  ssrc: {
    grammar: "ssrc:<0 to 4294967295> <attribute>[:<value>]",
    level: "media",
    repeat: "any",
    malformed: "refuse",
    parse(value = "") {
      const space = value.indexOf(" ");
      const ssrc = parseDecimal(value.slice(0, Math.max(space, 0)), 0, MAX_SSRC);
      const colon = value.indexOf(":", space);
      const attribute = colon < 0 ? value.slice(space + 1) : value.slice(space + 1, colon);
      if (ssrc === undefined || !isToken(attribute)) return undefined;
      return colon < 0
        ? { kind: "ssrc", ssrc, attribute }
        : { kind: "ssrc", ssrc, attribute, value: value.slice(colon + 1) };
    },
    serialize: ({ ssrc, attribute, value }) =>
      value === undefined ? `${ssrc} ${attribute}` : `${ssrc} ${attribute}:${value}`,
  },
  /** RFC 5576 §4.2 */
  "ssrc-group": {
    grammar: "ssrc-group:<semantics> [<0 to 4294967295>]...",
    level: "media",
    repeat: "any",
    malformed: "refuse",
    parse(value) {
      const [semantics, ...ssrcTexts] = splitWords(value ?? "");
      const ssrcs = parseNumbers(ssrcTexts, MAX_SSRC);
      return isToken(semantics) && ssrcs ? { kind: "ssrc-group", semantics, ssrcs } : undefined;
    },
    serialize: ({ semantics, ssrcs }) => [semantics, ...ssrcs].join(" "),
  },
  /** RFC 8851 §10: a line that does not parse is ignored, not an error (§6.3). */
  rid: {
    grammar: "rid:<id> <send or recv> [pt=<payload types>;][<restriction>[=<value>];]...",
    level: "media",
    repeat: "same",
    malformed: "keep",
    keyOf: ({ id }) => id,
    parse(value) {
      const [id, direction, ...rest] = splitWords(value ?? "");
      if (id === undefined || !RID.test(id)) return undefined;
      if (direction !== "send" && direction !== "recv") return undefined;
      const parameters = parseRidParameters(rest.join(" "));
      return parameters && { kind: "rid", id, direction, ...parameters };
    },
    serialize({ id, direction, payloadTypes, restrictions }) {
      const parameters = restrictions.map(({ name, value }) =>
        value === undefined ? name : `${name}=${value}`,
      );
      if (payloadTypes) parameters.unshift(`pt=${payloadTypes.join(",")}`);
      return parameters.length === 0
        ? `${id} ${direction}`
        : `${id} ${direction} ${parameters.join(";")}`;
    },
  },
  /** RFC 8853 §5.1. The form of older drafts (`send rid=a;b`) is kept, not understood. */
  simulcast: {
    grammar: "simulcast:<send or recv> [~]<rid>[,[~]<rid>]...[;...] [<recv or send> ...]",
    level: "media",
    repeat: "never",
    malformed: "keep",
    parse(value) {
      const words = splitWords(value ?? "");
      if (words.length !== 2 && words.length !== 4) return undefined;
      const lists: { send?: SimulcastStream[]; recv?: SimulcastStream[] } = {};
      for (let index = 0; index < words.length; index += 2) {
        const direction = words[index];
        if (direction !== "send" && direction !== "recv") return undefined;
        const streams = parseSimulcastStreams(words[index + 1]!);
        if (!streams || lists[direction]) return undefined;
        lists[direction] = streams;
      }
      return { kind: "simulcast", ...lists };
    },
    serialize({ send, recv }) {
      const lists: string[] = [];
      if (send) lists.push(`send ${formatSimulcastStreams(send)}`);
      if (recv) lists.push(`recv ${formatSimulcastStreams(recv)}`);
      return lists.join(" ");
    },
  },
};

function parseNumbers(texts: readonly string[], max: number): number[] | undefined {
  const numbers: number[] = [];
  for (const text of texts) {
    const value = parseDecimal(text, 0, max);
    if (value === undefined) return undefined;
    numbers.push(value);
  }
  return numbers;
}

function parseRidParameters(
  text: string,
): Pick<RidAttribute, "payloadTypes" | "restrictions"> | undefined {
  const restrictions: RidRestriction[] = [];
  let payloadTypes: number[] | undefined;
  const parts = text === "" ? [] : text.split(";", MAX_RID_PARAMETERS + 1);
  if (parts.length > MAX_RID_PARAMETERS) return undefined;
  for (const part of parts) {
    const equals = part.indexOf("=");
    const name = (equals < 0 ? part : part.slice(0, equals)).trim();
    if (!isToken(name)) return undefined;
    if (name === "pt") {
      // Only the first parameter may be the list of payload types.
      if (payloadTypes || restrictions.length > 0) return undefined;
      payloadTypes = parseNumbers(part.slice(equals + 1).split(","), MAX_PAYLOAD_TYPE);
      if (!payloadTypes) return undefined;
    } else {
      restrictions.push(equals < 0 ? { name } : { name, value: part.slice(equals + 1) });
    }
  }
  return payloadTypes ? { payloadTypes, restrictions } : { restrictions };
}

function parseSimulcastStreams(text: string): SimulcastStream[] | undefined {
  const streams: SimulcastStream[] = [];
  for (const streamText of text.split(";")) {
    const encodings: SimulcastEncoding[] = [];
    for (const encodingText of streamText.split(",")) {
      const isPaused = encodingText.startsWith("~");
      const rid = isPaused ? encodingText.slice(1) : encodingText;
      if (!RID.test(rid)) return undefined;
      encodings.push({ rid, isPaused });
    }
    streams.push(encodings);
  }
  return streams;
}

function formatSimulcastStreams(streams: readonly SimulcastStream[]): string {
  return streams
    .map((stream) => stream.map(({ rid, isPaused }) => (isPaused ? `~${rid}` : rid)).join(","))
    .join(";");
}
