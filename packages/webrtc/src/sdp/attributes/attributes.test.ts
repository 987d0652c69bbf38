import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { Attribute } from "../attribute.ts";
import { codecOfName } from "../attribute-table.ts";
import { parseSessionDescription } from "../parse-session-description.ts";
import { SdpSyntaxError } from "../sdp-syntax-error.ts";
import { serializeAttribute } from "../serialize-session-description.ts";

const SESSION_HEAD = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"];
const MEDIA_LINE = "m=audio 9 UDP/TLS/RTP/SAVPF 96";

type Case = readonly [line: string, attribute: Attribute, canonical?: string];

function parseAt(level: "session" | "media", line: string): Attribute {
  const lines = level === "session" ? [...SESSION_HEAD, line] : [...SESSION_HEAD, MEDIA_LINE, line];
  const description = parseSessionDescription(lines.join("\n"));
  return (level === "session" ? description : description.media[0]!).attributes[0]!;
}

function levelOf(line: string): "session" | "media" {
  const name = line.slice(2).split(":")[0]!;
  return codecOfName(name)?.level === "session" ? "session" : "media";
}

function itIsTyped(title: string, cases: readonly Case[]): void {
  const named = cases.map(([line, attribute, canonical]) => ({ line, attribute, canonical }));
  test.each(named)(`${title}: $line`, ({ line, attribute, canonical }) => {
    const parsed = parseAt(levelOf(line), line);
    assert.deepEqual(parsed, attribute);
    assert.equal(serializeAttribute(parsed), line);
    assert.equal(serializeAttribute({ ...parsed }), canonical ?? line);
  });
}

function itIsRefused(title: string, lines: readonly string[]): void {
  test.each(lines)(`${title} refused: %s`, (line) => {
    const level = levelOf(line);
    assert.throws(
      () => parseAt(level, line),
      (error) => {
        assert.ok(error instanceof SdpSyntaxError);
        assert.equal(error.lineNumber, level === "session" ? 5 : 6);
        assert.match(error.expected, /^a=/);
        return true;
      },
    );
  });
}

function itIsKept(title: string, lines: readonly string[]): void {
  test.each(lines)(`${title} kept as it is: %s`, (line) => {
    const parsed = parseAt(levelOf(line), line);
    assert.equal(parsed.kind, "other");
    assert.equal(serializeAttribute(parsed), line);
    assert.equal(serializeAttribute({ ...parsed }), line);
  });
}

describe("ICE", () => {
  itIsTyped("RFC 8839 §5", [
    ["a=ice-ufrag:8hhY", { kind: "ice-ufrag", ufrag: "8hhY" }],
    ["a=ice-ufrag:a+/b", { kind: "ice-ufrag", ufrag: "a+/b" }],
    ["a=ice-pwd:asd88fgpdd777uzjYhagZg", { kind: "ice-pwd", password: "asd88fgpdd777uzjYhagZg" }],
    ["a=ice-options:trickle", { kind: "ice-options", options: ["trickle"] }],
    ["a=ice-options:trickle sped", { kind: "ice-options", options: ["trickle", "sped"] }],
    ["a=ice-options:ice2,trickle", { kind: "ice-options", options: ["ice2,trickle"] }],
    ["a=ice-pacing:50", { kind: "ice-pacing", intervalMs: 50 }],
    ["a=ice-pacing:050", { kind: "ice-pacing", intervalMs: 50 }, "a=ice-pacing:50"],
    ["a=ice-lite", { kind: "ice-lite" }],
    ["a=ice-mismatch", { kind: "ice-mismatch" }],
    ["a=end-of-candidates", { kind: "end-of-candidates" }],
    [
      "a=candidate:1 1 UDP 2130706431 203.0.113.141 8998 typ host",
      {
        kind: "candidate",
        foundation: "1",
        component: 1,
        transport: "udp",
        priority: 2_130_706_431,
        address: "203.0.113.141",
        port: 8_998,
        type: "host",
        extensions: [],
      },
      "a=candidate:1 1 udp 2130706431 203.0.113.141 8998 typ host",
    ],
    [
      "a=remote-candidates:1 192.0.2.3 45664 2 2001:db8::3 45665",
      {
        kind: "remote-candidates",
        candidates: [
          { component: 1, address: "192.0.2.3", port: 45_664 },
          { component: 2, address: "2001:db8::3", port: 45_665 },
        ],
      },
    ],
  ]);
  itIsRefused("RFC 8839 §5", [
    "a=ice-ufrag:abc",
    "a=ice-ufrag",
    "a=ice-ufrag:",
    "a=ice-ufrag:abc d",
    `a=ice-ufrag:${"a".repeat(257)}`,
    "a=ice-pwd:asd88fgpdd777uzjYhagZ",
    `a=ice-pwd:${"a".repeat(257)}`,
    "a=ice-options",
    "a=ice-options: ",
    "a=ice-pacing:soon",
    "a=ice-pacing:3600001",
    "a=ice-lite:yes",
    "a=candidate",
    "a=candidate:1 1 UDP 2130706431 203.0.113.141 8998",
    "a=end-of-candidates:1",
  ]);
  itIsKept("what nothing depends on, malformed,", [
    "a=remote-candidates:",
    "a=remote-candidates:1 192.0.2.3",
    "a=remote-candidates:0 192.0.2.3 1",
    "a=remote-candidates:1 192.0.2.3/8 1",
  ]);
});

