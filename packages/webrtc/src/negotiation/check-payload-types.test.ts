import assert from "node:assert/strict";
import { test } from "vitest";

import { parseSessionDescription } from "../sdp/index.ts";
import { checkBundledPayloadTypes } from "./check-payload-types.ts";
import { NegotiationError } from "./negotiation-error.ts";

/** Two sections of video with these formats; `bundle` are the MIDs of their group. */
function check(bundle: string, first: string, second: string, port = 9): void {
  const sections = [first, second].map((lines, index) =>
    [
      `m=video ${index === 0 ? port : 9} UDP/TLS/RTP/SAVPF 96 97`,
      `a=mid:${index}`,
      ...lines.split("|").map((line) => `a=${line}`),
      "",
    ].join("\r\n"),
  );
  const head = `v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE ${bundle}\r\n`;
  checkBundledPayloadTypes(parseSessionDescription(head + sections.join("")));
}

const VP8 = "rtpmap:96 VP8/90000|rtpmap:97 rtx/90000|fmtp:97 apt=96";
const H264 = "rtpmap:96 H264/90000|rtpmap:97 rtx/90000|fmtp:97 apt=96";

test("sections of one bundle may say the same of a payload type, in any case and with any level (RFC 8843 §9.1)", () => {
  check("0 1", VP8, VP8.replace("VP8", "vp8"));
  check(
    "0 1",
    `${H264}|fmtp:96 profile-level-id=42e01f`,
    `${H264}|fmtp:96 profile-level-id=42e034`,
  );
});

test("a payload type with two meanings in one bundle is refused, and both sections are named (RFC 8843 §9.1)", () => {
  assert.throws(
    () => check("0 1", VP8, H264),
    (error) =>
      error instanceof NegotiationError &&
      error.kind === "invalidContent" &&
      /section 1 \(mid "1"\) has payload type 96 for "video\/h264.*section 0 of its bundle for "video\/vp8/.test(
        error.message,
      ),
  );
});

test("outside of a bundle, and beside what is refused, a payload type means what its section says", () => {
  check("1", VP8, H264);
  check("0 1", VP8, H264, 0);
});
