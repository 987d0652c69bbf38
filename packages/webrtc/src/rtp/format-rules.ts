import { formatFormatParameters, parseFormatParameters } from "../base/format-parameters.ts";
import type { Codec } from "./codec.ts";
import { answerProfileLevelId, DEFAULT_PROFILE_LEVEL_ID, h264ProfileOf } from "./h264-profile.ts";
import { encodingNameOf } from "./supported-codecs.ts";

/** Parameters of `a=fmtp` by name in lower case. */
export type FormatParameters = ReadonlyMap<string, string>;

/** What the specification of a payload format says about its parameters in offers and answers. */
export type FormatRule = {
  /** What is meant where a parameter is absent. */
  readonly defaults: ReadonlyMap<string, string>;
  /**
   * Parameters that both directions must share, as one text: two configurations with the same text can
   * be used together. `parameters` has the defaults filled in.
   */
  symmetricPart(parameters: FormatParameters): string;
  /** The `a=fmtp` of an answer that accepts `offered` with `own`, defaults filled in both. */
  answer(offered: FormatParameters, own: FormatParameters): FormatParameters;
};

/** Every parameter describes the receiver alone: the answer carries our own. */
const DECLARATIVE: FormatRule = {
  defaults: new Map(),
  symmetricPart: () => "",
  answer: (_offered, own) => own,
};

/** RFC 6184 §8.2.2: all but the level is symmetric. */
const H264: FormatRule = {
  defaults: new Map([
    ["packetization-mode", "0"],
    ["profile-level-id", DEFAULT_PROFILE_LEVEL_ID],
  ]),
  symmetricPart(parameters) {
    const id = parameters.get("profile-level-id")!;
    const profile = h264ProfileOf(id) ?? `unknown ${id.toLowerCase()}`;
    return `${profile} ${parameters.get("packetization-mode")}`;
  },
  answer(offered, own) {
    const mayLevelsDiffer = [offered, own].every(
      (parameters) => parameters.get("level-asymmetry-allowed") === "1",
    );
    const profileLevelId = answerProfileLevelId(
      offered.get("profile-level-id")!,
      own.get("profile-level-id")!,
      mayLevelsDiffer,
    );
    return new Map([...own, ["profile-level-id", profileLevelId]]);
  },
};

/**
 * RFC 7798 §7.2.2 and draft-ietf-avtcore-hevc-webrtc: all but the level is symmetric. The answered
 * level is not above the offered one, since `max-recv-level-id` is not used.
 */
const H265: FormatRule = {
  defaults: new Map([
    ["profile-space", "0"],
    ["profile-id", "1"],
    ["tier-flag", "0"],
    ["level-id", "93"],
    ["tx-mode", "SRST"],
  ]),
  symmetricPart: (parameters) =>
    ["profile-space", "profile-id", "tier-flag", "tx-mode"]
      .map((name) => parameters.get(name)!.toUpperCase())
      .join(" "),
  answer(offered, own) {
    const levelId = Number(offered.get("level-id"));
    const isLower = levelId > 0 && levelId < Number(own.get("level-id"));
    return isLower ? new Map([...own, ["level-id", String(levelId)]]) : own;
  },
};

/** RFC 9628 §6: a profile is another format; `max-fr` and `max-fs` describe the receiver. */
const VP9: FormatRule = {
  defaults: new Map([["profile-id", "0"]]),
  symmetricPart: (parameters) => parameters.get("profile-id")!,
  answer: (_offered, own) => own,
};

/**
 * https://aomediacodec.github.io/av1-rtp-spec/#723-usage-with-the-sdp-offeranswer-model: profile, level
 * and tier may all differ between the directions.
 */
const AV1: FormatRule = {
  defaults: new Map([
    ["profile", "0"],
    ["level-idx", "5"],
    ["tier", "0"],
  ]),
  symmetricPart: () => "",
  answer: (_offered, own) => own,
};

const RULES: ReadonlyMap<string, FormatRule> = new Map([
  ["h264", H264],
  ["h265", H265],
  ["vp9", VP9],
  ["av1", AV1],
]);

/** The rule for the codec's payload format; Opus, VP8 and all without one of their own are declarative. */
export function formatRuleOf(codec: Codec): FormatRule {
  return RULES.get(encodingNameOf(codec)) ?? DECLARATIVE;
}

/** The codec's parameters, and after them those that its payload format infers (RFC 4855 §3). */
export function effectiveParameters(codec: Codec, rule: FormatRule): FormatParameters {
  const written = parseFormatParameters(codec.sdpFmtpLine ?? "");
  const inferred = [...rule.defaults].filter(([name]) => !written.has(name));
  return inferred.length === 0 ? written : new Map([...written, ...inferred]);
}

/** The `a=fmtp` of an answer that accepts `offered` with our `own`; `undefined` for none. */
export function answerFmtp(offered: Codec, own: Codec): string | undefined {
  // Most offers come from a peer like us; then there is nothing to work out.
  if (own.sdpFmtpLine === undefined || own.sdpFmtpLine === offered.sdpFmtpLine) {
    return own.sdpFmtpLine;
  }
  const rule = formatRuleOf(own);
  const answer = rule.answer(effectiveParameters(offered, rule), effectiveParameters(own, rule));
  // Only what we write ourselves: an inferred parameter stays inferred.
  const names = parseFormatParameters(own.sdpFmtpLine).keys();
  return formatFormatParameters(new Map([...names].map((name) => [name, answer.get(name)!])));
}
