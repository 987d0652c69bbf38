import assert from "node:assert/strict";
import { test } from "vitest";

import { negotiate, NegotiatingPeer } from "../../test/support/negotiating-peer.ts";
import { NegotiationError } from "./negotiation-error.ts";

function offerer(policy: "balanced" | "max-compat" = "balanced"): NegotiatingPeer {
  const peer = new NegotiatingPeer(1, policy);
  for (const kind of ["audio", "audio", "video"] as const) peer.add(kind);
  return peer;
}

/** The peer's text is refused with these words, and the state is what it was. */
function assertRefused(
  peer: NegotiatingPeer,
  type: "offer" | "answer",
  text: string,
  words: RegExp,
): void {
  const before = peer.state;
  assert.throws(
    () => peer.setRemote(type, text),
    (error) => {
      assert.ok(error instanceof NegotiationError, String(error));
      assert.equal(error.kind, "invalidContent");
      assert.match(error.message, words);
      return true;
    },
  );
  assert.equal(peer.state, before);
}

test.each([
  ["a BUNDLE group of what is not there", /BUNDLE 0/, "BUNDLE 7 0", /names "7"/],
  [
    "a section in two groups",
    /a=group:BUNDLE.*/,
    "a=group:BUNDLE 0 1\r\na=group:BUNDLE 1 2",
    /"1" is in two BUNDLE groups/,
  ],
  ["a section without rtcp-mux", "a=rtcp-mux\r\n", "", /section 0 .* a=rtcp-mux/],
  ["an extension id with two meanings", /a=extmap:2 /, "a=extmap:1 ", /extension id 1/],
  ["a payload type like RTCP", /(m=audio 9 \S+) /, "$1 72 ", /72/],
] as const)("an offer with %s is refused (RFC 9429 §5.8)", (_what, part, replacement, words) => {
  const text = offerer().offer().replace(part, replacement);
  assertRefused(new NegotiatingPeer(2), "offer", text, words);
});

test("what only waits for its bundle needs no transport of its own (RFC 8843 §6)", () => {
  const peer = new NegotiatingPeer(2);
  const text = offerer().offer();
  assert.match(text, /m=audio 0 [^]*a=bundle-only/);
  peer.take(text);
  assert.deepEqual(
    peer.transceivers.map(({ mid }) => mid),
    ["0", "1", "2"],
  );
  const alone = new NegotiatingPeer(2);
  alone.take(text.replace(/a=group:.*\r\n/, ""));
  assert.ok(alone.transceiver(2).isStopped, "without a bundle, port zero is a refusal");
});

test("a section in use keeps its kind (RFC 3264 §8.3)", () => {
  const [a, b] = [offerer(), new NegotiatingPeer(2)];
  negotiate(a, b);
  const text = a.offer().replace("m=audio", "m=video");
  assertRefused(b, "offer", text, /section 0 is "video", but was "audio"/);
});

test("what has been bundled stays bundled (RFC 9429 §5.2.2)", () => {
  const [a, b] = [offerer(), new NegotiatingPeer(2)];
  negotiate(a, b);
  const text = a.offer().replace("BUNDLE 0 1 2", "BUNDLE 0 2");
  assertRefused(b, "offer", text, /section 1 \(mid "1"\) has left its bundle/);
});

test("a second offer has all that the first had (W3C: as if it had been answered)", () => {
  const [a, b] = [offerer(), new NegotiatingPeer(2)];
  const text = a.offer();
  b.take(text);
  const fewer = text.slice(0, text.indexOf("m=video")).replace("BUNDLE 0 1 2", "BUNDLE 0 1");
  assertRefused(b, "offer", fewer, /the offer has 2 sections, the session has 3/);
});

test("an answer takes nothing out of a bundle that has no transport of its own (RFC 8843 §7.3)", () => {
  const [a, b] = [offerer(), new NegotiatingPeer(2)];
  b.take(a.offer());
  const text = b.answer().replace("BUNDLE 0 1 2", "BUNDLE 0 2");
  assertRefused(a, "answer", text, /section 1 .* takes it out/);
  const [c, d] = [offerer("max-compat"), new NegotiatingPeer(2)];
  d.take(c.offer());
  c.setRemote("answer", d.answer().replace("BUNDLE 0 1 2", "BUNDLE 0 2"));
  assert.equal(c.state.transportIds.get("1"), "1", "with its own it may");
});

test("an answer bundles only what was offered as a bundle (RFC 8843 §7.3)", () => {
  const [a, b] = [offerer("max-compat"), new NegotiatingPeer(2, "max-compat")];
  negotiate(a, b);
  const text = a.offer();
  b.take(text);
  const answer = b.answer();
  assertRefused(a, "answer", answer.replace("BUNDLE 0 1 2", "BUNDLE 0 1 2 9"), /names "9"/);
});