describe("DTLS and identity", () => {
  const pairs = (count: number): string => Array.from({ length: count }, () => "AF").join(":");
  itIsTyped("RFC 8122, 8842, 8827, 4145, 4568", [
    [
      `a=fingerprint:sha-256 ${pairs(32)}`,
      { kind: "fingerprint", algorithm: "sha-256", value: pairs(32) },
    ],
    [
      `a=fingerprint:SHA-1 ${pairs(20).toLowerCase()}`,
      { kind: "fingerprint", algorithm: "sha-1", value: pairs(20) },
      `a=fingerprint:sha-1 ${pairs(20)}`,
    ],
    [
      `a=fingerprint:sha3-256 ${pairs(9)}`,
      { kind: "fingerprint", algorithm: "sha3-256", value: pairs(9) },
    ],
    ["a=setup:actpass", { kind: "setup", role: "actpass" }],
    ["a=setup:active", { kind: "setup", role: "active" }],
    ["a=setup:passive", { kind: "setup", role: "passive" }],
    ["a=setup:holdconn", { kind: "setup", role: "holdconn" }],
    ["a=setup:Active", { kind: "setup", role: "active" }, "a=setup:active"],
    ["a=connection:existing", { kind: "connection", reuse: "existing" }],
    ["a=tls-id:abc3de65cddef001be82", { kind: "tls-id", id: "abc3de65cddef001be82" }],
    ["a=identity:eyJpZHAi", { kind: "identity", assertion: "eyJpZHAi" }],
    ["a=identity:eyI= a=1;b", { kind: "identity", assertion: "eyI=", extensions: "a=1;b" }],
    [
      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc|2^20|1:4 KDR=1",
      {
        kind: "crypto",
        tag: 1,
        suite: "AES_CM_128_HMAC_SHA1_80",
        keyParameters: "inline:abc|2^20|1:4",
        sessionParameters: ["KDR=1"],
      },
    ],
  ]);
  itIsRefused("RFC 8122, 8842, 8827, 4145", [
    "a=fingerprint",
    "a=fingerprint:sha-256",
    `a=fingerprint:sha-256 ${pairs(31)}`,
    `a=fingerprint:sha-256 ${pairs(33)}`,
    `a=fingerprint:sha-256 ${pairs(32)}:`,
    `a=fingerprint:sha-256 ${pairs(32)} more`,
    `a=fingerprint:sha-256 ${"AF".repeat(32)}`,
    `a=fingerprint:sha-256 ${pairs(31)}:AG`,
    `a=fingerprint:unknown ${pairs(65)}`,
    `a=fingerprint:a,b ${pairs(32)}`,
    "a=setup",
    "a=setup:maybe",
    "a=tls-id:tooshort",
    `a=tls-id:${"a".repeat(256)}`,
    "a=tls-id:abc3de65cddef001be8 2",
    "a=identity",
    "a=identity:{}",
  ]);
  itIsKept("what nothing depends on, malformed,", [
    "a=crypto:x",
    "a=crypto",
    "a=crypto:1 A",
    "a=connection:old",
    "a=connection",
  ]);
});

