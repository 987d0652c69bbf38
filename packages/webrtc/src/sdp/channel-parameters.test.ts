import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import type { ChannelParameters } from "./channel-parameters.ts";
import { formatChannelParameters, parseChannelParameters } from "./channel-parameters.ts";

test("all parameters of RFC 8864 §5.1.1 are read", () => {
  assert.deepEqual(
    parseChannelParameters(
      'ordered=false;subprotocol="msrp";label="chat room";max-retr=3;priority=256',
    ),
    {
      ordered: false,
      subprotocol: "msrp",
      label: "chat room",
      maxRetransmits: 3,
      priority: 256,
    },
  );
  assert.deepEqual(parseChannelParameters("max-time=150"), { maxLifetimeMs: 150 });
  assert.deepEqual(parseChannelParameters("ordered=true"), { ordered: true });
  assert.deepEqual(parseChannelParameters(""), {});
});

test("a semicolon within quotes belongs to the text", () => {
  assert.deepEqual(parseChannelParameters('label="a;b=c";ordered=true'), {
    label: "a;b=c",
    ordered: true,
  });
});

test("quote and per cent sign are escaped (RFC 8864 §5.1.1.4)", () => {
  assert.deepEqual(parseChannelParameters('label="50%25 %22big%22"'), { label: '50% "big"' });
  assert.equal(formatChannelParameters({ label: '50% "big"' }), 'label="50%25 %22big%22"');
});

test("an escape above ASCII is UTF-8, as in a URI", () => {
  assert.deepEqual(parseChannelParameters('label="caf%C3%A9 é"'), { label: "café é" });
  assert.equal(parseChannelParameters('label="caf%E9"'), undefined);
});

test("a line break in a label cannot break the line", () => {
  const text = formatChannelParameters({ label: "a\r\na=evil" });
  assert.equal(text, 'label="a%0D%0Aa=evil"');
  assert.deepEqual(parseChannelParameters(text), { label: "a\r\na=evil" });
});

test.each([
  ["an unknown parameter", "colour=red"],
  ["no equals sign", "ordered"],
  ["something said twice", "priority=1;priority=1"],
  ["both limits of reliability", "max-retr=1;max-time=1"],
  ["a label without quotes", "label=chat"],
  ["a label without closing quote", 'label="chat'],
  ["a quote within quotes", 'label="a"b"'],
  ["a broken escape", 'label="%4"'],
  ["an escape that is not hexadecimal", 'label="%zz"'],
  ["a truth value that is none", "ordered=yes"],
  ["a negative number", "max-retr=-1"],
  ["a number beyond 32 bits", "max-retr=4294967296"],
  ["an empty parameter", "ordered=true;"],
  ["far too many parameters", ";".repeat(16_000)],
])("malformed: %s", (_, text) => {
  assert.equal(parseChannelParameters(text), undefined);
});

test("whatever is written reads back", () => {
  const text = fc.string({ unit: "binary-ascii", maxLength: 30 });
  const reliability = fc.oneof(
    fc.record({}),
    fc.record({ maxRetransmits: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
    fc.record({ maxLifetimeMs: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
  );
  const rest = fc.record(
    {
      ordered: fc.boolean(),
      subprotocol: text,
      label: fc.oneof(text, fc.string({ unit: "grapheme", maxLength: 10 })),
      priority: fc.integer({ min: 0, max: 65_535 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(reliability, rest, (limits, others) => {
      const parameters: ChannelParameters = { ...others, ...limits };
      assert.deepEqual(
        { ...parseChannelParameters(formatChannelParameters(parameters)) },
        { ...parameters },
      );
    }),
  );
});
