import assert from "node:assert/strict";
import { test } from "vitest";
import { Listeners } from "./listeners.ts";
import { MessageQueue } from "./message-queue.ts";
import { randomId } from "./random-id.ts";
import { readObject } from "./shape.ts";

async function collect<T>(queue: MessageQueue<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

test("messages wait for their reader, and a reader for its messages", async () => {
  const queue = new MessageQueue<number>(() => {});
  queue.push(1);
  const reading = collect(queue);
  queue.push(2);
  queue.finish();
  queue.push(3);
  assert.deepEqual(await reading, [1, 2]);
  assert.deepEqual(await queue.next(), { done: true, value: undefined });
});

test("what waits is delivered before the failure that ends it, which is told once", async () => {
  const queue = new MessageQueue<number>(() => {});
  queue.push(1);
  queue.finish(new RangeError("over"));
  assert.deepEqual(await queue.next(), { done: false, value: 1 });
  await assert.rejects(queue.next(), RangeError);
  assert.equal((await queue.next()).done, true);
});

test("several readers share the messages, and all of them end", async () => {
  const queue = new MessageQueue<number>(() => {});
  const reads = [queue.next(), queue.next(), queue.next()];
  queue.push(1);
  queue.finish();
  assert.deepEqual(await Promise.all(reads), [
    { done: false, value: 1 },
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test("leaving the loop lets go of what waits", async () => {
  let returned = 0;
  const queue = new MessageQueue<number>(() => returned++);
  queue.push(1);
  queue.push(2);
  for await (const item of queue) {
    assert.equal(item, 1);
    break;
  }
  assert.equal(returned, 1);
  assert.equal((await queue.next()).done, true);
});

test("a queue that is full ends with an error after what it holds", async () => {
  const queue = new MessageQueue<number>(() => {}, 2);
  for (let count = 0; count < 5; count++) queue.push(count);
  assert.equal((await queue.next()).value, 0);
  assert.equal((await queue.next()).value, 1);
  await assert.rejects(queue.next(), /lags more than 2 messages behind/);
});

test("a listener that is taken away hears nothing more; one added twice hears twice", () => {
  const listeners = new Listeners<number>();
  const heard: number[] = [];
  const listener = (event: number): void => void heard.push(event);
  const stop = listeners.add(listener);
  listeners.add(listener);
  listeners.tell(1);
  stop();
  stop();
  listeners.tell(2);
  assert.deepEqual(heard, [1, 1, 2]);
});

test("a listener may take itself away while it is told", () => {
  const listeners = new Listeners<number>();
  const heard: string[] = [];
  const stop = listeners.add(() => {
    heard.push("first");
    stop();
  });
  listeners.add(() => void heard.push("second"));
  listeners.tell(1);
  listeners.tell(2);
  assert.deepEqual(heard, ["first", "second", "second"]);
});

test("ids are 24 hexadecimal digits and never the same", () => {
  const ids = new Set(Array.from({ length: 1000 }, randomId));
  assert.equal(ids.size, 1000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{24}$/);
});

test("problems of nested members are named by their path", () => {
  const fail = (problem: string): Error => new RangeError(problem);
  const reader = readObject('{"a":{"b":[{"c":1},{"c":"x"}]},"n":null}', fail);
  const items = reader.object("a").objects("b", 2);
  assert.equal(items[0]?.integer("c", 0, 1), 1);
  assert.throws(() => items[1]?.integer("c", 0, 1), {
    message: '"a.b[1].c" must be a number from 0 to 1',
  });
  assert.throws(() => reader.object("a").objects("b", 1), {
    message: '"a.b" has more than 1 items',
  });
  assert.throws(() => reader.objects("a", 1), { message: '"a" must be an array' });
  assert.throws(() => reader.object("n"), { message: '"n" is not an object' });
  assert.equal(reader.optionalObject("n"), undefined);
  assert.equal(reader.optionalText("toString", 9), undefined);
  assert.ok(!reader.has("n"));
});
