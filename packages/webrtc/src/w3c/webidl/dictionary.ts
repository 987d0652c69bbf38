import { conversionError, describe, isObject } from "./converter.ts";
import type { Converter } from "./converter.ts";

/** One member of a dictionary: a type, and what happens when it is not there. */
export type DictionaryMember<T, Presence extends "required" | "optional" | "defaulted"> = {
  readonly presence: Presence;
  readonly convert: Converter<T>;
  readonly makeDefault?: () => T;
};

type AnyMember = DictionaryMember<unknown, "required" | "optional" | "defaulted">;
/** Says nothing of the type, so that it does not widen the literals in the members that are given. */
type Members = Readonly<Record<string, Pick<AnyMember, "presence">>>;
type TypeOf<M> = M extends { readonly convert: Converter<infer T> } ? T : never;
type OptionalKey<M extends Members> = {
  [K in keyof M]: M[K]["presence"] extends "optional" ? K : never;
}[keyof M];

/** The IDL dictionary that {@link dictionary} returns for `M`. */
export type DictionaryOf<M extends Members> = {
  readonly [K in Exclude<keyof M, OptionalKey<M>>]: TypeOf<M[K]>;
} & { readonly [K in OptionalKey<M>]?: TypeOf<M[K]> };

/** `required T member;` */
export function required<T>(convert: Converter<T>): DictionaryMember<T, "required"> {
  return { presence: "required", convert };
}

/** `T member;`: absent from the result when it is absent or `undefined` in the value. */
export function optional<T>(convert: Converter<T>): DictionaryMember<T, "optional"> {
  return { presence: "optional", convert };
}

type Literal = string | number | boolean | null | object;
/** `T` if a default of type `D` belongs to it; else `never`, which no user of the member can work with. */
type WithDefault<T, D> = [D] extends [T] ? T : T extends readonly unknown[] ? T : never;

/** `T member = value;`: `makeDefault` is called for each conversion, so that no two share a list. */
export function withDefault<T, const D extends Literal>(
  convert: Converter<T>,
  makeDefault: () => D,
): DictionaryMember<WithDefault<T, D>, "defaulted">;
export function withDefault<T>(
  convert: Converter<T>,
  makeDefault: () => T,
): DictionaryMember<T, "defaulted"> {
  return { presence: "defaulted", convert, makeDefault };
}

/**
 * A dictionary type: `undefined` and `null` are the empty dictionary, other values must be objects.
 * Members are read in the order of Web IDL §3.2.17: those of `inherited` first, each dictionary's own in
 * the order of their names.
 */
export function dictionary<const M extends Members>(
  name: string,
  members: M,
): Converter<DictionaryOf<M>>;
export function dictionary<const M extends Members, Inherited extends object>(
  name: string,
  members: M,
  inherited: Converter<Inherited>,
): Converter<DictionaryOf<M> & Inherited>;
export function dictionary(
  name: string,
  members: Readonly<Record<string, AnyMember>>,
  inherited?: Converter<object>,
): Converter<Record<string, unknown>> {
  const entries = Object.entries(members).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return (value, context) => {
    if (value !== undefined && value !== null && !isObject(value)) {
      throw conversionError(context, `${describe(value)} is not an object (${name})`);
    }
    const source = (value ?? {}) as Readonly<Record<string, unknown>>;
    const result: Record<string, unknown> = { ...inherited?.(source, context) };
    for (const [key, member] of entries)
      readMember(result, source, key, member, `${context}: ${name}.${key}`);
    return result;
  };
}

function readMember(
  result: Record<string, unknown>,
  source: Readonly<Record<string, unknown>>,
  key: string,
  member: AnyMember,
  context: string,
): void {
  const value = source[key];
  if (value !== undefined) {
    result[key] = member.convert(value, context);
  } else if (member.makeDefault !== undefined) {
    result[key] = member.makeDefault();
  } else if (member.presence === "required") {
    throw conversionError(context, "required member is undefined");
  }
}
