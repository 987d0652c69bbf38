import type { TestContext } from "vitest";

const REPLAYED_SEED = process.env["PALLAS_SEED"];
const WANTED_COUNT = process.env["PALLAS_SEEDS"];

/**
 * The body of a test that runs `scenario` once for each of the seeds 1 to `count`, or only for the
 * seed in the environment variable `PALLAS_SEED`. A failure names its seed and how to replay it.
 */
export function overSeeds(
  count: number,
  scenario: (seed: number) => Promise<void>,
): (context: TestContext) => Promise<void> {
  return async ({ task }) => {
    for (const seed of seedsToRun(count)) {
      try {
        await scenario(seed);
      } catch (cause) {
        throw new SeedError(task.name, seed, cause);
      }
    }
  };
}

/**
 * The seeds 1 to `count`, or to `PALLAS_SEEDS` for a longer search, or the one that is to be replayed.
 */
export function seedsToRun(count: number): readonly number[] {
  if (REPLAYED_SEED !== undefined) return [Number(REPLAYED_SEED)];
  return Array.from({ length: Number(WANTED_COUNT ?? count) }, (_, index) => index + 1);
}

/** What went wrong, and the command that lets it go wrong again. */
class SeedError extends Error {
  override readonly name = "SeedError";

  constructor(title: string, seed: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const replay = `PALLAS_SEED=${seed} npx vitest run -t ${JSON.stringify(title)}`;
    super(`seed ${seed}: ${reason}\nreplay: ${replay}`, { cause });
  }
}
