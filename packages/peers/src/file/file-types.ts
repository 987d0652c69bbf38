/** What is known of a file before its first byte. */
export type FileHeader = {
  /** One path segment, safe to use as a file name: the receiver has cleaned it. */
  readonly name: string;
  readonly sizeBytes: number;
  /** `text/plain` and the like, when the sender knows it. */
  readonly mediaType?: string;
};

/** A file to send. */
export type FileSource = FileHeader & {
  /** Its bytes, in pieces of any size; read once. */
  chunks(): AsyncIterable<Uint8Array>;
};

/** How far a transfer is. */
export type FileProgress = {
  readonly header: FileHeader;
  /** Written at the receiver (it says so to the sender). */
  readonly bytes: number;
};

/** A transfer that ended well: the receiver computed the same hash. */
export type FileReceipt = {
  readonly header: FileHeader;
  /** SHA-256 of the content, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
};

/** SHA-256, a piece at a time: `node:crypto` in Node, {@link createSubtleHasher} in a browser. */
export interface Hasher {
  update(bytes: Uint8Array<ArrayBuffer>): void;
  /** 64 lower-case hexadecimal digits. Ends the hasher. */
  digestHex(): string | Promise<string>;
}

/** Where the bytes of a received file go. */
export interface FileSink {
  /** The next bytes, in order. What it returns is awaited: that is the back-pressure. */
  write(bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
  /** All bytes are there and their hash is right. */
  close(): void | Promise<void>;
  /** The transfer failed; what was written is worthless. */
  abort(): void | Promise<void>;
}

/** How to send. */
export type SendFileOptions = {
  readonly createHasher: () => Hasher;
  readonly onProgress?: (progress: FileProgress) => void;
};

/** How to receive. */
export type ReceiveFileOptions = {
  /** Makes the place for a file; a rejection refuses the file, with the reason told to the sender. */
  openSink(header: FileHeader): FileSink | Promise<FileSink>;
  readonly createHasher: () => Hasher;
  /** A larger file is refused before its first byte. */
  readonly maxFileBytes?: number;
  onProgress?(progress: FileProgress): void;
  /** The file is whole, verified and closed. */
  onReceived?(receipt: FileReceipt): void;
  /** The transfer ended otherwise; the sink was aborted. `header` is missing if none came. */
  onFailed?(error: Error, header?: FileHeader): void;
};
