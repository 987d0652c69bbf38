import assert from "node:assert/strict";
import { test } from "vitest";

import { withCallbacks } from "./legacy-callbacks.ts";

const at = { callbacksAt: 1, requiredArguments: 1 } as const;
const never = (): never => assert.fail("must not be called");

test("without callbacks the promise is that of the steps (webrtc-pc §4.4.2)", async () => {
  assert.equal(await withCallbacks("A.b", [7], at, async ([value]) => value), 7);
  const refusal = new RangeError("no");
  await assert.rejects(
    withCallbacks("A.b", [7], at, () => Promise.reject(refusal)),
    refusal,
  );
});

test("with callbacks the promise is fulfilled with undefined, whatever becomes of the steps (webrtc-pc §4.4.3.1)", async () => {
  const done = await new Promise((resolve) => {
    const returned = withCallbacks("A.b", [7, resolve, never], at, async ([value]) => value);
    void returned.then((value) => assert.equal(value, undefined));
  });
  assert.equal(done, 7);

  const refusal = new RangeError("no");
  const failed = await new Promise((resolve) => {
    const steps = (): never => {
      throw refusal;
    };
    const returned = withCallbacks("A.b", [7, never, resolve], at, steps);
    void returned.then((value) => assert.equal(value, undefined));
  });
  assert.equal(failed, refusal);
});

test("callbacks in front leave the options behind them to the steps", async () => {
  const seen = await new Promise((resolve) => {
    const place = { callbacksAt: 0 } as const;
    const args = [() => {}, never, { iceRestart: true }];
    void withCallbacks("A.b", args, place, async (rest) => resolve(rest));
  });
  assert.deepEqual(seen, [{ iceRestart: true }]);
});

test("one callback is not the form with callbacks (Web IDL, overload resolution)", async () => {
  const seen = await withCallbacks("A.b", [7, never], at, async (args) => args);
  assert.deepEqual(seen, [7, never]);
});

test("what is no function and what is missing is named in the rejection", async () => {
  const steps = async (): Promise<void> => {};
  await assert.rejects(
    withCallbacks("A.b", [7, 8, () => {}], at, steps),
    /^TypeError: A\.b: argument 2: 8 is not a function/,
  );
  await assert.rejects(
    withCallbacks("A.b", [7, () => {}, null], at, steps),
    /^TypeError: A\.b: argument 3: null is not a function/,
  );
  await assert.rejects(withCallbacks("A.b", [], at, steps), /^TypeError: A\.b: 1 argument/);
});
