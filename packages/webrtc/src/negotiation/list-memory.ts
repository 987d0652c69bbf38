import type { Codec, NegotiatedCodec } from "../rtp/codec.ts";
import type {
  HeaderExtensionCapability,
  NegotiatedHeaderExtension,
} from "../rtp/header-extension.ts";

/**
 * Lists that follow from a text, each computed once: in a large conference a hundred sections have the same codecs.
 * Lives as long as one description is written or read.
 */
export class ListMemory<T> {
  readonly #lists = new Map<string, readonly T[]>();

  /** The list for `key`, computed the first time. */
  get(key: string, compute: () => readonly T[]): readonly T[] {
    let list = this.#lists.get(key);
    if (list === undefined) {
      list = compute();
      this.#lists.set(key, list);
    }
    return list;
  }
}

/** All that codecs say, as a key (RFC 8866 §6.6). */
export function codecsText(codecs: readonly (Codec & Partial<NegotiatedCodec>)[]): string {
  let text = "";
  for (const { payloadType, mimeType, clockRate, channels, sdpFmtpLine, rtcpFeedback } of codecs) {
    text += `${payloadType} ${mimeType} ${clockRate} ${channels} ${sdpFmtpLine} ${rtcpFeedback?.join()}\n`;
  }
  return text;
}

/** All that header extensions say, as a key (RFC 8285 §5). */
export function extensionsText(
  extensions: readonly (HeaderExtensionCapability &
    Partial<Pick<NegotiatedHeaderExtension, "id">>)[],
): string {
  let text = "";
  for (const { uri, id, direction } of extensions) text += `${id} ${uri} ${direction}\n`;
  return text;
}
