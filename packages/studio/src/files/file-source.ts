import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import type { FileSource } from "@pallas/peers";
import { StudioError } from "../errors.ts";

const READ_BYTES = 256 * 1024;

/**
 * A file of this machine, ready to be sent any number of times. Rejects with {@link StudioError} if it
 * cannot be read or is no regular file.
 */
export async function openFileSource(path: string): Promise<FileSource> {
  const sizeBytes = await readSize(path);
  return {
    name: basename(path),
    sizeBytes,
    chunks: () => createReadStream(path, { highWaterMark: READ_BYTES }),
  };
}

async function readSize(path: string): Promise<number> {
  try {
    const handle = await open(path, "r"); // Opened, not only looked at: the right to read counts.
    try {
      const figures = await handle.stat();
      if (!figures.isFile()) throw new StudioError("ERR_FILE", `${path} is not a file`);
      return figures.size;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof StudioError) throw error;
    throw new StudioError("ERR_FILE", `cannot read ${path}: ${inWords(error)}`, error);
  }
}

function inWords(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a folder";
    default:
      return message;
  }
}
