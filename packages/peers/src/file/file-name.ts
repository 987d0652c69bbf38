const MAX_NAME_BYTES = 200;
const FALLBACK_NAME = "unnamed";
const ENCODER = new TextEncoder();
/** Names that Windows keeps for devices, whatever the extension. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;
/** Control, format (bidirectional overrides, zero width), unassigned, private and lone surrogate. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
const SPECIAL = /[<>:"|?*]/g;

/**
 * Makes one harmless path segment of what a peer calls its file: no folder, no invisible character,
 * nothing that a file system treats specially, at most 200 bytes of UTF-8. Never empty.
 */
export function sanitiseFileName(name: string): string {
  const segment = name.split(/[/\\]/).at(-1) ?? "";
  const visible = segment.normalize("NFC").replace(INVISIBLE, "").replace(SPECIAL, "_");
  const trimmed = trimEnds(shorten(trimEnds(visible)));
  if (trimmed === "") return FALLBACK_NAME;
  return DEVICE_NAME.test(trimmed) ? `_${trimmed}` : trimmed;
}

/** No hidden file, no `.` or `..`, and no end that Windows would drop. */
function trimEnds(text: string): string {
  return text.replace(/^[\s.]+/, "").replace(/[\s.]+$/, "");
}

/** Keeps the extension if there is one. */
function shorten(name: string): string {
  if (ENCODER.encode(name).byteLength <= MAX_NAME_BYTES) return name;
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : "";
  const roomBytes = MAX_NAME_BYTES - ENCODER.encode(extension).byteLength;
  let stem = "";
  let usedBytes = 0;
  for (const character of name) {
    usedBytes += ENCODER.encode(character).byteLength;
    if (usedBytes > roomBytes) break;
    stem += character;
  }
  return stem + extension;
}
