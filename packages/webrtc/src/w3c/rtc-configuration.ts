import { parseIceServerUrl, type IceServerUrl } from "./ice-server-url.ts";
import { RTCCertificate } from "./rtc-certificate.ts";
import {
  dictionary,
  domString,
  enforceRange,
  enumeration,
  interfaceType,
  isIterable,
  OCTET,
  optional,
  required,
  sequence,
  union,
  usvString,
  withDefault,
} from "./webidl/index.ts";

/** https://w3c.github.io/webrtc-pc/#rtcicetransportpolicy-enum */
export type RTCIceTransportPolicy = "relay" | "all";
/** https://w3c.github.io/webrtc-pc/#rtcbundlepolicy-enum */
export type RTCBundlePolicy = "balanced" | "max-compat" | "max-bundle";
/** https://w3c.github.io/webrtc-pc/#rtcrtcpmuxpolicy-enum */
export type RTCRtcpMuxPolicy = "require";

/** https://w3c.github.io/webrtc-pc/#rtciceserver-dictionary */
export interface RTCIceServer {
  urls: string | string[];
  username?: string;
  credential?: string;
}

/** An {@link RTCCertificate}, typed by its W3C members alone so that code written for browsers fits. */
export type CertificateHandle = Pick<RTCCertificate, "expires" | "getFingerprints">;

/** https://w3c.github.io/webrtc-pc/#rtcconfiguration-dictionary */
export interface RTCConfiguration {
  iceServers?: RTCIceServer[];
  iceTransportPolicy?: RTCIceTransportPolicy;
  bundlePolicy?: RTCBundlePolicy;
  rtcpMuxPolicy?: RTCRtcpMuxPolicy;
  certificates?: CertificateHandle[];
  iceCandidatePoolSize?: number;
}

const MAX_ICE_SERVERS = 64;
/** RFC 8489 §14.3 says "fewer than 509 bytes"; browsers, and the tests of the W3C, take 509. */
const MAX_USERNAME_BYTES = 509;

/** One URL becomes a list of one, as browsers return it from `getConfiguration`. */
const toUrls = union<string[]>(
  [{ accepts: isIterable, convert: sequence(usvString) }],
  (value, context) => [usvString(value, context)],
);

const toIceServer = dictionary("RTCIceServer", {
  urls: required(toUrls),
  username: optional(domString),
  credential: optional(domString),
});

const isCertificate = (value: unknown): value is RTCCertificate => value instanceof RTCCertificate;

const toConfiguration = dictionary("RTCConfiguration", {
  iceServers: withDefault(sequence(toIceServer), () => []),
  iceTransportPolicy: withDefault(
    enumeration("RTCIceTransportPolicy", ["relay", "all"]),
    () => "all",
  ),
  bundlePolicy: withDefault(
    enumeration("RTCBundlePolicy", ["balanced", "max-compat", "max-bundle"]),
    () => "balanced",
  ),
  rtcpMuxPolicy: withDefault(enumeration("RTCRtcpMuxPolicy", ["require"]), () => "require"),
  certificates: withDefault(sequence(interfaceType("RTCCertificate", isCertificate)), () => []),
  iceCandidatePoolSize: withDefault(enforceRange(OCTET), () => 0),
});

/** A configuration after conversion and validation. */
export type ValidConfiguration = {
  /** What `getConfiguration` returns, all members present. */
  readonly dictionary: Converted;
  /** The URLs of all servers, in order. */
  readonly serverUrls: readonly IceServerUrl[];
};

/** A copy for `getConfiguration`: nothing that the caller does to it comes back. */
export function copyConfiguration({ dictionary }: ValidConfiguration): RTCConfiguration {
  return {
    ...dictionary,
    iceServers: dictionary.iceServers.map((server) => ({ ...server, urls: [...server.urls] })),
    certificates: [...dictionary.certificates],
  };
}

/**
 * Converts and validates (https://w3c.github.io/webrtc-pc/#set-the-configuration, constructor step 4).
 *
 * Throws `TypeError` for a member of the wrong type, and `DOMException`s: "SyntaxError" for a bad
 * URL, "InvalidAccessError" for a TURN server without credentials or an expired certificate,
 * "InvalidModificationError" if something changed that must not.
 */
export function validateConfiguration(
  value: unknown,
  context: string,
  nowEpochMs: number,
  previous?: ValidConfiguration,
  hasSetLocalDescription = false,
): ValidConfiguration {
  const configuration = toConfiguration(value, context);
  // "Set the configuration", step 3; or the constructor's, step 4
  if (previous === undefined) checkCertificates(configuration.certificates, nowEpochMs);
  else checkUnchanged(configuration, previous.dictionary, hasSetLocalDescription);
  // Steps 4 to 6
  const servers = configuration.iceServers.slice(0, MAX_ICE_SERVERS);
  return { dictionary: configuration, serverUrls: servers.flatMap(urlsOf) };
}

type Converted = ReturnType<typeof toConfiguration>;

function checkCertificates(certificates: readonly RTCCertificate[], nowEpochMs: number): void {
  for (const { expires } of certificates) {
    if (expires < nowEpochMs) {
      const since = new Date(expires).toISOString();
      throw new DOMException(`a certificate expired at ${since}`, "InvalidAccessError");
    }
  }
}

function checkUnchanged(
  next: Converted,
  previous: Converted,
  hasSetLocalDescription: boolean,
): void {
  const areCertificatesSame =
    next.certificates.length === previous.certificates.length &&
    next.certificates.every((certificate, index) => certificate === previous.certificates[index]);
  if (!areCertificatesSame) throw changed("certificates");
  if (next.bundlePolicy !== previous.bundlePolicy) throw changed("bundlePolicy");
  if (next.rtcpMuxPolicy !== previous.rtcpMuxPolicy) throw changed("rtcpMuxPolicy");
  if (hasSetLocalDescription && next.iceCandidatePoolSize !== previous.iceCandidatePoolSize) {
    throw changed("iceCandidatePoolSize");
  }
}

function changed(member: string): DOMException {
  return new DOMException(
    `RTCConfiguration.${member} cannot be changed`,
    "InvalidModificationError",
  );
}

function urlsOf(server: Converted["iceServers"][number]): readonly IceServerUrl[] {
  const { urls } = server;
  if (urls.length === 0) throw new DOMException("an ICE server has no urls", "SyntaxError");
  return urls.map((url) => {
    const parsed = parseIceServerUrl(url);
    const isTurn = parsed.scheme === "turn" || parsed.scheme === "turns";
    if (isTurn) checkCredentials(url, server.username, server.credential);
    return parsed;
  });
}

function checkCredentials(
  url: string,
  username: string | undefined,
  credential: string | undefined,
): void {
  if (username === undefined || credential === undefined) {
    throw new DOMException(`"${url}" needs username and credential`, "InvalidAccessError");
  }
  if (new TextEncoder().encode(username).byteLength > MAX_USERNAME_BYTES) {
    throw new DOMException(
      `the username for "${url}" is longer than ${MAX_USERNAME_BYTES} bytes`,
      "InvalidAccessError",
    );
  }
}
