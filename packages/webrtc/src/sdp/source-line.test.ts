import assert from "node:assert/strict";
import { test } from "vitest";
import { freezeDeep, rememberSource, sourceLineOf } from "./source-line.ts";

const LINE = { lineNumber: 3, text: "a=mid:0" };

test("an object remembers its line and stays the same object", () => {
  const node = { kind: "mid", mid: "0" };
  assert.equal(rememberSource(node, LINE), node);
  assert.equal(sourceLineOf(node), LINE);
});

test("the memory shows nowhere: not in members, not in comparison, not in JSON", () => {
  const node = rememberSource({ kind: "mid" }, LINE);
  assert.deepEqual(Reflect.ownKeys(node), ["kind"]);
  assert.deepEqual(node, { kind: "mid" });
  assert.equal(JSON.stringify(node), '{"kind":"mid"}');
});

test("a copy has no source, however it was made", () => {
  const node = rememberSource({ kind: "mid", list: [1] }, LINE);
  assert.equal(sourceLineOf({ ...node }), undefined);
  assert.equal(sourceLineOf(structuredClone(node)), undefined);
  assert.equal(sourceLineOf(Object.assign({}, node)), undefined);
});

test("an object that was never text has no source", () => {
  assert.equal(sourceLineOf({}), undefined);
});

test("what has a source is frozen with all that it holds", () => {
  const node = rememberSource(
    { words: ["a"], pairs: [{ name: "x" }], inner: { list: [[1]] } },
    LINE,
  );
  assert.ok(Object.isFrozen(node));
  assert.ok(Object.isFrozen(node.words));
  assert.ok(Object.isFrozen(node.pairs));
  assert.ok(Object.isFrozen(node.pairs[0]));
  assert.ok(Object.isFrozen(node.inner.list[0]));
});

test("freezing an object that is frozen, or holds nothing, is harmless", () => {
  const frozen = Object.freeze({ a: 1 });
  assert.equal(freezeDeep(frozen), frozen);
  assert.ok(Object.isFrozen(freezeDeep([])));
});
