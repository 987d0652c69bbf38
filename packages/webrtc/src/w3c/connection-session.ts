import type { Random } from "../base/random.ts";
import { generateCertificate, type LocalCertificate } from "../crypto/certificate.ts";
import { Driver } from "../runtime/driver.ts";
import { PeerSession, type TransportConfiguration } from "../session/peer-session.ts";
import type { SessionEvent } from "../session/session-events.ts";
import { usableAddresses, type Environment, type ValidSettings } from "./environment.ts";
import { stunServersOf } from "./ice-server-url.ts";
import { localCertificateOf } from "./rtc-certificate.ts";
import type { ValidConfiguration } from "./rtc-configuration.ts";

/** What a connection runs on. */
export type ConnectionSessionOptions = {
  readonly environment: Environment;
  readonly settings: ValidSettings;
  readonly onEvent: (event: SessionEvent) => void;
};

/**
 * What lies below a connection, made when it is first needed: a connection that is closed before it
 * negotiates costs neither a key pair nor a driver.
 */
export class ConnectionSession {
  readonly #options: ConnectionSessionOptions;
  #driver: Driver | undefined;
  #generated: LocalCertificate | undefined;

  constructor(options: ConnectionSessionOptions) {
    this.#options = options;
  }

  get random(): Random {
    return this.#options.environment.runtime.crypto.random;
  }

  get driver(): Driver {
    if (this.#driver !== undefined) return this.#driver;
    const { environment, settings, onEvent } = this.#options;
    const { runtime } = environment;
    const { minPort, maxPort, maxDatagramBytes, maxMessageBytes } = settings;
    const session = new PeerSession({ crypto: runtime.crypto, maxDatagramBytes, maxMessageBytes });
    this.#driver = new Driver(session, runtime, { portRange: { minPort, maxPort }, onEvent });
    return this.#driver;
  }

  /** The certificate that is presented, and first, then the others that the application gave. */
  certificates({ dictionary }: ValidConfiguration): readonly LocalCertificate[] {
    const { runtime } = this.#options.environment;
    const given = dictionary.certificates;
    if (given.length > 0) return given.map(localCertificateOf);
    this.#generated ??= generateCertificate({
      nowEpochMs: runtime.epochMs(),
      random: runtime.crypto.random,
    });
    return [this.#generated];
  }

  /** With what a transport that is made now is made. Throws what the application's interface filter throws. */
  transportConfiguration(configuration: ValidConfiguration): TransportConfiguration {
    const { environment, settings } = this.#options;
    return {
      certificate: this.certificates(configuration)[0]!,
      stunServers: stunServersOf(configuration.serverUrls),
      transportPolicy: configuration.dictionary.iceTransportPolicy,
      interfaces: usableAddresses(environment.runtime.interfaceAddresses(), settings),
    };
  }

  /** Says goodbye to the peer, and gives back every socket and timer. */
  stop(): void {
    try {
      this.#driver?.runNow((session, nowMs) => session.close(nowMs));
    } finally {
      this.#driver?.stop();
    }
  }
}
