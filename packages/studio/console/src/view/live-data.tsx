import type { Tick } from "../model.ts";
import { formatBytes, formatMs } from "./amounts.ts";

const WIDTH = 240;
const HEIGHT = 44;
const SLOTS = 60;

/** What the sender tells of itself each second, over the data channel. */
export function LiveData({ ticks }: { readonly ticks: readonly Tick[] }) {
  const latest = ticks.at(-1);
  const loads = ticks.slice(1).map((tick, index) => cpuPercent(ticks[index], tick));
  return (
    <section class="card" aria-labelledby="live-title">
      <h2 id="live-title">
        Live data <small>once a second</small>
      </h2>
      {latest ? (
        <>
          <dl class="figures">
            <Figure term="message" value={`#${latest.number}`} id="tick-number" />
            <Figure
              term="on its way"
              value={formatMs(Math.max(0, latest.receivedAtEpochMs - latest.sentAtEpochMs))}
            />
            <Figure term="receivers" value={String(latest.receivers)} />
            <Figure term="sender's memory" value={formatBytes(latest.memoryBytes)} />
            <Figure term="sender's CPU" value={`${(loads.at(-1) ?? 0).toFixed(1)} %`} />
            <Figure term="sender is up" value={`${Math.round(latest.uptimeS)} s`} />
          </dl>
          <Sparkline values={loads} label="CPU of the sender over the last minute" />
        </>
      ) : (
        <p class="quiet">Nothing has come yet.</p>
      )}
    </section>
  );
}

function Figure({
  term,
  value,
  id,
}: {
  readonly term: string;
  readonly value: string;
  readonly id?: string;
}) {
  return (
    <div>
      <dt>{term}</dt>
      <dd id={id}>{value}</dd>
    </div>
  );
}

function Sparkline({
  values,
  label,
}: {
  readonly values: readonly number[];
  readonly label: string;
}) {
  const top = Math.max(5, ...values);
  const points = values.map((value, index) => {
    const x = WIDTH - (values.length - 1 - index) * (WIDTH / (SLOTS - 1));
    return `${x.toFixed(1)},${(HEIGHT - 2 - (value / top) * (HEIGHT - 6)).toFixed(1)}`;
  });
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <polyline points={points.join(" ")} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

function cpuPercent(before: Tick | undefined, after: Tick): number {
  if (!before) return 0;
  const elapsedMs = after.sentAtEpochMs - before.sentAtEpochMs;
  return elapsedMs > 0 ? ((after.cpuMs - before.cpuMs) / elapsedMs) * 100 : 0;
}
