import { concatBytes, encodeUtf8 } from "../base/bytes.ts";

/** DER tags that certificates need (ITU-T X.690 §8). */
const TAG = {
  integer: 0x02,
  bitString: 0x03,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One value in DER: tag, length, content. */
function derValue(tag: number, content: Uint8Array): Uint8Array {
  return concatBytes([new Uint8Array([tag]), derLength(content.byteLength), content]);
}

function derLength(byteCount: number): Uint8Array {
  if (byteCount < 0x80) return new Uint8Array([byteCount]);
  const digits: number[] = [];
  for (let rest = byteCount; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return new Uint8Array([0x80 | digits.length, ...digits]);
}

/** SEQUENCE of values that are DER already. */
export function derSequence(...parts: Uint8Array[]): Uint8Array {
  return derValue(TAG.sequence, concatBytes(parts));
}

/** SET of values that are DER already; the caller has put them in order. */
export function derSet(...parts: Uint8Array[]): Uint8Array {
  return derValue(TAG.set, concatBytes(parts));
}

/** A non-negative INTEGER from its big-endian bytes, in the shortest form. */
export function derInteger(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (start < magnitude.byteLength - 1 && magnitude[start] === 0) start++;
  const shortest = magnitude.subarray(start);
  const isNegativeLooking = shortest.byteLength === 0 || (shortest[0]! & 0x80) !== 0;
  return derValue(
    TAG.integer,
    isNegativeLooking ? concatBytes([new Uint8Array(1), shortest]) : shortest,
  );
}

/** BIT STRING of whole bytes. */
export function derBitString(bytes: Uint8Array): Uint8Array {
  return derValue(TAG.bitString, concatBytes([new Uint8Array(1), bytes]));
}

/** NULL. */
export function derNull(): Uint8Array {
  return derValue(TAG.null, new Uint8Array(0));
}

/** UTF8String. */
export function derUtf8String(text: string): Uint8Array {
  return derValue(TAG.utf8String, encodeUtf8(text));
}

/** Context-specific, constructed `[number]` around a value that is DER already. */
export function derExplicit(number: number, part: Uint8Array): Uint8Array {
  return derValue(0xa0 | number, part);
}

/** OBJECT IDENTIFIER from its dotted form. */
export function derObjectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return derValue(TAG.objectIdentifier, new Uint8Array(bytes));
}

/** A time of RFC 5280 §4.1.2.5: UTCTime up to 2049 (`YYMMDDHHMMSSZ`), GeneralizedTime after that. */
export function derTime(fourDigitYearText: string): Uint8Array {
  return Number(fourDigitYearText.slice(0, 4)) < 2050
    ? derValue(TAG.utcTime, encodeUtf8(fourDigitYearText.slice(2)))
    : derValue(TAG.generalizedTime, encodeUtf8(fourDigitYearText));
}
