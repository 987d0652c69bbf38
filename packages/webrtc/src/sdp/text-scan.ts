/** Largest decimal that is read: 20 digits hold every 64-bit number. */
const MAX_DECIMAL_DIGITS = 20;
/** A group may name every section of a large conference; nothing else comes near. */
const MAX_WORDS = 1_024;

// Each expression is one anchored character class, or two: they run in linear time on any input.
const DIGITS = /^[0-9]+$/;
const TOKEN = /^[!#-'*+\-.0-9A-Z^-~]+$/;
const ICE_CHARS = /^[A-Za-z0-9+/\-_=#]+$/;
const REAL = /^[0-9]{1,9}(?:\.[0-9]{1,9})?$/;
const LINE_BREAK_OR_NUL = /[\0\r\n]/;

/**
 * The parts of `text` between spaces. The grammars ask for exactly one space; more of them, and
 * spaces at the ends, are let pass as browsers do. A text of more than a thousand parts, which no
 * peer sends, has none: it is malformed everywhere.
 */
export function splitWords(text: string): string[] {
  const words = text.split(" ", MAX_WORDS + 1);
  if (words.length > MAX_WORDS) return [];
  return words.includes("") ? words.filter((word) => word !== "") : words;
}

/** The decimal number `text`, or `undefined` if it is not one, or not within `min` to `max`. */
export function parseDecimal(
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined || text.length > MAX_DECIMAL_DIGITS || !DIGITS.test(text)) {
    return undefined;
  }
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

/** A positive number with or without a fraction, `20` or `29.97` (RFC 8866 §9, non-zero-int-or-real). */
export function parsePositiveReal(text: string): number | undefined {
  if (!REAL.test(text)) return undefined;
  const value = Number(text);
  return value > 0 ? value : undefined;
}

/** The number in the form that {@link parsePositiveReal} reads: no exponent, at most nine decimals. */
export function formatReal(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(9).replace(/0{1,9}$/, "");
}

/** True for `token` of RFC 8866 §9: visible ASCII without separators. */
export function isToken(text: string | undefined): text is string {
  return text !== undefined && TOKEN.test(text);
}

/**
 * True for `min` to `max` ice-chars (RFC 8839 §5.1). `-`, `_`, `=` and `#` are no ice-chars, but
 * browsers accept them because deployed servers send them.
 */
export function isIceText(text: string | undefined, min: number, max: number): text is string {
  return text !== undefined && text.length >= min && text.length <= max && ICE_CHARS.test(text);
}

/** True if `text` cannot be part of one line (RFC 8866 §9, byte-string). */
export function hasLineBreak(text: string): boolean {
  return LINE_BREAK_OR_NUL.test(text);
}
