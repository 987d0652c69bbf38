import { concatBytes } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import type { GroupName, KeyAgreement, SignatureName } from "../../crypto/crypto-port.ts";
import { EMPTY_RENEGOTIATION_INFO_SCSV, type CipherSuite } from "../cipher-suite.ts";
import type { Flight } from "../flight.ts";
import {
  extendedMasterSecret,
  trafficKeys,
  verifyData,
  type MasterSecret,
} from "../key-schedule-12.ts";
import { ALERT } from "../messages/alert.ts";
import {
  decodeCertificateMessage,
  encodeCertificateMessage,
} from "../messages/certificate-message.ts";
import { decodeCertificateRequest } from "../messages/certificate-request.ts";
import { encodeClientHello, RANDOM_BYTES, type ClientHello } from "../messages/client-hello.ts";
import { HANDSHAKE_TYPE, type HandshakeMessage } from "../messages/handshake-message.ts";
import { decodeHelloVerifyRequest } from "../messages/hello-verify-request.ts";
import {
  decodeServerKeyExchange,
  ecdhParameters,
  encodeClientKeyExchange,
} from "../messages/key-exchange.ts";
import { decodeServerHello } from "../messages/server-hello.ts";
import { encodeSigned } from "../messages/signed.ts";
import { DTLS_1_2 } from "../protocol-version.ts";
import { chooseSignature, signatureCode } from "../signature-scheme.ts";
import {
  NO_STEP,
  refusal,
  type Handshake,
  type HandshakeConfig,
  type HandshakeStep,
} from "./handshake.ts";
import { checkServerHello, clientExtensions, offeredGroup } from "./hello-negotiation.ts";
import { MessageLog } from "./message-log.ts";
import { checkSignature, identifyPeer, type PeerIdentity } from "./peer-identity.ts";

/** A server that asks for one cookie after the other is not going to be satisfied. */
const MAX_COOKIE_ROUNDS = 3;

/** Known once the ServerHello is there. */
type Agreed = {
  readonly suite: CipherSuite;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  readonly srtpProfile: number | undefined;
};

type Identified = Agreed & { readonly peer: PeerIdentity };
type Keyed = Identified & { readonly group: GroupName; readonly serverKey: Uint8Array };

/** What the client waits for, and what it knows then. */
type State =
  | { readonly name: "start" }
  | { readonly name: "serverHello"; readonly sent: ClientHello; readonly cookieRounds: number }
  | { readonly name: "certificate"; readonly known: Agreed }
  | { readonly name: "serverKeyExchange"; readonly known: Identified }
  | { readonly name: "certificateRequest"; readonly known: Keyed }
  | {
      readonly name: "serverHelloDone";
      readonly known: Keyed;
      readonly signatureName: SignatureName;
    }
  | { readonly name: "finished"; readonly known: Keyed; readonly master: MasterSecret }
  | { readonly name: "done" };

/**
 * The client's half of the full handshake with mutual authentication (RFC 5246 §7.3, RFC 6347 §4.2).
 *
 *   ClientHello                       ->
 *                                     <-  [HelloVerifyRequest]
 *   [ClientHello with the cookie]     ->
 *                                     <-  ServerHello, Certificate, ServerKeyExchange,
 *                                         CertificateRequest, ServerHelloDone
 *   Certificate, ClientKeyExchange,
 *   CertificateVerify,
 *   ChangeCipherSpec, Finished        ->
 *                                     <-  ChangeCipherSpec, Finished
 *
 * ChangeCipherSpec is sent for the peer's sake and read over: the epoch in each record says the same
 * (RFC 6347 §4.1), and nothing of epoch 1 counts unless its tag verifies.
 */
export class ClientHandshake12 implements Handshake {
  readonly #config: HandshakeConfig;
  readonly #log = new MessageLog();
  #state: State = { name: "start" };

  constructor(config: HandshakeConfig) {
    this.#config = config;
  }

  get isAwaitingHello(): boolean {
    return this.#state.name === "start" || this.#state.name === "serverHello";
  }

