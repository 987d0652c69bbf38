import assert from "node:assert/strict";
import { test } from "vitest";
import { chooseVersion, DTLS_1_0, DTLS_1_2, DTLS_1_3 } from "./protocol-version.ts";

test("a client without a list accepts what is at or below its version (RFC 6347 §4.2.1)", () => {
  assert.equal(chooseVersion(DTLS_1_2, undefined), "1.2");
  assert.equal(chooseVersion(DTLS_1_3, undefined), "1.2");
  assert.equal(chooseVersion(DTLS_1_0, undefined), undefined);
});

test("TLS over streams is not DTLS", () => {
  assert.equal(chooseVersion(0x0303, undefined), undefined);
  assert.equal(chooseVersion(0x0000, undefined), undefined);
});

test("a client that lists its versions is taken at its word (RFC 8446 §4.2.1)", () => {
  assert.equal(chooseVersion(DTLS_1_2, [DTLS_1_3, DTLS_1_2]), "1.2");
  assert.equal(chooseVersion(DTLS_1_2, [DTLS_1_3]), undefined);
  assert.equal(chooseVersion(DTLS_1_0, [DTLS_1_2]), "1.2");
});
