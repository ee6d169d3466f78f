/** Long beside the time for which a busy machine lets one program run. */
const BLOCK_MS = 100;

/**
 * Blocks of runs of each contestant in turn, every round beginning with another, so that all meet the same machine. A
 * contestant is a function that runs once and returns, or promises, its own figure of the milliseconds. Returns, by
 * contestant, milliseconds per run of each round.
 */
export async function inTurn(contestants, rounds) {
  const names = Object.keys(contestants);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  // The first round only warms up.
  for (let round = -1; round < rounds; round++) {
    const first = Math.max(0, round) % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const ms = await timeBlock(contestants[name]);
      if (round >= 0) times[name].push(ms);
    }
  }
  return times;
}

async function timeBlock(run) {
  let [elapsed, runs] = [0, 0];
  for (; elapsed < BLOCK_MS; runs++) elapsed += await run();
  return elapsed / runs;
}
