import assert from "node:assert/strict";
import { test } from "vitest";
import { StudioError } from "../errors.ts";
import { parseJobOptions } from "./options.ts";

const NOTHING = { filePath: undefined, port: 7880, isOnce: false, isHelp: false };

const GOOD: readonly (readonly [readonly string[], Record<string, string>, object])[] = [
  [[], {}, NOTHING],
  [["--once"], {}, { ...NOTHING, isOnce: true }],
  [["a file"], {}, { ...NOTHING, filePath: "a file" }],
  [["--port", "0", "x"], {}, { ...NOTHING, port: 0, filePath: "x" }],
  [["-p", "65535"], {}, { ...NOTHING, port: 65_535 }],
  [[], { PALLAS_PORT: "8000" }, { ...NOTHING, port: 8000 }],
  [[], { PALLAS_PORT: "" }, NOTHING],
  [["--port=9"], { PALLAS_PORT: "8000" }, { ...NOTHING, port: 9 }],
  [["--port", "1", "--port", "2"], {}, { ...NOTHING, port: 2 }],
  [["-h"], {}, { ...NOTHING, isHelp: true }],
  [["--", "--once"], {}, { ...NOTHING, filePath: "--once" }],
];

for (const [argv, environment, expected] of GOOD) {
  test(`the command line ${JSON.stringify(argv)} with ${JSON.stringify(environment)} is understood`, () => {
    assert.deepEqual(parseJobOptions(argv, environment), expected);
  });
}

const BAD: readonly (readonly [readonly string[], Record<string, string>, RegExp])[] = [
  [["--port", "65536"], {}, /^--port must be a number from 0 to 65535, not "65536"$/],
  [["--port", "-1"], {}, /--port/],
  [["--port"], {}, /argument missing.*; see --help$/],
  [[], { PALLAS_PORT: "80 80" }, /^PALLAS_PORT must be a number/],
  [["--once=yes"], {}, /; see --help$/],
  [["a", "b"], {}, /^one file at a time, not 2$/],
];

for (const [argv, environment, expected] of BAD) {
  test(`the command line ${JSON.stringify(argv)} with ${JSON.stringify(environment)} is refused in one line`, () => {
    assert.throws(
      () => parseJobOptions(argv, environment),
      (error) =>
        error instanceof StudioError &&
        expected.test(error.message) &&
        !error.message.includes("\n"),
    );
  });
}
