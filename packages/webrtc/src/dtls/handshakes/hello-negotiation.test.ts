import assert from "node:assert/strict";
import { test } from "vitest";
import { testCertificate } from "../../../test/support/dtls-pair.ts";
import { fromHex } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import { createNodeCrypto } from "../../crypto/node-crypto.ts";
import { CIPHER_SUITES } from "../cipher-suite.ts";
import { EXTENSION } from "../extensions/extension.ts";
import { encodeNumberList } from "../extensions/number-list.ts";
import { encodeUseSrtp } from "../extensions/use-srtp.ts";
import { ALERT } from "../messages/alert.ts";
import type { ClientHello } from "../messages/client-hello.ts";
import type { ServerHello } from "../messages/server-hello.ts";
import { GROUPS } from "../named-group.ts";
import { DTLS_1_0, DTLS_1_2 } from "../protocol-version.ts";
import type { HandshakeConfig } from "./handshake.ts";
import {
  checkServerHello,
  chooseFromClientHello,
  clientExtensions,
  offeredGroup,
} from "./hello-negotiation.ts";

const config: HandshakeConfig = {
  crypto: createNodeCrypto(),
  certificate: testCertificate("us"),
  remoteFingerprints: [],
  cipherSuites: CIPHER_SUITES,
  groups: GROUPS,
  srtpProfiles: [7, 1],
  isCookieExchangeRequired: false,
};

const clientHello: ClientHello = {
  version: DTLS_1_2,
  random: new Uint8Array(32),
  sessionId: new Uint8Array(0),
  cookie: new Uint8Array(0),
  cipherSuites: CIPHER_SUITES.map(({ id }) => id),
  compressionMethods: new Uint8Array(1),
  extensions: clientExtensions(config),
};

/** Our hello with some extensions changed; `undefined` takes one out. */
function helloWith(changes: Readonly<Record<number, Uint8Array | undefined>>): ClientHello {
  const extensions = new Map(clientHello.extensions);
  for (const [type, content] of Object.entries(changes)) {
    if (content) extensions.set(Number(type), content);
    else extensions.delete(Number(type));
  }
  return { ...clientHello, extensions };
}

function refusedWith(alert: number): { detail: { sentAlert: number } } {
  return { detail: { sentAlert: alert } };
}

test("the server's preferences win (RFC 5246 §7.4.1.3)", () => {
  const cipherSuites = [0xcca9, 0xc02c, 0xc02b];
  const groups = helloWith({ [EXTENSION.supportedGroups]: encodeNumberList([0x17, 0x1d]) });
  const choice = chooseFromClientHello(config, { ...groups, cipherSuites });
  assert.equal(choice.suite.id, 0xc02b);
  assert.equal(choice.group, "x25519");
  assert.equal(choice.signatureName, "ecdsa-sha256");
  assert.equal(choice.srtpProfile, 7);
});

test("the suite fits the kind of our certificate (RFC 8422 §2)", () => {
  const withRsa = { ...config, certificate: testCertificate("us", "rsa") };
  assert.equal(chooseFromClientHello(withRsa, clientHello).suite.authentication, "rsa");
  assert.equal(chooseFromClientHello(withRsa, clientHello).signatureName, "rsa-pss-sha256");
  const onlyRsa = { ...clientHello, cipherSuites: [0xc02f, 0xcca8] };
  assert.throws(() => chooseFromClientHello(config, onlyRsa), refusedWith(ALERT.handshake_failure));
});

test("numbers that nobody knows (GREASE, post-quantum groups) are read over (RFC 8701)", () => {
  const hello = helloWith({
    [EXTENSION.supportedGroups]: encodeNumberList([0x6a6a, 0x11ec, 0x17]),
    [EXTENSION.signatureAlgorithms]: encodeNumberList([0x0a0a, 0x0807, 0x0403]),
    [0x3a3a]: new Uint8Array(1),
  });
  const choice = chooseFromClientHello(config, {
    ...hello,
    cipherSuites: [0x1a1a, 0x1301, 0xc02b],
  });
  assert.equal(choice.group, "secp256r1");
});

test("a client that says nothing about groups can do P-256 (RFC 8422 §4)", () => {
  const hello = helloWith({ [EXTENSION.supportedGroups]: undefined });
  assert.equal(chooseFromClientHello(config, hello).group, "secp256r1");
});

test("a hello with nothing in common is refused, with what the peer offered in the reason", () => {
  const suites = { ...clientHello, cipherSuites: [0x002f, 0xc013] };
  assert.throws(() => chooseFromClientHello(config, suites), /0x002f 0xc013/);
  const groups = helloWith({ [EXTENSION.supportedGroups]: encodeNumberList([0x19]) });
  assert.throws(() => chooseFromClientHello(config, groups), refusedWith(ALERT.handshake_failure));
});

test("a client that can only verify SHA-1 is refused (RFC 9155)", () => {
  for (const content of [undefined, encodeNumberList([0x0203])]) {
    const hello = helloWith({ [EXTENSION.signatureAlgorithms]: content });
    assert.throws(() => chooseFromClientHello(config, hello), refusedWith(ALERT.handshake_failure));
  }
});

test("without the extended master secret there is no connection, on either side (RFC 7627 §5.3, §5.2)", () => {
  const hello = helloWith({ [EXTENSION.extendedMasterSecret]: undefined });
  assert.throws(() => chooseFromClientHello(config, hello), refusedWith(ALERT.handshake_failure));
  const extensions = new Map();
  assert.throws(
    () => checkServerHello(config, clientHello, { ...serverHello, extensions }),
    refusedWith(ALERT.handshake_failure),
  );
});

