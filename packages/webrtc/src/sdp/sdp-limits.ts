/** What a document may cost. A document beyond one of these is refused with `SdpSyntaxError`. */
export type SdpLimits = {
  /** Characters (UTF-16 units) of the whole document. */
  readonly maxDocumentLength: number;
  readonly maxLines: number;
  /** Characters of one line without its line break. */
  readonly maxLineLength: number;
  readonly maxMediaSections: number;
  /** `a=` lines of the session level or of one media section, candidates included. */
  readonly maxAttributesPerSection: number;
  readonly maxCandidatesPerSection: number;
};

/**
 * Far above what a conference of a hundred participants needs (about 16,000 lines in 200 sections),
 * and low enough that the worst document costs a few milliseconds.
 */
export const DEFAULT_SDP_LIMITS: SdpLimits = {
  maxDocumentLength: 1_048_576,
  maxLines: 32_768,
  maxLineLength: 16_384,
  maxMediaSections: 512,
  maxAttributesPerSection: 2_048,
  maxCandidatesPerSection: 256,
};
