import type { Model } from "../model.ts";
import { shownHandshake } from "../model.ts";
import { Candidates } from "./candidates.tsx";
import { Descriptions } from "./descriptions.tsx";
import { Files } from "./files.tsx";
import { LiveData } from "./live-data.tsx";
import { Participants } from "./participants.tsx";
import { Sequence } from "./sequence.tsx";
import { StateMachine } from "./state-machine.tsx";

/** What the page can be asked to do. */
export type AppProps = {
  readonly model: Model;
  onAsk(): void;
  onHangUp(): void;
  onAskForFile(): void;
  onChoose(handshakeId: string): void;
};

/** The whole page. */
export function App({ model, onAsk, onHangUp, onAskForFile, onChoose }: AppProps) {
  const isUp = model.own !== undefined && model.own.closeReason === undefined;
  return (
    <>
      <Header model={model} isUp={isUp} onAsk={onAsk} onHangUp={onHangUp} />
      <main>
        <Notices model={model} />
        <div class="columns">
          <div class="stack">
            <section class="card" aria-labelledby="handshake-title">
              <h2 id="handshake-title">
                Handshake <small>figure 2, as it happens</small>
              </h2>
              <Sequence model={model} handshake={shownHandshake(model)} onChoose={onChoose} />
            </section>
            <Descriptions own={model.own} />
          </div>
          <div class="stack">
            <StateMachine own={model.own} />
            <Files
              files={model.files}
              canAsk={isUp && model.own?.states.connection === "connected"}
              onAsk={onAskForFile}
            />
            <LiveData ticks={model.ticks} />
            <Candidates own={model.own} />
            <Participants model={model} />
          </div>
        </div>
      </main>
      <footer>
        Peer to peer with @pallas/webrtc on the other side. Nothing on this page comes from
        elsewhere.
      </footer>
    </>
  );
}

type HeaderProps = Pick<AppProps, "model" | "onAsk" | "onHangUp"> & { readonly isUp: boolean };

function Header({ model, isUp, onAsk, onHangUp }: HeaderProps) {
  const isOnline = model.signaling.kind === "online";
  const hasSender = model.participants.some(({ role }) => role === "sender");
  return (
    <header>
      <h1>
        <span class="mark" aria-hidden="true" />
        Pallas <small>console</small>
      </h1>
      <p class="chips" role="status">
        <span class={`chip ${model.signaling.kind}`}>signaling {model.signaling.kind}</span>
        <span class={`chip ${model.own?.states.connection ?? "new"}`} id="connection-chip">
          connection {model.own?.states.connection ?? "new"}
        </span>
      </p>
      <p class="actions">
        <button type="button" class="primary" disabled={!isOnline || !hasSender} onClick={onAsk}>
          {isUp ? "Shake hands again" : "Ask for an offer"}
        </button>
        <button type="button" disabled={!isUp} onClick={onHangUp}>
          Hang up
        </button>
      </p>
    </header>
  );
}

function Notices({ model }: { readonly model: Model }) {
  const { signaling, own } = model;
  const hasSender = model.participants.some(({ role }) => role === "sender");
  const notices = [
    signaling.kind === "offline" ? `Signaling: ${signaling.reason}. Trying again.` : "",
    signaling.kind === "closed" ? `Signaling is closed: ${signaling.reason}.` : "",
    signaling.kind === "online" && !hasSender ? "Waiting for a sender to enter the room." : "",
    own?.closeReason === undefined ? "" : `The connection has ended: ${own.closeReason}.`,
    ...model.problems,
  ].filter((notice) => notice !== "");
  return (
    <ul class="notices" aria-live="polite">
      {notices.map((notice, index) => (
        <li key={index}>{notice}</li>
      ))}
    </ul>
  );
}