test("DTLS 1.0, and 1.3 without 1.2, are refused (RFC 8827 §6.5)", () => {
  const old = { ...clientHello, version: DTLS_1_0 };
  assert.throws(() => chooseFromClientHello(config, old), refusedWith(ALERT.protocol_version));
  const only13 = helloWith({ [EXTENSION.supportedVersions]: fromHex("02fefc") });
  assert.throws(() => chooseFromClientHello(config, only13), refusedWith(ALERT.protocol_version));
  const both = helloWith({ [EXTENSION.supportedVersions]: fromHex("04fefcfefd") });
  assert.ok(chooseFromClientHello(config, both));
});

test("a client that insists on compression is refused (RFC 5246 §7.4.1.2)", () => {
  const hello = { ...clientHello, compressionMethods: Uint8Array.of(1) };
  assert.throws(() => chooseFromClientHello(config, hello), refusedWith(ALERT.illegal_parameter));
});

test("extensions of a wrong form are line noise", () => {
  const bad: Readonly<Record<number, Uint8Array>>[] = [
    { [EXTENSION.renegotiationInfo]: fromHex("01aa") },
    { [EXTENSION.ecPointFormats]: fromHex("0101") },
    { [EXTENSION.supportedGroups]: fromHex("0001") },
    { [EXTENSION.useSrtp]: fromHex("0000") },
    { [EXTENSION.supportedVersions]: fromHex("01fe") },
  ];
  for (const change of bad) {
    assert.throws(() => chooseFromClientHello(config, helloWith(change)), WireFormatError);
  }
});

test("the server answers only extensions that the client has offered (RFC 5246 §7.4.1.4)", () => {
  const bare = helloWith({
    [EXTENSION.ecPointFormats]: undefined,
    [EXTENSION.renegotiationInfo]: undefined,
    [EXTENSION.useSrtp]: undefined,
  });
  const { extensions } = chooseFromClientHello(config, bare);
  assert.deepEqual([...extensions.keys()], [EXTENSION.extendedMasterSecret]);
});

test("the signaling suite value is answered like the extension (RFC 5746 §3.6)", () => {
  const bare = helloWith({ [EXTENSION.renegotiationInfo]: undefined });
  const hello = { ...bare, cipherSuites: [...bare.cipherSuites, 0x00ff] };
  assert.ok(chooseFromClientHello(config, hello).extensions.has(EXTENSION.renegotiationInfo));
});

test("SRTP is left out when no profile is common, or none was asked for (RFC 5764 §4.1.1)", () => {
  const hello = helloWith({ [EXTENSION.useSrtp]: encodeUseSrtp([2, 5]) });
  const choice = chooseFromClientHello(config, hello);
  assert.equal(choice.srtpProfile, undefined);
  assert.ok(!choice.extensions.has(EXTENSION.useSrtp));
  const dataOnly = { ...config, srtpProfiles: [] };
  assert.equal(chooseFromClientHello(dataOnly, clientHello).srtpProfile, undefined);
  assert.ok(!clientExtensions(dataOnly).has(EXTENSION.useSrtp));
});

const serverHello: ServerHello = {
  version: DTLS_1_2,
  random: new Uint8Array(32),
  sessionId: new Uint8Array(32),
  cipherSuite: 0xcca9,
  compressionMethod: 0,
  extensions: chooseFromClientHello(config, clientHello).extensions,
};

test("the client accepts what it has offered, and a session id that means nothing to it", () => {
  const { suite, srtpProfile } = checkServerHello(config, clientHello, serverHello);
  assert.equal(suite.id, 0xcca9);
  assert.equal(srtpProfile, 7);
});

test("the client refuses whatever it has not offered (RFC 5246 §7.4.1.3)", () => {
  const withExtension = (type: number, content: Uint8Array): Partial<ServerHello> => ({
    extensions: new Map([...serverHello.extensions, [type, content]]),
  });
  const cases: readonly (readonly [Partial<ServerHello>, number])[] = [
    [{ version: DTLS_1_0 }, ALERT.protocol_version],
    [{ version: 0xfefc }, ALERT.protocol_version],
    [{ cipherSuite: 0xc013 }, ALERT.illegal_parameter],
    [{ cipherSuite: 0x00ff }, ALERT.illegal_parameter],
    [{ compressionMethod: 1 }, ALERT.illegal_parameter],
    [withExtension(35, new Uint8Array(0)), ALERT.unsupported_extension],
    [withExtension(EXTENSION.useSrtp, encodeUseSrtp([2])), ALERT.illegal_parameter],
    [withExtension(EXTENSION.useSrtp, encodeUseSrtp([7, 1])), ALERT.illegal_parameter],
    [withExtension(EXTENSION.useSrtp, fromHex("0002000701aa")), ALERT.illegal_parameter],
  ];
  for (const [change, alert] of cases) {
    const hello = { ...serverHello, ...change };
    assert.throws(() => checkServerHello(config, clientHello, hello), refusedWith(alert));
  }
});

test("an old server that knows nothing of renegotiation is accepted: we never renegotiate (RFC 5746 §3.4)", () => {
  const extensions = new Map([[EXTENSION.extendedMasterSecret, new Uint8Array(0)]]);
  assert.ok(checkServerHello(config, clientHello, { ...serverHello, extensions }));
});

test("a group that was not offered is line noise (RFC 8422 §5.4)", () => {
  assert.equal(offeredGroup(config, 0x1d), "x25519");
  assert.throws(() => offeredGroup({ ...config, groups: ["secp256r1"] }, 0x1d), WireFormatError);
  assert.throws(() => offeredGroup(config, 0x19), WireFormatError);
});
