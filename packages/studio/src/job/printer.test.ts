import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { REPORT_STEPS } from "@pallas/peers";
import type { HandshakeReport } from "@pallas/peers";
import { test } from "vitest";
import { narrate } from "./narration.ts";
import { Printer } from "./printer.ts";

/** Any control character but the end of a line. */
const CONTROL = /(?!\n)\p{Cc}/u;

function setUp(isTTY: boolean, hasNoColor = false) {
  const stream = () => Object.assign(new PassThrough(), { isTTY, columns: 120 });
  const [out, err] = [stream(), stream()];
  const printer = new Printer(
    out as unknown as NodeJS.WriteStream,
    err as unknown as NodeJS.WriteStream,
    hasNoColor,
  );
  const text = (from: PassThrough) => String(from.read() ?? "");
  return { printer, printed: () => text(out), problems: () => text(err) };
}

const report = (
  step: HandshakeReport["step"],
  atEpochMs: number,
  detail?: string,
): HandshakeReport => ({
  peerId: "p",
  handshakeId: "h",
  step,
  atEpochMs,
  ...(detail === undefined ? {} : { detail }),
});

test("a step says its time since the handshake began, who, and what", () => {
  const { printer, printed } = setUp(false);
  printer.step("sender", report("offerRequested", 1000));
  printer.step("receiver", report("state", 1012.34, "connection connected"));
  assert.equal(
    printed(),
    "    0.0 ms  sender                        is asked for an offer\n" +
      "   12.3 ms  receiver                      connection is connected\n",
  );
});

test("a handshake that is over makes place for the next one's clock", () => {
  const { printer, printed } = setUp(false);
  printer.step("sender", report("offerRequested", 0));
  printer.step("sender", report("closed", 500, "gone"));
  printer.step("sender", report("offerRequested", 9000));
  assert.match(printed().split("\n")[2] ?? "", /^ +0\.0 ms/);
});

test("a terminal sees states in colour, unless NO_COLOR says otherwise", () => {
  for (const [isTTY, hasNoColor, hasColor] of [
    [true, false, true],
    [true, true, false],
    [false, false, false],
  ] as const) {
    const { printer, printed } = setUp(isTTY, hasNoColor);
    printer.step("sender", report("state", 0, "connection failed"));
    assert.equal(printed().includes("\u001b["), hasColor);
  }
});

test("what a peer says cannot move the cursor, on no stream", () => {
  const { printer, printed, problems } = setUp(false);
  printer.step("x", report("closed", 0, "\u001b[2J\u0007gone\u202E"));
  printer.line("\u001b]0;title\u0007");
  printer.problem("two\nlines\u001b[31m");
  assert.doesNotMatch(printed(), CONTROL);
  assert.equal(problems(), "pallas: two lines [31m\n");
});

test("a name from another machine cannot move the cursor either", () => {
  const { printer, printed } = setUp(false);
  printer.step("\u001b[2Jevil", report("offerRequested", 0));
  printer.progress("\u001b[2Jevil", 100).update(100);
  assert.doesNotMatch(printed(), CONTROL);
});

test("without a terminal progress is a line for each quarter", () => {
  const { printer, printed } = setUp(false);
  const progress = printer.progress("receiver", 1000);
  for (const bytes of [0, 100, 300, 400, 600, 990, 1000, 1000]) progress.update(bytes);
  progress.end();
  assert.deepEqual(
    printed()
      .trimEnd()
      .split("\n")
      .map((line) => line.trim().split("  ")[0]),
    ["25 %", "50 %", "75 %", "100 %"],
  );
});

test("an empty file is at 100 % at once", () => {
  const { printer, printed } = setUp(true);
  const progress = printer.progress("receiver", 0);
  progress.update(0);
  progress.end();
  assert.match(printed(), /100 % {2}receiver +has 0 bytes/);
});

test("on a terminal progress is a bar, and lines still come between", () => {
  const { printer, printed } = setUp(true);
  const progress = printer.progress("receiver", 1000);
  progress.update(500);
  printer.line("meanwhile");
  progress.update(1000);
  progress.end();
  printer.line("afterwards");
  const text = printed();
  assert.match(text, /50 %|100 %/);
  assert.match(text, /afterwards\n$/);
});

test("every step has words", () => {
  for (const step of REPORT_STEPS) {
    for (const detail of ["no more", "connection new", ""]) {
      assert.equal(typeof narrate(report(step, 0, detail)), "string");
    }
  }
  assert.equal(narrate(report("localCandidate", 0, "no more")), "has found all its candidates");
  assert.equal(
    narrate(report("state", 0, "iceGathering complete")),
    "candidate gathering is complete",
  );
});
