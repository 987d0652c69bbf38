/** Numbers of SRTP protection profiles (RFC 5764 §4.1.2, RFC 7714 §14.2). */
export const SRTP_PROFILE = {
  aes128CmHmacSha1Tag80: 0x0001,
  aeadAes128Gcm: 0x0007,
  aeadAes256Gcm: 0x0008,
} as const;

/**
 * What is offered and taken, best first. GCM is one pass of hardware and has the longer tag; 128 bits
 * before 256, since that is what the handshake itself is worth. RFC 8827 §6.5 wants the last one of
 * everybody.
 */
export const SRTP_PROFILES: readonly number[] = [
  SRTP_PROFILE.aeadAes128Gcm,
  SRTP_PROFILE.aeadAes256Gcm,
  SRTP_PROFILE.aes128CmHmacSha1Tag80,
];
