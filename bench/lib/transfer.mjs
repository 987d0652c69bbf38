// A steady one-way transfer over one channel, as measured by several scenarios.
import { setImmediate as nextTurn } from "node:timers/promises";

const TURN_MESSAGES = 256;
const TURN_BYTES = 1_048_576;

/** How far the sender fills the stack's buffer, and where it goes on; see the W3C's bufferedAmount. */
const WATERMARKS = {
  large: { high: 4_194_304, low: 1_048_576 },
  small: { high: 1_048_576, low: 262_144 },
};

/**
 * Sends messages of `messageBytes` for `durationMs` and waits until all have arrived. Resolves to
 * `{ messages, bytes, ms, cpuMs }`: time from the first to the last arrival, CPU of both processes.
 */
export async function transfer(context, channel, messageBytes, durationMs) {
  const { high, low } = messageBytes >= 16_384 ? WATERMARKS.large : WATERMARKS.small;
  const message = Buffer.alloc(messageBytes, 7);
  const turnMessages = Math.max(1, Math.min(TURN_MESSAGES, Math.floor(TURN_BYTES / messageBytes)));
  const cpuBefore = process.cpuUsage();
  context.tell("phase", { messageBytes });
  await context.hear("phase ready");
  let sent = 0;
  for (const endAtMs = performance.now() + durationMs; performance.now() < endAtMs;) {
    for (let count = 0; count < turnMessages && channel.bufferedAmount() < high; count++) {
      channel.send(message);
      sent++;
    }
    if (channel.bufferedAmount() >= high) await channel.whenLow(low);
    else await nextTurn();
  }
  context.tell("sent", { messages: sent });
  const { ms, cpuMs } = await context.hear("received");
  const bytes = sent * messageBytes;
  return { messages: sent, bytes, ms, cpuMs: cpuMs + cpuMsSince(cpuBefore) };
}

/** The other end of {@link transfer}: serves one phase after the other. */
export async function receive(context, channel) {
  let phase;
  channel.onMessage((data) => {
    const bytes = typeof data === "string" ? data.length : data.byteLength;
    const nowMs = performance.now();
    if (phase.count === 0) phase.firstAtMs = nowMs;
    if (bytes !== phase.messageBytes) throw new Error(`got ${bytes} bytes instead`);
    phase.count++;
    phase.lastAtMs = nowMs;
    if ((phase.count & 63) === 0) context.progress();
    if (phase.count === phase.expected) report();
  });
  const report = () =>
    context.tell("received", {
      ms: phase.lastAtMs - phase.firstAtMs,
      cpuMs: cpuMsSince(phase.cpuBefore),
    });
  for (;;) {
    const { messageBytes } = await context.hear("phase");
    phase = { messageBytes, count: 0, expected: -1, firstAtMs: 0, lastAtMs: 0 };
    phase.cpuBefore = process.cpuUsage();
    context.tell("phase ready", {});
    const { messages } = await context.hear("sent");
    phase.expected = messages;
    if (phase.count === messages) report();
  }
}

/** CPU time that this process has used since a reading of `process.cpuUsage()`. */
export function cpuMsSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Offerer's half of a scenario that is one transfer, after a warm-up of a quarter of its length. */
export async function measureTransfer(context, messageBytes) {
  const durationMs = context.options.isQuick ? 1_000 : 4_000;
  const { channel } = await context.connect();
  await transfer(context, channel, messageBytes, durationMs / 4);
  return transfer(context, channel, messageBytes, durationMs);
}

/** Answerer's half. */
export function serveTransfer(context) {
  context.accept((channel) => receive(context, channel));
}
