/** The direction of an `a=extmap` (RFC 8285 §5); "stopped" is what is known and not offered. */
export type HeaderExtensionDirection =
  | "sendrecv"
  | "sendonly"
  | "recvonly"
  | "inactive"
  | "stopped";

/** https://w3c.github.io/webrtc-extensions/#dom-rtcrtpheaderextensioncapability */
export type HeaderExtensionCapability = {
  readonly uri: string;
  readonly direction: HeaderExtensionDirection;
};

/** A header extension with the identifier that a description gives it. */
export type NegotiatedHeaderExtension = {
  readonly uri: string;
  /** 1 to 14 in the one-byte form, up to 255 in the two-byte form (RFC 8285 §4). */
  readonly id: number;
  /** Seen from this side. */
  readonly direction: Exclude<HeaderExtensionDirection, "stopped">;
};
