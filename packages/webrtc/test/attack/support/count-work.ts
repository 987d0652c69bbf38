type Method = (
  this: { readonly length?: number; readonly size?: number },
  ...args: never[]
) => unknown;

/** The built-ins that reading and planning a description is made of; each costs as much as it looks at. */
const COUNTED: readonly (readonly [prototype: object, names: string])[] = [
  [
    Array.prototype,
    "concat every filter find findIndex flat flatMap forEach includes indexOf join map reduce slice some toSorted toSpliced with",
  ],
  [
    String.prototype,
    "endsWith includes indexOf match matchAll replace replaceAll slice split startsWith trim",
  ],
  [RegExp.prototype, "exec test"],
  [Map.prototype, "get has set"],
  [Set.prototype, "add has"],
];

/**
 * How much `run` costs, in a measure that no load of the machine changes: how many elements and characters the
 * built-ins that it calls may look at, and one for each call.
 */
export async function countWork(run: () => Promise<unknown>): Promise<number> {
  let work = 0;
  const restore: (() => void)[] = [];
  for (const [prototype, names] of COUNTED) {
    for (const name of names.split(" ")) {
      const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
      const original = descriptor.value as Method;
      const counted: Method = function (...args) {
        const result = Reflect.apply(original, this, args);
        work += 1 + costOf(name, this, args, result);
        return result;
      };
      Object.defineProperty(prototype, name, { ...descriptor, value: counted });
      restore.push(() => Object.defineProperty(prototype, name, descriptor));
    }
  }
  try {
    await run();
  } finally {
    for (const undo of restore) undo();
  }
  return work;
}

function costOf(name: string, target: unknown, args: readonly unknown[], result: unknown): number {
  const [first, second] = args;
  switch (name) {
    case "get":
    case "has":
    case "set":
    case "add":
      return 0;
    case "exec":
    case "test":
      return String(first).length;
    case "startsWith":
    case "endsWith":
      return String(first).length;
    case "slice":
      return (result as { length: number }).length;
    case "indexOf": {
      const from = typeof second === "number" ? second : 0;
      const at = result as number;
      return (at < 0 ? (target as { length: number }).length : at) - from;
    }
    default:
      return (target as { length: number }).length;
  }
}