  start(): HandshakeStep {
    const random = this.#config.crypto.random.bytes(RANDOM_BYTES);
    return { flight: this.#sendHello(random, new Uint8Array(0), 0) };
  }

  handleMessage(message: HandshakeMessage): HandshakeStep {
    const state = this.#state;
    switch (message.type) {
      case HANDSHAKE_TYPE.helloVerifyRequest:
        if (state.name === "serverHello") return this.#onHelloVerifyRequest(state, message);
        break;
      case HANDSHAKE_TYPE.serverHello:
        if (state.name === "serverHello") return this.#onServerHello(state, message);
        break;
      case HANDSHAKE_TYPE.certificate:
        if (state.name === "certificate") return this.#onCertificate(state, message);
        break;
      case HANDSHAKE_TYPE.serverKeyExchange:
        if (state.name === "serverKeyExchange") return this.#onServerKeyExchange(state, message);
        break;
      case HANDSHAKE_TYPE.certificateRequest:
        if (state.name === "certificateRequest") return this.#onCertificateRequest(state, message);
        break;
      case HANDSHAKE_TYPE.serverHelloDone:
        if (state.name === "serverHelloDone") return this.#onServerHelloDone(state, message);
        if (state.name === "certificateRequest") throw noCertificateRequest();
        break;
      case HANDSHAKE_TYPE.finished:
        if (state.name === "finished") return this.#onFinished(state, message);
        break;
      default:
        break;
    }
    throw new WireFormatError(
      "RFC 5246 §7.3",
      `handshake message ${message.type} while waiting for ${state.name}`,
    );
  }

  #sendHello(random: Uint8Array, cookie: Uint8Array, cookieRounds: number): Flight {
    const hello: ClientHello = {
      version: DTLS_1_2,
      random,
      sessionId: new Uint8Array(0),
      cookie,
      cipherSuites: [
        ...this.#config.cipherSuites.map((suite) => suite.id),
        EMPTY_RENEGOTIATION_INFO_SCSV,
      ],
      compressionMethods: new Uint8Array(1),
      extensions: clientExtensions(this.#config),
    };
    const item = this.#log.addSent(HANDSHAKE_TYPE.clientHello, encodeClientHello(hello));
    this.#state = { name: "serverHello", sent: hello, cookieRounds };
    return { items: [item], isRepeatedOnTimeout: true };
  }

  /** RFC 6347 §4.2.1: the same hello again, with the cookie; the transcript starts with it. */
  #onHelloVerifyRequest(
    state: State & { name: "serverHello" },
    message: HandshakeMessage,
  ): HandshakeStep {
    const cookie = decodeHelloVerifyRequest(message.body);
    if (state.cookieRounds === MAX_COOKIE_ROUNDS) {
      throw refusal(
        ALERT.handshake_failure,
        "RFC 6347 §4.2.1",
        "the peer keeps asking for cookies",
      );
    }
    this.#log.transcript.clear();
    return { flight: this.#sendHello(state.sent.random, cookie, state.cookieRounds + 1) };
  }

  #onServerHello(state: State & { name: "serverHello" }, message: HandshakeMessage): HandshakeStep {
    const hello = decodeServerHello(message.body);
    const { suite, srtpProfile } = checkServerHello(this.#config, state.sent, hello);
    const known = {
      suite,
      srtpProfile,
      clientRandom: state.sent.random,
      serverRandom: hello.random.slice(),
    };
    return this.#accept(message, { name: "certificate", known });
  }

  #onCertificate(state: State & { name: "certificate" }, message: HandshakeMessage): HandshakeStep {
    const peer = identifyPeer(this.#config, decodeCertificateMessage(message.body));
    const { authentication, name } = state.known.suite;
    if (peer.publicKey.algorithm !== authentication) {
      const text = `the peer's ${peer.publicKey.algorithm} key does not fit its suite ${name}`;
      throw refusal(ALERT.illegal_parameter, "RFC 8422 §5.3", text);
    }
    return this.#accept(message, { name: "serverKeyExchange", known: { ...state.known, peer } });
  }

  #onServerKeyExchange(
    state: State & { name: "serverKeyExchange" },
    message: HandshakeMessage,
  ): HandshakeStep {
    const { group: code, publicKey, signed } = decodeServerKeyExchange(message.body);
    const group = offeredGroup(this.#config, code);
    const { clientRandom, serverRandom, peer } = state.known;
    const covered = concatBytes([clientRandom, serverRandom, ecdhParameters(code, publicKey)]);
    checkSignature(peer, signed, covered, "RFC 8422 §5.4");
    const known = { ...state.known, group, serverKey: publicKey };
    return this.#accept(message, { name: "certificateRequest", known });
  }

  #onCertificateRequest(
    state: State & { name: "certificateRequest" },
    message: HandshakeMessage,
  ): HandshakeStep {
    const { signatureSchemes } = decodeCertificateRequest(message.body);
    const { certificate } = this.#config;
    const signatureName = chooseSignature(certificate.signatureNames, signatureSchemes);
    if (!signatureName) {
      const text = `the peer cannot verify any signature of our ${certificate.algorithm} certificate`;
      throw refusal(ALERT.handshake_failure, "RFC 5246 §7.4.4", text);
    }
    return this.#accept(message, { name: "serverHelloDone", known: state.known, signatureName });
  }

