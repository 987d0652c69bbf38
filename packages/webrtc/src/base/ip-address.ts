/** The two versions of the Internet Protocol. */
export type IpFamily = "IPv4" | "IPv6";

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const IPV6_GROUPS = 8;
const MAX_TEXT_LENGTH = 45;

/**
 * The address as 4 or 16 bytes in network order; `undefined` if `text` is not an IP address. A zone
 * (`%eth0`), brackets and leading zeros in IPv4 are refused.
 */
export function parseIpAddress(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** The canonical text of 4 or 16 address bytes (RFC 5952 §4 for IPv6). */
export function formatIpAddress(bytes: Uint8Array): string {
  return bytes.byteLength === IPV4_BYTES ? bytes.join(".") : formatIpv6(bytes);
}

/** `text` in canonical form, or `undefined` if it is not an IP address. */
export function canonicalIpAddress(text: string): string | undefined {
  const bytes = parseIpAddress(text);
  return bytes === undefined ? undefined : formatIpAddress(bytes);
}

/** The family of an address in text form, which is known to be an IP address. */
export function ipFamilyOf(address: string): IpFamily {
  return address.includes(":") ? "IPv6" : "IPv4";
}

/** True for `fe80::/10` (RFC 4291 §2.5.6). IPv4's 169.254/16 is not meant: it needs no zone. */
export function isIpv6LinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}

/** True for `127.0.0.0/8` and `::1`. */
export function isLoopbackAddress(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}

/**
 * True if packets can be addressed to one host there: neither unspecified (`0.0.0.0/8`, `::`) nor
 * multicast nor broadcast. `address` is canonical.
 */
export function isUnicastAddress(address: string): boolean {
  if (address.includes(":")) return address !== "::" && !/^ff[0-9a-f]{2}:/i.test(address);
  const firstByte = Number.parseInt(address, 10);
  return firstByte > 0 && firstByte < 224;
}

function parseIpv4(text: string): Uint8Array<ArrayBuffer> | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const bytes = new Uint8Array(IPV4_BYTES);
  for (let index = 0; index < IPV4_BYTES; index++) {
    const digits = match[index + 1]!;
    const value = Number(digits);
    if (value > 255 || (digits.length > 1 && digits.startsWith("0"))) return undefined;
    bytes[index] = value;
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array<ArrayBuffer> | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = IPV6_GROUPS - head.length - tail.length;
  // "::" stands for at least one group (RFC 4291 §2.2); without it all eight are written.
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const bytes = new Uint8Array(IPV6_BYTES);
  [...head, ...new Array<number>(missing).fill(0), ...tail].forEach((group, index) => {
    bytes[index * 2] = group >>> 8;
    bytes[index * 2 + 1] = group & 0xff;
  });
  return bytes;
}

/** The 16-bit groups of one side of `::`; the last two may be written as an IPv4 address. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes(".")) {
      const ipv4 = parseIpv4(part);
      if (ipv4 === undefined) return undefined;
      groups.push((ipv4[0]! << 8) | ipv4[1]!, (ipv4[2]! << 8) | ipv4[3]!);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

function formatIpv6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let index = 0; index < IPV6_BYTES; index += 2) {
    groups.push((bytes[index]! << 8) | bytes[index + 1]!);
  }
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return `::ffff:${bytes.subarray(12, IPV6_BYTES).join(".")}`; // RFC 5952 §5
  }
  const gap = longestRunOfZeros(groups);
  const text = (part: readonly number[]): string =>
    part.map((group) => group.toString(16)).join(":");
  if (gap.length < 2) return text(groups); // RFC 5952 §4.2.2: a single zero group stays.
  return `${text(groups.slice(0, gap.start))}::${text(groups.slice(gap.start + gap.length))}`;
}

/** The first of the longest runs (RFC 5952 §4.2.3). */
function longestRunOfZeros(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) continue;
    if (index - start > longest.length) longest = { start, length: index - start };
    start = index + 1;
  }
  return longest;
}
