/** A fingerprint of no certificate. */
export const FINGERPRINT = `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "AB").join(":")}\r\n`;

/** Transport attributes, as they stand at the session level. */
export function transport(ufrag = "abcd", fingerprint = FINGERPRINT, setup = "actpass"): string {
  const credentials = `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${ufrag}${"p".repeat(24)}\r\n`;
  return `${credentials}${fingerprint}a=setup:${setup}\r\n`;
}

/** A section of Opus, with `lines` at its end. */
export function audioSection(mid: string, lines = "", port = 9): string {
  return [
    `m=audio ${port} UDP/TLS/RTP/SAVPF 111`,
    "c=IN IP4 0.0.0.0",
    `a=mid:${mid}`,
    "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2",
    lines,
  ].join("\r\n");
}

/** A section of VP8, with `lines` at its end. */
export function videoSection(mid: string, lines = ""): string {
  return [
    "m=video 9 UDP/TLS/RTP/SAVPF 96",
    "c=IN IP4 0.0.0.0",
    `a=mid:${mid}`,
    "a=rtcp-mux",
    "a=rtpmap:96 VP8/90000",
    lines,
  ].join("\r\n");
}

/** A section for data channels. */
export function dataSection(mid: string): string {
  return `m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:${mid}\r\na=sctp-port:5000\r\n`;
}

/** The text of a description; `groups` are the MIDs of each BUNDLE group. */
export function describe(
  sections: readonly string[],
  groups: readonly (readonly string[])[] = [],
  level: string = transport(),
): string {
  const lines = groups.map((mids) => `a=group:BUNDLE ${mids.join(" ")}\r\n`);
  const head = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
  return [head, ...lines, level, ...sections].join("");
}

/** `count` names. */
export function manyMids(count: number, prefix = "m"): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** Names that mean something to a JavaScript object. */
export const PROTOTYPE_NAMES = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "prototype",
  "valueOf",
  "then",
];

/** How often maps and sets are asked while `step` runs: the work of negotiation, counted. */
export function lookupsOf(step: () => void): number {
  let count = 0;
  const restore: (() => void)[] = [];
  const wrap = (target: object, name: string): void => {
    const original = Reflect.get(target, name) as (...args: unknown[]) => unknown;
    const value = function (this: unknown, ...args: unknown[]): unknown {
      count++;
      return Reflect.apply(original, this, args);
    };
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    restore.push(() =>
      Object.defineProperty(target, name, { value: original, configurable: true, writable: true }),
    );
  };
  for (const name of ["get", "has"]) {
    wrap(Map.prototype, name);
    wrap(WeakMap.prototype, name);
  }
  wrap(Set.prototype, "has");
  wrap(Array.prototype, "includes");
  try {
    step();
  } finally {
    for (const undo of restore) undo();
  }
  return count;
}
