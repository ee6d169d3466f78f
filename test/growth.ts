/** Of several runs the quickest is the one that least else disturbed. */
const RUNS = 3;
/** Less is no measure of anything, in microseconds. */
const SHORTEST = 1000;
/** A smaller ratio is linear. A larger one is measured again, because a garbage collection may have come between. */
const LINEAR = 16;
const TRIES = 4;

/**
 * How many times as much of the processor's time a task takes for 8 times the size: about 8 where it is linear, 64 where
 * it is quadratic. Below 24 it is not quadratic, on any machine and whatever else runs there.
 */
export async function growthOf(task: (size: number) => unknown, size: number): Promise<number> {
  await task(size); // what is compiled only once does not count
  let growth = Infinity;
  for (let tries = 0; tries < TRIES && growth >= LINEAR; tries++) {
    growth = Math.min(growth, (await quickest(() => task(8 * size))) / (await quickest(() => task(size))));
  }
  return growth;
}

async function quickest(task: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage();
    await task();
    times.push(process.cpuUsage(before).user);
  }
  return Math.max(SHORTEST, Math.min(...times));
}
