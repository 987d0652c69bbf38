import { concatBytes } from "../../base/bytes.ts";
import { WireFormatError } from "../../base/errors.ts";
import type { KeyAgreement } from "../../crypto/crypto-port.ts";
import type { FlightItem } from "../flight.ts";
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
import { encodeCertificateRequest } from "../messages/certificate-request.ts";
import { decodeClientHello, RANDOM_BYTES, type ClientHello } from "../messages/client-hello.ts";
import { HANDSHAKE_TYPE, type HandshakeMessage } from "../messages/handshake-message.ts";
import { encodeHelloVerifyRequest } from "../messages/hello-verify-request.ts";
import {
  decodeClientKeyExchange,
  ecdhParameters,
  encodeServerKeyExchange,
} from "../messages/key-exchange.ts";
import { encodeServerHello } from "../messages/server-hello.ts";
import { decodeCertificateVerify } from "../messages/signed.ts";
import { groupCode } from "../named-group.ts";
import { DTLS_1_2 } from "../protocol-version.ts";
import { SIGNATURE_CODES, signatureCode } from "../signature-scheme.ts";
import { CookieJar } from "./cookie.ts";
import {
  NO_STEP,
  refusal,
  type Handshake,
  type HandshakeConfig,
  type HandshakeStep,
} from "./handshake.ts";
import { chooseFromClientHello, type ServerChoice } from "./hello-negotiation.ts";
import { MessageLog } from "./message-log.ts";
import { checkSignature, identifyPeer, type PeerIdentity } from "./peer-identity.ts";

/** Known once the ClientHello is there. */
type Agreed = ServerChoice & {
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  readonly agreement: KeyAgreement;
};

type Identified = Agreed & { readonly peer: PeerIdentity };
type Keyed = Identified & { readonly master: MasterSecret };

/** What the server waits for, and what it knows then. */
type State =
  | { readonly name: "clientHello" }
  | { readonly name: "certificate"; readonly known: Agreed }
  | { readonly name: "clientKeyExchange"; readonly known: Identified }
  | { readonly name: "certificateVerify"; readonly known: Keyed }
  | { readonly name: "finished"; readonly known: Keyed }
  | { readonly name: "done" };

/**
 * The server's half of the full handshake with mutual authentication; drawn in
 * `client-handshake-12.ts`. It always asks for the client's certificate (RFC 5763 §5, RFC 8827 §6.5).
 */
export class ServerHandshake12 implements Handshake {
  readonly #config: HandshakeConfig;
  readonly #log = new MessageLog();
  readonly #cookies: CookieJar | undefined;
  #state: State = { name: "clientHello" };

  constructor(config: HandshakeConfig) {
    this.#config = config;
    this.#cookies = config.isCookieExchangeRequired ? new CookieJar(config.crypto) : undefined;
  }

  get isAwaitingHello(): boolean {
    return this.#state.name === "clientHello";
  }

  start(): HandshakeStep {
    return NO_STEP;
  }

