/** Web IDL in one place: https://webidl.spec.whatwg.org. */
export { conversionError, describe, isObject, requireArguments } from "./converter.ts";
export type { Converter } from "./converter.ts";
export {
  anyValue,
  boolean,
  clamp,
  domString,
  double,
  enforceRange,
  integer,
  LONG,
  OCTET,
  SHORT,
  UNSIGNED_LONG,
  UNSIGNED_SHORT,
  unrestrictedDouble,
  usvString,
} from "./primitives.ts";
export type { IntegerType } from "./primitives.ts";
export {
  callbackFunction,
  enumeration,
  enumerationOrIgnore,
  interfaceType,
  isIterable,
  nullable,
  refuse,
  sequence,
  union,
} from "./composites.ts";
export type { UnionBranch } from "./composites.ts";
export { dictionary, optional, required, withDefault } from "./dictionary.ts";
export type { DictionaryMember, DictionaryOf } from "./dictionary.ts";
export { CONSTRUCTION_TOKEN, defineInterface, constructionParts } from "./define-interface.ts";
export type {
  ConstructionArguments,
  ConstructionToken,
  InterfaceClass,
} from "./define-interface.ts";