  #onServerHelloDone(
    state: State & { name: "serverHelloDone" },
    message: HandshakeMessage,
  ): HandshakeStep {
    if (message.body.byteLength > 0) {
      throw new WireFormatError("RFC 5246 §7.4.5", "ServerHelloDone has no content");
    }
    const { crypto, certificate } = this.#config;
    const { known, signatureName } = state;
    const agreement = crypto.keyAgreement(known.group);
    const premaster = agreeOrRefuse(agreement, known.serverKey);

    this.#log.addReceived(message);
    const chainItem = this.#log.addSent(
      HANDSHAKE_TYPE.certificate,
      encodeCertificateMessage(certificate.chain),
    );
    const keyItem = this.#log.addSent(
      HANDSHAKE_TYPE.clientKeyExchange,
      encodeClientKeyExchange(agreement.publicKey),
    );
    const master = this.#masterSecret(known, premaster);
    const signature = certificate.sign(signatureName, this.#log.transcript.bytes());
    const verifyItem = this.#log.addSent(
      HANDSHAKE_TYPE.certificateVerify,
      encodeSigned({ scheme: signatureCode(signatureName), signature }),
    );
    const finishedItem = this.#log.addSentProtected(
      HANDSHAKE_TYPE.finished,
      verifyData(crypto, master, "client", this.#transcriptHash(known)),
    );

    this.#state = { name: "finished", known, master };
    const { client, server } = trafficKeys(crypto, master);
    return {
      keys: { master, write: client, read: server },
      flight: {
        items: [chainItem, keyItem, verifyItem, { kind: "changeCipherSpec" }, finishedItem],
        isRepeatedOnTimeout: true,
      },
    };
  }

  #onFinished(state: State & { name: "finished" }, message: HandshakeMessage): HandshakeStep {
    const { crypto } = this.#config;
    const { known, master } = state;
    const expected = verifyData(crypto, master, "server", this.#transcriptHash(known));
    if (!crypto.equalInConstantTime(expected, message.body)) {
      const text = "the two sides saw different handshakes (the server's Finished does not verify)";
      throw refusal(ALERT.decrypt_error, "RFC 5246 §7.4.9", text);
    }
    this.#state = { name: "done" };
    const { suite, group, srtpProfile, peer } = known;
    return { result: { suite, group, srtpProfile, remoteCertificates: peer.chain } };
  }

  #accept(message: HandshakeMessage, next: State): HandshakeStep {
    this.#log.addReceived(message);
    this.#state = next;
    return NO_STEP;
  }

  #transcriptHash(known: Agreed): Uint8Array {
    return this.#log.transcript.hash(this.#config.crypto, known.suite.hash);
  }

  /** To be called when ClientKeyExchange is the last message in the log (RFC 7627 §4). */
  #masterSecret(known: Agreed, premaster: Uint8Array): MasterSecret {
    const { suite, clientRandom, serverRandom } = known;
    const sessionHash = this.#transcriptHash(known);
    const secret = extendedMasterSecret(this.#config.crypto, suite, premaster, sessionHash);
    return { suite, secret, clientRandom, serverRandom };
  }
}

/** The server signed this key, so that a bad one is the server's fault and no noise. */
function agreeOrRefuse(agreement: KeyAgreement, serverKey: Uint8Array): Uint8Array {
  try {
    return agreement.agree(serverKey);
  } catch (error) {
    if (!(error instanceof WireFormatError)) throw error;
    throw refusal(ALERT.illegal_parameter, "RFC 8422 §5.10", error.message);
  }
}

function noCertificateRequest(): Error {
  const text = "the peer does not ask for our certificate, so it cannot know who we are";
  return refusal(ALERT.handshake_failure, "RFC 8827 §6.5", text);
}
