import { generateRtcCertificate, type RTCCertificate } from "../../../src/w3c/rtc-certificate.ts";
import { Lab } from "./lab.ts";

const ECDSA = { name: "ECDSA", namedCurve: "P-256" } as const;

let certificate: Promise<RTCCertificate> | undefined;

/** One for all connections of a test file: a key pair of its own for each is half the cost of a small world. */
export function sharedCertificate(): Promise<RTCCertificate> {
  if (certificate === undefined) {
    const lab = new Lab();
    certificate = lab.run(generateRtcCertificate(lab.host().runtime, ECDSA));
  }
  return certificate;
}
