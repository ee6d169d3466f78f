import { parseModel, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';

export const title =
  '100 cells without a closed form, 0.1 ms: microseconds per spike by tables of their flow, beside the clocked and the event-driven engine';

const CELLS = 100;
const DT = 1e-4;
const ENGINES = ['clocked', 'event', 'event-tables'];
const REGULAR = { type: 'Izhikevich', v_initial: -65, u_initial: -13 };
const THALAMO_CORTICAL = { type: 'Izhikevich', b: 0.25, d: 0.05, v_initial: -65, u_initial: -16.25 };
const ADEX = {
  ...{ type: 'AdEx', tau: 0.00937, r: 33.3, v_leak: -70.6, v_threshold: -50.4, delta_t: 2, v_peak: 20 },
  ...{ v_reset: -70.6, tau_w: 0.144, a: 0.004, b: 0.0805 },
};
const LOW_THRESHOLD = { type: 'Izhikevich', b: 0.25, d: 2, v_initial: -65, u_initial: -16.25 };
const CONDUCTANCES = {
  ...{ type: 'ConductanceLIF', tau: 0.1, tau_e: 0.001, tau_i: 0.002, e_e: 0, e_i: -100, v_leak: -65 },
  ...{ v_threshold: -52, v_reset: -65, tau_ref: 0.005, port: 'excitatory' },
};
const FITZHUGH = { type: 'FitzHughNagumo', v_initial: -1.2, w_initial: -0.62 };

/** A cell, its constant current, and the size and rate (Hz) of what arrives at it. */
const CASES = [
  ['regular spiking, 6 pA', REGULAR, 6, 0, 0],
  ['thalamo-cortical, 1 pA', THALAMO_CORTICAL, 1, 0, 0],
  ['low-threshold spiking, 1 pA', LOW_THRESHOLD, 1, 0, 0],
  ['AdEx, 0.9 nA', ADEX, 0.9, 0, 0],
  ['FitzHugh–Nagumo, 0.5', FITZHUGH, 0.5, 0, 0],
  ['regular spiking, arrivals at 1 Hz', REGULAR, 0, 300, 1],
  ['regular spiking, arrivals at 10 Hz', REGULAR, 0, 300, 10],
  ['regular spiking, arrivals at 100 Hz', REGULAR, 0, 150, 100],
  ['regular spiking, arrivals at 1000 Hz', REGULAR, 0, 30, 1000],
  ['regular spiking, arrivals at 5000 Hz', REGULAR, 0, 6, 5000],
  ['conductances, arrivals at 1 Hz', CONDUCTANCES, 0, 25, 1],
  ['conductances, arrivals at 10 Hz', CONDUCTANCES, 0, 25, 10],
];

export async function run({ quick = false } = {}) {
  return { cells: CELLS, dt: DT, results: CASES.map((each) => measure(each, quick ? 2000 : 10_000, quick ? 3 : 7)) };
}

export function table({ results }) {
  return results
    .map(({ name, first, times, spikes, share }) => {
      const costs = ENGINES.map((engine, k) => `${engine} ${times[k].toFixed(2)}`).join('   ');
      const perSpike = `${(times[0] / times[2]).toFixed(1)}x as fast as clocked, ${(times[1] / times[2]).toFixed(1)}x as event`;
      return `  ${name.padEnd(37)} ${String(spikes).padStart(6)} spikes   µs a spike: ${costs}   ${perSpike}   first window ${first.toFixed(1)}x   ${share}\n`;
    })
    .join('');
}

function measure([name, { port, ...cell }, current, weight, rate], steps, rounds) {
  const into = port && { port };
  const model = parseModel({
    nodes: {
      in: { type: 'Input', shape: [CELLS] },
      drive: { type: 'Scale', scale: new Array(CELLS).fill(weight) },
      bias: { type: 'Affine', weight: Array.from({ length: CELLS }, () => [0]), bias: new Array(CELLS).fill(current) },
      never: { type: 'Input', shape: [1] },
      cell,
      out: { type: 'Output', shape: [CELLS] },
    },
    edges: [
      ['in', 'drive'],
      ['drive', 'cell', { ...into }],
      ['never', 'bias'],
      ['bias', 'cell', { ...into }],
      ['cell', 'out'],
    ],
    semantics: { dt: DT, integrate: 'rk4' },
  });
  const nets = ENGINES.map((engine) => engineNamed(engine).load(model));
  const random = new RandomGenerator(2, 'arrivals');
  const node = nets[0].graph.nodes.findIndex((node) => node.name === 'in');
  const output = new EventBuffer(steps * CELLS);
  const times = nets.map(() => []);
  let spikes = 0;
  // In turns, so that whatever else the machine does meets all.
  for (let round = 0; round <= rounds; round++) {
    const input = arrivalsOf(random, steps, rate * DT, node);
    nets.forEach((net, k) => {
      output.clear();
      const start = performance.now();
      net.run(steps, input, output);
      times[k].push((1000 * (performance.now() - start)) / Math.max(1, output.length));
      if (k === 0) spikes += output.length;
    });
  }
  const first = times[0][0] / times[2][0];
  return {
    name,
    spikes,
    // The first window computes the points of the tables.
    first,
    times: times.map((each) => median(each.slice(1))),
    share: nets[2].choice.because ?? nets[2].choice.warning,
  };
}

function arrivalsOf(random, steps, probability, node) {
  const input = new EventBuffer(Math.ceil(2 * steps * CELLS * probability) + 100);
  for (let step = 0; probability > 0 && step < steps; step++) {
    for (let cell = 0; cell < CELLS; cell++) if (random.nextUniform() < probability) input.push(step, node, cell, 1);
  }
  return input;
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}
