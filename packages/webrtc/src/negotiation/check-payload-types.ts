import { codecIdentity } from "../rtp/codec-match.ts";
import { quoteLine, type SessionDescription } from "../sdp/index.ts";
import { bundleOf, isLive, isMediaSection, midOf } from "./media-section.ts";
import { NegotiationError } from "./negotiation-error.ts";
import { rtpSectionOf } from "./rtp-sections.ts";

/** What payload types stand for in one bundle, and which section has said so first. */
type Meanings = Map<number, { readonly identity: string; readonly index: number }>;

/**
 * In the sections of one bundle a payload type stands for one codec (RFC 8843 §9.1): packets of all of them come
 * along one path. The same holds for the identifiers of header extensions (§9.4), which real peers do not keep.
 *
 * Throws {@link NegotiationError} `invalidContent`.
 */
export function checkBundledPayloadTypes(description: SessionDescription): void {
  const meaningsOf = new Map<readonly string[], Meanings>();
  for (const index of description.media.keys()) {
    const group = bundleOf(description, index);
    if (group === undefined || !isLive(description, index) || !isMediaSection(description, index))
      continue;
    const meanings: Meanings = meaningsOf.get(group) ?? new Map();
    meaningsOf.set(group, meanings);
    for (const codec of rtpSectionOf(description, index).codecs) {
      const { payloadType } = codec;
      const identity = codecIdentity(codec);
      const known = meanings.get(payloadType);
      if (known === undefined) meanings.set(payloadType, { identity, index });
      else if (known.identity !== identity) {
        const mid = quoteLine(midOf(description, index));
        throw new NegotiationError(
          "invalidContent",
          `section ${index} (mid "${mid}") has payload type ${payloadType} for "${quoteLine(identity)}", section ${known.index} of its bundle for "${quoteLine(known.identity)}" (RFC 8843 §9.1)`,
        );
      }
    }
  }
}
