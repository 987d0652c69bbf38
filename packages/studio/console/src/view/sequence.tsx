import type { Handshake, Model } from "../model.ts";
import { formatMs } from "./amounts.ts";
import { laneNames, sequenceRows } from "./sequence-rows.ts";
import type { SequenceRow } from "./sequence-rows.ts";

type SequenceProps = {
  readonly model: Model;
  readonly handshake: Handshake | undefined;
  onChoose(handshakeId: string): void;
};

/** Figure 2: two lifelines, filled row by row. It is a list, so that it can be heard as well as seen. */
export function Sequence({ model, handshake, onChoose }: SequenceProps) {
  if (!handshake) return <p class="quiet">No handshake has begun yet.</p>;
  const names = laneNames(model, handshake);
  const rows = sequenceRows(model, handshake);
  return (
    <>
      <HandshakeChoice model={model} shown={handshake} onChoose={onChoose} />
      <div class="lifelines" aria-hidden="true">
        <span>{names.sender}</span>
        <span>{names.receiver}</span>
      </div>
      <ol class="sequence" id="sequence" aria-label="Steps of the handshake">
        {rows.map((row, index) => (
          <Row key={index} row={row} />
        ))}
      </ol>
    </>
  );
}

function Row({ row }: { readonly row: SequenceRow }) {
  const { shape, lane, tone, text, atMs } = row;
  return (
    <li class={`row ${shape} from-${lane} ${tone}`}>
      <time>{formatMs(Math.max(0, atMs))}</time>
      <span class="hidden">{shape === "note" ? `${lane} ` : `from ${lane}: `}</span>
      <span class="what">
        <span class="label">{text}</span>
      </span>
    </li>
  );
}

function HandshakeChoice({
  model,
  shown,
  onChoose,
}: {
  readonly model: Model;
  readonly shown: Handshake;
  onChoose(id: string): void;
}) {
  if (model.handshakes.length < 2) return null;
  return (
    <p class="choice">
      <label for="handshake-choice">Handshake </label>
      <select
        id="handshake-choice"
        value={shown.id}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        {model.handshakes.map((handshake, index) => {
          const names = laneNames(model, handshake);
          return (
            <option key={handshake.id} value={handshake.id}>
              {index + 1}. {names.sender} with {names.receiver}
            </option>
          );
        })}
      </select>
    </p>
  );
}
