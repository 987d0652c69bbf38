import assert from "node:assert/strict";
import { test } from "vitest";

import { OperationsChain } from "./operations-chain.ts";

const deferred = <T>(): { promise: Promise<T>; resolve: (value: T) => void } => {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
};

test("an operation starts only when the one before it has settled", async () => {
  const order: string[] = [];
  const first = deferred<void>();
  const chain = new OperationsChain(
    () => false,
    () => order.push("empty"),
  );
  const a = chain.run(async () => {
    order.push("a starts");
    await first.promise;
  });
  const b = chain.run(async () => void order.push("b starts"));
  assert.deepEqual(order, ["a starts"]);
  assert.equal(chain.isEmpty, false);
  first.resolve();
  await Promise.all([a, b]);
  assert.deepEqual(order, ["a starts", "b starts", "empty"]);
  assert.equal(chain.isEmpty, true);
});

test("a rejected operation does not stop those behind it", async () => {
  const chain = new OperationsChain(
    () => false,
    () => {},
  );
  const failed = chain.run(() => Promise.reject(new TypeError("no")));
  const next = chain.run(async () => 7);
  await assert.rejects(failed, TypeError);
  assert.equal(await next, 7);
});

test("on a closed connection an operation is refused, and one under way stays pending", async () => {
  let isClosed = false;
  const first = deferred<void>();
  const chain = new OperationsChain(
    () => isClosed,
    () => {},
  );
  let isSettled = false;
  void chain.run(() => first.promise).finally(() => (isSettled = true));
  isClosed = true;
  await assert.rejects(
    chain.run(async () => {}),
    { name: "InvalidStateError" },
  );
  first.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isSettled, false);
});
