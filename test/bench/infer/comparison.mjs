// The engine beside what else can run the same net: a block of each in turn, ratios within a round.
import { median } from './interleave.mjs';

/** Slow contestants take part in every tenth round only. */
const SLOW = 10;
/** What the counts of all others are compared with. */
const TRUTH = 'float32 clocked wasm';

/** Times all that this machine can open, in `rounds` rounds of blocks that run all samples `repeats` times. */
export async function compare(contestants, workload, { rounds, repeats }) {
  const opened = [];
  const skipped = {};
  try {
    for (const { name, open, isSlow } of contestants) {
      const entry = await open(workload);
      if (entry.skipped === undefined)
        opened.push({ name, repeats, every: isSlow || name.startsWith('onnx') ? SLOW : 1, ...entry });
      else skipped[name] = entry.skipped;
    }
    const samples = workload.samples.length;
    const times = new Map(opened.map(({ name }) => [name, []]));
    for (let round = -1; round < rounds; round++) {
      for (const entry of opened) {
        // The first round only warms up.
        if (round < 0) await timeBlock(entry, samples);
        else if (round % entry.every === 0) times.get(entry.name).push({ round, us: await timeBlock(entry, samples) });
      }
    }
    return { rounds, results: summarise(times), equality: await compareCounts(opened, samples), skipped };
  } finally {
    for (const { close } of opened) await close();
  }
}

export function comparisonTable({ results, equality, skipped, rounds }) {
  const rows = results.map(
    ({ name, median, low, ratio }) =>
      `  ${name.padEnd(36)} ${median.toFixed(1).padStart(8)} µs   least ${low.toFixed(1).padStart(7)}   ${ratio.toFixed(2)} × the first's time\n`,
  );
  const counts = Object.entries(equality)
    .filter(([name]) => name !== TRUTH)
    .map(([name, { equal, of }]) => `${name} ${equal}`.concat(equal === of ? '' : ` of ${of}`));
  const missing = Object.entries(skipped).map(([name, why]) => `  ${name}: left out, ${why}\n`);
  return [
    ...rows,
    `  samples with the output counts of ${TRUTH}: ${counts.join(', ')}\n`,
    ...missing,
    `  median of ${rounds} rounds in turn\n`,
  ].join('');
}

/** Microseconds per sample of one block; a program of its own measures itself. */
async function timeBlock({ repeats, block, run }, samples) {
  if (block !== undefined) return block(repeats);
  const start = performance.now();
  for (let k = 0; k < repeats; k++) {
    for (let sample = 0; sample < samples; sample++) {
      const pending = run(sample);
      if (pending !== undefined) await pending;
    }
  }
  return ((performance.now() - start) * 1000) / (repeats * samples);
}

/** Of each contestant, how many samples give the output counts of the engine in real numbers. */
async function compareCounts(entries, samples) {
  const all = new Map();
  for (const { name, counts } of entries) {
    const ofSamples = [];
    for (let sample = 0; sample < samples; sample++) ofSamples.push(Array.from(await counts(sample), Number).join());
    all.set(name, ofSamples);
  }
  const expected = all.get(TRUTH);
  return Object.fromEntries(
    [...all].map(([name, counts]) => [
      name,
      { equal: counts.filter((each, k) => each === expected[k]).length, of: samples },
    ]),
  );
}

/** Ratios are within a round: what others do on the machine meets both. */
function summarise(times) {
  const [first] = times.values();
  const firstIn = new Map(first.map(({ round, us }) => [round, us]));
  const short = (value) => Number(value.toPrecision(4));
  return [...times].map(([name, blocks]) => ({
    name,
    median: short(median(blocks.map(({ us }) => us))),
    low: short(Math.min(...blocks.map(({ us }) => us))),
    ratio: short(median(blocks.map(({ round, us }) => us / firstIn.get(round)))),
  }));
}
