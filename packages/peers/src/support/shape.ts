/** Turns what is wrong with a message into the error to throw. */
export type ShapeFailure = (problem: string) => Error;

/** Parses `text` as one JSON object. Throws what `fail` makes of the problem. */
export function readObject(text: string, fail: ShapeFailure): ObjectReader {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail("it is not JSON");
  }
  return new ObjectReader(value, fail);
}

/**
 * Takes the members of an untrusted object one by one, each checked. Every problem names the member.
 * Members that nobody asks for are ignored, so that the protocol can grow.
 */
export class ObjectReader {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #fail: ShapeFailure;
  readonly #path: string;

  constructor(value: unknown, fail: ShapeFailure, path = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw fail(path === "" ? "it is not an object" : `"${path}" is not an object`);
    }
    this.#members = value as Readonly<Record<string, unknown>>;
    this.#fail = fail;
    this.#path = path === "" ? "" : `${path}.`;
  }

  /** A string of at most `maxChars` UTF-16 units. */
  text(name: string, maxChars: number): string {
    const value = this.#get(name);
    if (typeof value !== "string") throw this.#problem(name, "must be a string");
    if (value.length > maxChars) throw this.#problem(name, `is longer than ${maxChars} characters`);
    return value;
  }

  /** Like {@link text}; `undefined` if the member is missing or `null`. */
  optionalText(name: string, maxChars: number): string | undefined {
    return this.#isMissing(name) ? undefined : this.text(name, maxChars);
  }

  /** A string that `pattern` accepts. */
  match(name: string, pattern: RegExp, maxChars = 256): string {
    const value = this.text(name, maxChars);
    if (!pattern.test(value)) throw this.#problem(name, `must match ${pattern.source}`);
    return value;
  }

  /** Like {@link match}; `undefined` if the member is missing or `null`. */
  optionalMatch(name: string, pattern: RegExp): string | undefined {
    return this.#isMissing(name) ? undefined : this.match(name, pattern);
  }

  /** One of a closed list. */
  oneOf<const Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.#get(name);
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) throw this.#problem(name, `must be one of ${choices.join(", ")}`);
    return choice;
  }

  /** A whole number from `min` to `max`. */
  integer(name: string, min: number, max: number): number {
    const value = this.number(name, min, max);
    if (!Number.isInteger(value)) throw this.#problem(name, "must be a whole number");
    return value;
  }

  /** A finite number from `min` to `max`. */
  number(name: string, min: number, max: number): number {
    const value = this.#get(name);
    if (typeof value !== "number" || !(value >= min && value <= max)) {
      throw this.#problem(name, `must be a number from ${min} to ${max}`);
    }
    return value;
  }

  /** An object; its problems are named `outer.inner`. */
  object(name: string): ObjectReader {
    return new ObjectReader(this.#get(name), this.#fail, `${this.#path}${name}`);
  }

  /** Like {@link object}; `undefined` if the member is missing or `null`. */
  optionalObject(name: string): ObjectReader | undefined {
    return this.#isMissing(name) ? undefined : this.object(name);
  }

  /** An array of at most `maxItems` objects. */
  objects(name: string, maxItems: number): ObjectReader[] {
    const value = this.#get(name);
    if (!Array.isArray(value)) throw this.#problem(name, "must be an array");
    if (value.length > maxItems) throw this.#problem(name, `has more than ${maxItems} items`);
    return value.map(
      (item: unknown, index) =>
        new ObjectReader(item, this.#fail, `${this.#path}${name}[${index}]`),
    );
  }

  /** Whether the member is there and not `null`. */
  has(name: string): boolean {
    return !this.#isMissing(name);
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
  }

  #isMissing(name: string): boolean {
    const value = this.#get(name);
    return value === undefined || value === null;
  }

  #problem(name: string, what: string): Error {
    return this.#fail(`"${this.#path}${name}" ${what}`);
  }
}
