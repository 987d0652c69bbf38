import assert from "node:assert/strict";
import { test } from "vitest";

import { isWildcard, PortTable } from "./port-table.ts";

const ANY_PORT = { minPort: 0, maxPort: 0 };

test("a port belongs to whoever took it, until it is released", () => {
  const table = new PortTable<string>(0);
  table.take("192.0.2.1", 5_000, "first");
  assert.equal(table.find("192.0.2.1", 5_000), "first");
  assert.equal(table.find("192.0.2.2", 5_000), undefined);
  assert.equal(table.find("192.0.2.1", 5_001), undefined);
  assert.deepEqual([table.size, table.owners()], [1, ["first"]]);
  table.release("192.0.2.1", 5_000);
  assert.equal(table.find("192.0.2.1", 5_000), undefined);
});

test("one port can be taken on two addresses, and by both families", () => {
  const table = new PortTable<string>(0);
  const request = { minPort: 5_000, maxPort: 5_000 };
  for (const address of ["192.0.2.1", "192.0.2.2", "2001:db8::1"]) {
    assert.equal(table.choose({ address, ...request }), 5_000);
    table.take(address, 5_000, address);
  }
  assert.equal(table.size, 3);
});

test("a wildcard takes the port on every address of its family, and needs it free on each", () => {
  const table = new PortTable<string>(0);
  const request = { minPort: 5_000, maxPort: 5_000 };
  table.take("::", 5_000, "wildcard");
  assert.equal(table.find("2001:db8::1", 5_000), "wildcard");
  assert.equal(table.find("192.0.2.1", 5_000), undefined);
  assert.throws(() => table.choose({ address: "2001:db8::1", ...request }), { code: "EADDRINUSE" });
  table.take("192.0.2.1", 5_000, "specific");
  assert.throws(() => table.choose({ address: "0.0.0.0", ...request }), { code: "EADDRINUSE" });
  assert.equal(table.choose({ address: "0.0.0.0", minPort: 5_000, maxPort: 5_001 }), 5_001);
});

test("a specific socket is found before the wildcard", () => {
  const table = new PortTable<string>(0);
  table.take("192.0.2.1", 5_000, "specific");
  table.take("0.0.0.0", 5_000, "wildcard");
  assert.equal(table.find("192.0.2.1", 5_000), "specific");
  assert.equal(table.find("192.0.2.2", 5_000), "wildcard");
});

test("ephemeral ports begin at the offset of the host and go round", () => {
  const lastOffset = 65_535 - 49_152;
  const table = new PortTable<string>(lastOffset);
  const ports = [1, 2].map(() => table.choose({ address: "192.0.2.1", ...ANY_PORT }));
  assert.deepEqual(ports, [65_535, 49_152]);
  assert.equal(
    new PortTable<string>(lastOffset + 1).choose({ address: "192.0.2.1", ...ANY_PORT }),
    49_152,
  );
});

test("when all ephemeral ports are taken, binding fails instead of searching for ever", () => {
  const table = new PortTable<number>(0);
  for (let port = 49_152; port <= 65_535; port++) table.take("192.0.2.1", port, port);
  assert.throws(() => table.choose({ address: "192.0.2.1", ...ANY_PORT }), {
    code: "EADDRINUSE",
    message: /192\.0\.2\.1:49152 to 65535/,
  });
  table.clear();
  assert.equal(table.choose({ address: "192.0.2.1", ...ANY_PORT }), 49_152);
});

test("the unspecified addresses are the wildcards", () => {
  assert.deepEqual(["0.0.0.0", "::", "127.0.0.1", "::1"].map(isWildcard), [
    true,
    true,
    false,
    false,
  ]);
});
