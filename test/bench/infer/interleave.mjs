/**
 * Times contestants in blocks, one block of each in a round and every round in another order, so that all meet the same
 * machine. `run(sample)` of a contestant may return a promise. Returns, by contestant, microseconds per sample of each
 * round.
 */
export async function interleave(entries, { samples, rounds, blockMilliseconds }) {
  const rates = new Map(entries.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    const first = Math.max(round, 0) % entries.length;
    for (const { name, run } of [...entries.slice(first), ...entries.slice(0, first)]) {
      const rate = await timeBlock(run, samples, blockMilliseconds);
      // The first round only warms up.
      if (round >= 0) rates.get(name).push(rate);
    }
  }
  return rates;
}

async function timeBlock(run, samples, milliseconds) {
  const started = performance.now();
  let count = 0;
  let elapsed = 0;
  do {
    const pending = run(count % samples);
    if (pending !== undefined) await pending;
    count++;
    elapsed = performance.now() - started;
  } while (elapsed < milliseconds);
  return (1000 * elapsed) / count;
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
