declare const tsnBrand: unique symbol;

/** A transmission sequence number: 32 bits, wraps, and must never meet `<` or `+` (RFC 9260 §1.6). */
export type Tsn = number & { readonly [tsnBrand]: true };

/** The low 32 bits of `value` as a TSN. */
export function toTsn(value: number): Tsn {
  return (value >>> 0) as Tsn;
}

/** The TSN `steps` after `tsn`; `steps` may be negative. */
export function addToTsn(tsn: Tsn, steps: number): Tsn {
  return ((tsn + steps) >>> 0) as Tsn;
}

/** How many steps forward lead from `from` to `to`: 0 to 2^32 - 1. */
export function tsnDistance(from: Tsn, to: Tsn): number {
  return (to - from) >>> 0;
}

/** True if `a` comes later than `b` on the number circle (RFC 1982 §3.2). */
export function isTsnAfter(a: Tsn, b: Tsn): boolean {
  return isSerial32After(a, b);
}

/** True if `a` comes later than `b` on a circle of 32 bits (RFC 1982 §3.2). */
export function isSerial32After(a: number, b: number): boolean {
  const aheadBy = (a - b) >>> 0;
  return aheadBy !== 0 && aheadBy < 0x8000_0000;
}

/** True if `a` comes later than `b` on a circle of 16 bits: RTP and SCTP stream sequence numbers. */
export function isSerial16After(a: number, b: number): boolean {
  const aheadBy = (a - b) & 0xffff;
  return aheadBy !== 0 && aheadBy < 0x8000;
}
