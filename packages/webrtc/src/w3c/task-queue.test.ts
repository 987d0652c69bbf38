import assert from "node:assert/strict";
import { test } from "vitest";
import { TaskQueue } from "./task-queue.ts";

function makeQueue(): { tasks: TaskQueue; runtimeTasks: (() => void)[] } {
  const runtimeTasks: (() => void)[] = [];
  const tasks = new TaskQueue({ queueTask: (task) => void runtimeTasks.push(task) });
  return { tasks, runtimeTasks };
}

test("tasks run in order, each as a task of the runtime", () => {
  const { tasks, runtimeTasks } = makeQueue();
  const log: number[] = [];
  for (const number of [1, 2, 3]) tasks.queue(() => log.push(number));
  assert.equal(runtimeTasks.length, 3);
  runtimeTasks.shift()!();
  assert.deepEqual(log, [1]);
  for (const task of runtimeTasks) task();
  assert.deepEqual(log, [1, 2, 3]);
});

test("nothing runs after close, not even what was queued before", () => {
  const { tasks, runtimeTasks } = makeQueue();
  const log: string[] = [];
  tasks.queue(() => {
    log.push("closes");
    tasks.close();
  });
  tasks.queue(() => log.push("never"));
  for (const task of runtimeTasks) task();
  tasks.queue(() => log.push("never"));
  assert.deepEqual(log, ["closes"]);
  assert.equal(runtimeTasks.length, 2);
  assert.ok(tasks.isClosed);
});

test("what a task of ours throws goes to the owner and not to the process", () => {
  const runtimeTasks: (() => void)[] = [];
  const errors: unknown[] = [];
  const tasks = new TaskQueue({ queueTask: (task) => void runtimeTasks.push(task) }, (error) =>
    errors.push(error),
  );
  tasks.queue(() => {
    throw new RangeError("our bug");
  });
  runtimeTasks[0]!();
  assert.ok(errors[0] instanceof RangeError);
});

test("a task that throws does not shift the others", () => {
  const { tasks, runtimeTasks } = makeQueue();
  const log: string[] = [];
  tasks.queue(() => {
    throw new RangeError("listener's bug");
  });
  tasks.queue(() => log.push("second"));
  assert.throws(runtimeTasks[0]!, RangeError);
  runtimeTasks[1]!();
  assert.deepEqual(log, ["second"]);
});
