import assert from "node:assert/strict";
import { test } from "vitest";
import { parseSessionDescription } from "./parse-session-description.ts";
import { SdpSyntaxError } from "./sdp-syntax-error.ts";
import { serializeSessionDescription } from "./serialize-session-description.ts";
import type { MediaDescription } from "./session-description.ts";

const HEAD = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

function section(...lines: readonly string[]): MediaDescription {
  return parseSessionDescription(`${HEAD}${lines.join("\r\n")}\r\n`).media[0]!;
}

test("the m= line in its parts (RFC 8866 §5.14)", () => {
  assert.deepEqual(section("m=video 49170/2 RTP/AVP 31 99"), {
    kind: "video",
    port: 49_170,
    portCount: 2,
    protocol: "RTP/AVP",
    formats: ["31", "99"],
    attributes: [],
  });
});

test.each([
  "m=audio",
  "m=audio 9",
  "m=audio 9 RTP/AVP",
  "m=audio x RTP/AVP 0",
  "m=audio 65536 RTP/AVP 0",
  "m=audio -1 RTP/AVP 0",
  "m=audio 9/0 RTP/AVP 0",
  "m=audio 9/x RTP/AVP 0",
  "m=audio 9/1/1 RTP/AVP 0",
  "m=audio 9 RTP//AVP 0",
  "m=audio 9 /RTP 0",
  "m=audio 9 RTP/AVP 0,1",
  "m=aud:io 9 RTP/AVP 0",
  "m=",
  `m=audio 9 RTP/AVP${" 0".repeat(257)}`,
])("not an m= line: %s", (line) => {
  assert.throws(
    () => section(line),
    (error) => {
      assert.ok(error instanceof SdpSyntaxError);
      assert.equal(error.lineNumber, 5);
      assert.match(error.expected, /^m=<media>/);
      return true;
    },
  );
});

test("title, connections, bandwidths and key (RFC 8866 §5.4, §5.7, §5.8, §5.12)", () => {
  const media = section(
    "m=video 9 RTP/AVP 31",
    "i=Slides",
    "c=IN IP4 233.252.0.1/127",
    "c=IN IP4 233.252.0.2/127",
    "b=AS:128",
    "b=TIAS:128000",
    "k=clear:x",
    "a=mid:0",
  );
  assert.equal(media.information, "Slides");
  assert.equal(media.connection?.address, "233.252.0.1/127");
  assert.deepEqual(media.moreConnections, [
    { networkType: "IN", addressType: "IP4", address: "233.252.0.2/127" },
  ]);
  assert.deepEqual(media.bandwidths, [
    { type: "AS", value: 128 },
    { type: "TIAS", value: 128_000 },
  ]);
  assert.equal(media.key, "clear:x");
});

test("b= behind a=mid, as applications insert it, is read, and written where it belongs", () => {
  const text = `${HEAD}m=video 9 RTP/AVP 31\r\na=mid:0\r\nb=AS:256\r\na=sendrecv\r\nc=IN IP4 0.0.0.0\r\n`;
  const description = parseSessionDescription(text);
  assert.deepEqual(description.media[0]?.bandwidths, [{ type: "AS", value: 256 }]);
  assert.equal(
    serializeSessionDescription(description),
    `${HEAD}m=video 9 RTP/AVP 31\r\nc=IN IP4 0.0.0.0\r\nb=AS:256\r\na=mid:0\r\na=sendrecv\r\n`,
  );
});

test.each(["i", "k"])("a second %s= in a section is refused", (type) => {
  assert.throws(() => section("m=video 9 RTP/AVP 31", `${type}=x`, `${type}=x`), {
    code: "ERR_SDP_SYNTAX",
    lineNumber: 7,
  });
});
