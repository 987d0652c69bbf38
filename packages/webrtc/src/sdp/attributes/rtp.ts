import type { AttributeCodec, CodecTable } from "../attribute-codec.ts";
import { isDirection } from "./session.ts";
import type { MediaDirection } from "./session.ts";
import { formatReal, isToken, parseDecimal, parsePositiveReal, splitWords } from "../text-scan.ts";

const MAX_PAYLOAD_TYPE = 127;
const MAX_CLOCK_RATE = 2 ** 32 - 1;
const MAX_CHANNELS = 255;
/** RFC 8285 §5: 1 to 255 on the wire, 4096 to 4351 while more are offered than fit. */
const MAX_EXTENSION_ID = 4_351;

/** A payload type (0 to 127), or all of the section. */
export type PayloadTypeOrAll = number | "*";

/** Attributes that describe RTP payloads and header extensions (RFC 8866 §6, RFC 8285, RFC 6236). */
export type RtpAttribute =
  | {
      readonly kind: "rtpmap";
      readonly payloadType: number;
      /** As written: `opus`, `VP8`. To be compared without regard to case. */
      readonly encodingName: string;
      readonly clockRate: number;
      readonly channels?: number;
    }
  | {
      readonly kind: "fmtp";
      /** A payload type, or another format of the `m=` line. */
      readonly format: string;
      /** As written; `parseFormatParameters` reads it. */
      readonly parameters: string;
    }
  | {
      readonly kind: "extmap";
      readonly id: number;
      readonly direction?: MediaDirection;
      readonly uri: string;
      readonly parameters?: string;
    }
  | { readonly kind: "ptime"; readonly durationMs: number }
  | { readonly kind: "maxptime"; readonly durationMs: number }
  | { readonly kind: "framerate"; readonly framesPerSecond: number }
  | {
      readonly kind: "imageattr";
      readonly payloadType: PayloadTypeOrAll;
      /** `send …`, `recv …`, as written. */
      readonly sets: string;
    };

/** The rows of {@link RtpAttribute}. */
export const RTP_CODECS: CodecTable<RtpAttribute> = {
  /** RFC 8866 §6.6 */
  rtpmap: {
    grammar: "rtpmap:<payload type, 0 to 127> <encoding>/<clock rate>[/<channels>]",
    level: "media",
    repeat: "same",
    malformed: "refuse",
    keyOf: ({ payloadType }) => payloadType,
    parse(value) {
      const [typeText, encoding, ...rest] = splitWords(value ?? "");
      const payloadType = parseDecimal(typeText, 0, MAX_PAYLOAD_TYPE);
      if (payloadType === undefined || encoding === undefined || rest.length > 0) return undefined;
      const [encodingName, rateText, channelsText, ...more] = encoding.split("/");
      const clockRate = parseDecimal(rateText, 0, MAX_CLOCK_RATE);
      if (!isToken(encodingName) || clockRate === undefined || more.length > 0) return undefined;
      if (channelsText === undefined) {
        return { kind: "rtpmap", payloadType, encodingName, clockRate };
      }
      const channels = parseDecimal(channelsText, 1, MAX_CHANNELS);
      if (channels === undefined) return undefined;
      return { kind: "rtpmap", payloadType, encodingName, clockRate, channels };
    },
    serialize({ payloadType, encodingName, clockRate, channels }) {
      const encoding = `${payloadType} ${encodingName}/${clockRate}`;
      return channels === undefined ? encoding : `${encoding}/${channels}`;
    },
  },
  /** RFC 8866 §6.15 */
  fmtp: {
    grammar: "fmtp:<format> <parameters>",
    level: "media",
    repeat: "any",
    malformed: "refuse",
    parse(value = "") {
      const space = value.indexOf(" ");
      const format = space < 0 ? value : value.slice(0, space);
      // Some servers announce a format without any parameter; nothing is lost by reading it.
      const parameters = space < 0 ? "" : value.slice(space + 1);
      return isToken(format) ? { kind: "fmtp", format, parameters } : undefined;
    },
    serialize: ({ format, parameters }) => (parameters === "" ? format : `${format} ${parameters}`),
  },
  /** RFC 8285 §8 */
  extmap: {
    grammar: "extmap:<id, 1 to 4351>[/<direction>] <URI> [<parameters>]",
    level: "any",
    repeat: "any",
    malformed: "refuse",
    parse(value) {
      const [target, uri, ...parameters] = splitWords(value ?? "");
      const [idText, direction, ...rest] = (target ?? "").split("/");
      const id = parseDecimal(idText, 1, MAX_EXTENSION_ID);
      if (id === undefined || uri === undefined || rest.length > 0) return undefined;
      if (direction !== undefined && !isDirection(direction)) return undefined;
      return {
        kind: "extmap",
        id,
        ...(direction === undefined ? {} : { direction }),
        uri,
        ...(parameters.length === 0 ? {} : { parameters: parameters.join(" ") }),
      };
    },
    serialize({ id, direction, uri, parameters }) {
      const target = direction === undefined ? String(id) : `${id}/${direction}`;
      return parameters === undefined ? `${target} ${uri}` : `${target} ${uri} ${parameters}`;
    },
  },
  /** RFC 8866 §6.4 */
  ptime: durationCodec("ptime"),
  /** RFC 8866 §6.5 */
  maxptime: durationCodec("maxptime"),
  /** RFC 8866 §6.13 */
  framerate: {
    grammar: "framerate:<frames per second>",
    level: "media",
    repeat: "same",
    malformed: "keep",
    parse(value = "") {
      const framesPerSecond = parsePositiveReal(value);
      return framesPerSecond === undefined ? undefined : { kind: "framerate", framesPerSecond };
    },
    serialize: ({ framesPerSecond }) => formatReal(framesPerSecond),
  },
  /** RFC 6236 §3.1 */
  imageattr: {
    grammar: "imageattr:<payload type or *> <send or recv sets>",
    level: "media",
    repeat: "any",
    malformed: "keep",
    parse(value) {
      const [typeText, ...sets] = splitWords(value ?? "");
      const payloadType = parsePayloadTypeOrAll(typeText);
      if (payloadType === undefined || sets.length === 0) return undefined;
      return { kind: "imageattr", payloadType, sets: sets.join(" ") };
    },
    serialize: ({ payloadType, sets }) => `${payloadType} ${sets}`,
  },
};

/** `*` or 0 to 127. */
export function parsePayloadTypeOrAll(text: string | undefined): PayloadTypeOrAll | undefined {
  return text === "*" ? "*" : parseDecimal(text, 0, MAX_PAYLOAD_TYPE);
}

type DurationAttribute<K> = { readonly kind: K; readonly durationMs: number };

function durationCodec<K extends "ptime" | "maxptime">(
  kind: K,
): AttributeCodec<DurationAttribute<K>> {
  return {
    grammar: `${kind}:<milliseconds>`,
    level: "media",
    repeat: "same",
    malformed: "keep",
    parse(value = "") {
      const durationMs = parsePositiveReal(value);
      return durationMs === undefined ? undefined : { kind, durationMs };
    },
    serialize: ({ durationMs }) => formatReal(durationMs),
  };
}
