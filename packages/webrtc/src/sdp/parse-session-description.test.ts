import assert from "node:assert/strict";
import { test } from "vitest";
import { parseSessionDescription } from "./parse-session-description.ts";
import type { SdpLimits } from "./sdp-limits.ts";
import { SdpSyntaxError } from "./sdp-syntax-error.ts";
import { serializeSessionDescription } from "./serialize-session-description.ts";
import type { SessionDescription } from "./session-description.ts";
import { sourceLineOf } from "./source-line.ts";

const HEAD = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0"];
const AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 0";

function parse(lines: readonly string[], limits?: Partial<SdpLimits>): SessionDescription {
  return parseSessionDescription(`${lines.join("\r\n")}\r\n`, limits);
}

function failureOf(lines: readonly string[], limits?: Partial<SdpLimits>): SdpSyntaxError {
  try {
    parse(lines, limits);
  } catch (error) {
    assert.ok(error instanceof SdpSyntaxError);
    return error;
  }
  return assert.fail(`nothing was thrown for ${lines.join("|")}`);
}

test("the smallest description (RFC 8866 §5)", () => {
  assert.deepEqual(parse(HEAD), {
    origin: {
      username: "-",
      sessionId: "1",
      sessionVersion: "2",
      networkType: "IN",
      addressType: "IP4",
      address: "127.0.0.1",
    },
    name: "-",
    timings: [{ start: "0", stop: "0" }],
    attributes: [],
    media: [],
  });
});

test("the example of RFC 8866 §5", () => {
  const lines = [
    "v=0",
    "o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1",
    "s=Call to John Smith",
    "i=SDP Offer #1",
    "u=http://www.jdoe.example.com/home.html",
    "e=Jane Doe <jane@jdoe.example.com>",
    "p=+1 617 555-6011",
    "c=IN IP4 198.51.100.1",
    "t=0 0",
    "m=audio 49170 RTP/AVP 0",
    "m=audio 49180 RTP/AVP 0",
    "m=video 51372 RTP/AVP 99",
    "c=IN IP6 2001:db8::2",
    "a=rtpmap:99 h263-1998/90000",
  ];
  const description = parse(lines);
  assert.equal(description.information, "SDP Offer #1");
  assert.equal(description.uri, "http://www.jdoe.example.com/home.html");
  assert.deepEqual(description.emails, ["Jane Doe <jane@jdoe.example.com>"]);
  assert.deepEqual(description.phones, ["+1 617 555-6011"]);
  assert.deepEqual(description.connection, {
    networkType: "IN",
    addressType: "IP4",
    address: "198.51.100.1",
  });
  assert.deepEqual(
    description.media.map(({ kind, port, protocol, formats }) => [kind, port, protocol, formats]),
    [
      ["audio", 49_170, "RTP/AVP", ["0"]],
      ["audio", 49_180, "RTP/AVP", ["0"]],
      ["video", 51_372, "RTP/AVP", ["99"]],
    ],
  );
  assert.equal(serializeSessionDescription(description), `${lines.join("\r\n")}\r\n`);
});

test("timings, repetitions, zones and keys are kept (RFC 8866 §5.9 to §5.12)", () => {
  const lines = [
    ...HEAD.slice(0, 3),
    "t=3034423619 3042462419",
    "r=604800 3600 0 90000",
    "r=7d 1h 0 25h",
    "t=0 0",
    "z=2882844526 -1h 2898848070 0",
    "k=prompt",
  ];
  const description = parse(lines);
  assert.deepEqual(description.timings, [
    { start: "3034423619", stop: "3042462419", repeats: ["604800 3600 0 90000", "7d 1h 0 25h"] },
    { start: "0", stop: "0" },
  ]);
  assert.equal(description.timeZones, "2882844526 -1h 2898848070 0");
  assert.equal(description.key, "prompt");
  assert.equal(serializeSessionDescription(description), `${lines.join("\r\n")}\r\n`);
});

test("a session id of 64 bits keeps all its digits", () => {
  const description = parse([
    HEAD[0]!,
    "o=- 18446744073709551615 9007199254740993 IN IP6 ::1",
    ...HEAD.slice(2),
  ]);
  assert.equal(description.origin.sessionId, "18446744073709551615");
  assert.equal(description.origin.sessionVersion, "9007199254740993");
});

test("a line whose numbers are written unusually comes out as it went in", () => {
  const lines = [...HEAD.slice(0, 3), "b=AS:0064", "t=00 0", "a=sctp-x:1", "m=audio 09 RTP/AVP 0"];
  const description = parse(lines);
  assert.equal(description.bandwidths?.[0]?.value, 64);
  assert.equal(description.media[0]?.port, 9);
  assert.equal(serializeSessionDescription(description), `${lines.join("\r\n")}\r\n`);
});

