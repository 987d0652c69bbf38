import assert from "node:assert/strict";
import { test } from "vitest";

import { NegotiationError } from "./negotiation-error.ts";
import {
  nextSignalingState,
  type DescriptionType,
  type Side,
  type SignalingState,
} from "./signaling-state.ts";

const ALL_STATES: readonly SignalingState[] = [
  "stable",
  "have-local-offer",
  "have-remote-offer",
  "have-local-pranswer",
  "have-remote-pranswer",
  "closed",
];
const ALL_TYPES: readonly DescriptionType[] = ["offer", "pranswer", "answer", "rollback"];

/** Every arrow of the figure in RFC 9429 §3.2: `state side type -> next`. */
const ARROWS = [
  "stable local offer -> have-local-offer",
  "have-local-offer local offer -> have-local-offer",
  "have-local-offer remote answer -> stable",
  "have-local-offer remote pranswer -> have-remote-pranswer",
  "have-remote-pranswer remote pranswer -> have-remote-pranswer",
  "have-remote-pranswer remote answer -> stable",
  "have-local-offer local rollback -> stable",
  "have-local-offer remote rollback -> stable",
  "stable remote offer -> have-remote-offer",
  "have-remote-offer remote offer -> have-remote-offer",
  "have-remote-offer local answer -> stable",
  "have-remote-offer local pranswer -> have-local-pranswer",
  "have-local-pranswer local pranswer -> have-local-pranswer",
  "have-local-pranswer local answer -> stable",
  "have-remote-offer local rollback -> stable",
  "have-remote-offer remote rollback -> stable",
];

test("the transitions are those of the figure and no others (RFC 9429 §3.2)", () => {
  const found: string[] = [];
  for (const state of ALL_STATES) {
    for (const side of ["local", "remote"] satisfies Side[]) {
      for (const type of ALL_TYPES) {
        try {
          found.push(`${state} ${side} ${type} -> ${nextSignalingState(state, side, type)}`);
        } catch (error) {
          assert.ok(error instanceof NegotiationError);
          assert.equal(error.kind, "invalidState");
          assert.match(error.message, new RegExp(`${side} ${type}.*"${state}"`));
        }
      }
    }
  }
  assert.deepEqual(found.toSorted(), ARROWS.toSorted());
});
