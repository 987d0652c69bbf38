import type { HandshakeReport } from "@pallas/peers";

/** What a step means to somebody who reads along, in one line. */
export function narrate({ step, detail = "" }: HandshakeReport): string {
  switch (step) {
    case "offerRequested":
      return "is asked for an offer";
    case "offerCreated":
      return "creates the offer and sets it as its local description";
    case "offerApplied":
      return "sets the offer as its remote description";
    case "answerCreated":
      return "creates the answer and sets it as its local description";
    case "answerApplied":
      return "sets the answer as its remote description";
    case "localCandidate":
      return detail === "no more" ? "has found all its candidates" : `finds candidate ${detail}`;
    case "remoteCandidate":
      return detail === "no more" ? "has got all candidates" : `gets candidate ${detail}`;
    case "candidateRefused":
      return `does not take a candidate: ${detail}`;
    case "state":
      return narrateState(detail);
    case "pairSelected":
      return `uses the path ${detail}`;
    case "channelOpen":
      return `has the data channel "${detail}" open`;
    case "fileStarted":
      return `sends ${detail}`;
    case "fileVerified":
      return detail;
    case "fileFailed":
      return `gives up the file: ${detail}`;
    case "closed":
      return `releases the connection: ${detail}`;
  }
}

const MACHINES: Readonly<Record<string, string>> = {
  connection: "connection",
  iceConnection: "ICE",
  iceGathering: "candidate gathering",
  signaling: "signaling",
};

function narrateState(detail: string): string {
  const [machine = "", state = ""] = detail.split(" ");
  return `${MACHINES[machine] ?? machine} is ${state}`;
}