describe("SCTP and data channels", () => {
  itIsTyped("RFC 8841, RFC 8864", [
    ["a=sctp-port:5000", { kind: "sctp-port", port: 5_000 }],
    ["a=sctp-port:0", { kind: "sctp-port", port: 0 }],
    ["a=max-message-size:262144", { kind: "max-message-size", bytes: 262_144 }],
    ["a=max-message-size:0", { kind: "max-message-size", bytes: 0 }],
    [
      "a=max-message-size:18446744073709551615",
      { kind: "max-message-size", bytes: 2 ** 64 },
      "a=max-message-size:18446744073709551616",
    ],
    [
      "a=sctpmap:5000 webrtc-datachannel 65535",
      { kind: "sctpmap", port: 5_000, application: "webrtc-datachannel", streams: 65_535 },
    ],
    [
      "a=sctpmap:5000 webrtc-datachannel",
      { kind: "sctpmap", port: 5_000, application: "webrtc-datachannel" },
    ],
    ["a=sctp-init:AQAAHvJOE48=", { kind: "sctp-init", chunk: "AQAAHvJOE48=" }],
    ["a=dcmap:0", { kind: "dcmap", streamId: 0 }],
    [
      'a=dcmap:2 label="a b";ordered=true',
      { kind: "dcmap", streamId: 2, label: "a b", ordered: true },
      'a=dcmap:2 ordered=true;label="a b"',
    ],
    [
      "a=dcsa:2 accept-types:text/plain *",
      { kind: "dcsa", streamId: 2, attribute: "accept-types:text/plain *" },
    ],
  ]);
  itIsRefused("RFC 8841", [
    "a=sctp-port",
    "a=sctp-port:65536",
    "a=sctp-port:-1",
    "a=max-message-size:",
    "a=max-message-size:64k",
    `a=max-message-size:${"9".repeat(21)}`,
    "a=sctpmap:5000",
    "a=sctpmap:webrtc-datachannel 5000",
    "a=sctpmap:5000 webrtc-datachannel 65537",
    "a=sctpmap:5000 webrtc-datachannel 1 2",
    "a=sctp-init",
    "a=sctp-init:AQ AA",
    "a=sctp-init:AQAA===",
  ]);
  itIsKept("RFC 8864, what is malformed is ignored", [
    "a=dcmap",
    "a=dcmap:65536",
    "a=dcmap:1 colour=red",
    "a=dcmap:1 max-retr=1;max-time=1",
    "a=dcsa",
    "a=dcsa:1",
    "a=dcsa:x label:1",
  ]);
});

describe("grouping and identification", () => {
  itIsTyped("RFC 5888, 8830, 8843, 8285, 8866", [
    ["a=group:BUNDLE 0 1", { kind: "group", semantics: "BUNDLE", mids: ["0", "1"] }],
    ["a=group:BUNDLE", { kind: "group", semantics: "BUNDLE", mids: [] }],
    ["a=group:LS  a b ", { kind: "group", semantics: "LS", mids: ["a", "b"] }, "a=group:LS a b"],
    ["a=mid:sdparta_0", { kind: "mid", mid: "sdparta_0" }],
    ["a=msid:- t", { kind: "msid", streamId: "-", trackId: "t" }],
    ["a=msid:{s} {t}", { kind: "msid", streamId: "{s}", trackId: "{t}" }],
    ["a=msid:s", { kind: "msid", streamId: "s" }],
    [
      "a=msid-semantic: WMS *",
      { kind: "msid-semantic", semantic: "WMS", streamIds: ["*"] },
      "a=msid-semantic:WMS *",
    ],
    ["a=msid-semantic:WMS", { kind: "msid-semantic", semantic: "WMS", streamIds: [] }],
    ["a=bundle-only", { kind: "bundle-only" }],
    ["a=extmap-allow-mixed", { kind: "extmap-allow-mixed" }],
    ["a=extmap-allow-mixed ", { kind: "extmap-allow-mixed" }, "a=extmap-allow-mixed"],
    ["a=sendrecv", { kind: "direction", direction: "sendrecv" }],
    ["a=sendonly", { kind: "direction", direction: "sendonly" }],
    ["a=recvonly", { kind: "direction", direction: "recvonly" }],
    ["a=inactive", { kind: "direction", direction: "inactive" }],
  ]);
  itIsRefused("RFC 5888, 8830, 8866", [
    "a=group",
    "a=group:",
    "a=group:BUN(DLE 0",
    "a=group:BUNDLE 0,1",
    `a=group:BUNDLE${" 0".repeat(2_000)}`,
    "a=mid",
    "a=mid:",
    "a=mid:a b",
    "a=mid:a/b",
    "a=msid",
    "a=msid:a b c",
    "a=msid-semantic",
    "a=bundle-only:1",
    "a=sendrecv:1",
  ]);
});

