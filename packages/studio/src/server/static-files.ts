import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";

/** A file of the console, in memory. */
export type StaticFile = {
  readonly body: Buffer;
  readonly mediaType: string;
  readonly etag: string;
  /** Its name changes with its content: it may be kept for good. */
  readonly isImmutable: boolean;
};

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".map": "application/json",
};

/**
 * Reads a built page whole, by URL path. Requests are then looked up, never turned into a path of the
 * file system. An absent folder gives an empty map.
 */
export function loadStaticFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  for (const path of listFiles(folder)) {
    const urlPath = `/${relative(folder, path).split(sep).join("/")}`;
    const file = readStaticFile(path, urlPath);
    files.set(urlPath, file);
    if (urlPath === "/index.html") files.set("/", file);
  }
  return files;
}

function readStaticFile(path: string, urlPath: string): StaticFile {
  const body = readFileSync(path);
  const digest = createHash("sha256").update(body).digest("base64url").slice(0, 22);
  return {
    body,
    mediaType: MEDIA_TYPES[extname(path)] ?? "application/octet-stream",
    etag: `"${digest}"`,
    isImmutable: urlPath.startsWith("/assets/"),
  };
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
