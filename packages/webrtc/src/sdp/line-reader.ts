import type { SdpLimits } from "./sdp-limits.ts";
import { SdpSyntaxError } from "./sdp-syntax-error.ts";
import type { SourceLine } from "./source-line.ts";

const NUL_OR_CARRIAGE_RETURN = /[\0\r]/;

/**
 * Hands out the lines of a document one by one, in a single pass. A line ends with CRLF or LF, the
 * last one also with the document; empty lines are allowed at the very end only.
 */
export class LineReader {
  readonly #text: string;
  readonly #limits: SdpLimits;
  #offset = 0;
  #lineNumber = 0;
  #current: SourceLine | undefined;

  constructor(text: string, limits: SdpLimits) {
    this.#text = text;
    this.#limits = limits;
    if (text.length > limits.maxDocumentLength) {
      const expected = `a document of at most ${limits.maxDocumentLength} characters`;
      throw new SdpSyntaxError(1, text.slice(0, 200), expected);
    }
    this.#advance();
  }

  /** The type letter of the current line; empty at the end of the document. */
  peekType(): string {
    return this.#current === undefined ? "" : this.#current.text[0]!;
  }

  /** The current line, or `undefined` at the end of the document. */
  get current(): SourceLine | undefined {
    return this.#current;
  }

  /** The error that the current line (or the end of the document) is not what was `expected`. */
  unexpected(expected: string): SdpSyntaxError {
    const { lineNumber, text } = this.#current ?? { lineNumber: this.#lineNumber, text: "" };
    return new SdpSyntaxError(
      Math.max(lineNumber, 1),
      text,
      this.#current ? expected : `${expected} before the end of the document`,
    );
  }

  /** Takes the current line, which must be there, and moves on. */
  take(): SourceLine {
    const line = this.#current;
    if (!line) throw this.unexpected("another line");
    this.#advance();
    return line;
  }

  #advance(): void {
    const start = this.#offset;
    if (start >= this.#text.length) {
      this.#current = undefined;
      return;
    }
    const lineFeed = this.#text.indexOf("\n", start);
    let end = lineFeed < 0 ? this.#text.length : lineFeed;
    this.#offset = end + 1;
    if (end > start && this.#text.charCodeAt(end - 1) === 0x0d) end--;
    const text = this.#text.slice(start, end);
    if (text === "" && this.#isBlankFrom(this.#offset)) {
      this.#offset = this.#text.length;
      this.#current = undefined;
      return;
    }
    this.#lineNumber++;
    this.#check(text);
    this.#current = { lineNumber: this.#lineNumber, text };
  }

  #check(text: string): void {
    const { maxLines, maxLineLength } = this.#limits;
    let expected: string | undefined;
    if (this.#lineNumber > maxLines) expected = `at most ${maxLines} lines`;
    else if (text.length > maxLineLength) expected = `at most ${maxLineLength} characters a line`;
    else if (text.charCodeAt(1) !== 0x3d || !isLetter(text.charCodeAt(0))) {
      expected = "a line of the form <lower-case letter>=<value> (RFC 8866 §5)";
    } else if (NUL_OR_CARRIAGE_RETURN.test(text)) {
      expected = "a line without NUL and carriage return (RFC 8866 §9)";
    }
    if (expected !== undefined) throw new SdpSyntaxError(this.#lineNumber, text, expected);
  }

  /** True if nothing but line breaks follows. Runs once: either the document ends or it is refused. */
  #isBlankFrom(offset: number): boolean {
    for (let index = offset; index < this.#text.length; index++) {
      const code = this.#text.charCodeAt(index);
      if (code !== 0x0a && code !== 0x0d) return false;
    }
    return true;
  }
}

function isLetter(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}