describe("RTP", () => {
  itIsTyped("RFC 8866 §6, RFC 8285, RFC 6236", [
    [
      "a=rtpmap:111 opus/48000/2",
      { kind: "rtpmap", payloadType: 111, encodingName: "opus", clockRate: 48_000, channels: 2 },
    ],
    [
      "a=rtpmap:96 VP8/90000",
      { kind: "rtpmap", payloadType: 96, encodingName: "VP8", clockRate: 90_000 },
    ],
    ["a=fmtp:97 apt=96", { kind: "fmtp", format: "97", parameters: "apt=96" }],
    ["a=fmtp:111 a=1; b=2;  c", { kind: "fmtp", format: "111", parameters: "a=1; b=2;  c" }],
    ["a=fmtp:97", { kind: "fmtp", format: "97", parameters: "" }],
    [
      "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset",
      { kind: "extmap", id: 1, uri: "urn:ietf:params:rtp-hdrext:toffset" },
    ],
    [
      "a=extmap:4351/recvonly urn:x vad=on now",
      { kind: "extmap", id: 4_351, direction: "recvonly", uri: "urn:x", parameters: "vad=on now" },
    ],
    ["a=ptime:20", { kind: "ptime", durationMs: 20 }],
    ["a=ptime:2.5", { kind: "ptime", durationMs: 2.5 }],
    ["a=maxptime:120", { kind: "maxptime", durationMs: 120 }],
    ["a=framerate:29.970", { kind: "framerate", framesPerSecond: 29.97 }, "a=framerate:29.97"],
    [
      "a=imageattr:* send [x=800,y=640] recv *",
      { kind: "imageattr", payloadType: "*", sets: "send [x=800,y=640] recv *" },
    ],
  ]);
  itIsRefused("RFC 8866 §6, RFC 8285", [
    "a=rtpmap",
    "a=rtpmap:128 VP8/90000",
    "a=rtpmap:96 VP8",
    "a=rtpmap:96 VP8/",
    "a=rtpmap:96 /90000",
    "a=rtpmap:96 VP8/90000/",
    "a=rtpmap:96 opus/48000/2/1",
    "a=rtpmap:96 VP8/90000 extra",
    "a=rtpmap:x VP8/90000",
    "a=fmtp",
    "a=fmtp:",
    "a=fmtp: apt=96",
    "a=extmap",
    "a=extmap:0 urn:x",
    "a=extmap:4352 urn:x",
    "a=extmap:1",
    "a=extmap:1/both urn:x",
    "a=extmap:1/sendonly/recvonly urn:x",
  ]);
  itIsKept("hints that are malformed", [
    "a=ptime:fast",
    "a=ptime:0",
    "a=maxptime",
    "a=framerate:30/1",
    "a=imageattr:97",
    "a=imageattr:999 send *",
  ]);
});

describe("RTCP", () => {
  itIsTyped("RFC 3605, 5761, 8858, 5506, 4585, 3611", [
    [
      "a=rtcp:9 IN IP4 0.0.0.0",
      { kind: "rtcp", port: 9, networkType: "IN", addressType: "IP4", address: "0.0.0.0" },
    ],
    ["a=rtcp:53020", { kind: "rtcp", port: 53_020 }],
    ["a=rtcp-mux", { kind: "rtcp-mux" }],
    ["a=rtcp-mux-only", { kind: "rtcp-mux-only" }],
    ["a=rtcp-rsize", { kind: "rtcp-rsize" }],
    ["a=rtcp-fb:96 nack", { kind: "rtcp-fb", payloadType: 96, feedback: "nack" }],
    [
      "a=rtcp-fb:* ccm fir",
      { kind: "rtcp-fb", payloadType: "*", feedback: "ccm", parameter: "fir" },
    ],
    [
      "a=rtcp-fb:96 nack ",
      { kind: "rtcp-fb", payloadType: 96, feedback: "nack" },
      "a=rtcp-fb:96 nack",
    ],
    ["a=rtcp-xr:rcvr-rtt=all", { kind: "rtcp-xr", formats: ["rcvr-rtt=all"] }],
    ["a=rtcp-xr:", { kind: "rtcp-xr", formats: [] }],
  ]);
  itIsRefused("RFC 4585, 5761", [
    "a=rtcp-fb",
    "a=rtcp-fb:128 nack",
    "a=rtcp-fb:96",
    "a=rtcp-mux:1",
  ]);
  itIsKept("what nothing depends on, malformed,", [
    "a=rtcp",
    "a=rtcp:65536",
    "a=rtcp:9 IN IP4",
    "a=rtcp:9 IN IP4 0.0.0.0 1",
    `a=rtcp-xr:${"a ".repeat(2_000)}b`,
  ]);
});

