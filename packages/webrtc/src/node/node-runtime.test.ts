import assert from "node:assert/strict";
import { test } from "vitest";

import { NodeRuntime } from "./node-runtime.ts";

const runtime = new NodeRuntime();

test("microtasks run between two queued tasks, as between tasks of a browser", async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    runtime.queueTask(() => {
      order.push("task 1");
      void Promise.resolve()
        .then(() => order.push("microtask"))
        .then(() => order.push("microtask of the microtask"));
    });
    runtime.queueTask(() => {
      order.push("task 2");
      resolve();
    });
  });
  assert.deepEqual(order, ["task 1", "microtask", "microtask of the microtask", "task 2"]);
});

test("names are resolved to addresses, and an unknown one rejects", async () => {
  const addresses = await runtime.resolveName("localhost");
  assert.ok(addresses.includes("127.0.0.1") || addresses.includes("::1"));
  await assert.rejects(runtime.resolveName("name.invalid"));
});

test("this machine's addresses are listed with their interface", () => {
  const loopback = runtime.interfaceAddresses().find(({ address }) => address === "127.0.0.1");
  assert.equal(loopback?.isInternal, true);
  assert.equal(loopback?.family, "IPv4");
});

test("the monotonic clock moves forwards and the wall clock is one", () => {
  const before = runtime.nowMs();
  assert.ok(runtime.nowMs() >= before);
  assert.ok(runtime.epochMs() > 1_700_000_000_000);
});
