import type { CodecTable } from "../attribute-codec.ts";
import { flagCodec } from "../attribute-codec.ts";
import { parsePayloadTypeOrAll } from "./rtp.ts";
import type { PayloadTypeOrAll } from "./rtp.ts";
import { isToken, parseDecimal, splitWords } from "../text-scan.ts";

const MAX_PORT = 65_535;

/** Attributes of RTCP (RFC 3605, 3611, 4585, 5506, 5761, 8858). */
export type RtcpAttribute =
  | {
      readonly kind: "rtcp";
      readonly port: number;
      /** `IN`; the three of them are there together or not at all. */
      readonly networkType?: string;
      /** `IP4` or `IP6` */
      readonly addressType?: string;
      readonly address?: string;
    }
  | { readonly kind: "rtcp-mux" }
  | { readonly kind: "rtcp-mux-only" }
  | { readonly kind: "rtcp-rsize" }
  | {
      readonly kind: "rtcp-fb";
      readonly payloadType: PayloadTypeOrAll;
      /** `nack`, `ccm`, `transport-cc`, … */
      readonly feedback: string;
      /** `pli`, `fir`, … */
      readonly parameter?: string;
    }
  | { readonly kind: "rtcp-xr"; readonly formats: readonly string[] };

/** The rows of {@link RtcpAttribute}. */
export const RTCP_CODECS: CodecTable<RtcpAttribute> = {
  /** RFC 3605 §2.1. Nothing here depends on it: RTCP is always multiplexed. */
  rtcp: {
    grammar: "rtcp:<port, 0 to 65535> [IN <IP4 or IP6> <address>]",
    level: "media",
    repeat: "same",
    malformed: "keep",
    parse(value) {
      const [portText, networkType, addressType, address, ...rest] = splitWords(value ?? "");
      const port = parseDecimal(portText, 0, MAX_PORT);
      if (port === undefined || rest.length > 0) return undefined;
      if (networkType === undefined) return { kind: "rtcp", port };
      if (addressType === undefined || address === undefined) return undefined;
      return { kind: "rtcp", port, networkType, addressType, address };
    },
    serialize: ({ port, networkType, addressType, address }) =>
      networkType === undefined ? String(port) : `${port} ${networkType} ${addressType} ${address}`,
  },
  /** RFC 5761 §5.1.1 */
  "rtcp-mux": flagCodec("rtcp-mux", "media"),
  /** RFC 8858 §4 */
  "rtcp-mux-only": flagCodec("rtcp-mux-only", "media"),
  /** RFC 5506 §5 */
  "rtcp-rsize": flagCodec("rtcp-rsize", "media"),
  /** RFC 4585 §4.2 */
  "rtcp-fb": {
    grammar: "rtcp-fb:<payload type or *> <feedback> [<parameter>]",
    level: "media",
    repeat: "any",
    malformed: "refuse",
    parse(value) {
      const [typeText, feedback, ...parameters] = splitWords(value ?? "");
      const payloadType = parsePayloadTypeOrAll(typeText);
      if (payloadType === undefined || !isToken(feedback)) return undefined;
      return parameters.length === 0
        ? { kind: "rtcp-fb", payloadType, feedback }
        : { kind: "rtcp-fb", payloadType, feedback, parameter: parameters.join(" ") };
    },
    serialize: ({ payloadType, feedback, parameter }) =>
      parameter === undefined
        ? `${payloadType} ${feedback}`
        : `${payloadType} ${feedback} ${parameter}`,
  },
  /** RFC 3611 §5.1 */
  "rtcp-xr": {
    grammar: "rtcp-xr:[<format> [<format>]...]",
    level: "any",
    repeat: "any",
    malformed: "keep",
    parse(value = "") {
      const formats = splitWords(value);
      return formats.length === 0 && value !== "" ? undefined : { kind: "rtcp-xr", formats };
    },
    serialize: ({ formats }) => formats.join(" "),
  },
};
