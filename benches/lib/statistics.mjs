// How everything is timed: contenders in turn within one process, many rounds, medians and quartiles.
//
// A machine's speed drifts (clocks, neighbours, heat), so a round times every contender once, in changing order, and a
// ratio is taken within a round. What is reported is the median over the rounds and the quartiles around it.

/** The value below which the share `at` (0..1) of the samples lies. */
export function quantile(samples, at) {
  const sorted = [...samples].sort((a, b) => a - b);
  const position = (sorted.length - 1) * at;
  const [low, high] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  return low + (high - low) * (position - Math.floor(position));
}

/** The median, and the quartiles as the spread. */
export function summary(samples) {
  return { median: quantile(samples, 0.5), low: quantile(samples, 0.25), high: quantile(samples, 0.75) };
}

/** What a case may take for all its rounds, in seconds; the environment variable makes it shorter or longer. */
const SECONDS = Number(process.env.ANCP_BENCH_SECONDS ?? 3);
/** For how long a contender runs first, so that its code is compiled. */
const WARM_UP_MS = 150;
/** Long enough for the clock and a few collections of garbage, short enough for many rounds. */
const SAMPLE_MS = 25;
const [MIN_ROUNDS, MAX_ROUNDS] = [5, 60];

/**
 * Times contenders against each other.
 *
 * @param contenders By name: a function that does its work so many `times` and resolves when it is done. The ratios are
 *   against the one named `base`.
 * @returns The rounds, and by name `time` (milliseconds for one piece of work) and `ratio` (to the base's time).
 */
export async function compare(contenders, base) {
  const names = Object.keys(contenders);
  const repetitions = {};
  let round = 0;
  for (const name of names) {
    const { times, took } = await calibrate(contenders[name]);
    repetitions[name] = times;
    round += took;
  }
  const rounds = Math.min(MAX_ROUNDS, Math.max(MIN_ROUNDS, Math.round((SECONDS * 1000) / round)));
  return interleave(
    contenders,
    base,
    rounds,
    async (run, name) => (await timed(run, repetitions[name])) / repetitions[name],
  );
}

/** Takes a sample of each contender in each round, in changing order. */
export async function interleave(contenders, base, rounds, sample) {
  const names = Object.keys(contenders);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let offset = 0; offset < names.length; offset++) {
      const name = names[(round + offset) % names.length];
      samples[name].push(await sample(contenders[name], name));
    }
  }
  return { rounds, results: against(samples, base) };
}

/** Summaries of samples that were taken in the same rounds, and of their ratios to the base's. */
function against(samples, base) {
  const entries = Object.entries(samples).map(([name, values]) => [
    name,
    { time: summary(values), ratio: summary(values.map((value, at) => value / samples[base][at])) },
  ]);
  return Object.fromEntries(entries);
}

/** How often a contender does its work in a sample, and how long that takes. */
async function calibrate(run) {
  let [times, took, warm] = [1, 0, 0];
  while (took < SAMPLE_MS || warm < WARM_UP_MS) {
    took = await timed(run, times);
    warm += took;
    if (took < SAMPLE_MS) times = Math.ceil(times * Math.min(10, (1.2 * SAMPLE_MS) / Math.max(took, 0.01)));
  }
  times = Math.max(1, Math.round((times * SAMPLE_MS) / took));
  return { times, took: await timed(run, times) };
}

async function timed(run, times) {
  const start = performance.now();
  await run(times);
  return performance.now() - start;
}
