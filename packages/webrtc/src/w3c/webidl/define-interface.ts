/** A class as a value, whatever its constructor takes. */
export type InterfaceClass = { readonly name: string; readonly prototype: object };

/**
 * Gives a class the looks of an interface of a browser (Web IDL §3.7): its members are enumerable and
 * `Object.prototype.toString` tells its name. `hidden` names the members that no specification knows:
 * static ones too: they stay out of enumerations, so that code which copies an object's members does not set them off.
 */
export function defineInterface(
  target: InterfaceClass,
  name: string,
  hidden: readonly string[] = [],
): void {
  for (const key of Object.getOwnPropertyNames(target.prototype)) {
    if (key === "constructor" || hidden.includes(key)) continue;
    Object.defineProperty(target.prototype, key, { enumerable: true });
  }
  for (const key of Object.getOwnPropertyNames(target)) {
    if (hidden.includes(key)) continue;
    const { configurable, value } = Object.getOwnPropertyDescriptor(target, key)!;
    const isStaticOperation = configurable && key !== "name" && typeof value === "function";
    if (isStaticOperation) Object.defineProperty(target, key, { enumerable: true });
  }
  Object.defineProperty(target.prototype, Symbol.toStringTag, {
    value: name,
    configurable: true,
  });
}

declare const constructionTokenBrand: unique symbol;

/** What only this library can hand to the constructor of an interface that has none in the specification. */
export type ConstructionToken = symbol & { readonly [constructionTokenBrand]: true };

/** Handed to constructors inside the library; never exported from the package. */
export const CONSTRUCTION_TOKEN = Symbol("construction") as ConstructionToken;

/**
 * The arguments of such a constructor. Applications can call it with none, as lib.dom says of every
 * interface, and get a `TypeError`; so its `length` is 0, too.
 */
export type ConstructionArguments<Parts extends readonly unknown[]> =
  | []
  | [token: ConstructionToken, ...parts: Parts];

/**
 * What the library hands over behind its token. Throws what a browser throws for `new` on such an
 * interface (Web IDL §3.7.1) if the token is not there.
 */
export function constructionParts<Parts extends readonly unknown[]>(
  args: ConstructionArguments<Parts>,
): Parts {
  const [token, ...parts] = args;
  if (token !== CONSTRUCTION_TOKEN) throw new TypeError("Illegal constructor");
  return parts as readonly unknown[] as Parts;
}
