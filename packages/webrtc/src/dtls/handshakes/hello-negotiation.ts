import { WireFormatError } from "../../base/errors.ts";
import type { GroupName } from "../../crypto/crypto-port.ts";
import { EMPTY_RENEGOTIATION_INFO_SCSV, type CipherSuite } from "../cipher-suite.ts";
import { EXTENSION, type Extensions } from "../extensions/extension.ts";
import {
  checkPointFormats,
  checkRenegotiationInfo,
  decodeNumberList,
  decodeSupportedVersions,
  encodeNumberList,
  encodePointFormats,
  encodeRenegotiationInfo,
} from "../extensions/number-list.ts";
import { decodeUseSrtp, encodeUseSrtp } from "../extensions/use-srtp.ts";
import { ALERT } from "../messages/alert.ts";
import type { ClientHello } from "../messages/client-hello.ts";
import type { ServerHello } from "../messages/server-hello.ts";
import { groupCode, groupFromCode } from "../named-group.ts";
import { chooseVersion, DTLS_1_2 } from "../protocol-version.ts";
import { chooseSignature, SIGNATURE_CODES } from "../signature-scheme.ts";
import type { SignatureName } from "../../crypto/crypto-port.ts";
import { refusal, type HandshakeConfig } from "./handshake.ts";

const NULL_COMPRESSION = 0;
const EMPTY = new Uint8Array(0);

/** What a server chooses from a client's hello. */
export type ServerChoice = {
  readonly suite: CipherSuite;
  readonly group: GroupName;
  /** For the ServerKeyExchange. */
  readonly signatureName: SignatureName;
  readonly srtpProfile: number | undefined;
  /** For the ServerHello. */
  readonly extensions: Extensions;
};

/** The extensions of our ClientHello. */
export function clientExtensions(config: HandshakeConfig): Extensions {
  const extensions = new Map<number, Uint8Array>([
    [EXTENSION.supportedGroups, encodeNumberList(config.groups.map(groupCode))],
    [EXTENSION.ecPointFormats, encodePointFormats()],
    [EXTENSION.signatureAlgorithms, encodeNumberList(SIGNATURE_CODES)],
    [EXTENSION.extendedMasterSecret, EMPTY],
    [EXTENSION.renegotiationInfo, encodeRenegotiationInfo()],
  ]);
  if (config.srtpProfiles.length > 0) {
    extensions.set(EXTENSION.useSrtp, encodeUseSrtp(config.srtpProfiles));
  }
  return extensions;
}

/**
 * The server's choice; our order of preference wins. Throws `ProtocolFailure` if there is nothing in
 * common, or the client cannot bind the master secret to the handshake: RFC 7627 §5.3 lets a server
 * refuse that, every browser can do it, and keys are exported from that secret.
 */
export function chooseFromClientHello(config: HandshakeConfig, hello: ClientHello): ServerChoice {
  checkOfferedVersion(hello);
  if (!hello.compressionMethods.includes(NULL_COMPRESSION)) {
    throw refusal(ALERT.illegal_parameter, "RFC 5246 §7.4.1.2", "the peer insists on compression");
  }
  requireExtendedMasterSecret(hello.extensions, "RFC 7627 §5.3");
  checkCommonExtensions(hello.extensions);
  const suite = chooseSuite(config, hello);
  const group = chooseGroup(config, hello.extensions);
  const signatureName = chooseServerSignature(config, hello.extensions);
  const srtpProfile = chooseSrtpProfile(config, hello.extensions);
  const extensions = serverExtensions(hello, srtpProfile);
  return { suite, group, signatureName, srtpProfile, extensions };
}

function checkOfferedVersion(hello: ClientHello): void {
  const content = hello.extensions.get(EXTENSION.supportedVersions);
  const supportedVersions = content && decodeSupportedVersions(content);
  if (chooseVersion(hello.version, supportedVersions) !== undefined) return;
  const message = "the peer does not offer DTLS 1.2";
  throw refusal(ALERT.protocol_version, "RFC 6347 §4.2.1", message);
}

function requireExtendedMasterSecret(
  extensions: Extensions,
  spec: "RFC 7627 §5.2" | "RFC 7627 §5.3",
): void {
  if (extensions.get(EXTENSION.extendedMasterSecret)?.byteLength === 0) return;
  const message = "the peer does not support the extended master secret";
  throw refusal(ALERT.handshake_failure, spec, message);
}

/** Those that say the same in both hellos. */
function checkCommonExtensions(extensions: Extensions): void {
  const pointFormats = extensions.get(EXTENSION.ecPointFormats);
  if (pointFormats) checkPointFormats(pointFormats);
  const renegotiationInfo = extensions.get(EXTENSION.renegotiationInfo);
  if (renegotiationInfo) checkRenegotiationInfo(renegotiationInfo);
}

function chooseSuite(config: HandshakeConfig, hello: ClientHello): CipherSuite {
  const authentication = config.certificate.algorithm === "rsa" ? "rsa" : "ecdsa";
  const suite = config.cipherSuites.find(
    (ours) => ours.authentication === authentication && hello.cipherSuites.includes(ours.id),
  );
  if (suite) return suite;
  const offered = hello.cipherSuites
    .slice(0, 32)
    .map((id) => `0x${id.toString(16).padStart(4, "0")}`);
  const message = `no common cipher suite for our ${authentication} certificate (the peer offers ${offered.join(" ")})`;
  throw refusal(ALERT.handshake_failure, "RFC 5246 §7.4.1.3", message);
}

