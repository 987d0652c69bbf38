import { OverconstrainedError } from "./overconstrained-error.ts";
import {
  boolean,
  clamp,
  dictionary,
  domString,
  double,
  isIterable,
  isObject,
  optional,
  sequence,
  union,
  UNSIGNED_LONG,
  type Converter,
} from "./webidl/index.ts";

/** https://w3c.github.io/mediacapture-main/#dom-mediatracksettings */
export interface MediaTrackSettings {
  aspectRatio?: number;
  autoGainControl?: boolean;
  backgroundBlur?: boolean;
  channelCount?: number;
  deviceId?: string;
  /** https://w3c.github.io/mediacapture-screen-share/#dom-mediatracksettings-displaysurface */
  displaySurface?: string;
  echoCancellation?: boolean | string;
  facingMode?: string;
  frameRate?: number;
  groupId?: string;
  height?: number;
  latency?: number;
  noiseSuppression?: boolean;
  resizeMode?: string;
  sampleRate?: number;
  sampleSize?: number;
  /** https://w3c.github.io/mediacapture-image/#dom-mediatracksettings-torch */
  torch?: boolean;
  /** https://w3c.github.io/mediacapture-image/#dom-mediatracksettings-whitebalancemode */
  whiteBalanceMode?: string;
  width?: number;
  /** https://w3c.github.io/mediacapture-image/#dom-mediatracksettings-zoom */
  zoom?: number;
}

/** https://w3c.github.io/mediacapture-main/#dom-ulongrange */
export interface ULongRange {
  max?: number;
  min?: number;
}

/** https://w3c.github.io/mediacapture-main/#dom-doublerange */
export interface DoubleRange {
  max?: number;
  min?: number;
}

/** https://w3c.github.io/mediacapture-main/#dom-mediatrackcapabilities: no source here has any. */
export interface MediaTrackCapabilities {
  aspectRatio?: DoubleRange;
  autoGainControl?: boolean[];
  backgroundBlur?: boolean[];
  channelCount?: ULongRange;
  deviceId?: string;
  displaySurface?: string;
  echoCancellation?: (boolean | string)[];
  facingMode?: string[];
  frameRate?: DoubleRange;
  groupId?: string;
  height?: ULongRange;
  latency?: DoubleRange;
  noiseSuppression?: boolean[];
  resizeMode?: string[];
  sampleRate?: ULongRange;
  sampleSize?: ULongRange;
  width?: ULongRange;
}

/** https://w3c.github.io/mediacapture-main/#dom-constrainulongrange */
export interface ConstrainULongRange extends ULongRange {
  exact?: number;
  ideal?: number;
}
/** https://w3c.github.io/mediacapture-main/#dom-constraindoublerange */
export interface ConstrainDoubleRange extends DoubleRange {
  exact?: number;
  ideal?: number;
}
/** https://w3c.github.io/mediacapture-main/#dom-constrainbooleanparameters */
export interface ConstrainBooleanParameters {
  exact?: boolean;
  ideal?: boolean;
}
/** https://w3c.github.io/mediacapture-main/#dom-constraindomstringparameters */
export interface ConstrainDOMStringParameters {
  exact?: string | string[];
  ideal?: string | string[];
}
/** https://w3c.github.io/mediacapture-main/#dom-constrainbooleanordomstringparameters */
export interface ConstrainBooleanOrDOMStringParameters {
  exact?: boolean | string;
  ideal?: boolean | string;
}

/** https://w3c.github.io/mediacapture-main/#dom-constrainulong */
export type ConstrainULong = number | ConstrainULongRange;
/** https://w3c.github.io/mediacapture-main/#dom-constraindouble */
export type ConstrainDouble = number | ConstrainDoubleRange;
/** https://w3c.github.io/mediacapture-main/#dom-constrainboolean */
export type ConstrainBoolean = boolean | ConstrainBooleanParameters;
/** https://w3c.github.io/mediacapture-main/#dom-constraindomstring */
export type ConstrainDOMString = string | string[] | ConstrainDOMStringParameters;
/** https://w3c.github.io/mediacapture-main/#dom-constrainbooleanordomstring */
export type ConstrainBooleanOrDOMString = boolean | string | ConstrainBooleanOrDOMStringParameters;

/** https://w3c.github.io/mediacapture-main/#dom-mediatrackconstraintset */
export interface MediaTrackConstraintSet {
  aspectRatio?: ConstrainDouble;
  autoGainControl?: ConstrainBoolean;
  backgroundBlur?: ConstrainBoolean;
  channelCount?: ConstrainULong;
  deviceId?: ConstrainDOMString;
  displaySurface?: ConstrainDOMString;
  echoCancellation?: ConstrainBooleanOrDOMString;
  facingMode?: ConstrainDOMString;
  frameRate?: ConstrainDouble;
  groupId?: ConstrainDOMString;
  height?: ConstrainULong;
  latency?: ConstrainDouble;
  noiseSuppression?: ConstrainBoolean;
  resizeMode?: ConstrainDOMString;
  sampleRate?: ConstrainULong;
  sampleSize?: ConstrainULong;
  width?: ConstrainULong;
}

