import { conversionError, describe, isObject } from "./converter.ts";
import { domString } from "./primitives.ts";
import type { Converter } from "./converter.ts";

/** `T?`: `null` and `undefined` become `null` (Web IDL §3.2.20). */
export function nullable<T>(converter: Converter<T>): Converter<T | null> {
  return (value, context) =>
    value === null || value === undefined ? null : converter(value, context);
}

/** An enumeration in an argument or a dictionary: any other string throws (Web IDL §3.2.18). */
export function enumeration<const Value extends string>(
  name: string,
  values: readonly Value[],
): Converter<Value> {
  const valueSet: ReadonlySet<string> = new Set(values);
  return (value, context) => {
    const text = domString(value, context);
    if (valueSet.has(text)) return text as Value;
    throw conversionError(context, `${describe(text)} is not a valid ${name}`);
  };
}

/**
 * An enumeration in the setter of an attribute: `undefined` for any other string, and the setter then
 * leaves everything as it is (Web IDL §3.7.6).
 */
export function enumerationOrIgnore<const Value extends string>(
  values: readonly Value[],
): Converter<Value | undefined> {
  const valueSet: ReadonlySet<string> = new Set(values);
  return (value, context) => {
    const text = domString(value, context);
    return valueSet.has(text) ? (text as Value) : undefined;
  };
}

/** `sequence<T>`: any iterable object; a new array (Web IDL §3.2.21). */
export function sequence<T>(converter: Converter<T>): Converter<T[]> {
  return (value, context) => {
    if (!isIterable(value)) throw conversionError(context, `${describe(value)} is not a sequence`);
    const items: T[] = [];
    for (const item of value) items.push(converter(item, `${context}[${items.length}]`));
    return items;
  };
}

/** A reference to an object of an interface, which `isInstance` recognises (Web IDL §3.2.15). */
export function interfaceType<T>(
  name: string,
  isInstance: (value: unknown) => value is T,
): Converter<T> {
  return (value, context) => {
    if (isInstance(value)) return value;
    throw conversionError(context, `${describe(value)} is not of type ${name}`);
  };
}

/** A callback function type: anything that can be called, and nothing else (Web IDL §3.2.19). */
export function callbackFunction<Callback extends (...args: never[]) => unknown>(
  name: string,
): Converter<Callback> {
  return (value, context) => {
    if (typeof value === "function") return value as Callback;
    throw conversionError(context, `${describe(value)} is not a function (${name})`);
  };
}

/** One member type of a union: it takes the values that `accepts` says yes to. */
export type UnionBranch<T> = {
  readonly accepts: (value: unknown) => boolean;
  readonly convert: Converter<T>;
};

/**
 * A union: the first branch that accepts the value converts it; `otherwise`, usually a string type,
 * converts what none accepts (Web IDL §3.2.24).
 */
export function union<T>(
  branches: readonly UnionBranch<T>[],
  otherwise: Converter<T>,
): Converter<T> {
  return (value, context) => {
    for (const branch of branches) if (branch.accepts(value)) return branch.convert(value, context);
    return otherwise(value, context);
  };
}

/** The last resort of a {@link union} without a string, number or boolean type. */
export function refuse(expected: string): Converter<never> {
  return (value, context) => {
    throw conversionError(context, `${describe(value)} is not of type ${expected}`);
  };
}

/** True for objects with a `Symbol.iterator` method; a primitive string is none. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    isObject(value) && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function"
  );
}