  handleMessage(message: HandshakeMessage): HandshakeStep {
    const state = this.#state;
    switch (message.type) {
      case HANDSHAKE_TYPE.clientHello:
        if (state.name === "clientHello") return this.#onClientHello(message);
        break;
      case HANDSHAKE_TYPE.certificate:
        if (state.name === "certificate") return this.#onCertificate(state, message);
        break;
      case HANDSHAKE_TYPE.clientKeyExchange:
        if (state.name === "clientKeyExchange") return this.#onClientKeyExchange(state, message);
        break;
      case HANDSHAKE_TYPE.certificateVerify:
        if (state.name === "certificateVerify") return this.#onCertificateVerify(state, message);
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

  #onClientHello(message: HandshakeMessage): HandshakeStep {
    const hello = decodeClientHello(message.body);
    if (this.#cookies && !this.#cookies.isValid(hello)) {
      return this.#requestCookie(this.#cookies.cookieFor(hello));
    }
    const choice = chooseFromClientHello(this.#config, hello);
    this.#log.addReceived(message);
    return { flight: { items: this.#serverFlight(hello, choice), isRepeatedOnTimeout: true } };
  }

  /** A wrong cookie is as good as none (RFC 6347 §4.2.1). Neither message enters the transcript. */
  #requestCookie(cookie: Uint8Array): HandshakeStep {
    const body = encodeHelloVerifyRequest(cookie);
    const item = this.#log.addSent(HANDSHAKE_TYPE.helloVerifyRequest, body);
    this.#log.transcript.clear();
    return { flight: { items: [item], isRepeatedOnTimeout: false } };
  }

  #serverFlight(hello: ClientHello, choice: ServerChoice): FlightItem[] {
    const { crypto, certificate } = this.#config;
    const clientRandom = hello.random.slice();
    const serverRandom = crypto.random.bytes(RANDOM_BYTES);
    const agreement = crypto.keyAgreement(choice.group);
    const group = groupCode(choice.group);
    const parameters = ecdhParameters(group, agreement.publicKey);
    const covered = concatBytes([clientRandom, serverRandom, parameters]);
    const signed = {
      scheme: signatureCode(choice.signatureName),
      signature: certificate.sign(choice.signatureName, covered),
    };
    const serverHello = encodeServerHello({
      version: DTLS_1_2,
      random: serverRandom,
      sessionId: new Uint8Array(0), // Nothing is resumed.
      cipherSuite: choice.suite.id,
      compressionMethod: 0,
      extensions: choice.extensions,
    });
    const keyExchange = encodeServerKeyExchange({ group, publicKey: agreement.publicKey, signed });
    const request = encodeCertificateRequest({ signatureSchemes: SIGNATURE_CODES });

    this.#state = {
      name: "certificate",
      known: { ...choice, clientRandom, serverRandom, agreement },
    };
    return [
      this.#log.addSent(HANDSHAKE_TYPE.serverHello, serverHello),
      this.#log.addSent(HANDSHAKE_TYPE.certificate, encodeCertificateMessage(certificate.chain)),
      this.#log.addSent(HANDSHAKE_TYPE.serverKeyExchange, keyExchange),
      this.#log.addSent(HANDSHAKE_TYPE.certificateRequest, request),
      this.#log.addSent(HANDSHAKE_TYPE.serverHelloDone, new Uint8Array(0)),
    ];
  }

  #onCertificate(state: State & { name: "certificate" }, message: HandshakeMessage): HandshakeStep {
    const peer = identifyPeer(this.#config, decodeCertificateMessage(message.body));
    return this.#accept(message, { name: "clientKeyExchange", known: { ...state.known, peer } });
  }

  #onClientKeyExchange(
    state: State & { name: "clientKeyExchange" },
    message: HandshakeMessage,
  ): HandshakeStep {
    const { crypto } = this.#config;
    const { suite, clientRandom, serverRandom, agreement } = state.known;
    const premaster = agreement.agree(decodeClientKeyExchange(message.body));
    this.#log.addReceived(message);
    const sessionHash = this.#log.transcript.hash(crypto, suite.hash);
    const secret = extendedMasterSecret(crypto, suite, premaster, sessionHash);
    const master: MasterSecret = { suite, secret, clientRandom, serverRandom };
    const { client, server } = trafficKeys(crypto, master);
    this.#state = { name: "certificateVerify", known: { ...state.known, master } };
    return { keys: { master, write: server, read: client } };
  }

  #onCertificateVerify(
    state: State & { name: "certificateVerify" },
    message: HandshakeMessage,
  ): HandshakeStep {
    const signed = decodeCertificateVerify(message.body);
    checkSignature(state.known.peer, signed, this.#log.transcript.bytes(), "RFC 5246 §7.4.8");
    return this.#accept(message, { name: "finished", known: state.known });
  }

  #onFinished(state: State & { name: "finished" }, message: HandshakeMessage): HandshakeStep {
    const { crypto } = this.#config;
    const { suite, group, srtpProfile, peer, master } = state.known;
    const clientHash = this.#log.transcript.hash(crypto, suite.hash);
    const expected = verifyData(crypto, master, "client", clientHash);
    if (!crypto.equalInConstantTime(expected, message.body)) {
      const text = "the two sides saw different handshakes (the client's Finished does not verify)";
      throw refusal(ALERT.decrypt_error, "RFC 5246 §7.4.9", text);
    }
    this.#log.addReceived(message);
    const serverHash = this.#log.transcript.hash(crypto, suite.hash);
    const finished = this.#log.addSentProtected(
      HANDSHAKE_TYPE.finished,
      verifyData(crypto, master, "server", serverHash),
    );
    this.#state = { name: "done" };
    return {
      flight: { items: [{ kind: "changeCipherSpec" }, finished], isRepeatedOnTimeout: false },
      result: { suite, group, srtpProfile, remoteCertificates: peer.chain },
    };
  }

  #accept(message: HandshakeMessage, next: State): HandshakeStep {
    this.#log.addReceived(message);
    this.#state = next;
    return NO_STEP;
  }
}
