import type {
  HeaderExtensionCapability,
  NegotiatedHeaderExtension,
} from "../../rtp/header-extension.ts";
import { quoteLine, type MediaDirection } from "../../sdp/index.ts";
import { NegotiationError } from "../negotiation-error.ts";
import { directionOf, receives, reverseDirection, sends } from "./direction.ts";

/** 15 is reserved in the one-byte form (RFC 8285 §4.2). */
const MAX_ONE_BYTE_ID = 14;
const FIRST_TWO_BYTE_ID = 16;
/** RFC 8285 §4.3 */
const MAX_TWO_BYTE_ID = 255;

/**
 * The identifiers of header extensions of the sections that share a transport. A number never changes
 * its meaning there, whoever gave it (RFC 8285 §5, RFC 8843 §9). One object for each description that is
 * written, and for each bundle in it.
 */
export class ExtensionIds {
  readonly #idOfUri = new Map<string, number>();
  readonly #uriOfId = new Map<number, string>();
  #next = 1;

  /** `inUse`: what the descriptions so far, of both sides, have given identifiers to. */
  constructor(inUse: Iterable<NegotiatedHeaderExtension>) {
    this.reserve(inUse);
  }

  /** Keeps the identifiers of `extensions` for them, unless they mean something else already. */
  reserve(extensions: Iterable<NegotiatedHeaderExtension>): void {
    for (const { uri, id } of extensions) this.#remember(uri, id);
  }

  /**
   * The identifier for `uri`: `wanted`, which its section used before, unless it means something else by
   * now; else what the extension has in another section; else a new one. `undefined` if none is left.
   */
  claim(uri: string, wanted?: number): number | undefined {
    if (wanted !== undefined && (this.#uriOfId.get(wanted) ?? uri) === uri) {
      this.#remember(uri, wanted);
      return wanted;
    }
    const known = this.#idOfUri.get(uri);
    if (known !== undefined) return known;
    while (this.#uriOfId.has(this.#next)) this.#advance();
    if (this.#next > MAX_TWO_BYTE_ID) return undefined;
    this.#remember(uri, this.#next);
    return this.#idOfUri.get(uri);
  }

  /** The first meaning of an identifier counts, and the first identifier of an extension. */
  #remember(uri: string, id: number): void {
    if (!this.#uriOfId.has(id)) this.#uriOfId.set(id, uri);
    if (this.#uriOfId.get(id) === uri && !this.#idOfUri.has(uri)) this.#idOfUri.set(uri, id);
  }

  /** One byte is enough as long as it can be (RFC 8285 §4.1.2). */
  #advance(): void {
    this.#next = this.#next === MAX_ONE_BYTE_ID ? FIRST_TWO_BYTE_ID : this.#next + 1;
  }
}

/**
 * The header extensions of a section of an offer: all that are wanted and not "stopped"
 * (https://w3c.github.io/webrtc-extensions/#rtp-header-extension-control, RFC 9429 §5.2.1).
 */
export function offerHeaderExtensions(
  wanted: readonly HeaderExtensionCapability[],
  previous: readonly NegotiatedHeaderExtension[],
  ids: ExtensionIds,
): readonly NegotiatedHeaderExtension[] {
  ids.reserve(previous);
  const previousIds = new Map(previous.map(({ uri, id }) => [uri, id]));
  const offered: NegotiatedHeaderExtension[] = [];
  for (const { uri, direction } of wanted) {
    if (direction === "stopped") continue;
    const id = ids.claim(uri, previousIds.get(uri));
    if (id !== undefined) offered.push({ uri, id, direction });
  }
  return offered;
}

/**
 * The header extensions of a section of an answer: those of the offer that are wanted and not "stopped",
 * under the offer's identifiers and in its order. Each direction is what both sides want of it, seen from
 * this side (RFC 8285 §6). `offered` has the directions as they were written.
 */
export function answerHeaderExtensions(
  offered: readonly NegotiatedHeaderExtension[],
  wanted: readonly HeaderExtensionCapability[],
): readonly NegotiatedHeaderExtension[] {
  const open = new Map<string, MediaDirection>();
  for (const { uri, direction } of wanted) {
    if (direction !== "stopped") open.set(uri, direction);
  }
  const answered: NegotiatedHeaderExtension[] = [];
  for (const { uri, id, direction } of offered) {
    const ours = open.get(uri);
    if (ours === undefined) continue;
    open.delete(uri);
    const theirs = reverseDirection(direction);
    answered.push({
      uri,
      id,
      direction: directionOf(sends(ours) && sends(theirs), receives(ours) && receives(theirs)),
    });
  }
  return answered;
}

/**
 * True if an identifier needs the two-byte form (RFC 8285 §4.3). A description with such a section should
 * say `a=extmap-allow-mixed`, so that packets without it keep the shorter form (RFC 8285 §6).
 */
export function needsTwoByteForm(extensions: readonly NegotiatedHeaderExtension[]): boolean {
  return extensions.some(({ id }) => id > MAX_ONE_BYTE_ID);
}

/**
 * Throws {@link NegotiationError} `invalidContent` if `extensions` give an identifier of `inUse` a new
 * meaning, or one of its extensions another identifier: both are fixed for the session (RFC 8285 §5, §6).
 */
export function checkExtensionIds(
  extensions: readonly NegotiatedHeaderExtension[],
  inUse: Iterable<NegotiatedHeaderExtension>,
): void {
  const uriOfId = new Map<number, string>();
  const idOfUri = new Map<string, number>();
  for (const { uri, id } of inUse) {
    uriOfId.set(id, uri);
    idOfUri.set(uri, id);
  }
  for (const { uri, id } of extensions) {
    const knownUri = uriOfId.get(id) ?? uri;
    const knownId = idOfUri.get(uri) ?? id;
    if (knownUri === uri && knownId === id) continue;
    const before =
      knownUri === uri
        ? `"${quoteLine(uri)}" has been ${knownId}`
        : `${id} has been "${quoteLine(knownUri)}"`;
    throw new NegotiationError(
      "invalidContent",
      `a=extmap:${id} ${quoteLine(uri)}: ${before}, and identifiers are fixed for the session (RFC 8285 §5)`,
    );
  }
}