/** https://w3c.github.io/mediacapture-main/#dom-mediatrackconstraints */
export interface MediaTrackConstraints extends MediaTrackConstraintSet {
  advanced?: MediaTrackConstraintSet[];
}

/** `(simple or Dictionary)`, where `undefined` and `null` are the empty dictionary. */
function simpleOr<T, D>(simple: Converter<T>, members: Converter<D>): Converter<T | D> {
  const accepts = (value: unknown): boolean => isObject(value) || value === null;
  return union<T | D>([{ accepts, convert: members }], simple);
}

function constrainNumber(number: Converter<number>): Converter<ConstrainDouble> {
  const member = optional(number);
  return simpleOr(
    number,
    dictionary("ConstrainRange", { exact: member, ideal: member, max: member, min: member }),
  );
}

const constrainULong = constrainNumber(clamp(UNSIGNED_LONG));
const constrainDouble = constrainNumber(double);

const constrainBoolean: Converter<ConstrainBoolean> = simpleOr(
  boolean,
  dictionary("ConstrainBooleanParameters", { exact: optional(boolean), ideal: optional(boolean) }),
);

const strings: Converter<string | string[]> = union<string | string[]>(
  [{ accepts: isIterable, convert: sequence(domString) }],
  domString,
);
const constrainDOMString: Converter<ConstrainDOMString> = union<ConstrainDOMString>(
  [{ accepts: isIterable, convert: sequence(domString) }],
  simpleOr(
    domString,
    dictionary("ConstrainDOMStringParameters", {
      exact: optional(strings),
      ideal: optional(strings),
    }),
  ),
);

const booleanOrString: Converter<boolean | string> = union<boolean | string>(
  [{ accepts: (value) => typeof value === "boolean", convert: boolean }],
  domString,
);
const constrainBooleanOrDOMString: Converter<ConstrainBooleanOrDOMString> = simpleOr(
  booleanOrString,
  dictionary("ConstrainBooleanOrDOMStringParameters", {
    exact: optional(booleanOrString),
    ideal: optional(booleanOrString),
  }),
);

const toConstraintSet = dictionary("MediaTrackConstraintSet", {
  aspectRatio: optional(constrainDouble),
  autoGainControl: optional(constrainBoolean),
  backgroundBlur: optional(constrainBoolean),
  channelCount: optional(constrainULong),
  deviceId: optional(constrainDOMString),
  displaySurface: optional(constrainDOMString),
  echoCancellation: optional(constrainBooleanOrDOMString),
  facingMode: optional(constrainDOMString),
  frameRate: optional(constrainDouble),
  groupId: optional(constrainDOMString),
  height: optional(constrainULong),
  latency: optional(constrainDouble),
  noiseSuppression: optional(constrainBoolean),
  resizeMode: optional(constrainDOMString),
  sampleRate: optional(constrainULong),
  sampleSize: optional(constrainULong),
  width: optional(constrainULong),
});
const toConstraints = dictionary(
  "MediaTrackConstraints",
  { advanced: optional(sequence(toConstraintSet)) },
  toConstraintSet,
);

/**
 * https://w3c.github.io/mediacapture-main/#dom-mediastreamtrack-applyconstraints: what becomes of the
 * constraints of a track with `settings` that nobody can change. `undefined`: they stay as they are.
 *
 * Throws `TypeError` for a member of the wrong type, and {@link OverconstrainedError} for the first
 * required constraint that the settings do not meet; wishes ("ideal", "advanced") never fail.
 */
export function applyTrackConstraints(
  value: unknown,
  context: string,
  readyState: "live" | "ended",
  settings: MediaTrackSettings,
): MediaTrackConstraints | undefined {
  const constraints = toConstraints(value, context);
  if (readyState === "ended") return undefined;
  const values = settings as Readonly<Record<string, unknown>>;
  for (const [name, constraint] of Object.entries(constraints)) {
    if (name === "advanced" || isMet(constraint, values[name])) continue;
    throw new OverconstrainedError(name, `${context}: the source does not meet "${name}"`);
  }
  return constraints;
}

type Required = { readonly exact?: unknown; readonly min?: number; readonly max?: number };

/** A "fitness distance" other than infinity: https://w3c.github.io/mediacapture-main/#dfn-fitness-distance. */
function isMet(constraint: unknown, setting: unknown): boolean {
  if (!isObject(constraint) || Array.isArray(constraint)) return true; // A bare value is a wish.
  const { exact, min, max } = constraint as Required;
  if (exact !== undefined) {
    return Array.isArray(exact) ? exact.includes(setting) : exact === setting;
  }
  if (min === undefined && max === undefined) return true;
  return (
    typeof setting === "number" && setting >= (min ?? -Infinity) && setting <= (max ?? Infinity)
  );
}
