import {
  filterAttributes,
  findAttribute,
  type Attribute,
  type RidRestriction,
  type SimulcastStream,
} from "../../sdp/index.ts";

/** The encodings of a section, in the order of its `a=simulcast`; empty without simulcast. */
export type SectionEncodings = {
  readonly sendRids: readonly string[];
  readonly receiveRids: readonly string[];
};

const POSITIVE_INTEGER = /^[1-9]\d{0,15}$/;
const DECIMAL = /^\d{1,16}(\.\d{1,16})?$/;

/** RFC 8851 §5: the restrictions that are defined, and what their values look like. */
const RESTRICTIONS: ReadonlyMap<string, RegExp> = new Map([
  ["max-width", POSITIVE_INTEGER],
  ["max-height", POSITIVE_INTEGER],
  ["max-fps", DECIMAL],
  ["max-fs", POSITIVE_INTEGER],
  ["max-br", POSITIVE_INTEGER],
  ["max-pps", POSITIVE_INTEGER],
  ["max-bpp", DECIMAL],
  // Not defined there, but written by real peers for max-fps.
  ["max-fr", DECIMAL],
]);

/**
 * Reads `a=simulcast` with the `a=rid` lines that it refers to, as the one who wrote them sees it (RFC
 * 8853 §5.1, RFC 8851 §6). Of alternatives the first counts that a line describes, of repeated RIDs the
 * first; a paused encoding counts like any other (https://w3c.github.io/webrtc-pc/#set-the-session-description).
 * One that no line describes is left out: RFC 9429 §5.8 would refuse the description, no browser does.
 */
export function readEncodings(
  attributes: readonly Attribute[],
  payloadTypes: ReadonlySet<number>,
): SectionEncodings {
  const simulcast = findAttribute(attributes, "simulcast");
  if (simulcast === undefined) return { sendRids: [], receiveRids: [] };
  const rids = usableRids(attributes, payloadTypes);
  return {
    sendRids: ridsOf(simulcast.send ?? [], rids.send),
    receiveRids: ridsOf(simulcast.recv ?? [], rids.recv),
  };
}

function ridsOf(
  streams: readonly SimulcastStream[],
  usable: ReadonlySet<string>,
): readonly string[] {
  const chosen = new Set<string>();
  for (const alternatives of streams) {
    const first = alternatives.find(({ rid }) => usable.has(rid));
    if (first !== undefined) chosen.add(first.rid);
  }
  return [...chosen];
}

/** RIDs whose line can be used with the section's formats (RFC 8851 §6.2.2). */
function usableRids(
  attributes: readonly Attribute[],
  payloadTypes: ReadonlySet<number>,
): { readonly send: ReadonlySet<string>; readonly recv: ReadonlySet<string> } {
  const usable = { send: new Set<string>(), recv: new Set<string>() };
  const lines = filterAttributes(attributes, "rid");
  const ids = new Set(lines.map(({ id }) => id));
  for (const { id, direction, payloadTypes: ridTypes, restrictions } of lines) {
    const hasFormat = ridTypes === undefined || ridTypes.some((type) => payloadTypes.has(type));
    // What the writer restricts in its own streams binds only itself.
    const binding =
      direction === "recv" ? restrictions : restrictions.filter(({ name }) => name === "depend");
    if (hasFormat && binding.every((restriction) => canBeMet(restriction, ids))) {
      usable[direction].add(id);
    }
  }
  return usable;
}

/** A line is discarded if it asks for what is not known, or depends on a line that is not there. */
function canBeMet({ name, value }: RidRestriction, ids: ReadonlySet<string>): boolean {
  // Without a value the sender may choose one (RFC 8851 §5).
  if (name === "depend") return value === undefined || value.split(",").every((id) => ids.has(id));
  const pattern = RESTRICTIONS.get(name);
  return pattern !== undefined && (value === undefined || pattern.test(value));
}
