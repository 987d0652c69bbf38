import {
  filterAttributes,
  findAttribute,
  hasAttribute,
  type SessionDescription,
} from "../sdp/index.ts";

/** What is asked of a description for each of its sections: answered once, since descriptions never change. */
export type Outline = {
  /** What identifies each section: its `a=mid`, or its place if it has none (RFC 9429 §5.10). */
  readonly mids: readonly string[];
  readonly indexOfMid: ReadonlyMap<string, number>;
  /** The BUNDLE group of a MID, tagged one first (RFC 8843 §7). */
  readonly bundleOfMid: ReadonlyMap<string, readonly string[]>;
  /** Whether each section is in use: not refused by port zero, unless that only says that it is bundled. */
  readonly isLive: readonly boolean[];
};

const OUTLINES = new WeakMap<SessionDescription, Outline>();

/** The outline of a description. */
export function outlineOf(description: SessionDescription): Outline {
  let outline = OUTLINES.get(description);
  if (outline === undefined) {
    outline = readOutline(description);
    OUTLINES.set(description, outline);
  }
  return outline;
}

function readOutline({ attributes, media }: SessionDescription): Outline {
  const mids = media.map(
    (section, index) => findAttribute(section.attributes, "mid")?.mid ?? `section-${index}`,
  );
  const indexOfMid = new Map<string, number>();
  for (const [index, mid] of mids.entries()) {
    if (!indexOfMid.has(mid)) indexOfMid.set(mid, index);
  }
  const bundleOfMid = new Map<string, readonly string[]>();
  for (const group of filterAttributes(attributes, "group")) {
    if (group.semantics !== "BUNDLE") continue;
    for (const mid of group.mids) {
      if (!bundleOfMid.has(mid)) bundleOfMid.set(mid, group.mids);
    }
  }
  const isLive = media.map(
    (section, index) =>
      section.port !== 0 ||
      (bundleOfMid.has(mids[index]!) && hasAttribute(section.attributes, "bundle-only")),
  );
  return { mids, indexOfMid, bundleOfMid, isLive };
}
