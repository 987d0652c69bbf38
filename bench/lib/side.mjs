// One of the two processes of a measurement. Started by pair.mjs, to which it is tied by IPC:
//   node --expose-gc side.mjs <stack> <scenario> <offerer|answerer> <options as JSON>
const PROGRESS_EVERY_MS = 500;

const [, , stack, scenarioName, role, optionsText] = process.argv;
const { adapter } = await import(`../adapters/${stack}.mjs`);
const scenario = await import(`../scenarios/${scenarioName}.mjs`);

/** What a scenario works with: connections, and words to the other side that use no connection. */
class Context {
  options = JSON.parse(optionsText);
  version = adapter.version;
  #links = new Map();
  #heard = new Map();
  #listeners = new Map();
  #onChannel = () => {};
  #lastProgressMs = 0;

  /** Offerer: opens connection `id`; resolves to `{ channel, close }` when its channel is open. */
  async connect(id = 0) {
    const link = this.#openLink(id, true);
    const channel = await link.opened;
    this.progress();
    return { channel, close: () => this.#closeLink(id, true) };
  }

  /** Answerer: `listener(channel, id)` for each connection that the other side opens. */
  accept(listener) {
    this.#onChannel = listener;
  }

  /** Says something to the other side; see {@link hear}. */
  tell(name, value) {
    process.send({ relay: { name, value } });
  }

  /** The next value that the other side tells under `name`. */
  hear(name) {
    const waiting = this.#heard.get(name)?.shift();
    if (waiting !== undefined) return Promise.resolve(waiting.value);
    return new Promise((resolve) => {
      this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), resolve]);
    });
  }

  /** Says that things are moving; without it for a while the run counts as stalled. */
  progress() {
    const nowMs = performance.now();
    if (nowMs - this.#lastProgressMs < PROGRESS_EVERY_MS) return;
    this.#lastProgressMs = nowMs;
    process.send({ progress: true });
  }

  handle({ id, signal, close, name, value }) {
    if (close) this.#closeLink(id, false);
    else if (signal) (this.#links.get(id) ?? this.#openLink(id, false)).handleSignal(signal);
    else this.#handleWord(name, value);
  }

  #handleWord(name, value) {
    const listener = this.#listeners.get(name)?.shift();
    if (listener) listener(value);
    else this.#heard.set(name, [...(this.#heard.get(name) ?? []), { value }]);
  }

  #openLink(id, isOfferer) {
    const signal = (message) => process.send({ relay: { id, signal: message } });
    const link = adapter.open({ isOfferer, signal });
    this.#links.set(id, link);
    if (!isOfferer) link.opened.then((channel) => this.#onChannel(channel, id));
    return link;
  }

  #closeLink(id, tellsOther) {
    if (tellsOther) process.send({ relay: { id, close: true } });
    this.#links.get(id)?.close();
    this.#links.delete(id);
  }
}

const context = new Context();
process.on("message", ({ relayed }) => context.handle(relayed));
process.on("uncaughtException", (error) => {
  process.send({ failed: error.message });
});
process.on("disconnect", () => process.exit(0));

const result = await scenario[role](context);
if (role === "offerer") process.send({ result, version: context.version });
else process.send({ ready: true });
