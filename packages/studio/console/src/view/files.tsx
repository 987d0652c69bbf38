import type { FileRow } from "../model.ts";
import { formatBytes } from "./amounts.ts";

type FilesProps = {
  readonly files: readonly FileRow[];
  readonly canAsk: boolean;
  onAsk(): void;
};

/** What the sender has sent, with the verdict on its SHA-256. */
export function Files({ files, canAsk, onAsk }: FilesProps) {
  return (
    <section class="card" aria-labelledby="files-title">
      <h2 id="files-title">Received file</h2>
      {files.length === 0 && <p class="quiet">Nothing has come yet.</p>}
      <ul class="files">
        {files.toReversed().map((file, index) => (
          <FileItem key={file.id} file={file} isNewest={index === 0} />
        ))}
      </ul>
      <button type="button" disabled={!canAsk} onClick={onAsk}>
        Send it again
      </button>
    </section>
  );
}

function FileItem({ file, isNewest }: { readonly file: FileRow; readonly isNewest: boolean }) {
  const { name, sizeBytes, receivedBytes, verdict } = file;
  return (
    <li class="file">
      <p>
        <strong>{name}</strong> <span class="quiet">{formatBytes(sizeBytes)}</span>
      </p>
      <progress
        aria-label={`received of ${name}`}
        max={Math.max(1, sizeBytes)}
        value={sizeBytes === 0 ? 1 : receivedBytes}
      />
      {verdict.kind === "receiving" && <p class="quiet">{formatBytes(receivedBytes)} so far</p>}
      {verdict.kind === "failed" && <p class="bad">✗ {verdict.reason}</p>}
      {verdict.kind === "verified" && (
        <>
          <p class="good" data-verdict="verified">
            ✓ SHA-256 is the sender's
          </p>
          <code class="hash">{verdict.sha256}</code>
          <p>
            <a href={verdict.url} download={name}>
              Save
            </a>
          </p>
          {isNewest && verdict.preview !== "" && (
            <details>
              <summary>Content</summary>
              <pre tabIndex={0}>{verdict.preview}</pre>
            </details>
          )}
        </>
      )}
    </li>
  );
}
