/**
 * https://w3c.github.io/webrtc-svc/#scalabilitymodes*: spatial layers (L) or simulcast in one stream (S),
 * temporal layers (T), 1.5:1 instead of 2:1 (h), dependence on lower layers in key pictures alone (KEY).
 */
const MODE =
  /^(?:L1T[123]|L[23]T[123](?:h|_KEY)?|L2T[23]_KEY_SHIFT|L3T[23]_KEY_SHIFT|S[23]T[123]h?)$/;

/** Whether `mode` is known at all. */
export function isScalabilityMode(mode: string): boolean {
  return MODE.test(mode);
}

/**
 * Whether a codec can be sent in `mode`. VP9 and AV1 have spatial layers; the others that this library
 * names have temporal ones.
 */
export function supportsScalabilityMode(mimeType: string, mode: string): boolean {
  switch (mimeType.toLowerCase()) {
    case "video/vp9":
    case "video/av1":
      return isScalabilityMode(mode);
    case "video/vp8":
    case "video/h264":
    case "video/h265":
      return /^L1T[123]$/.test(mode);
    default:
      return false;
  }
}

/** An "S mode": several independent streams within one encoding. */
export function isSimulcastMode(mode: string): boolean {
  return mode.startsWith("S");
}