function chooseGroup(config: HandshakeConfig, extensions: Extensions): GroupName {
  const content = extensions.get(EXTENSION.supportedGroups);
  // A client that says nothing leaves the choice to the server (RFC 8422 §4); all can do P-256.
  const offered = content ? decodeNumberList(content, "RFC 8422 §5.1.1") : [groupCode("secp256r1")];
  const group = config.groups.find((ours) => offered.includes(groupCode(ours)));
  if (group) return group;
  const message = `no common group: the peer offers none of ${config.groups.join(", ")}`;
  throw refusal(ALERT.handshake_failure, "RFC 8422 §5.1", message);
}

function chooseServerSignature(config: HandshakeConfig, extensions: Extensions): SignatureName {
  const content = extensions.get(EXTENSION.signatureAlgorithms);
  // Saying nothing means SHA-1 (RFC 5246 §7.4.1.4.1), which is not good enough any more (RFC 9155).
  const offered = content ? decodeNumberList(content, "RFC 5246 §7.4.1.4.1") : [];
  const name = chooseSignature(config.certificate.signatureNames, offered);
  if (name) return name;
  const message = `the peer cannot verify any signature of our ${config.certificate.algorithm} certificate`;
  throw refusal(ALERT.handshake_failure, "RFC 5246 §7.4.1.4.1", message);
}

/** No profile in common is no failure: the connection then carries data only (RFC 5764 §4.1.1). */
function chooseSrtpProfile(config: HandshakeConfig, extensions: Extensions): number | undefined {
  const content = extensions.get(EXTENSION.useSrtp);
  if (!content) return undefined;
  const { profiles } = decodeUseSrtp(content);
  return config.srtpProfiles.find((ours) => profiles.includes(ours));
}

/** Only what the client has offered may be answered (RFC 5246 §7.4.1.4). */
function serverExtensions(hello: ClientHello, srtpProfile: number | undefined): Extensions {
  const extensions = new Map<number, Uint8Array>([[EXTENSION.extendedMasterSecret, EMPTY]]);
  const knowsRenegotiation =
    hello.extensions.has(EXTENSION.renegotiationInfo) ||
    hello.cipherSuites.includes(EMPTY_RENEGOTIATION_INFO_SCSV);
  if (knowsRenegotiation) extensions.set(EXTENSION.renegotiationInfo, encodeRenegotiationInfo());
  if (hello.extensions.has(EXTENSION.ecPointFormats)) {
    extensions.set(EXTENSION.ecPointFormats, encodePointFormats());
  }
  if (srtpProfile !== undefined) extensions.set(EXTENSION.useSrtp, encodeUseSrtp([srtpProfile]));
  return extensions;
}

/** What the server chose from our hello. Throws `ProtocolFailure` if it may not choose that. */
export function checkServerHello(
  config: HandshakeConfig,
  sent: ClientHello,
  hello: ServerHello,
): { readonly suite: CipherSuite; readonly srtpProfile: number | undefined } {
  if (hello.version !== DTLS_1_2) {
    const message = `the peer chose version 0x${hello.version.toString(16)}, not DTLS 1.2`;
    throw refusal(ALERT.protocol_version, "RFC 5246 §7.4.1.3", message);
  }
  if (hello.compressionMethod !== NULL_COMPRESSION) {
    throw refusal(ALERT.illegal_parameter, "RFC 5246 §7.4.1.3", "the peer chose compression");
  }
  for (const type of hello.extensions.keys()) {
    if (sent.extensions.has(type)) continue;
    const message = `the peer answers extension ${type}, which we did not offer`;
    throw refusal(ALERT.unsupported_extension, "RFC 5246 §7.4.1.4", message);
  }
  requireExtendedMasterSecret(hello.extensions, "RFC 7627 §5.2");
  checkCommonExtensions(hello.extensions);
  const suite = config.cipherSuites.find((ours) => ours.id === hello.cipherSuite);
  if (!suite) {
    const message = `the peer chose cipher suite 0x${hello.cipherSuite.toString(16)}, which we did not offer`;
    throw refusal(ALERT.illegal_parameter, "RFC 5246 §7.4.1.3", message);
  }
  return { suite, srtpProfile: checkSrtpChoice(config, hello.extensions) };
}

function checkSrtpChoice(config: HandshakeConfig, extensions: Extensions): number | undefined {
  const content = extensions.get(EXTENSION.useSrtp);
  if (!content) return undefined;
  const { profiles, mki } = decodeUseSrtp(content);
  const [profile] = profiles;
  if (profiles.length === 1 && profile !== undefined && mki.byteLength === 0) {
    if (config.srtpProfiles.includes(profile)) return profile;
  }
  const message = "the peer chose SRTP parameters that we did not offer";
  throw refusal(ALERT.illegal_parameter, "RFC 5764 §4.1.1", message);
}

/** The group of a ServerKeyExchange. Throws {@link WireFormatError} if we did not offer it. */
export function offeredGroup(config: HandshakeConfig, code: number): GroupName {
  const group = groupFromCode(code);
  if (group !== undefined && config.groups.includes(group)) return group;
  throw new WireFormatError("RFC 8422 §5.4", `group ${code} was not offered`);
}
