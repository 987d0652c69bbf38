/**
 * One file over one data channel. The sender opens a channel with {@link FILE_PROTOCOL} as its protocol,
 * reliable and ordered. Text frames are JSON, binary frames are the content:
 *
 *     sender                                   receiver
 *       | file { name, sizeBytes, mediaType? }    |
 *       |---------------------------------------->|  opens its sink
 *       |                                   ready |
 *       |<----------------------------------------|
 *       | content, in pieces                      |
 *       |---------------------------------------->|  writes and hashes
 *       |                        written { bytes }|
 *       |<----------------------------------------|  every 256 KiB: never more than a window ahead
 *       | end { sha256 }                          |
 *       |---------------------------------------->|  compares
 *       |                      verified { sha256 }|
 *       |<----------------------------------------|
 *       | closes the channel                      |
 *
 * Either side can end it early: the receiver with `refused`, the sender with `abort`.
 */
import { TransferError } from "../errors.ts";
import type { TransferErrorCode } from "../errors.ts";
import type { PeerChannel, PeerConnection } from "../platform.ts";
import { readObject } from "../support/shape.ts";
import type { ObjectReader } from "../support/shape.ts";
import type { FileHeader } from "./file-types.ts";

/** The `protocol` of a channel that carries a file. */
export const FILE_PROTOCOL = "pallas-file-1";
/** How much the sender puts into one message: every browser takes it. */
export const CHUNK_BYTES = 64 * 1024;
/** How far the sender may be ahead of what the receiver has written. */
export const WINDOW_BYTES = 8 * 1024 * 1024;
/** How often the receiver reports. */
export const REPORT_EVERY_BYTES = 256 * 1024;
const MAX_CONTROL_CHARS = 4096;
const MAX_FILE_BYTES = 2 ** 50;
const SHA256_HEX = /^[0-9a-f]{64}$/;
const CODES: readonly TransferErrorCode[] = [
  "ERR_HASH_MISMATCH",
  "ERR_SIZE_MISMATCH",
  "ERR_TOO_LARGE",
  "ERR_BAD_PROTOCOL",
  "ERR_INTERRUPTED",
  "ERR_REFUSED",
  "ERR_SOURCE",
  "ERR_SINK",
];

/** A text frame from the side that sends the file. */
export type SenderFrame =
  | ({ readonly kind: "file" } & FileHeader)
  | { readonly kind: "end"; readonly sha256: string }
  | { readonly kind: "abort"; readonly reason: string };

/** A text frame from the side that receives it. */
export type ReceiverFrame =
  | { readonly kind: "ready" }
  | { readonly kind: "written"; readonly bytes: number }
  | { readonly kind: "verified"; readonly sha256: string }
  | { readonly kind: "refused"; readonly code: TransferErrorCode; readonly reason: string };

/** Opens the channel for one file. */
export function createFileChannel(connection: PeerConnection): PeerChannel {
  return connection.createDataChannel("file", { protocol: FILE_PROTOCOL });
}

/** Throws {@link TransferError} `ERR_BAD_PROTOCOL` that names the member at fault. */
export function parseSenderFrame(text: string): SenderFrame {
  const frame = openFrame(text);
  const kind = frame.oneOf("kind", ["file", "end", "abort"]);
  switch (kind) {
    case "file": {
      const name = frame.text("name", 1024);
      const sizeBytes = frame.integer("sizeBytes", 0, MAX_FILE_BYTES);
      const mediaType = frame.optionalText("mediaType", 255);
      return { kind, name, sizeBytes, ...(mediaType === undefined ? {} : { mediaType }) };
    }
    case "end":
      return { kind, sha256: frame.match("sha256", SHA256_HEX) };
    case "abort":
      return { kind, reason: frame.text("reason", 1024) };
  }
}

/** Throws {@link TransferError} `ERR_BAD_PROTOCOL` that names the member at fault. */
export function parseReceiverFrame(text: string): ReceiverFrame {
  const frame = openFrame(text);
  const kind = frame.oneOf("kind", ["ready", "written", "verified", "refused"]);
  switch (kind) {
    case "ready":
      return { kind };
    case "written":
      return { kind, bytes: frame.integer("bytes", 0, MAX_FILE_BYTES) };
    case "verified":
      return { kind, sha256: frame.match("sha256", SHA256_HEX) };
    case "refused":
      return { kind, code: frame.oneOf("code", CODES), reason: frame.text("reason", 1024) };
  }
}

function openFrame(text: string): ObjectReader {
  const fail = (problem: string): TransferError =>
    new TransferError("ERR_BAD_PROTOCOL", `bad file transfer message: ${problem}`);
  if (text.length > MAX_CONTROL_CHARS) throw fail(`longer than ${MAX_CONTROL_CHARS} characters`);
  return readObject(text, fail);
}
