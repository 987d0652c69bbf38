import { WireFormatError } from "../../base/errors.ts";

/** Alert descriptions (RFC 5246 §7.2, RFC 6066 §9, RFC 7301, RFC 8446 §6), by their RFC names. */
export const ALERT = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  no_renegotiation: 100,
  missing_extension: 109,
  unsupported_extension: 110,
  unrecognized_name: 112,
  bad_certificate_status_response: 113,
  unknown_psk_identity: 115,
  certificate_required: 116,
  no_application_protocol: 120,
} as const;

const LEVEL_WARNING = 1;
const LEVEL_FATAL = 2;
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ALERT).map(([name, code]) => [code, name]),
);

/**
 * An alert (RFC 5246 §7.2): one byte of level, one of description.
 */
export type Alert = {
  readonly isFatal: boolean;
  readonly description: number;
};

/** Throws {@link WireFormatError} unless `bytes` is exactly one alert. */
export function decodeAlert(bytes: Uint8Array): Alert {
  const [level, description] = bytes;
  if (bytes.byteLength !== 2 || level === undefined || description === undefined) {
    throw new WireFormatError("RFC 5246 §7.2", `an alert has 2 bytes, got ${bytes.byteLength}`);
  }
  if (level !== LEVEL_WARNING && level !== LEVEL_FATAL) {
    throw new WireFormatError("RFC 5246 §7.2", `an alert has no level ${level}`);
  }
  return { isFatal: level === LEVEL_FATAL, description };
}

/** The two bytes of an alert. */
export function encodeAlert(alert: Alert): Uint8Array {
  return new Uint8Array([alert.isFatal ? LEVEL_FATAL : LEVEL_WARNING, alert.description]);
}

/** `handshake_failure (40)`, for people. */
export function alertName(description: number): string {
  return `${NAMES.get(description) ?? "unknown alert"} (${description})`;
}
