import { once } from "node:events";
import { WebSocket } from "ws";

/** A bare client of the signaling server: says what a test wants, right or wrong. */
export class TestClient {
  readonly socket: WebSocket;
  readonly heard: Message[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #wake: (() => void) | undefined;

  constructor(url: string, options: { origin?: string; headers?: Record<string, string> } = {}) {
    this.socket = new WebSocket(url, { ...options, autoPong: true });
    this.socket.on("error", () => {}); // "close" or "unexpected-response" tell the test.
    this.socket.on("message", (data) => {
      this.heard.push(JSON.parse(String(data)) as Message);
      this.#wake?.();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake?.();
      });
    });
  }

  /** Opens, joins, and waits for the welcome. */
  static async join(
    url: string,
    role: string,
    room = "room",
    more: object = {},
  ): Promise<TestClient> {
    const client = new TestClient(url);
    await once(client.socket, "open");
    client.say({ kind: "join", room, role, name: role, ...more });
    await client.next("welcome");
    return client;
  }

  get id(): string {
    const welcome = this.heard.find(({ kind }) => kind === "welcome");
    return (welcome?.["self"] as { id: string } | undefined)?.id ?? "not welcomed";
  }

  say(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The next message of this kind that was not taken yet; rejects if the connection ends before. */
  async next(kind: string): Promise<Message> {
    for (;;) {
      const index = this.heard.findIndex((message) => message.kind === kind && !message.isTaken);
      const message = this.heard[index];
      if (message) {
        message.isTaken = true;
        return message;
      }
      if (this.socket.readyState === WebSocket.CLOSED)
        throw new RangeError(`closed before ${kind}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The status with which the server refuses the upgrade. */
  async refusal(): Promise<number> {
    const [, response] = (await once(this.socket, "unexpected-response")) as [
      unknown,
      { statusCode: number },
    ];
    return response.statusCode;
  }
}

export type Message = { kind: string; isTaken?: boolean; [member: string]: unknown };
