import type { Model } from "../model.ts";

/** Who is in the room. */
export function Participants({ model }: { readonly model: Model }) {
  const everybody = model.self ? [model.self, ...model.participants] : model.participants;
  return (
    <section class="card" aria-labelledby="participants-title">
      <h2 id="participants-title">In the room</h2>
      <ul class="participants">
        {everybody.map(({ id, name, role }) => (
          <li key={id}>
            <span class={`role ${role}`}>{role}</span> {name}
            {id === model.self?.id && <span class="quiet"> (this page)</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