test.each([
  ["no line at all", [], 1, '"v=0"'],
  ["another version", ["v=1", ...HEAD.slice(1)], 1, '"v=0"'],
  ["no version", HEAD.slice(1), 1, '"v=0"'],
  ["no origin", [HEAD[0]!, ...HEAD.slice(2)], 2, '"o="'],
  ["no session name", [...HEAD.slice(0, 2), HEAD[3]!], 3, '"s='],
  ["an empty session name", [...HEAD.slice(0, 2), "s=", HEAD[3]!], 3, '"s='],
  ["no timing", [...HEAD.slice(0, 3), AUDIO], 4, '"t="'],
  ["the document ends before the timing", HEAD.slice(0, 3), 3, '"t=" before the end'],
  ["name before origin", [HEAD[0]!, HEAD[2]!, HEAD[1]!, HEAD[3]!], 2, '"o="'],
  ["an origin of five words", [HEAD[0]!, "o=- 1 2 IN IP4", ...HEAD.slice(2)], 2, "o=<username>"],
  [
    "an origin of seven words",
    [HEAD[0]!, "o=a b 1 2 IN IP4 x", ...HEAD.slice(2)],
    2,
    "o=<username>",
  ],
  [
    "a session id with letters",
    [HEAD[0]!, "o=- x 2 IN IP4 ::", ...HEAD.slice(2)],
    2,
    "o=<username>",
  ],
  [
    "a session id of 21 digits",
    [HEAD[0]!, `o=- ${"1".repeat(21)} 2 IN IP4 x`, ...HEAD.slice(2)],
    2,
    "o=",
  ],
  ["a timing of one word", [...HEAD.slice(0, 3), "t=0"], 4, "t=<start> <stop>"],
  ["a timing that is no number", [...HEAD.slice(0, 3), "t=now later"], 4, "t=<start> <stop>"],
  ["a connection of two words", [...HEAD.slice(0, 3), "c=IN IP4", HEAD[3]!], 4, "c=IN"],
  ["a bandwidth without number", [...HEAD.slice(0, 3), "b=AS", HEAD[3]!], 4, "b=<type>:<number>"],
  ["a negative bandwidth", [...HEAD.slice(0, 3), "b=AS:-1", HEAD[3]!], 4, "b=<type>:<number>"],
  ["connection behind timing", [...HEAD, "c=IN IP4 0.0.0.0"], 5, "cannot stand after"],
  ["bandwidth behind attributes", [...HEAD, "a=ice-lite", "b=AS:1"], 6, "cannot stand after"],
  ["a second origin", [...HEAD, HEAD[1]!], 5, "cannot stand after"],
  [
    "timing behind a media section",
    [...HEAD, AUDIO, HEAD[3]!],
    6,
    "cannot stand in a media section",
  ],
  ["an unknown type of line", [...HEAD, "y=1"], 5, 'line type "y" is not known'],
  ["an unknown type within media", [...HEAD, AUDIO, "y=1"], 6, 'line type "y" is not known'],
  ["an attribute without a name", [...HEAD, "a="], 5, "an attribute's name"],
  ["an attribute of a colon only", [...HEAD, "a=:x"], 5, "an attribute's name"],
])("refused with line and expectation: %s", (_, lines, lineNumber, expected) => {
  const error = failureOf(lines);
  assert.equal(error.lineNumber, lineNumber);
  assert.ok(error.expected.includes(expected), error.expected);
  assert.ok(error.message.includes(`line ${lineNumber}`));
});

test("what is not known is kept, in order (RFC 8866 §5.13)", () => {
  const lines = [...HEAD, "a=tool:hand", "a=x-flag", "a=odd name:1:2", "a=empty:", AUDIO, "a=x:y"];
  const description = parse(lines);
  assert.deepEqual(description.attributes, [
    { kind: "other", name: "tool", value: "hand" },
    { kind: "other", name: "x-flag" },
    { kind: "other", name: "odd name", value: "1:2" },
    { kind: "other", name: "empty", value: "" },
  ]);
  assert.deepEqual(description.media[0]?.attributes, [{ kind: "other", name: "x", value: "y" }]);
  assert.equal(serializeSessionDescription(description), `${lines.join("\r\n")}\r\n`);
});