describe("single streams", () => {
  itIsTyped("RFC 5576, 8851, 8853", [
    [
      "a=ssrc:4294967295 cname:a b:c",
      { kind: "ssrc", ssrc: 4_294_967_295, attribute: "cname", value: "a b:c" },
    ],
    ["a=ssrc:1 cname:", { kind: "ssrc", ssrc: 1, attribute: "cname", value: "" }],
    ["a=ssrc:0 flag", { kind: "ssrc", ssrc: 0, attribute: "flag" }],
    ["a=ssrc-group:FID 1 2", { kind: "ssrc-group", semantics: "FID", ssrcs: [1, 2] }],
    ["a=ssrc-group:SIM", { kind: "ssrc-group", semantics: "SIM", ssrcs: [] }],
    ["a=rid:h send", { kind: "rid", id: "h", direction: "send", restrictions: [] }],
    [
      "a=rid:h_-1 recv pt=96,97;max-width=1280;depend",
      {
        kind: "rid",
        id: "h_-1",
        direction: "recv",
        payloadTypes: [96, 97],
        restrictions: [{ name: "max-width", value: "1280" }, { name: "depend" }],
      },
    ],
    [
      "a=simulcast:send h;m;~l",
      {
        kind: "simulcast",
        send: [
          [{ rid: "h", isPaused: false }],
          [{ rid: "m", isPaused: false }],
          [{ rid: "l", isPaused: true }],
        ],
      },
    ],
    [
      "a=simulcast:recv a,~b send c",
      {
        kind: "simulcast",
        recv: [
          [
            { rid: "a", isPaused: false },
            { rid: "b", isPaused: true },
          ],
        ],
        send: [[{ rid: "c", isPaused: false }]],
      },
      "a=simulcast:send c recv a,~b",
    ],
  ]);
  itIsRefused("RFC 5576", [
    "a=ssrc",
    "a=ssrc:1",
    "a=ssrc: cname:x",
    "a=ssrc:4294967296 cname:x",
    "a=ssrc:1 :x",
    "a=ssrc-group",
    "a=ssrc-group:FID x",
    "a=ssrc-group:FID -1",
  ]);
  itIsKept("RFC 8851 §6.3, RFC 8853 §5.2, what is malformed is ignored", [
    "a=rid",
    "a=rid:h",
    "a=rid:h sideways",
    "a=rid:h! send",
    "a=rid:h send pt=x",
    "a=rid:h send max-fr=1;pt=96",
    "a=rid:h send pt=96;pt=97",
    "a=rid:h send ;;",
    `a=rid:h send ${"a=1;".repeat(3_000)}`,
    "a=simulcast",
    "a=simulcast:send",
    "a=simulcast: send rid=a;b",
    "a=simulcast:send a send b",
    "a=simulcast:both a",
    "a=simulcast:send a;;b",
    "a=simulcast:send a recv",
  ]);
});

test("an attribute at a level where it means nothing is kept, not read (RFC 8866 §5.13)", () => {
  assert.deepEqual(parseAt("session", "a=mid:0"), { kind: "other", name: "mid", value: "0" });
  assert.deepEqual(parseAt("session", "a=candidate:nonsense").kind, "other");
  assert.deepEqual(parseAt("media", "a=ice-lite"), { kind: "other", name: "ice-lite" });
  assert.deepEqual(parseAt("media", "a=group:BUNDLE 0").kind, "other");
});

test("attributes of both levels are read at both (RFC 8839 §5.4, 8122 §5, 4145 §4, 8866 §6.7)", () => {
  for (const line of ["a=ice-ufrag:abcd", "a=setup:active", "a=sendonly", "a=extmap:1 urn:x"]) {
    assert.deepEqual(parseAt("session", line), parseAt("media", line));
    assert.notEqual(parseAt("session", line).kind, "other");
  }
});
