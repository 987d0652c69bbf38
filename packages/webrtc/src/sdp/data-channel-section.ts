import { filterAttributes, findAttribute } from "./attribute.ts";
import { SdpSyntaxError } from "./sdp-syntax-error.ts";
import type { MediaDescription } from "./session-description.ts";
import { sourceLineOf } from "./source-line.ts";
import { parseDecimal } from "./text-scan.ts";

const DATA_CHANNEL_FORMAT = "webrtc-datachannel";
const SCTP_PROTOCOLS: ReadonlySet<string> = new Set([
  "UDP/DTLS/SCTP",
  "TCP/DTLS/SCTP",
  // Until draft-ietf-mmusic-sctp-sdp-15; aiortc and the old form still say it.
  "DTLS/SCTP",
]);
/** RFC 8831 §8 leaves the port open; 5000 is what every peer uses and means when it says nothing. */
const DEFAULT_SCTP_PORT = 5_000;
/** RFC 8841 §6 */
const DEFAULT_MAX_MESSAGE_BYTES = 65_536;
const MAX_PORT = 65_535;

/** What a media section says about the SCTP association of its data channels. */
export type DataChannelSection = {
  readonly sctpPort: number;
  /** Largest message that the writer of the section takes; `Infinity` if it takes any. */
  readonly maxMessageBytes: number;
  /** `m=application 9 DTLS/SCTP 5000` with `a=sctpmap`, to be answered in the same form. */
  readonly isOldForm: boolean;
};

/**
 * Reads a data channel section in the form of RFC 8841 §4 or in the one before it
 * (draft-ietf-mmusic-sctp-sdp-05). `undefined` if `media` is none, a different use of SCTP included.
 *
 * Throws {@link SdpSyntaxError} if the section contradicts itself.
 */
export function readDataChannelSection(media: MediaDescription): DataChannelSection | undefined {
  if (media.kind !== "application" || !SCTP_PROTOCOLS.has(media.protocol)) return undefined;
  const form = readForm(media);
  if (!form) return undefined;
  const maxMessageBytes =
    findAttribute(media.attributes, "max-message-size")?.bytes ?? DEFAULT_MAX_MESSAGE_BYTES;
  return { ...form, maxMessageBytes: maxMessageBytes === 0 ? Infinity : maxMessageBytes };
}

function readForm(
  media: MediaDescription,
): Pick<DataChannelSection, "sctpPort" | "isOldForm"> | undefined {
  const [format, ...otherFormats] = media.formats;
  const statedPort = findAttribute(media.attributes, "sctp-port");
  const formatPort = parseDecimal(format, 0, MAX_PORT);
  const maps = filterAttributes(media.attributes, "sctpmap");
  const isOldForm = formatPort !== undefined;
  if (!isOldForm && format !== DATA_CHANNEL_FORMAT) return undefined;
  if (isOldForm && maps.length > 0 && !maps.some(isDataChannelMap)) return undefined;
  if (otherFormats.length > 0) {
    throw contradiction(media, media, "one format: a section has one SCTP association");
  }

  const sctpPort = formatPort ?? statedPort?.port ?? DEFAULT_SCTP_PORT;
  if (statedPort && statedPort.port !== sctpPort) {
    throw contradiction(media, statedPort, `a=sctp-port:${sctpPort}, as the m= line says`);
  }
  const map = maps.find(isDataChannelMap);
  if (map && map.port !== sctpPort) {
    throw contradiction(media, map, `a=sctpmap:${sctpPort}, the SCTP port of this section`);
  }
  return { sctpPort, isOldForm };
}

function isDataChannelMap(map: { readonly application: string }): boolean {
  return map.application === DATA_CHANNEL_FORMAT;
}

function contradiction(media: MediaDescription, node: object, expected: string): SdpSyntaxError {
  const source = sourceLineOf(node);
  return new SdpSyntaxError(source?.lineNumber ?? 0, source?.text ?? `m=${media.kind}`, expected);
}
