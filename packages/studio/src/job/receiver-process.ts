/**
 * The second process of the main job: a receiver that asks the sender for an offer, answers it, and
 * stores the files that come. Started with `fork`; it ends when the first process does.
 */
import { ReceiverPeer } from "./receiver-peer.ts";
import type { FromReceiver, ToReceiver } from "./receiver-link.ts";

/** How long the goodbyes may take. The one who could end this process by force may be gone itself. */
const END_PATIENCE_MS = 2000;

let peer: ReceiverPeer | undefined;

process.on("message", (message: ToReceiver) => {
  if (message.kind === "start") {
    peer ??= new ReceiverPeer(message, tell);
    peer.askForOffer();
  } else {
    end();
  }
});
process.on("disconnect", end);
// The terminal sends Ctrl-C to both processes: the first one decides when this one ends.
process.on("SIGINT", () => {});
tell({ kind: "ready" });

function tell(message: FromReceiver): void {
  if (process.connected) process.send?.(message);
}

function end(): void {
  peer?.close();
  peer = undefined;
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(1), END_PATIENCE_MS).unref();
}
