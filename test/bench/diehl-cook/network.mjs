import { NetworkBuilder, tensor } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';

export const INPUTS = 784;
export const NEURONS = 400;
/** Steps of half a millisecond: 350 ms of a digit and 150 ms of rest. */
export const SAMPLE_STEPS = 1000;
export const SHOWN_STEPS = 700;
const DT = 0.0005;
/** All neurons whenever they do not rest. */
const MOST_SPIKES = (NEURONS * SAMPLE_STEPS) / 10;

/**
 * The network of Diehl and Cook (2015) in the order in which a plain loop or Brian 2 computes it: neurons move first,
 * then the spikes of the step are delivered. In the terms of a model that is a step of delay into every neuron, traces
 * that take up the inputs of a step before its post spikes act (`pre-first`), and a step of rest less, since theirs
 * begins with the step of the spike. `weights` is [inputs][neurons].
 */
export function diehlCookNetwork(weights, inputs = INPUTS, neurons = NEURONS) {
  const net = new NetworkBuilder({ dt: DT, semantics: { integrate: 'euler', threshold: 'gt' } });
  const input = net.input('in', inputs);
  const excitatory = net.population('excitatory', neurons, {
    ...{ type: 'ConductanceLIF', tau: 0.1, v_leak: -65, v_threshold: -72, v_reset: -65, tau_ref: 0.005 - DT },
    ...{ tau_e: 0.001, tau_i: 0.002, e_e: 0, e_i: -100, theta_initial: 20, theta_plus: 0.05, tau_theta: 1e4 },
  });
  const inhibitory = net.population('inhibitory', neurons, {
    ...{ type: 'ConductanceLIF', tau: 0.01, v_leak: -60, v_threshold: -40, v_reset: -45, tau_ref: 0.002 - DT },
    ...{ tau_e: 0.001, tau_i: 0.002, e_e: 0, e_i: -85 },
  });
  net.connect(input, excitatory, { name: 'learned', sign: 'excitatory', learning: LEARNING });
  net.connect(excitatory, inhibitory, { kind: 'one-to-one', sign: 'excitatory', weights: 10.4 });
  net.connect(inhibitory, excitatory, { kind: 'all-but-one', sign: 'inhibitory', weights: 17 });
  net.output('spikes', excitatory);
  return asInLoop(net.model({ sample: { steps: SAMPLE_STEPS, between: 'continue' } }), weights, inputs, neurons);
}

const POPULATIONS = ['excitatory', 'inhibitory'];
const LEARNING = {
  rule: 'power-law',
  parameters: { eta: 0.01, xTar: 0.4, wMax: 1, mu: 1, tauPre: 0.02 },
  bounds: [0, 1],
  order: 'pre-first',
};

/**
 * With the weights in float64, which the builder rounds, and the delays behind connections, where the builder puts them
 * before.
 */
function asInLoop(model, weights, inputs, neurons) {
  const transposed = Float64Array.from({ length: neurons * inputs }, (_, k) => {
    return weights[(k % inputs) * neurons + Math.floor(k / inputs)];
  });
  const nodes = new Map(model.graph.nodes);
  nodes.set('learned', { type: 'Linear', parameters: { weight: tensor(transposed, [neurons, inputs]) } });
  const edges = model.graph.edges.map((edge) => ({ ...edge, delay: POPULATIONS.includes(edge.target) ? 1 : 0 }));
  return { ...model, graph: { nodes, edges } };
}

/**
 * The network in an engine, with input spikes (steps and inputs, in order) in one window per sample; every run is one
 * from the start. `run` returns milliseconds, `spikes` those of the last run.
 */
export function openNetwork({ weights, steps, inputs, samples }) {
  const network = engineNamed('clocked').load(diehlCookNetwork(weights));
  const node = network.graph.nodes.findIndex(({ name }) => name === 'in');
  const windows = Array.from({ length: samples }, (_, n) => windowOf(steps, inputs, n, node));
  const outputs = windows.map(() => new EventBuffer(MOST_SPIKES));
  return {
    run() {
      network.resetActivity();
      network.resetLearning();
      for (const output of outputs) output.clear();
      const started = performance.now();
      for (let n = 0; n < samples; n++) network.run(SAMPLE_STEPS, windows[n], outputs[n]);
      return performance.now() - started;
    },
    spikes: () =>
      outputs.flatMap(({ length, step, index }, n) =>
        Array.from({ length }, (_, k) => [n * SAMPLE_STEPS + step[k], index[k]]),
      ),
  };
}

function windowOf(steps, inputs, n, node) {
  const from = steps.findIndex((step) => step >= n * SAMPLE_STEPS);
  const window = new EventBuffer(steps.length - from);
  for (let k = from; k < steps.length && steps[k] < (n + 1) * SAMPLE_STEPS; k++) {
    window.push(steps[k] - n * SAMPLE_STEPS, node, inputs[k], 1);
  }
  return window;
}
