import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import type { Attribute, AttributeKind, AttributeOf } from "./attribute.ts";
import { codecOfName } from "./attribute-table.ts";
import { parseSessionDescription } from "./parse-session-description.ts";
import { serializeSessionDescription } from "./serialize-session-description.ts";
import type { MediaDescription, SessionDescription } from "./session-description.ts";

// Descriptions drawn from the typed model: whatever a program can build must survive the text.

type Members<K extends AttributeKind> = {
  readonly [M in keyof Omit<AttributeOf<K>, "kind">]-?: fc.Arbitrary<
    Exclude<AttributeOf<K>[M & keyof AttributeOf<K>], undefined>
  >;
};

const PLAIN = { noNullPrototype: true } as const;
const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,12}$/);
const word = fc.stringMatching(/^[!-~]{1,16}$/);
const text = fc.stringMatching(/^[!-~]( ?[!-~éß日]){0,20}$/);
const hostName = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
const port = fc.integer({ min: 0, max: 65_535 });
const payloadType = fc.integer({ min: 0, max: 127 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const ridName = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/);
const decimal = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const base64 = fc.stringMatching(/^[A-Za-z0-9+/]{4,40}={0,2}$/);
const direction = fc.constantFrom("sendrecv", "sendonly", "recvonly", "inactive");
const positiveReal = fc.integer({ min: 1, max: 99_999 }).map((thousandths) => thousandths / 1_000);
const tokens = fc.array(token, { maxLength: 4 });

function iceText(min: number): fc.Arbitrary<string> {
  return fc.string({
    unit: fc.constantFrom(..."abcdefgXYZ0123456789+/"),
    minLength: min,
    maxLength: min + 10,
  });
}

/** An arbitrary of one kind; members called `optional` may be absent. */
function of<K extends AttributeKind>(
  kind: K,
  members: Members<K>,
  optional: readonly string[] = [],
): fc.Arbitrary<Attribute> {
  const required = Object.keys(members).filter((name) => !optional.includes(name));
  return fc
    .record(members as Record<string, fc.Arbitrary<unknown>>, { ...PLAIN, requiredKeys: required })
    .map((values) => ({ kind, ...values }) as unknown as Attribute);
}

const fingerprint = fc
  .constantFrom(["sha-1", 20] as const, ["sha-256", 32] as const, ["sha-512", 64] as const)
  .chain(([algorithm, digestBytes]) =>
    of("fingerprint", {
      algorithm: fc.constant(algorithm),
      value: fc
        .uint8Array({ minLength: digestBytes, maxLength: digestBytes })
        .map((bytes) =>
          [...bytes].map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(":"),
        ),
    }),
  );

const rtcp = fc.oneof(
  port.map((value): Attribute => ({ kind: "rtcp", port: value })),
  fc.tuple(port, hostName).map(([value, address]): Attribute => ({
    kind: "rtcp",
    port: value,
    networkType: "IN",
    addressType: "IP4",
    address,
  })),
);

const candidate = of(
  "candidate",
  {
    foundation: iceText(1),
    component: fc.integer({ min: 1, max: 256 }),
    transport: fc.constantFrom("udp", "tcp"),
    priority: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    address: hostName,
    port,
    type: fc.constantFrom("host", "srflx", "prflx", "relay"),
    relatedAddress: hostName,
    relatedPort: port,
    tcpType: fc.constantFrom("active", "passive", "so"),
    extensions: fc.array(
      fc.record({ name: fc.constantFrom("generation", "network-id", "ufrag"), value: word }, PLAIN),
      { maxLength: 3 },
    ),
  },
  ["relatedAddress", "relatedPort", "tcpType"],
);

const simulcastStreams = fc.array(
  fc.array(fc.record({ rid: ridName, isPaused: fc.boolean() }, PLAIN), {
    minLength: 1,
    maxLength: 2,
  }),
  { minLength: 1, maxLength: 3 },
);

/** One arbitrary for every kind, so that a new row of the table fails the build here. */
const BY_KIND: { readonly [K in AttributeKind]: fc.Arbitrary<Attribute> } = {
  group: of("group", { semantics: token, mids: tokens }),
  mid: of("mid", { mid: token }),
  msid: of("msid", { streamId: word, trackId: word }, ["trackId"]),
  "msid-semantic": of("msid-semantic", {
    semantic: token,
    streamIds: fc.array(word, { maxLength: 3 }),
  }),
  "bundle-only": of("bundle-only", {}),
  "extmap-allow-mixed": of("extmap-allow-mixed", {}),
  direction: of("direction", { direction }),
  candidate,
  "remote-candidates": of("remote-candidates", {
    candidates: fc.array(
      fc.record({ component: fc.integer({ min: 1, max: 256 }), address: hostName, port }, PLAIN),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  "end-of-candidates": of("end-of-candidates", {}),
  "ice-ufrag": of("ice-ufrag", { ufrag: iceText(4) }),
  "ice-pwd": of("ice-pwd", { password: iceText(22) }),
  "ice-options": of("ice-options", { options: fc.array(word, { minLength: 1, maxLength: 3 }) }),
  "ice-pacing": of("ice-pacing", { intervalMs: fc.integer({ min: 0, max: 3_600_000 }) }),
  "ice-lite": of("ice-lite", {}),
  "ice-mismatch": of("ice-mismatch", {}),
  fingerprint,
  setup: of("setup", { role: fc.constantFrom("active", "passive", "actpass", "holdconn") }),
  "tls-id": of("tls-id", { id: fc.stringMatching(/^[A-Za-z0-9+/_-]{20,40}$/) }),
  connection: of("connection", { reuse: fc.constantFrom("new", "existing") }),
  identity: of("identity", { assertion: base64, extensions: word }, ["extensions"]),
  crypto: of("crypto", {
    tag: fc.nat(999_999_999),
    suite: word,
    keyParameters: word,
    sessionParameters: fc.array(word, { maxLength: 2 }),
  }),
  "sctp-port": of("sctp-port", { port }),
  "max-message-size": of("max-message-size", { bytes: fc.maxSafeNat() }),
  sctpmap: of("sctpmap", { port, application: token, streams: fc.nat(65_536) }, ["streams"]),
  "sctp-init": of("sctp-init", { chunk: base64 }),
  dcmap: of(
    "dcmap",
    {
      streamId: port,
      ordered: fc.boolean(),
      subprotocol: text,
      label: text,
      maxRetransmits: uint32,
      maxLifetimeMs: uint32,
      priority: port,
    },
    ["ordered", "subprotocol", "label", "maxRetransmits", "maxLifetimeMs", "priority"],
  ).filter((attribute) => !("maxRetransmits" in attribute && "maxLifetimeMs" in attribute)),
  dcsa: of("dcsa", { streamId: port, attribute: text }),
  rtpmap: of(
    "rtpmap",
    {
      payloadType,
      encodingName: token,
      clockRate: uint32,
      channels: fc.integer({ min: 1, max: 255 }),
    },
    ["channels"],
  ),
  fmtp: of("fmtp", { format: token, parameters: fc.oneof(fc.constant(""), text) }),
  extmap: of(
    "extmap",
    { id: fc.integer({ min: 1, max: 4_351 }), direction, uri: word, parameters: text },
    ["direction", "parameters"],
  ),
  ptime: of("ptime", { durationMs: positiveReal }),
  maxptime: of("maxptime", { durationMs: positiveReal }),
  framerate: of("framerate", { framesPerSecond: positiveReal }),
  imageattr: of("imageattr", {
    payloadType: fc.oneof(payloadType, fc.constant("*" as const)),
    sets: text,
  }),
  rtcp,
  "rtcp-mux": of("rtcp-mux", {}),
  "rtcp-mux-only": of("rtcp-mux-only", {}),
  "rtcp-rsize": of("rtcp-rsize", {}),
  "rtcp-fb": of(
    "rtcp-fb",
    {
      payloadType: fc.oneof(payloadType, fc.constant("*" as const)),
      feedback: token,
      parameter: text,
    },
    ["parameter"],
  ),
  "rtcp-xr": of("rtcp-xr", { formats: fc.array(word, { maxLength: 3 }) }),
  ssrc: of("ssrc", { ssrc: uint32, attribute: token, value: fc.oneof(fc.constant(""), text) }, [
    "value",
  ]),
  "ssrc-group": of("ssrc-group", { semantics: token, ssrcs: fc.array(uint32, { maxLength: 3 }) }),
  rid: of(
    "rid",
    {
      id: ridName,
      direction: fc.constantFrom("send", "recv"),
      payloadTypes: fc.array(payloadType, { minLength: 1, maxLength: 3 }),
      restrictions: fc.array(
        fc.record(
          {
            name: fc.constantFrom("max-width", "max-br", "x"),
            value: fc.stringMatching(/^[0-9]{1,5}$/),
          },
          { ...PLAIN, requiredKeys: ["name"] },
        ),
        { maxLength: 3 },
      ),
    },
    ["payloadTypes"],
  ),
  simulcast: of("simulcast", { send: simulcastStreams, recv: simulcastStreams }, [
    "send",
    "recv",
  ]).filter((attribute) => "send" in attribute || "recv" in attribute),
  other: of(
    "other",
    { name: token.map((name) => `x-${name}`), value: fc.oneof(fc.constant(""), text) },
    ["value"],
  ),
};

/** Attributes that may stand at `level`; of each key that must be unique only the first. */
function attributesAt(level: "session" | "media"): fc.Arbitrary<Attribute[]> {
  const allowed = (Object.keys(BY_KIND) as AttributeKind[]).filter((kind) => {
    const levelOfKind = codecOfName(kind)?.level ?? "any";
    return levelOfKind === "any" || levelOfKind === level;
  });
  return fc
    .array(fc.oneof(...allowed.map((kind) => BY_KIND[kind])), { maxLength: 12 })
    .map((list) => {
      const seen = new Set<string>();
      return list.filter((attribute) => {
        const codec = codecOfName(attribute.kind === "direction" ? "sendrecv" : attribute.kind);
        if (!codec || codec.repeat === "any" || attribute.kind === "other") return true;
        const key = `${attribute.kind} ${codec.keyOf?.(attribute) ?? ""}`;
        return seen.has(key) ? false : Boolean(seen.add(key));
      });
    });
}

const connection = fc.record(
  { networkType: fc.constant("IN"), addressType: fc.constantFrom("IP4", "IP6"), address: hostName },
  PLAIN,
);
const bandwidths = fc.array(fc.record({ type: token, value: fc.maxSafeNat() }, PLAIN), {
  minLength: 1,
  maxLength: 3,
});

const mediaSection: fc.Arbitrary<MediaDescription> = fc.record(
  {
    kind: fc.constantFrom("audio", "video", "application"),
    port,
    portCount: fc.integer({ min: 1, max: 65_535 }),
    protocol: fc.constantFrom("UDP/TLS/RTP/SAVPF", "UDP/DTLS/SCTP", "DTLS/SCTP"),
    formats: fc.array(token, { minLength: 1, maxLength: 5 }),
    information: text,
    connection,
    bandwidths,
    key: text,
    attributes: attributesAt("media"),
  },
  { ...PLAIN, requiredKeys: ["kind", "port", "protocol", "formats", "attributes"] },
);

const timing = fc.record(
  { start: decimal, stop: decimal, repeats: fc.array(text, { minLength: 1, maxLength: 2 }) },
  { ...PLAIN, requiredKeys: ["start", "stop"] },
);

const description: fc.Arbitrary<SessionDescription> = fc
  .record(
    {
      origin: fc.record(
        {
          username: word,
          sessionId: decimal,
          sessionVersion: decimal,
          networkType: fc.constant("IN"),
          addressType: fc.constantFrom("IP4", "IP6"),
          address: hostName,
        },
        PLAIN,
      ),
      name: text,
      information: text,
      uri: fc.webUrl(),
      emails: fc.array(text, { minLength: 1, maxLength: 2 }),
      phones: fc.array(text, { minLength: 1, maxLength: 2 }),
      connection,
      bandwidths,
      timings: fc.array(timing, { minLength: 1, maxLength: 2 }),
      timeZones: text,
      key: text,
      attributes: attributesAt("session"),
      media: fc.array(mediaSection, { maxLength: 3 }),
    },
    { ...PLAIN, requiredKeys: ["origin", "name", "timings", "attributes", "media"] },
  )
  .map((value) => ({ ...value, media: withDistinctMids(value.media) }));

function withDistinctMids(media: readonly MediaDescription[]): MediaDescription[] {
  return media.map((section, index) => ({
    ...section,
    attributes: section.attributes.map((attribute) =>
      attribute.kind === "mid" ? { ...attribute, mid: `${attribute.mid}${index}` } : attribute,
    ),
  }));
}

test("any description of the typed model survives writing and reading", () => {
  fc.assert(
    fc.property(description, (value) => {
      const written = serializeSessionDescription(value);
      const read = parseSessionDescription(written);
      assert.deepEqual(read, value);
      assert.equal(serializeSessionDescription(read), written);
      assert.equal(serializeSessionDescription(structuredClone(read)), written);
    }),
    { numRuns: 300 },
  );
});

test.each(Object.entries(BY_KIND))("every %s survives writing and reading", (kind, arbitrary) => {
  const level = codecOfName(kind)?.level === "session" ? "session" : "media";
  const base: SessionDescription = {
    origin: {
      username: "-",
      sessionId: "1",
      sessionVersion: "1",
      networkType: "IN",
      addressType: "IP4",
      address: "0.0.0.0",
    },
    name: "-",
    timings: [{ start: "0", stop: "0" }],
    attributes: [],
    media: [],
  };
  const section: MediaDescription = {
    kind: "audio",
    port: 9,
    protocol: "UDP/TLS/RTP/SAVPF",
    formats: ["0"],
    attributes: [],
  };
  fc.assert(
    fc.property(arbitrary, (attribute) => {
      const value: SessionDescription =
        level === "session"
          ? { ...base, attributes: [attribute] }
          : { ...base, media: [{ ...section, attributes: [attribute] }] };
      assert.deepEqual(parseSessionDescription(serializeSessionDescription(value)), value);
    }),
    { numRuns: 50 },
  );
});
