// Asks Chromium what it passes: the measure that we are held to.
import { existsSync } from "node:fs";
import { runAll } from "../runner/run-file.mjs";
import { HARNESS_STATUS, SUBTEST_STATUS } from "../runner/status.mjs";
import { REPORT_FUNCTION, serve } from "./server.mjs";

const EXECUTABLE = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
  "--js-flags=--expose-gc",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];
const GRACE_MS = 10_000;

/**
 * Runs `tests` in headless Chromium, each in a fresh profile. What does not pass is run once more, alone:
 * a busy machine shall not make the browser look worse than it is.
 *
 * @param {(browser: string, id: string, outcome: object) => void} options.onFile is told of every file as
 *   soon as it is known, and again if the second run is better
 */
export async function recordBaseline(tests, { checkout, jobs, onFile }) {
  if (!existsSync(EXECUTABLE)) {
    throw new Error(`there is no Chromium at ${EXECUTABLE}; CHROMIUM_PATH names another`);
  }
  const { chromium } = await import("playwright-core");
  const server = await serve(checkout, tests);
  const launch = () =>
    chromium.launch({
      executablePath: EXECUTABLE,
      args: FLAGS,
      ignoreDefaultArgs: ["--mute-audio"],
    });
  let browser = await launch();
  const version = browser.version();
  const visit = async (test) => {
    // A page may take the whole browser down with it.
    if (!browser.isConnected()) browser = await launch();
    const result = await runInPage(browser, server.urlOf(test), test.timeoutMs);
    console.log(
      `${result.status.padEnd(8)} ${countPasses(result)}/${result.subtests.length} ${test.id}`,
    );
    return result;
  };
  const unclean = [];
  await runAll(tests, jobs, async (test) => {
    const result = await visit(test);
    onFile(`Chromium ${version}`, test.id, describe(result));
    const isClean = result.status === "OK" && countPasses(result) === result.subtests.length;
    if (!isClean) unclean.push({ test, result });
  });
  for (const { test, result } of unclean) {
    onFile(`Chromium ${version}`, test.id, describe(better(result, await visit(test))));
  }
  await browser.close();
  server.stop();
}

async function runInPage(browser, url, timeoutMs) {
  const context = await browser.newContext({ permissions: ["camera", "microphone"] });
  try {
    const page = await context.newPage();
    const outcome = new Promise((resolve) => {
      page.exposeFunction(REPORT_FUNCTION, resolve).then(() => page.goto(url), resolve);
      page.on("crash", () => resolve({ crash: true }));
    });
    const hung = { status: HARNESS_STATUS.indexOf("TIMEOUT"), subtests: [] };
    const result = await Promise.race([outcome, after(timeoutMs + GRACE_MS, hung)]);
    if (!Array.isArray(result.subtests)) return { status: "CRASH", subtests: [] };
    return {
      status: HARNESS_STATUS[result.status],
      subtests: result.subtests.map((subtest) => ({
        ...subtest,
        status: SUBTEST_STATUS[subtest.status],
      })),
    };
  } catch {
    return { status: "CRASH", subtests: [] };
  } finally {
    await context.close().catch(() => {});
  }
}

function after(ms, value) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, value).unref();
  });
}

function countPasses({ subtests }) {
  return subtests.filter(({ status }) => status === "PASS").length;
}

/** A sub-test that passes in one of the two runs passes. */
function better(one, other) {
  const fuller = other.subtests.length >= one.subtests.length ? other : one;
  const passing = new Set(
    [...one.subtests, ...other.subtests].filter(isPass).map(({ name }) => name),
  );
  return {
    status: one.status === "OK" ? one.status : other.status,
    subtests: fuller.subtests.map((subtest) =>
      passing.has(subtest.name) ? { ...subtest, status: "PASS" } : subtest,
    ),
  };
}

function isPass({ status }) {
  return status === "PASS";
}

function describe({ status, subtests }) {
  const notPass = subtests.filter((subtest) => !isPass(subtest));
  return {
    ...(status === "OK" ? {} : { harness: status }),
    pass: subtests.filter(isPass).map(({ name }) => name),
    ...(notPass.length === 0
      ? {}
      : { notPass: Object.fromEntries(notPass.map(({ name, status }) => [name, status])) }),
  };
}
