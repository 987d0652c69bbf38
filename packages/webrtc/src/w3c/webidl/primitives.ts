import { conversionError, describe } from "./converter.ts";
import type { Converter } from "./converter.ts";

const LONE_SURROGATE = /\p{Surrogate}/u;
const LONE_SURROGATES = /\p{Surrogate}/gu;

/** Web IDL §3.2.1: anything goes through as it is. */
export const anyValue: Converter<unknown> = (value) => value;

/** Web IDL §3.2.3. Never throws. */
export const boolean: Converter<boolean> = (value) => Boolean(value);

/** Web IDL §3.2.10: `ToString`, so `null` becomes "null". A symbol throws. */
export const domString: Converter<string> = (value, context) => {
  if (typeof value === "string") return value;
  if (typeof value === "symbol") throw conversionError(context, "a symbol is not a string");
  return `${value as string}`; // Not String(): it would also accept symbols from `toPrimitive`.
};

/** Web IDL §3.2.12: a string in which U+FFFD stands for every lone surrogate. */
export const usvString: Converter<string> = (value, context) => {
  const text = domString(value, context);
  return LONE_SURROGATE.test(text) ? text.replace(LONE_SURROGATES, "\ufffd") : text;
};

/** Web IDL §3.2.7: any number but the infinities and NaN. */
export const double: Converter<number> = (value, context) => {
  const number = toNumber(value, context);
  if (Number.isFinite(number)) return number;
  throw conversionError(context, `${describe(number)} is not a finite number`);
};

/** Web IDL §3.2.8: any number. */
export const unrestrictedDouble: Converter<number> = (value, context) => toNumber(value, context);

/** The values of an integer type of IDL, at most 32 bits wide. */
export type IntegerType = {
  readonly bits: 8 | 16 | 32;
  readonly lowest: number;
  readonly highest: number;
};

/** `octet` */
export const OCTET: IntegerType = { bits: 8, lowest: 0, highest: 0xff };
/** `short` */
export const SHORT: IntegerType = { bits: 16, lowest: -0x8000, highest: 0x7fff };
/** `unsigned short` */
export const UNSIGNED_SHORT: IntegerType = { bits: 16, lowest: 0, highest: 0xffff };
/** `long` */
export const LONG: IntegerType = { bits: 32, lowest: -0x8000_0000, highest: 0x7fff_ffff };
/** `unsigned long` */
export const UNSIGNED_LONG: IntegerType = { bits: 32, lowest: 0, highest: 0xffff_ffff };

/** An integer without extended attribute: what is out of range wraps around (Web IDL §3.2.4.9). */
export function integer(type: IntegerType): Converter<number> {
  const modulus = 2 ** type.bits;
  return (value, context) => {
    const number = toNumber(value, context);
    if (!Number.isFinite(number)) return 0;
    const wrapped = Math.trunc(number) % modulus;
    const unsigned = wrapped < 0 ? wrapped + modulus : wrapped + 0;
    return unsigned > type.highest ? unsigned - modulus : unsigned;
  };
}

/** `[EnforceRange]`: what is out of range, or no number at all, throws. */
export function enforceRange(type: IntegerType): Converter<number> {
  return (value, context) => {
    const number = Math.trunc(toNumber(value, context)) + 0;
    if (number >= type.lowest && number <= type.highest) return number;
    const range = `${type.lowest} to ${type.highest}`;
    throw conversionError(context, `${describe(value)} is outside the range ${range}`);
  };
}

/** `[Clamp]`: what is out of range becomes the nearest end; halves are rounded to even. */
export function clamp(type: IntegerType): Converter<number> {
  return (value, context) => {
    const number = toNumber(value, context);
    if (Number.isNaN(number)) return 0;
    return roundHalfToEven(Math.min(Math.max(number, type.lowest), type.highest));
  };
}

function roundHalfToEven(number: number): number {
  const floor = Math.floor(number);
  const fraction = number - floor;
  const isUp = fraction > 0.5 || (fraction === 0.5 && floor % 2 !== 0);
  return (isUp ? floor + 1 : floor) + 0; // Never -0.
}

function toNumber(value: unknown, context: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "symbol") {
    throw conversionError(context, `${describe(value)} is not a number`);
  }
  return +(value as number);
}
