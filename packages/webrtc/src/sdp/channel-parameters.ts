import { parseDecimal } from "./text-scan.ts";

const MAX_UINT32 = 2 ** 32 - 1;
const MAX_PRIORITY = 65_535;
/** All that there are; each may be given once. */
const OPTION_COUNT = 6;
const QUOTED_TEXT = /^"[^"]*"$/;
/** Not to stand in a quoted-string as they are: all that is not visible ASCII, `"` and `%`. */
const NEEDS_ESCAPE = /[^\u0020-\u0021\u0023-\u0024\u0026-\u007e\u0080-\uffff]|["%]/g;

/** What `a=dcmap` says about one data channel (RFC 8864 §5.1.1). What is absent has its default. */
export type ChannelParameters = {
  /** Default: true. */
  readonly ordered?: boolean;
  readonly subprotocol?: string;
  readonly label?: string;
  /** How often a message is sent again at most; excludes `maxLifetimeMs`. */
  readonly maxRetransmits?: number;
  /** How long a message is worth sending; excludes `maxRetransmits`. */
  readonly maxLifetimeMs?: number;
  /** RFC 8831 §6.4: 128, 256, 512 or 1024. */
  readonly priority?: number;
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads `label="chat";ordered=false`. `undefined` if it is malformed, says something twice, or sets
 * both limits of reliability.
 */
export function parseChannelParameters(text: string): ChannelParameters | undefined {
  const parameters: Writable<ChannelParameters> = {};
  if (text === "") return parameters;
  const options = splitOutsideQuotes(text);
  if (options.length > OPTION_COUNT) return undefined;
  const seenNames = new Set<string>();
  for (const option of options) {
    const equals = option.indexOf("=");
    const name = option.slice(0, equals);
    if (equals < 0 || seenNames.has(name)) return undefined;
    seenNames.add(name);
    if (!readOption(parameters, name, option.slice(equals + 1))) return undefined;
  }
  if (parameters.maxRetransmits !== undefined && parameters.maxLifetimeMs !== undefined) {
    return undefined;
  }
  return parameters;
}

/** The parameters in the order of RFC 8864; empty if all have their defaults. */
export function formatChannelParameters(parameters: ChannelParameters): string {
  const options: string[] = [];
  const { ordered, subprotocol, label, maxRetransmits, maxLifetimeMs, priority } = parameters;
  if (ordered !== undefined) options.push(`ordered=${ordered}`);
  if (subprotocol !== undefined) options.push(`subprotocol=${quote(subprotocol)}`);
  if (label !== undefined) options.push(`label=${quote(label)}`);
  if (maxRetransmits !== undefined) options.push(`max-retr=${maxRetransmits}`);
  if (maxLifetimeMs !== undefined) options.push(`max-time=${maxLifetimeMs}`);
  if (priority !== undefined) options.push(`priority=${priority}`);
  return options.join(";");
}

/** False if `name` is not known or `value` malformed. */
function readOption(parameters: Writable<ChannelParameters>, name: string, value: string): boolean {
  switch (name) {
    case "ordered":
      parameters.ordered = value === "true";
      return value === "true" || value === "false";
    case "subprotocol":
    case "label": {
      const unquoted = unquote(value);
      if (unquoted === undefined) return false;
      parameters[name] = unquoted;
      return true;
    }
    case "max-retr":
      return readNumber(parameters, "maxRetransmits", value, MAX_UINT32);
    case "max-time":
      return readNumber(parameters, "maxLifetimeMs", value, MAX_UINT32);
    case "priority":
      return readNumber(parameters, "priority", value, MAX_PRIORITY);
    default:
      return false;
  }
}

function readNumber(
  parameters: Writable<ChannelParameters>,
  member: "maxRetransmits" | "maxLifetimeMs" | "priority",
  text: string,
  max: number,
): boolean {
  const value = parseDecimal(text, 0, max);
  if (value === undefined) return false;
  parameters[member] = value;
  return true;
}

/** Splits at semicolons; one within quotes belongs to the text. Stops when there are too many. */
function splitOutsideQuotes(text: string): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let index = 0; index < text.length && parts.length <= OPTION_COUNT; index++) {
    const character = text[index];
    if (character === '"') isQuoted = !isQuoted;
    if (character !== ";" || isQuoted) continue;
    parts.push(text.slice(start, index).trim());
    start = index + 1;
  }
  parts.push(text.slice(start).trim());
  return parts;
}

function quote(text: string): string {
  const escaped = text.replace(
    NEEDS_ESCAPE,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}

/** The text between the quotes, its escapes read as UTF-8; `undefined` if one is broken. */
function unquote(text: string): string | undefined {
  if (!QUOTED_TEXT.test(text)) return undefined;
  try {
    return decodeURIComponent(text.slice(1, -1));
  } catch {
    return undefined;
  }
}
