import { isLoopbackAddress } from "../base/ip-address.ts";
import type { CandidatePair } from "./candidate-pair.ts";
import { NO_ANSWER } from "./candidate-pair.ts";
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
  readonly gatherer: Pick<Gatherer, "bindFailures" | "silentServers" | "isRelayOnly">;
};

/** Why no pair worked: what was sent, what came back, what is missing. For people. */
export function explainNoPair(facts: FailureFacts): string {
  return [headline(facts), ...pairLines(facts.pairs), ...sideNotes(facts)].join("; ");
}

function headline({ local, remote, pairs, gatherer }: FailureFacts): string {
  if (local.size === 0) return `no connection: ${whyNoLocal(gatherer)}`;
  if (remote.size === 0) return "no connection: no remote candidates arrived that can be used";
  if (pairs.length === 0) {
    return "no connection: no local candidate fits a remote one (address families or scopes differ)";
  }
  return `no connection: none of ${countOf(pairs.length, "candidate pair")} worked`;
}

function whyNoLocal({ isRelayOnly, bindFailures }: FailureFacts["gatherer"]): string {
  if (isRelayOnly) {
    return 'iceTransportPolicy is "relay", and relays (TURN) are not supported yet';
  }
  return bindFailures.length > 0
    ? "no usable network interface: none of the addresses of this machine could be used"
    : "no usable network interface: there is none, or the settings exclude them all";
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
    const sent = countOf(counters.requestsSent + counters.retransmissionsSent, "check");
    return `sent ${sent} ${from} -> ${to}, ${problem ?? NO_ANSWER}${received}`;
  });
  const untold = pairs.length - lines.length;
  return untold > 0 ? [...lines, `and ${countOf(untold, "more pair")}`] : lines;
}

function sideNotes({ remote, gatherer, pairs }: FailureFacts): readonly string[] {
  const notes: string[] = [];
  if (wouldRelayHelp(pairs)) {
    notes.push(
      "no relay took part: where NATs or firewalls let nothing through, one of the peers needs a TURN server",
    );
  }
  for (const [reason, count] of remote.unusable) {
    if (reason === "duplicate") continue;
    notes.push(`ignored ${countOf(count, "remote candidate")} ${UNUSABLE_WORDS[reason]}`);
  }
  for (const url of gatherer.silentServers) {
    notes.push(`STUN server ${JSON.stringify(url)} did not answer`);
  }
  for (const failure of gatherer.bindFailures) notes.push(`could not use ${failure}`);
  return notes;
}

/** Only silence is a matter of the network; whoever refuses was reached. */
function wouldRelayHelp(pairs: readonly CandidatePair[]): boolean {
  const direct = pairs.filter(({ local }) => !isLoopbackAddress(local.base.address));
  return (
    direct.length > 0 &&
    direct.every(
      ({ local, remote, problem }) =>
        local.candidate.type !== "relay" &&
        remote.candidate.type !== "relay" &&
        (problem === undefined || problem === NO_ANSWER),
    )
  );
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
