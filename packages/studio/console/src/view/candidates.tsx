import type { CandidateSummary } from "@pallas/peers";
import type { CandidateRow, OwnConnection } from "../model.ts";

/** The candidates of both sides, with the pair that ICE chose. */
export function Candidates({ own }: { readonly own: OwnConnection | undefined }) {
  const rows = own?.candidates ?? [];
  return (
    <section class="card" aria-labelledby="candidates-title">
      <h2 id="candidates-title">Candidates</h2>
      {own?.pair ? (
        <p class="pair" id="chosen-pair">
          <strong>Chosen pair</strong>
          <code>{place(own.pair.local)}</code>
          <span aria-label="to">⇄</span>
          <code>{place(own.pair.remote)}</code>
        </p>
      ) : (
        <p class="quiet">No pair is chosen yet.</p>
      )}
      {rows.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">side</th>
              <th scope="col">type</th>
              <th scope="col">address</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={keyOf(row)} class={isChosen(row, own) ? "chosen" : ""}>
                <td>{row.side}</td>
                <td>
                  {row.protocol} {row.type}
                </td>
                <td>
                  <code>{place(row)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function place({ address, port }: CandidateSummary): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

function keyOf(row: CandidateRow): string {
  return `${row.side} ${row.protocol} ${row.type} ${row.address} ${row.port}`;
}

function isChosen(row: CandidateRow, own: OwnConnection | undefined): boolean {
  const end = row.side === "sender" ? own?.pair?.remote : own?.pair?.local;
  return end?.address === row.address && end.port === row.port && end.type === row.type;
}
