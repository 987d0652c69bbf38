// The words for what testharness.js reports as numbers.

/** By `TestsStatus.status`. A child that died adds `CRASH`. */
export const HARNESS_STATUS = ["OK", "ERROR", "TIMEOUT", "PRECONDITION_FAILED"];

/** By `Test.status`. */
export const SUBTEST_STATUS = ["PASS", "FAIL", "TIMEOUT", "NOTRUN", "PRECONDITION_FAILED"];
