import type { Attribute, OtherAttribute } from "./attribute.ts";
import type { AttributeCodec } from "./attribute-codec.ts";
import { codecOfName } from "./attribute-table.ts";
import type { KnownAttribute } from "./attribute-table.ts";
import type { SdpLimits } from "./sdp-limits.ts";
import { SdpSyntaxError } from "./sdp-syntax-error.ts";
import type { SourceLine } from "./source-line.ts";
import { rememberSource } from "./source-line.ts";

const ATTRIBUTE_PREFIX_LENGTH = "a=".length;

/** Collects the `a=` lines of one level: reads each, and checks what may not stand there twice. */
export class AttributeListParser {
  readonly attributes: Attribute[] = [];
  readonly #level: "session" | "media";
  readonly #limits: SdpLimits;
  /** The first line of each attribute that must not be contradicted, by kind and key. */
  readonly #firstLines = new Map<string, SourceLine>();
  #candidateCount = 0;

  constructor(level: "session" | "media", limits: SdpLimits) {
    this.#level = level;
    this.#limits = limits;
  }

  /** Reads one `a=` line. Throws {@link SdpSyntaxError}. */
  add(line: SourceLine): Attribute {
    const attribute = this.#read(line);
    this.#checkCounts(attribute, line);
    this.attributes.push(attribute);
    return attribute;
  }

  #read(line: SourceLine): Attribute {
    const colon = line.text.indexOf(":");
    const hasValue = colon >= 0;
    const name = line.text.slice(ATTRIBUTE_PREFIX_LENGTH, hasValue ? colon : undefined);
    const value = hasValue ? line.text.slice(colon + 1) : undefined;
    if (name === "") throw new SdpSyntaxError(line.lineNumber, line.text, "an attribute's name");

    // Spaces at the end are left by editors and mean nothing in any attribute that is known.
    const codec = codecOfName(hasValue ? name : name.trimEnd());
    if (!codec || (codec.level !== "any" && codec.level !== this.#level)) {
      return rememberSource(otherAttribute(name, value), line);
    }
    const attribute = codec.parse(value?.trimEnd(), name.trimEnd());
    if (attribute) {
      this.#checkRepetition(attribute, codec, line);
      return rememberSource(attribute, line);
    }
    if (codec.malformed === "keep") return rememberSource(otherAttribute(name, value), line);
    throw new SdpSyntaxError(line.lineNumber, line.text, `a=${codec.grammar}`);
  }

  #checkRepetition(
    attribute: KnownAttribute,
    codec: AttributeCodec<KnownAttribute>,
    line: SourceLine,
  ): void {
    if (codec.repeat === "any") return;
    const key = codec.keyOf ? `${attribute.kind} ${codec.keyOf(attribute)}` : attribute.kind;
    const first = this.#firstLines.get(key);
    if (!first) {
      this.#firstLines.set(key, line);
    } else if (codec.repeat === "never" || first.text.trimEnd() !== line.text.trimEnd()) {
      const expected = `only one ${key} here: line ${first.lineNumber} has it already`;
      throw new SdpSyntaxError(line.lineNumber, line.text, expected);
    }
  }

  #checkCounts(attribute: Attribute, line: SourceLine): void {
    const { maxAttributesPerSection, maxCandidatesPerSection } = this.#limits;
    let expected: string | undefined;
    if (attribute.kind === "candidate" && ++this.#candidateCount > maxCandidatesPerSection) {
      expected = `at most ${maxCandidatesPerSection} candidates in a section`;
    } else if (this.attributes.length >= maxAttributesPerSection) {
      expected = `at most ${maxAttributesPerSection} attributes in a section`;
    }
    if (expected !== undefined) throw new SdpSyntaxError(line.lineNumber, line.text, expected);
  }
}

function otherAttribute(name: string, value: string | undefined): OtherAttribute {
  return value === undefined ? { kind: "other", name } : { kind: "other", name, value };
}
