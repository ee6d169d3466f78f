import { parseModel, quantize, RandomGenerator, writeModel } from '@spikewire/models';
import { executorSourceOf } from 'spikewire/executor';
import { median } from './infer/interleave.mjs';

export const title = '8 nets 256-512-10 int8 in worker threads: samples per second of all nets';

const [INPUTS, HIDDEN, OUTPUTS, NETS, STEPS] = [256, 512, 10, 8, 25];
const THREADS = [1, 2];

/**
 * Every net gets its next sample with the answer to its last: as many wait as there are nets. Rounds alternate between
 * the sources.
 */
export async function run({ quick = false } = {}) {
  const [rounds, milliseconds] = quick ? [3, 100] : [15, 600];
  const model = netModel();
  const input = sample();
  const sources = [];
  try {
    for (const threads of THREADS) {
      const source = await executorSourceOf('clocked', { threads });
      const nets = await Promise.all(Array.from({ length: NETS }, () => source.open(model)));
      sources.push({ threads, source, nets, rates: [] });
    }
    for (let round = -1; round < rounds; round++) {
      for (const { nets, rates } of sources) {
        const rate = await measure(nets, input, milliseconds);
        // The first round only warms up.
        if (round >= 0) rates.push(rate);
      }
    }
    const [{ rates: ofOne }] = sources;
    const results = sources.map(({ threads, rates }) => ({
      threads,
      samplesPerSecond: Math.round(median(rates)),
      ratio: Number(median(rates.map((rate, round) => rate / ofOne[round])).toFixed(2)),
    }));
    return { rounds, results };
  } finally {
    await Promise.all(sources.map(({ source }) => source.close()));
  }
}

async function measure(nets, input, milliseconds) {
  const started = performance.now();
  let samples = 0;
  await Promise.all(
    nets.map(async (net) => {
      while (performance.now() - started < milliseconds) {
        await net.run({ steps: STEPS, input, fresh: true });
        samples++;
      }
    }),
  );
  return (1000 * samples) / (performance.now() - started);
}

function netModel() {
  const random = new RandomGenerator(1, 'threads');
  const matrix = (rows, columns) =>
    Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => (2 * random.nextNormal()) / Math.sqrt(columns)),
    );
  const lif = { type: 'LIF', tau: 0.01, r: 4, v_threshold: 1 };
  const nodes = {
    in: { type: 'Input', shape: [INPUTS] },
    fc1: { type: 'Linear', weight: matrix(HIDDEN, INPUTS) },
    hidden: lif,
    fc2: { type: 'Linear', weight: matrix(OUTPUTS, HIDDEN) },
    answer: lif,
    out: { type: 'Output', shape: [OUTPUTS] },
  };
  const names = Object.keys(nodes);
  const edges = names.slice(1).map((name, k) => [names[k], name]);
  const model = parseModel({ nodes, edges, semantics: { dt: 0.001 } });
  return writeModel(quantize(model, { bits: 8, calibration: { inputs: new Map([['in', 'spikes']]) } }));
}

/** One input in ten spikes in each step. */
function sample() {
  const random = new RandomGenerator(2, 'threads');
  const cells = Array.from({ length: STEPS * INPUTS }, (_, k) => k).filter(() => random.nextUniform() < 0.1);
  return {
    step: Int32Array.from(cells, (k) => Math.floor(k / INPUTS)),
    node: new Int32Array(cells.length),
    index: Int32Array.from(cells, (k) => k % INPUTS),
    value: new Float64Array(cells.length).fill(1),
  };
}

export function table({ results }) {
  return results
    .map(
      ({ threads, samplesPerSecond, ratio }) =>
        `  ${threads} thread${threads > 1 ? 's' : ' '}  ${samplesPerSecond} samples/s  ${ratio} ×\n`,
    )
    .join('');
}
