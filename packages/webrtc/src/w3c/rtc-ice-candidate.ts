import { parseCandidate, SdpSyntaxError, type IceCandidateAttribute } from "../sdp/index.ts";
import {
  defineInterface,
  dictionary,
  domString,
  enumeration,
  integer,
  nullable,
  UNSIGNED_SHORT,
  usvString,
  withDefault,
} from "./webidl/index.ts";

/** https://w3c.github.io/webrtc-pc/#dom-rtcicecomponent */
export type RTCIceComponent = "rtp" | "rtcp";
/** https://w3c.github.io/webrtc-pc/#rtciceprotocol-enum */
export type RTCIceProtocol = "udp" | "tcp";
/** https://w3c.github.io/webrtc-pc/#rtcicetcpcandidatetype-enum */
export type RTCIceTcpCandidateType = "active" | "passive" | "so";
/** https://w3c.github.io/webrtc-pc/#rtcicecandidatetype-enum */
export type RTCIceCandidateType = "host" | "srflx" | "prflx" | "relay";
/** https://w3c.github.io/webrtc-pc/#rtciceservertransportprotocol-enum */
export type RTCIceServerTransportProtocol = "udp" | "tcp" | "tls";

/** https://w3c.github.io/webrtc-pc/#dom-rtcicecandidateinit */
export interface RTCIceCandidateInit {
  /** `candidate:…`; "" for the end of candidates. */
  candidate?: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
  usernameFragment?: string | null;
}

/** https://w3c.github.io/webrtc-pc/#dom-rtclocalicecandidateinit */
export interface RTCLocalIceCandidateInit extends RTCIceCandidateInit {
  relayProtocol?: RTCIceServerTransportProtocol | null;
  url?: string | null;
}

const toNull = (): null => null;

/** The conversion of `RTCIceCandidateInit`; an {@link RTCIceCandidate} goes through as one. */
export const toCandidateInit = dictionary("RTCIceCandidateInit", {
  candidate: withDefault(domString, () => ""),
  sdpMid: withDefault(nullable(domString), toNull),
  sdpMLineIndex: withDefault(nullable(integer(UNSIGNED_SHORT)), toNull),
  usernameFragment: withDefault(nullable(domString), toNull),
});

/** An {@link RTCIceCandidateInit} after its conversion. */
export type ConvertedCandidateInit = ReturnType<typeof toCandidateInit>;

const toLocalCandidateInit = dictionary(
  "RTCLocalIceCandidateInit",
  {
    relayProtocol: withDefault(
      nullable(enumeration("RTCIceServerTransportProtocol", ["udp", "tcp", "tls"])),
      toNull,
    ),
    url: withDefault(nullable(usvString), toNull),
  },
  toCandidateInit,
);

type CandidateInit = ReturnType<typeof toLocalCandidateInit>;

/** https://w3c.github.io/webrtc-pc/#rtcicecandidate-interface */
export class RTCIceCandidate {
  readonly #init: CandidateInit;
  readonly #parsed: IceCandidateAttribute | undefined;

  /** Throws `TypeError` if both `sdpMid` and `sdpMLineIndex` are null. A malformed `candidate` is kept as text. */
  constructor(candidateInitDict: RTCLocalIceCandidateInit = {}) {
    this.#init = toLocalCandidateInit(candidateInitDict, "RTCIceCandidate constructor: argument 1");
    const { candidate, sdpMid, sdpMLineIndex } = this.#init;
    if (sdpMid === null && sdpMLineIndex === null) {
      throw new TypeError("RTCIceCandidate constructor: sdpMid and sdpMLineIndex are both null");
    }
    this.#parsed = candidate === "" ? undefined : parseForExposure(candidate);
  }

  get candidate(): string {
    return this.#init.candidate;
  }

  get sdpMid(): string | null {
    return this.#init.sdpMid;
  }

  get sdpMLineIndex(): number | null {
    return this.#init.sdpMLineIndex;
  }

  get foundation(): string | null {
    return this.#parsed?.foundation ?? null;
  }

  get component(): RTCIceComponent | null {
    if (this.#parsed === undefined) return null;
    return this.#parsed.component === 1 ? "rtp" : "rtcp";
  }

  get priority(): number | null {
    return this.#parsed?.priority ?? null;
  }

  get address(): string | null {
    return this.#parsed?.address ?? null;
  }

  get protocol(): RTCIceProtocol | null {
    return (this.#parsed?.transport as RTCIceProtocol | undefined) ?? null;
  }

  get port(): number | null {
    return this.#parsed?.port ?? null;
  }

  get type(): RTCIceCandidateType | null {
    return (this.#parsed?.type as RTCIceCandidateType | undefined) ?? null;
  }

  get tcpType(): RTCIceTcpCandidateType | null {
    if (this.#parsed?.transport !== "tcp") return null;
    return (this.#parsed.tcpType as RTCIceTcpCandidateType | undefined) ?? null;
  }

  get relatedAddress(): string | null {
    return this.#parsed?.relatedAddress ?? null;
  }

  get relatedPort(): number | null {
    return this.#parsed?.relatedPort ?? null;
  }

  get usernameFragment(): string | null {
    return this.#init.usernameFragment;
  }

  get relayProtocol(): RTCIceServerTransportProtocol | null {
    return this.#init.relayProtocol;
  }

  get url(): string | null {
    return this.#init.url;
  }

  toJSON(): RTCIceCandidateInit {
    const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = this.#init;
    return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
  }
}

defineInterface(RTCIceCandidate, "RTCIceCandidate");

/** "Creating an RTCIceCandidate", steps 4.2 and 4.3: what an attribute could not hold exposes nothing. */
function parseForExposure(candidate: string): IceCandidateAttribute | undefined {
  try {
    const parsed = parseCandidate(candidate);
    const isExposable =
      parsed.component <= 2 &&
      ["udp", "tcp"].includes(parsed.transport) &&
      ["host", "srflx", "prflx", "relay"].includes(parsed.type) &&
      ["active", "passive", "so", undefined].includes(parsed.tcpType);
    return isExposable ? parsed : undefined;
  } catch (error) {
    if (error instanceof SdpSyntaxError) return undefined;
    throw error;
  }
}