test.each([
  ["another ice-ufrag", ["a=ice-ufrag:abcd", "a=ice-ufrag:efgh"], "only one ice-ufrag"],
  [
    "another ice-pwd",
    [`a=ice-pwd:${"a".repeat(22)}`, `a=ice-pwd:${"b".repeat(22)}`],
    "only one ice-pwd",
  ],
  ["another setup", ["a=setup:active", "a=setup:passive"], "only one setup"],
  ["another direction", ["a=sendrecv", "a=inactive"], "only one direction"],
  ["the same mid", ["a=mid:0", "a=mid:0"], "only one mid"],
  ["another mid", ["a=mid:0", "a=mid:1"], "only one mid"],
  ["another sctp-port", ["a=sctp-port:1", "a=sctp-port:2"], "only one sctp-port"],
  [
    "another codec of one payload type",
    ["a=rtpmap:96 a/1", "a=rtpmap:96 b/1"],
    "only one rtpmap 96",
  ],
  ["the same simulcast", ["a=simulcast:send a", "a=simulcast:send a"], "only one simulcast"],
  ["another rid of one name", ["a=rid:a send", "a=rid:a recv"], "only one rid a"],
])("%s in one section is refused with both places", (_, attributes, expected) => {
  const error = failureOf([...HEAD, AUDIO, ...attributes]);
  assert.equal(error.lineNumber, 7);
  assert.equal(error.expected, `${expected} here: line 6 has it already`);
});

test("the same thing said twice contradicts nothing", () => {
  const attributes = ["a=rtcp-mux", "a=rtcp-mux", "a=ice-ufrag:abcd", "a=ice-ufrag:abcd "];
  assert.equal(parse([...HEAD, AUDIO, ...attributes]).media[0]?.attributes.length, 4);
});

test("what differs from section to section, or is keyed differently, is no contradiction", () => {
  const description = parse([
    ...HEAD,
    "a=setup:actpass",
    "a=sendrecv",
    AUDIO,
    "a=setup:active",
    "a=rtpmap:96 a/1",
    "a=rtpmap:97 b/1",
    AUDIO,
    "a=setup:passive",
    "a=rtpmap:96 c/1",
    "a=inactive",
  ]);
  assert.equal(description.media.length, 2);
});

test("a mid names one section of the document; both places are named (RFC 5888 §4)", () => {
  const error = failureOf([...HEAD, AUDIO, "a=mid:a", AUDIO, "a=mid:b", AUDIO, "a=mid:a"]);
  assert.equal(error.lineNumber, 10);
  assert.equal(error.line, "a=mid:a");
  assert.equal(error.expected, "a mid of its own: the section of line 6 has it already");
});

test.each([
  ["media sections", { maxMediaSections: 2 }, [AUDIO, AUDIO, AUDIO], 7],
  ["attributes of the session", { maxAttributesPerSection: 2 }, ["a=1", "a=2", "a=3"], 7],
  ["attributes of a section", { maxAttributesPerSection: 1 }, ["a=1", AUDIO, "a=1", "a=2"], 8],
  [
    "candidates of a section",
    { maxCandidatesPerSection: 1 },
    [AUDIO, "a=candidate:1 1 udp 1 ::1 1 typ host", "a=candidate:2 1 udp 1 ::1 1 typ host"],
    7,
  ],
  ["lines", { maxLines: 5 }, ["a=1", "a=2"], 6],
])("the number of %s is limited", (_, limits, lines, lineNumber) => {
  const error = failureOf([...HEAD, ...lines], limits);
  assert.equal(error.lineNumber, lineNumber);
  assert.match(error.expected, /^at most \d/);
});

test("limits count per section, not over the document", () => {
  const candidate = "a=candidate:1 1 udp 1 ::1 1 typ host";
  const lines = [...HEAD, AUDIO, candidate, AUDIO, candidate, AUDIO, candidate];
  const limits = { maxCandidatesPerSection: 1, maxAttributesPerSection: 1 };
  assert.equal(parse(lines, limits).media.length, 3);
});

test("each parsed object knows its line", () => {
  const description = parse([...HEAD, "a=ice-lite", AUDIO, "c=IN IP4 0.0.0.0", "a=mid:0"]);
  const media = description.media[0]!;
  assert.deepEqual(sourceLineOf(description.origin), { lineNumber: 2, text: HEAD[1] });
  assert.equal(sourceLineOf(description.timings[0]!)?.lineNumber, 4);
  assert.equal(sourceLineOf(description.attributes[0]!)?.lineNumber, 5);
  assert.deepEqual(sourceLineOf(media), { lineNumber: 6, text: AUDIO });
  assert.equal(sourceLineOf(media.connection!)?.lineNumber, 7);
  assert.equal(sourceLineOf(media.attributes[0]!)?.lineNumber, 8);
});
