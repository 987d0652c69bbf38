import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, test, vi } from "vitest";

const MAX_LINES = 80;

const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  "data-channel": [/^Bob heard: hello from Alice$/],
  "sender-and-receiver": [
    /^receiver 1 asks for an offer$/,
    /^sender makes the offer$/,
    /^sender has the answer$/,
    /^receiver got: data$/,
  ],
  "one-sender-many-receivers": [
    /^Ann got: news for everybody$/,
    /^Ben got: news for everybody$/,
    /^Cem got: news for everybody$/,
    /^Ben got: and something for Ben alone$/,
  ],
  "connection-states": [
    /^connection is connecting$/,
    /^connection is connected$/,
    /^receivers: 1$/,
    /^connection is closed$/,
    /^released: /,
    /^receivers: 0$/,
  ],
  "file-transfer": [
    /^\d+ of \d+ bytes are there$/,
    /^receiver has example\.ts, whole$/,
    /^example\.ts is verified: [0-9a-f]{8}…$/,
  ],
  streams: [/^received 31\.25 MiB$/, /^never more than half a MiB was waiting$/],
};

const files = readdirSync(import.meta.dirname).filter(
  (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
);

afterEach(() => {
  vi.restoreAllMocks();
});

test("every example has a test, and every test an example", () => {
  assert.deepEqual(
    files.map((name) => name.slice(0, -3)).toSorted(),
    Object.keys(EXPECTED).toSorted(),
  );
});

for (const [name, lines] of Object.entries(EXPECTED)) {
  test(`the example ${name} does what it says, in less than ${MAX_LINES} lines`, async () => {
    const printed: string[] = [];
    vi.spyOn(console, "log").mockImplementation((text: unknown) => void printed.push(String(text)));
    await import(/* @vite-ignore */ `./${name}.ts`);
    assert.equal(printed.length, lines.length, printed.join("\n"));
    for (const line of lines) {
      assert.ok(
        printed.some((text) => line.test(text)),
        `${line} in:\n${printed.join("\n")}`,
      );
    }
    const source = readFileSync(new URL(`./${name}.ts`, import.meta.url), "utf8");
    assert.ok(source.split("\n").length <= MAX_LINES);
  });
}
