import { parseModel, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';

export const title =
  '10,000 LIF, 1,000,000 synapses: microseconds per step of the clocked and the event-driven engine, without and with STDP';

const NEURONS = 10_000;
const FAN_OUT = 100;
/** Spikes per neuron and step, and those with which the recurrent synapses learn. */
const ACTIVITIES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.1];
const LEARNING_ACTIVITIES = [0.000001, 0.00001, 0.0001, 0.001, 0.01];
/** Changes so small, and so bounded, that the recurrence stays too weak to make a neuron spike. */
const STDP = { rule: 'stdp', aPlus: 1e-4, aMinus: 1e-4, bounds: [-0.05, 0.05] };
const ENGINES = ['clocked', 'event'];

export async function run({ quick = false } = {}) {
  const measured = (model, activities) =>
    activities.map((activity) => {
      // About as many synaptic events at each activity, so that each is measured for about as long, if not over too
      // many steps.
      const steps = Math.min(40_000, Math.max(50, Math.round((quick ? 1 : 4) / activity)));
      return measure(model, activity, steps, quick ? 5 : 11);
    });
  const results = measured(recurrentModel({}), ACTIVITIES);
  const learning = measured(recurrentModel({ back: STDP }), LEARNING_ACTIVITIES);
  return { neurons: NEURONS, synapses: NEURONS * FAN_OUT, results, crossover: crossover(results), learning };
}

export function table({ results, crossover, learning }) {
  const line =
    crossover === undefined
      ? '  no crossover between the first and the last activity\n'
      : `  crossover at ${(100 * crossover).toFixed(3)} % activity per step\n`;
  return [...rowsOf(results), line, '  with STDP at all synapses:\n', ...rowsOf(learning)].join('');
}

function rowsOf(results) {
  return results.map(
    ({ activity, clocked, event, ratio, equal }) =>
      `  ${(100 * activity).toFixed(4).padStart(8)} %   clocked ${clocked.toFixed(1).padStart(7)} µs   event ${event.toFixed(2).padStart(8)} µs   ` +
      `clocked/event ${ratio.toFixed(2).padStart(6)}${equal ? '' : '   spike counts differ'}\n`,
  );
}

/** Each neuron spikes when its input does; the sparse recurrence brings it up and down without making it spike. */
function recurrentModel(learning) {
  const random = new RandomGenerator(1, 'recurrence');
  const target = [];
  const weight = [];
  for (let neuron = 0; neuron < NEURONS; neuron++) {
    for (const output of drawn(random, FAN_OUT)) {
      target.push(output);
      weight.push(Math.fround((random.nextUniform() - 0.5) * 0.1));
    }
  }
  const offset = Array.from({ length: NEURONS + 1 }, (_, k) => k * FAN_OUT);
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [NEURONS] },
      cell: { type: 'LIF', tau: new Array(NEURONS).fill(0.02), r: 20, v_threshold: 1 },
      back: { type: 'Sparse', weight, target, offset, outputs: [NEURONS] },
      out: { type: 'Output', shape: [NEURONS] },
    },
    edges: [
      ['in', 'cell'],
      ['cell', 'back', { delay: 1 }],
      ['back', 'cell'],
      ['cell', 'out'],
    ],
    semantics: { dt: 0.001, integrate: 'exact' },
    learning,
  });
}

/** So many different neurons, ascending. */
function drawn(random, count) {
  const chosen = new Set();
  while (chosen.size < count) chosen.add(random.nextInteger(NEURONS));
  return [...chosen].sort((a, b) => a - b);
}

function measure(model, activity, steps, rounds) {
  const nets = ENGINES.map((name) => engineNamed(name).load(model));
  const random = new RandomGenerator(2, 'stimulus');
  const each = NEURONS * activity;
  const input = new EventBuffer(steps * Math.ceil(each));
  const node = nets[0].graph.nodes.findIndex(({ name }) => name === 'in');
  for (let step = 0; step < steps; step++) {
    const count = Math.floor(each + random.nextUniform());
    for (const index of drawn(random, count)) input.push(step, node, index, 2);
  }
  const output = new EventBuffer(2 * input.length + 1);
  const times = nets.map(() => []);
  // In turns, so that whatever else the machine does meets both.
  for (let round = 0; round <= rounds; round++) {
    nets.forEach((net, k) => {
      output.clear();
      const start = performance.now();
      net.run(steps, input, output);
      if (round > 0) times[k].push((1000 * (performance.now() - start)) / steps);
    });
  }
  const [clocked, event] = times.map(median);
  const [spikes, others] = nets.map(({ counters }) => counters.spikes);
  return {
    activity: spikes / (rounds + 1) / steps / NEURONS,
    clocked: rounded(clocked),
    event: rounded(event),
    ratio: rounded(clocked / event),
    equal: spikes === others,
  };
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

function rounded(value) {
  return Math.round(value * 100) / 100;
}

/** The activity at which both take as long, between two that were measured, on logarithmic scales. */
function crossover(results) {
  for (let k = 1; k < results.length; k++) {
    const [before, after] = [results[k - 1], results[k]];
    if (before.ratio < 1 || after.ratio >= 1) continue;
    const share = Math.log(before.ratio) / (Math.log(before.ratio) - Math.log(after.ratio));
    return before.activity * (after.activity / before.activity) ** share;
  }
  return undefined;
}
