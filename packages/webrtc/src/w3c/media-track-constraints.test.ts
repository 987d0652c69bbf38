import assert from "node:assert/strict";
import { test } from "vitest";
import { applyTrackConstraints } from "./media-track-constraints.ts";
import { OverconstrainedError } from "./overconstrained-error.ts";

const apply = (constraints: unknown, settings: object = {}): unknown =>
  applyTrackConstraints(constraints, "test", "live", settings);

/** The name of the constraint that fails. */
function failing(constraints: unknown, settings: object = {}): string {
  try {
    apply(constraints, settings);
  } catch (error) {
    assert.ok(error instanceof OverconstrainedError);
    return error.constraint;
  }
  return "none";
}

test("bare values and ideals are wishes, which cannot fail", () => {
  for (const constraints of [
    { width: 640 },
    { width: { ideal: 640 } },
    { facingMode: ["user", "left"] },
    { facingMode: { ideal: ["user"] } },
    { advanced: [{ width: { exact: 5 } }] },
    { echoCancellation: true },
  ]) {
    assert.deepEqual(apply(constraints), constraints);
  }
});

test("exact, min and max are required: without a setting they fail", () => {
  assert.equal(failing({ width: { exact: 640 } }), "width");
  assert.equal(failing({ width: { min: 1 } }), "width");
  assert.equal(failing({ frameRate: { max: 60 } }), "frameRate");
  assert.equal(failing({ facingMode: { exact: "user" } }), "facingMode");
});

test("they are compared with the setting, both ends included", () => {
  const settings = { width: 640, facingMode: "user", echoCancellation: false };
  assert.equal(failing({ width: { exact: 640 } }, settings), "none");
  assert.equal(failing({ width: { exact: 641 } }, settings), "width");
  assert.equal(failing({ width: { min: 640, max: 640 } }, settings), "none");
  assert.equal(failing({ width: { min: 641 } }, settings), "width");
  assert.equal(failing({ width: { max: 639 } }, settings), "width");
  assert.equal(failing({ facingMode: { exact: ["left", "user"] } }, settings), "none");
  assert.equal(failing({ facingMode: { exact: ["left"] } }, settings), "facingMode");
  assert.equal(failing({ echoCancellation: { exact: false } }, settings), "none");
  assert.equal(failing({ echoCancellation: { exact: "all" } }, settings), "echoCancellation");
});

test("values are converted as their IDL types say, unknown members are left out", () => {
  assert.deepEqual(apply({ width: "12.5", frameRate: "12.5", unknown: 1, deviceId: 7 }), {
    width: 12,
    frameRate: 12.5,
    deviceId: "7",
  });
  assert.deepEqual(apply({ width: -1, height: null }), { width: 0, height: {} });
  assert.throws(() => apply({ frameRate: Number.NaN }), TypeError);
  assert.throws(() => apply({ advanced: {} }), TypeError);
  assert.throws(() => apply(5), TypeError);
});

test("an ended track keeps what it has; types are checked all the same", () => {
  assert.equal(applyTrackConstraints({ width: { exact: 1 } }, "test", "ended", {}), undefined);
  assert.throws(() => applyTrackConstraints(5, "test", "ended", {}), TypeError);
});

test("OverconstrainedError names the constraint", () => {
  const error = new OverconstrainedError("width", "too wide");
  assert.ok(error instanceof DOMException);
  assert.deepEqual(
    [error.name, error.constraint, error.message],
    ["OverconstrainedError", "width", "too wide"],
  );
  assert.equal(new OverconstrainedError("width").message, "");
  assert.throws(() => Reflect.construct(OverconstrainedError, []), TypeError);
});
