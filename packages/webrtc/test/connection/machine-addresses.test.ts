import assert from "node:assert/strict";
import { test } from "vitest";

import { RTCPeerConnection } from "../../src/w3c/rtc-peer-connection.ts";
import { Lab } from "./support/lab.ts";

test("the addresses of the machine are asked for when something new gathers, and not for every description", async () => {
  const lab = new Lab();
  const host = lab.host();
  let asked = 0;
  const runtime = new Proxy(host.runtime, {
    get(target, name) {
      if (name === "interfaceAddresses") asked++;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const a = new RTCPeerConnection({}, {}, { runtime });
  const b = lab.connection();
  a.createDataChannel("data");
  await lab.negotiate(a, b);
  assert.equal(asked, 1);
  a.addTransceiver("audio"); // Lies on the transport that there is.
  await lab.negotiate(a, b);
  await lab.negotiate(b, a);
  assert.equal(asked, 1);
  a.restartIce();
  await lab.negotiate(a, b);
  assert.equal(asked, 2);
  a.close();
  await lab.close();
});
