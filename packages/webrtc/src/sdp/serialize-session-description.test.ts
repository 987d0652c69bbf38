import assert from "node:assert/strict";
import { test } from "vitest";
import { UsageError } from "../base/errors.ts";
import type { Attribute } from "./attribute.ts";
import { parseSessionDescription } from "./parse-session-description.ts";
import {
  serializeAttribute,
  serializeSessionDescription,
} from "./serialize-session-description.ts";
import type { MediaDescription, SessionDescription } from "./session-description.ts";
import { UNBOUNDED_TIMING } from "./session-description.ts";

const ANY_CONNECTION = { networkType: "IN", addressType: "IP4", address: "0.0.0.0" };

const DATA: MediaDescription = {
  kind: "application",
  port: 9,
  protocol: "UDP/DTLS/SCTP",
  formats: ["webrtc-datachannel"],
  connection: ANY_CONNECTION,
  attributes: [
    { kind: "mid", mid: "0" },
    { kind: "sctp-port", port: 5_000 },
  ],
};

const DESCRIPTION: SessionDescription = {
  origin: {
    ...ANY_CONNECTION,
    username: "-",
    sessionId: "4962303333179871722",
    sessionVersion: "1",
  },
  name: "-",
  timings: [UNBOUNDED_TIMING],
  attributes: [
    { kind: "group", semantics: "BUNDLE", mids: ["0"] },
    { kind: "ice-options", options: ["trickle", "ice2"] },
  ],
  media: [DATA],
};

function assertRefused(write: () => unknown): void {
  assert.throws(write, (error) => {
    assert.ok(error instanceof UsageError);
    assert.equal(error.code, "ERR_RANGE");
    return true;
  });
}

test("a description that a program built is written with CRLF, in the order of RFC 8866 §5", () => {
  assert.equal(
    serializeSessionDescription(DESCRIPTION),
    "v=0\r\n" +
      "o=- 4962303333179871722 1 IN IP4 0.0.0.0\r\n" +
      "s=-\r\n" +
      "t=0 0\r\n" +
      "a=group:BUNDLE 0\r\n" +
      "a=ice-options:trickle ice2\r\n" +
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" +
      "c=IN IP4 0.0.0.0\r\n" +
      "a=mid:0\r\n" +
      "a=sctp-port:5000\r\n",
  );
});

test("a parsed description can be taken apart and put together with new parts", () => {
  const parsed = parseSessionDescription(serializeSessionDescription(DESCRIPTION));
  const media = parsed.media[0]!;
  const attributes = media.attributes.filter(({ kind }) => kind !== "sctp-port");
  const rebuilt = {
    ...parsed,
    media: [
      { ...media, port: 0, attributes },
      { ...DATA, attributes: [] },
    ],
  };
  const lines = serializeSessionDescription(rebuilt).split("\r\n");
  assert.deepEqual(lines.slice(6), [
    "m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "",
  ]);
});

test("one attribute can be written alone, without a line end", () => {
  assert.equal(serializeAttribute({ kind: "direction", direction: "inactive" }), "a=inactive");
  assert.equal(serializeAttribute({ kind: "mid", mid: "a" }), "a=mid:a");
  assert.equal(serializeAttribute({ kind: "other", name: "x" }), "a=x");
});

const BAD_ATTRIBUTES: readonly (readonly [string, Attribute])[] = [
  ["a mid with a space", { kind: "mid", mid: "a b" }],
  ["a mid with a line break", { kind: "mid", mid: "a\r\na=setup:passive" }],
  ["an empty mid", { kind: "mid", mid: "" }],
  ["a short ice-ufrag", { kind: "ice-ufrag", ufrag: "abc" }],
  ["a port that is no port", { kind: "sctp-port", port: 65_536 }],
  ["a negative size", { kind: "max-message-size", bytes: -1 }],
  ["a size of NaN bytes", { kind: "max-message-size", bytes: Number.NaN }],
  ["a broken fingerprint", { kind: "fingerprint", algorithm: "sha-256", value: "AB" }],
  ["an unknown attribute without a name", { kind: "other", name: "" }],
  ["an unknown attribute with a colon in its name", { kind: "other", name: "a:b" }],
  ["an unknown attribute with a line break", { kind: "other", name: "a", value: "b\nc" }],
  ["an unknown attribute with NUL", { kind: "other", name: "a\0" }],
  ["an fmtp with a line break", { kind: "fmtp", format: "96", parameters: "a=1\r\nm=audio" }],
  [
    "both limits of reliability",
    { kind: "dcmap", streamId: 1, maxRetransmits: 1, maxLifetimeMs: 1 },
  ],
  [
    "a candidate without address",
    {
      kind: "candidate",
      foundation: "1",
      component: 1,
      transport: "udp",
      priority: 1,
      address: "",
      port: 1,
      type: "host",
      extensions: [],
    },
  ],
];

test.each(BAD_ATTRIBUTES)("what could not be read back is not written: %s", (_, attribute) => {
  assertRefused(() => serializeAttribute(attribute));
  assertRefused(() =>
    serializeSessionDescription({ ...DESCRIPTION, media: [{ ...DATA, attributes: [attribute] }] }),
  );
});

test.each<[string, Partial<SessionDescription>]>([
  ["no timing", { timings: [] }],
  ["a timing that is no number", { timings: [{ start: "now", stop: "0" }] }],
  ["a repetition with a line break", { timings: [{ start: "0", stop: "0", repeats: ["1\n2"] }] }],
  ["an empty name", { name: "" }],
  ["a name with a line break", { name: "a\r\nb" }],
  ["a user name with a space", { origin: { ...DESCRIPTION.origin, username: "a b" } }],
  ["a session id that is no number", { origin: { ...DESCRIPTION.origin, sessionId: "x" } }],
  ["a title with a line break", { information: "a\rb" }],
  ["an e-mail address with a line break", { emails: ["a\n"] }],
  ["a telephone number with a line break", { phones: ["\n"] }],
  ["a connection without address", { connection: { ...ANY_CONNECTION, address: "" } }],
  ["a fraction of bandwidth", { bandwidths: [{ type: "AS", value: 0.5 }] }],
  ["no format", { media: [{ ...DATA, formats: [] }] }],
  ["a format with a space", { media: [{ ...DATA, formats: ["0 1", "a b,"] }] }],
  ["port 70000", { media: [{ ...DATA, port: 70_000 }] }],
  ["zero ports", { media: [{ ...DATA, portCount: 0 }] }],
  ["a protocol with a line break", { media: [{ ...DATA, protocol: "UDP\r\na=x" }] }],
])("what could not be read back is not written: %s", (_, changes) => {
  assertRefused(() => serializeSessionDescription({ ...DESCRIPTION, ...changes }));
});

test("the limits of reading do not hold for writing", () => {
  const attributes = Array.from({ length: 5_000 }, (): Attribute => ({ kind: "other", name: "x" }));
  const text = serializeSessionDescription({ ...DESCRIPTION, attributes });
  assert.throws(() => parseSessionDescription(text), { code: "ERR_SDP_SYNTAX" });
  assert.ok(parseSessionDescription(text, { maxAttributesPerSection: 5_000 }));
});
