import assert from "node:assert/strict";
import { test } from "vitest";

import { canConnectDirectly, NAT_KINDS, shortNameOf } from "./support/nat-theory.ts";
import { findsPath } from "./support/toy-prober.ts";

test("theory and the virtual NATs agree on every pair of NATs (RFC 4787 §4.1, §5)", async () => {
  const disagreements: string[] = [];
  for (const a of NAT_KINDS) {
    for (const b of NAT_KINDS) {
      const isExpected = canConnectDirectly(a, b);
      if ((await findsPath(a, b)) !== isExpected) {
        disagreements.push(`${shortNameOf(a)} with ${shortNameOf(b)}: expected ${isExpected}`);
      }
    }
  }
  assert.deepEqual(disagreements, []);
});

test("the theory does not depend on who is asked first", () => {
  for (const a of NAT_KINDS) {
    for (const b of NAT_KINDS) assert.equal(canConnectDirectly(a, b), canConnectDirectly(b, a));
  }
});

test("the cases that every textbook has", () => {
  const byName = new Map(NAT_KINDS.map((kind) => [shortNameOf(kind), kind]));
  const verdict = (a: string, b: string) => canConnectDirectly(byName.get(a)!, byName.get(b)!);
  assert.equal(verdict("EIM/EIF", "EIM/EIF"), true, "full cone");
  assert.equal(verdict("EIM/APDF", "EIM/APDF"), true, "port-restricted cone with its like");
  assert.equal(verdict("EIM/ADF", "APDM/APDF"), true, "restricted cone with symmetric");
  assert.equal(verdict("EIM/APDF", "APDM/APDF"), false, "port-restricted cone with symmetric");
  assert.equal(verdict("APDM/APDF", "APDM/APDF"), false, "symmetric with symmetric");
});
