import assert from "node:assert/strict";
import { test } from "vitest";
import { readDataChannelSection } from "./data-channel-section.ts";
import { parseSessionDescription } from "./parse-session-description.ts";
import { SdpSyntaxError } from "./sdp-syntax-error.ts";
import type { MediaDescription } from "./session-description.ts";

function section(...lines: readonly string[]): MediaDescription {
  const head = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"];
  return parseSessionDescription([...head, ...lines].join("\r\n")).media[0]!;
}

test("the new form (RFC 8841 §4)", () => {
  const media = section(
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "a=sctp-port:5001",
    "a=max-message-size:262144",
  );
  assert.deepEqual(readDataChannelSection(media), {
    sctpPort: 5_001,
    maxMessageBytes: 262_144,
    isOldForm: false,
  });
});

test("the old form of the article's appendix (draft-ietf-mmusic-sctp-sdp-05)", () => {
  const media = section(
    "m=application 47419 DTLS/SCTP 5000",
    "a=sctpmap:5000 webrtc-datachannel 65535",
    "a=max-message-size:65536",
  );
  assert.deepEqual(readDataChannelSection(media), {
    sctpPort: 5_000,
    maxMessageBytes: 65_536,
    isOldForm: true,
  });
});

test("the old form without a=sctpmap takes the port from the m= line", () => {
  assert.deepEqual(readDataChannelSection(section("m=application 9 DTLS/SCTP 5002")), {
    sctpPort: 5_002,
    maxMessageBytes: 65_536,
    isOldForm: true,
  });
});

test("the form in between: DTLS/SCTP with a=sctp-port", () => {
  const media = section("m=application 9 DTLS/SCTP webrtc-datachannel", "a=sctp-port:5000");
  assert.equal(readDataChannelSection(media)?.isOldForm, false);
});

test("SCTP over DTLS over TCP is a data channel section too (RFC 8841 §4)", () => {
  const media = section("m=application 9 TCP/DTLS/SCTP webrtc-datachannel", "a=sctp-port:5000");
  assert.equal(readDataChannelSection(media)?.sctpPort, 5_000);
});

test("without max-message-size it is 64 KiB, and 0 stands for any size (RFC 8841 §6)", () => {
  const line = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel";
  assert.equal(readDataChannelSection(section(line))?.maxMessageBytes, 65_536);
  assert.equal(
    readDataChannelSection(section(line, "a=max-message-size:0"))?.maxMessageBytes,
    Number.POSITIVE_INFINITY,
  );
});

test("a rejected section is still read: its port says that it is rejected", () => {
  const media = section("m=application 0 UDP/DTLS/SCTP webrtc-datachannel");
  assert.equal(readDataChannelSection(media)?.sctpPort, 5_000);
});

test.each([
  ["audio", ["m=audio 9 UDP/TLS/RTP/SAVPF 0"]],
  ["an application over RTP", ["m=application 9 UDP/TLS/RTP/SAVPF 100"]],
  ["SCTP without DTLS", ["m=application 9 SCTP 5000"]],
  ["another application over SCTP", ["m=application 9 UDP/DTLS/SCTP t38"]],
  [
    "an old-form map to another application",
    ["m=application 9 DTLS/SCTP 5000", "a=sctpmap:5000 t38 1"],
  ],
])("%s is no data channel section", (_, lines) => {
  assert.equal(readDataChannelSection(section(...lines)), undefined);
});

test.each([
  [
    "two ports in the old form",
    ["m=application 9 DTLS/SCTP 5000", "a=sctpmap:5001 webrtc-datachannel 256"],
    6,
  ],
  [
    "two ports, one in each form",
    [
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
      "a=sctp-port:1",
      "a=sctpmap:2 webrtc-datachannel",
    ],
    7,
  ],
  [
    "an m= line and a=sctp-port that differ",
    ["m=application 9 DTLS/SCTP 5000", "a=sctp-port:1"],
    6,
  ],
  ["two formats", ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel 5000"], 5],
])("a contradiction is refused with its line: %s", (_, lines, lineNumber) => {
  const media = section(...lines);
  assert.throws(
    () => readDataChannelSection(media),
    (error) => {
      assert.ok(error instanceof SdpSyntaxError);
      assert.equal(error.lineNumber, lineNumber);
      return true;
    },
  );
});

test("both forms at once are fine as long as they agree", () => {
  const media = section(
    "m=application 9 DTLS/SCTP 5000",
    "a=sctpmap:5000 webrtc-datachannel 1024",
    "a=sctp-port:5000",
  );
  assert.equal(readDataChannelSection(media)?.sctpPort, 5_000);
});

test("a section that a program built has no line: the error says 0", () => {
  const media: MediaDescription = {
    kind: "application",
    port: 9,
    protocol: "DTLS/SCTP",
    formats: ["5000"],
    attributes: [{ kind: "sctp-port", port: 4_999 }],
  };
  assert.throws(() => readDataChannelSection(media), { code: "ERR_SDP_SYNTAX", lineNumber: 0 });
});
