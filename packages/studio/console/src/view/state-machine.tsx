import type { OwnConnection } from "../model.ts";

type State = RTCPeerConnectionState;

/** Where each state of figure i is drawn: the centre of its box. */
const PLACES: Readonly<Record<State, { readonly x: number; readonly y: number }>> = {
  new: { x: 60, y: 34 },
  connecting: { x: 200, y: 34 },
  connected: { x: 340, y: 34 },
  disconnected: { x: 340, y: 120 },
  failed: { x: 200, y: 120 },
  closed: { x: 60, y: 120 },
};

const HALF_WIDTH = 50;
const HALF_HEIGHT = 17;

/** From, to, and the path between the boxes. W3C webrtc-pc §4.3.3; closed can follow every state. */
const EDGES: readonly (readonly [State, State, string])[] = [
  ["new", "connecting", "M110 34 H149"],
  ["connecting", "connected", "M250 34 H289"],
  ["connected", "disconnected", "M352 51 V102"],
  ["disconnected", "connected", "M328 103 V52"],
  ["connecting", "failed", "M200 51 V102"],
  ["disconnected", "failed", "M290 120 H251"],
  ["failed", "closed", "M150 120 H111"],
  ["new", "closed", "M60 51 V102"],
  ["disconnected", "closed", "M340 137 V152 H60 V138"],
];

/** The states of the connection with the present one lit: the article's figure i. */
export function StateMachine({ own }: { readonly own: OwnConnection | undefined }) {
  const current: State = own?.states.connection ?? "new";
  const visited = own?.visited ?? ["new"];
  return (
    <section class="card" aria-labelledby="states-title">
      <h2 id="states-title">
        Connection state <small>figure i</small>
      </h2>
      <svg
        class="machine"
        viewBox="0 0 400 160"
        role="img"
        aria-label={`The connection is ${current}. It has been: ${visited.join(", ")}.`}
        data-state={current}
      >
        <defs>
          <marker
            id="tip"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 0 L8 4 L0 8 z" />
          </marker>
        </defs>
        {EDGES.map(([from, to, path]) => (
          <path
            key={`${from} ${to}`}
            class={`edge ${hasPassed(visited, from, to) ? "passed" : ""}`}
            d={path}
            marker-end="url(#tip)"
          />
        ))}
        {(Object.keys(PLACES) as State[]).map((state) => (
          <StateBox
            key={state}
            state={state}
            isCurrent={state === current}
            isVisited={visited.includes(state)}
          />
        ))}
      </svg>
      <dl class="figures">
        <Machine name="signaling" state={own?.states.signaling ?? "stable"} />
        <Machine name="ICE" state={own?.states.iceConnection ?? "new"} />
        <Machine name="gathering" state={own?.states.iceGathering ?? "new"} />
      </dl>
    </section>
  );
}

type StateBoxProps = {
  readonly state: State;
  readonly isCurrent: boolean;
  readonly isVisited: boolean;
};

function StateBox({ state, isCurrent, isVisited }: StateBoxProps) {
  const { x, y } = PLACES[state];
  return (
    <g class={`state ${state} ${isCurrent ? "current" : ""} ${isVisited ? "visited" : ""}`}>
      <rect
        x={x - HALF_WIDTH}
        y={y - HALF_HEIGHT}
        width={HALF_WIDTH * 2}
        height={HALF_HEIGHT * 2}
        rx={HALF_HEIGHT}
      />
      <text x={x} y={y + 4.5} text-anchor="middle">
        {state}
      </text>
    </g>
  );
}

function Machine({ name, state }: { readonly name: string; readonly state: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{state}</dd>
    </div>
  );
}

function hasPassed(visited: readonly State[], from: State, to: State): boolean {
  return visited.some((state, index) => state === from && visited[index + 1] === to);
}
