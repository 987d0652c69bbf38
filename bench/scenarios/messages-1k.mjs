// How many messages of 1 KiB go through one ordered, reliable channel in a second.
import { measureTransfer, serveTransfer } from "../lib/transfer.mjs";

const MESSAGE_BYTES = 1024;

export const title = "messages-1k";
export const runs = 3;
export const metrics = {
  messagesPerSecond: { label: "1 KiB messages a second", better: "higher" },
};

export async function offerer(context) {
  const { messages, ms } = await measureTransfer(context, MESSAGE_BYTES);
  return { messagesPerSecond: messages / (ms / 1_000) };
}

export const answerer = serveTransfer;
