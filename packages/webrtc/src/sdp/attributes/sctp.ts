import type { CodecTable } from "../attribute-codec.ts";
import { parseChannelParameters, formatChannelParameters } from "../channel-parameters.ts";
import type { ChannelParameters } from "../channel-parameters.ts";
import { isToken, parseDecimal, splitWords } from "../text-scan.ts";

const MAX_PORT = 65_535;
const MAX_STREAM_ID = 65_535;
const MAX_STREAMS = 65_536;
/** Some peers announce the largest 64-bit number for "any size". */
const MAX_MESSAGE_BYTES = 2 ** 64;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Attributes of data channels (RFC 8841, RFC 8864, and the drafts before them). */
export type SctpAttribute =
  | { readonly kind: "sctp-port"; readonly port: number }
  | {
      readonly kind: "max-message-size";
      /** As written: 0 means "any size" (RFC 8841 §6). `readDataChannelSection` translates it. */
      readonly bytes: number;
    }
  | {
      readonly kind: "sctpmap";
      readonly port: number;
      /** `webrtc-datachannel` */
      readonly application: string;
      readonly streams?: number;
    }
  | {
      readonly kind: "sctp-init";
      /** The INIT chunk in base64. */
      readonly chunk: string;
    }
  | ({ readonly kind: "dcmap"; readonly streamId: number } & ChannelParameters)
  | {
      readonly kind: "dcsa";
      readonly streamId: number;
      /** An SDP attribute, `name` or `name:value`, that applies to one channel. */
      readonly attribute: string;
    };

/** The rows of {@link SctpAttribute}. */
export const SCTP_CODECS: CodecTable<SctpAttribute> = {
  /** RFC 8841 §5 */
  "sctp-port": {
    grammar: "sctp-port:<0 to 65535>",
    level: "media",
    repeat: "same",
    malformed: "refuse",
    parse(value) {
      const port = parseDecimal(value, 0, MAX_PORT);
      return port === undefined ? undefined : { kind: "sctp-port", port };
    },
    serialize: ({ port }) => String(port),
  },
  /** RFC 8841 §6 */
  "max-message-size": {
    grammar: "max-message-size:<bytes>",
    level: "media",
    repeat: "same",
    malformed: "refuse",
    parse(value) {
      const bytes = parseDecimal(value, 0, MAX_MESSAGE_BYTES);
      return bytes === undefined ? undefined : { kind: "max-message-size", bytes };
    },
    serialize: ({ bytes }) => formatWholeNumber(bytes),
  },
  /** draft-ietf-mmusic-sctp-sdp-05 §5.1, as aiortc and old browsers send it */
  sctpmap: {
    grammar: "sctpmap:<port, 0 to 65535> <application> [<streams, at most 65536>]",
    level: "media",
    repeat: "same",
    malformed: "refuse",
    keyOf: ({ port }) => port,
    parse(value) {
      const [portText, application, streamsText, ...rest] = splitWords(value ?? "");
      const port = parseDecimal(portText, 0, MAX_PORT);
      if (port === undefined || !isToken(application) || rest.length > 0) return undefined;
      if (streamsText === undefined) return { kind: "sctpmap", port, application };
      const streams = parseDecimal(streamsText, 0, MAX_STREAMS);
      return streams === undefined ? undefined : { kind: "sctpmap", port, application, streams };
    },
    serialize: ({ port, application, streams }) =>
      streams === undefined ? `${port} ${application}` : `${port} ${application} ${streams}`,
  },
  /** draft-hancke-tsvwg-snap-00: the first half of the SCTP handshake rides in the description. */
  "sctp-init": {
    grammar: "sctp-init:<INIT chunk in base64>",
    level: "media",
    repeat: "same",
    malformed: "refuse",
    parse: (value) =>
      value !== undefined && BASE64.test(value) ? { kind: "sctp-init", chunk: value } : undefined,
    serialize: ({ chunk }) => chunk,
  },
  /** RFC 8864 §5.1 */
  dcmap: {
    grammar:
      'dcmap:<stream, 0 to 65535> [ordered=<true or false>;subprotocol="...";label="...";' +
      "max-retr=<n>;max-time=<ms>;priority=<n>]",
    level: "media",
    repeat: "same",
    malformed: "keep",
    keyOf: ({ streamId }) => streamId,
    parse(value) {
      const [idText, rest] = cutAtSpace(value ?? "");
      const streamId = parseDecimal(idText, 0, MAX_STREAM_ID);
      const parameters = parseChannelParameters(rest);
      if (streamId === undefined || !parameters) return undefined;
      return { kind: "dcmap", streamId, ...parameters };
    },
    serialize(attribute) {
      const parameters = formatChannelParameters(attribute);
      return parameters === "" ? String(attribute.streamId) : `${attribute.streamId} ${parameters}`;
    },
  },
  /** RFC 8864 §5.2 */
  dcsa: {
    grammar: "dcsa:<stream, 0 to 65535> <attribute>",
    level: "media",
    repeat: "any",
    malformed: "keep",
    parse(value) {
      const [idText, attribute] = cutAtSpace(value ?? "");
      const streamId = parseDecimal(idText, 0, MAX_STREAM_ID);
      return streamId === undefined || attribute === ""
        ? undefined
        : { kind: "dcsa", streamId, attribute };
    },
    serialize: ({ streamId, attribute }) => `${streamId} ${attribute}`,
  },
};

function cutAtSpace(text: string): [head: string, tail: string] {
  const space = text.indexOf(" ");
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space + 1).trimStart()];
}

/** Digits only: the largest 64-bit number would otherwise come out rounded and with other digits. */
function formatWholeNumber(value: number): string {
  return Number.isInteger(value) && value >= 0 ? BigInt(value).toString() : String(value);
}
