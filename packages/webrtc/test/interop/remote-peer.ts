import type { PeerCommands, PeerEvent } from "./peer-script.ts";

/** How long a peer may take for anything that should happen soon. */
export const PATIENCE_MS = 20_000;

const SHOWN_EVENTS = 12;
const SHOWN_CHARACTERS = 160;

/** What carries commands to a peer. */
export type PeerLink = {
  call(method: string, params: unknown): Promise<unknown>;
  /** Ends the peer without a goodbye: as if its machine had lost power. */
  kill(): Promise<void>;
  /** Ends it in an orderly way. Can be called after `kill`. */
  stop(): Promise<void>;
};

type Waiter = {
  readonly matches: (event: PeerEvent) => boolean;
  readonly resolve: (event: PeerEvent) => void;
};

type EventOf<Kind extends PeerEvent["kind"]> = Extract<PeerEvent, { kind: Kind }>;

/** A peer of a connection under test, seen as commands and an ordered log of what it has told. */
export class RemotePeer {
  readonly name: string;
  readonly #link: PeerLink;
  readonly #unread: PeerEvent[] = [];
  readonly #log: string[] = [];
  readonly #waiters: Waiter[] = [];

  constructor(name: string, connect: (report: (event: PeerEvent) => void) => PeerLink) {
    this.name = name;
    this.#link = connect((event) => this.#handleEvent(event));
  }

  /** Does one command; rejects with the peer's own message, or when it has not answered in time. */
  async call<Name extends keyof PeerCommands>(
    method: Name,
    params: PeerCommands[Name]["params"],
  ): Promise<PeerCommands[Name]["result"]> {
    const answer = this.#link.call(method, params);
    return (await this.#inTime(answer, `the answer to "${method}"`, PATIENCE_MS)) as Awaited<
      PeerCommands[Name]["result"]
    >;
  }

  /**
   * The oldest event of a kind that matches and was not taken before, at once or as soon as it happens.
   * Rejects after `patienceMs` with what was awaited and what the peer has told instead.
   */
  async next<Kind extends PeerEvent["kind"]>(
    kind: Kind,
    matches: (event: EventOf<Kind>) => boolean = () => true,
    what: string = kind,
    patienceMs: number = PATIENCE_MS,
  ): Promise<EventOf<Kind>> {
    const isWanted = (event: PeerEvent): boolean =>
      event.kind === kind && matches(event as EventOf<Kind>);
    return (await this.#take(isWanted, what, patienceMs)) as EventOf<Kind>;
  }

  /** The next candidate that the peer has found; `null` after the last. */
  async nextCandidate(): Promise<RTCIceCandidateInit | null> {
    const isWanted = ({ kind }: PeerEvent): boolean => kind === "candidate" || kind === "gathered";
    const event = await this.#take(isWanted, "the next candidate", PATIENCE_MS);
    return event.kind === "candidate" ? event.candidate : null;
  }

  /** Waits for the connection state. */
  async reaches(state: string, patienceMs: number = PATIENCE_MS): Promise<void> {
    const isState = (event: EventOf<"connectionState">): boolean => event.state === state;
    await this.next("connectionState", isState, `connection state "${state}"`, patienceMs);
  }

  kill(): Promise<void> {
    return this.#link.kill();
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }

  #take(
    matches: (event: PeerEvent) => boolean,
    what: string,
    patienceMs: number,
  ): Promise<PeerEvent> {
    const index = this.#unread.findIndex(matches);
    const [found] = index === -1 ? [] : this.#unread.splice(index, 1);
    if (found !== undefined) return Promise.resolve(found);
    const happened = new Promise<PeerEvent>((resolve) => this.#waiters.push({ matches, resolve }));
    return this.#inTime(happened, what, patienceMs);
  }

  #handleEvent(event: PeerEvent): void {
    this.#log.push(JSON.stringify(event).slice(0, SHOWN_CHARACTERS));
    const index = this.#waiters.findIndex((waiter) => waiter.matches(event));
    if (index === -1) this.#unread.push(event);
    else this.#waiters.splice(index, 1)[0]?.resolve(event);
  }

  async #inTime<T>(promise: Promise<T>, what: string, patienceMs: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(this.#describeWait(what, patienceMs))), patienceMs);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #describeWait(what: string, patienceMs: number): string {
    const told = this.#log.slice(-SHOWN_EVENTS).join("\n  ") || "nothing";
    return `waited ${patienceMs} ms for ${what} from ${this.name}, which told so far:\n  ${told}`;
  }
}
