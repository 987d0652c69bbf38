/**
 * Turns a JavaScript value into a value of an IDL type, or throws a `TypeError`.
 *
 * `context` says where the value stands, as a reader would name it: `RTCDataChannel.send: argument 1`.
 * Every message begins with it. What the value's own code throws (a getter, a `valueOf`) is passed on.
 */
export type Converter<T> = (value: unknown, context: string) => T;

/** The `TypeError` of a failed conversion. */
export function conversionError(context: string, problem: string): TypeError {
  return new TypeError(`${context}: ${problem}`);
}

/** True for what the language calls an Object: functions too, `null` not. */
export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** A short text for messages; never runs code of the value. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case "symbol":
      return "a symbol";
    case "function":
      return "a function";
    case "bigint":
      return "a bigint";
    case "object":
      return value === null ? "null" : "an object";
    default:
      return String(value);
  }
}

/** Throws the `TypeError` for a call with too few arguments (Web IDL §3.6, overload resolution). */
export function requireArguments(givenCount: number, neededCount: number, context: string): void {
  if (givenCount >= neededCount) return;
  const needed = neededCount === 1 ? "1 argument is" : `${neededCount} arguments are`;
  throw conversionError(context, `${needed} required, but only ${givenCount} present`);
}
