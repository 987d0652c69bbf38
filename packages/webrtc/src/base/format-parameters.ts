/**
 * Reads the parameters of `a=fmtp`: `minptime=10;useinbandfec=1`. Names are in lower case, since they
 * are compared without regard to case (RFC 6838 §4.3); a parameter without `=`, like the `0-15` of
 * telephone-event, has an empty value. Of a name given twice the first counts.
 */
export function parseFormatParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.split(";")) {
    const equals = part.indexOf("=");
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    const value = equals < 0 ? "" : part.slice(equals + 1).trim();
    if (name !== "" && !parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}

/** The text of `a=fmtp` for `parameters`, in their order; the opposite of {@link parseFormatParameters}. */
export function formatFormatParameters(parameters: ReadonlyMap<string, string>): string {
  const parts: string[] = [];
  for (const [name, value] of parameters) parts.push(value === "" ? name : `${name}=${value}`);
  return parts.join(";");
}
