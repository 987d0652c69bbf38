import type { CandidatePair } from "./candidate-pair.ts";
import type { Gatherer } from "./gatherer.ts";
import { addressText } from "./ice-candidate.ts";
import type { LocalCandidates } from "./local-candidates.ts";
import type { RemoteCandidates, UnusableReason } from "./remote-candidates.ts";

/** Pairs that are told one by one; the others are counted. */
const MAX_PAIRS_TOLD = 8;

const UNUSABLE_WORDS: Readonly<Record<UnusableReason, string>> = {
  tcp: "for TCP, which is not supported yet",
  mdnsName: "with a .local name, which cannot be resolved yet",
  notIpAddress: "without an IP address",
  notUnicast: "with an unusable address or port",
  otherComponent: "for another component",
  otherGeneration: "of another ICE generation",
  overLimit: "over the limit",
  duplicate: "announced twice",
};

/** What a failure is explained from. */
export type FailureFacts = {
  readonly local: LocalCandidates;
  readonly remote: RemoteCandidates;
  readonly pairs: readonly CandidatePair[];
  readonly gatherer: Pick<Gatherer, "bindFailures" | "silentServers">;
};

/** Why no pair worked: what was sent, what came back, what is missing. For people. */
export function explainNoPair(facts: FailureFacts): string {
  return [headline(facts), ...pairLines(facts.pairs), ...sideNotes(facts)].join("; ");
}

function headline({ local, remote, pairs }: FailureFacts): string {
  if (local.size === 0) return "no connection: there is no local candidate";
  if (remote.size === 0) return "no connection: no remote candidates arrived that can be used";
  if (pairs.length === 0) {
    return "no connection: no local candidate fits a remote one (address families or scopes differ)";
  }
  return `no connection: none of ${countOf(pairs.length, "candidate pair")} worked`;
}

function pairLines(pairs: readonly CandidatePair[]): readonly string[] {
  const lines = pairs.slice(0, MAX_PAIRS_TOLD).map((pair) => {
    const { local, remote, counters, problem } = pair;
    const from = addressText(local.base.address, local.base.port);
    const to = addressText(remote.candidate.address, remote.candidate.port);
    const received =
      counters.requestsReceived === 0
        ? ""
        : `, received ${countOf(counters.requestsReceived, "check")}`;
    const sent = countOf(counters.requestsSent, "check");
    return `sent ${sent} ${from} -> ${to}, ${problem ?? "no answer"}${received}`;
  });
  const untold = pairs.length - lines.length;
  return untold > 0 ? [...lines, `and ${countOf(untold, "more pair")}`] : lines;
}

function sideNotes({ remote, gatherer }: FailureFacts): readonly string[] {
  const notes: string[] = [];
  for (const [reason, count] of remote.unusable) {
    if (reason === "duplicate") continue;
    notes.push(`ignored ${countOf(count, "remote candidate")} ${UNUSABLE_WORDS[reason]}`);
  }
  for (const url of gatherer.silentServers) notes.push(`STUN server ${url} did not answer`);
  for (const failure of gatherer.bindFailures) notes.push(`could not use ${failure}`);
  return notes;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
