import { render } from "preact";
import { App } from "./view/app.tsx";
import type { Model } from "./model.ts";
import { Session } from "./session.ts";
import { Store } from "./store.ts";

const root = document.getElementById("app");
if (root) start(root);

function start(container: HTMLElement): void {
  const show = (model: Model): void => {
    render(
      <App
        model={model}
        onAsk={() => session.askForOffer()}
        onHangUp={() => session.hangUp()}
        onAskForFile={() => void session.askForFile()}
        onChoose={(handshakeId) => store.dispatch({ kind: "choose", handshakeId })}
      />,
      container,
    );
  };
  const store = new Store(show);
  const session = new Session(store);
  show(store.model);
}
