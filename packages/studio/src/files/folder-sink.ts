import { link, open, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { extname, join } from "node:path";
import { sanitiseFileName } from "@pallas/peers";
import type { FileSink } from "@pallas/peers";

const MAX_COPIES = 1000;
const OWNER_ONLY = 0o600;

/** A sink that writes into a folder; `path` is where the whole file is once it is closed. */
export interface FolderSink extends FileSink {
  readonly path: string;
}

/**
 * Opens a new file in `folder` for what a peer calls `name`. It has the ending `.part` until it is whole
 * and verified; an existing file is never overwritten, and nothing is ever written outside of `folder`.
 */
export async function openFolderSink(folder: string, name: string): Promise<FolderSink> {
  const safeName = sanitiseFileName(name);
  const { handle, path: partPath } = await createUnique(folder, `${safeName}.part`);
  return new PartFile(folder, safeName, partPath, handle);
}

class PartFile implements FolderSink {
  readonly #folder: string;
  readonly #name: string;
  readonly #partPath: string;
  readonly #handle: FileHandle;
  path: string;

  constructor(folder: string, name: string, partPath: string, handle: FileHandle) {
    this.#folder = folder;
    this.#name = name;
    this.#partPath = partPath;
    this.#handle = handle;
    this.path = partPath;
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    let offset = 0;
    while (offset < bytes.byteLength) {
      const { bytesWritten } = await this.#handle.write(bytes, offset);
      offset += bytesWritten;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
    this.path = await publish(this.#partPath, this.#folder, this.#name);
    await unlink(this.#partPath);
  }

  async abort(): Promise<void> {
    await this.#handle.close();
    await unlink(this.#partPath);
  }
}

async function createUnique(
  folder: string,
  name: string,
): Promise<{ readonly handle: FileHandle; readonly path: string }> {
  for (const path of freePaths(folder, name)) {
    try {
      return { handle: await open(path, "wx", OWNER_ONLY), path };
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  throw tooMany(name);
}

/** Gives the file its name without ever replacing another: unlike a rename, a link fails then. */
async function publish(partPath: string, folder: string, name: string): Promise<string> {
  for (const path of freePaths(folder, name)) {
    try {
      await link(partPath, path);
      return path;
    } catch (error) {
      if (!isTaken(error)) throw error;
    }
  }
  throw tooMany(name);
}

/** `notes.txt`, `notes (2).txt`, … */
function* freePaths(folder: string, name: string): Generator<string> {
  yield join(folder, name);
  const extension = extname(name);
  const stem = name.slice(0, name.length - extension.length);
  for (let copy = 2; copy <= MAX_COPIES; copy++) {
    yield join(folder, `${stem} (${copy})${extension}`);
  }
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EEXIST";
}

function tooMany(name: string): Error {
  return new RangeError(`there are ${MAX_COPIES} files called ${name} already`);
}
