import type { CodingDeclaration, LearningDeclaration, Model } from '../model/model.ts';
import { RandomGenerator } from '../random/generator.ts';
import { NetworkBuilder } from './network-builder.ts';

export interface DiehlCookOptions {
  /** 784. */
  readonly inputs?: number;
  /** Excitatory neurons, and as many inhibitory ones; 400. */
  readonly neurons?: number;
  /** How a sample becomes spikes: Poisson trains of at most 63.75 Hz where absent. */
  readonly encoder?: CodingDeclaration;
  /** Seconds for which a sample is presented, and in which nothing enters before it; 0.35 and 0.15. */
  readonly presented?: number;
  readonly rest?: number;
  /** η of the power-law rule; 0.01. */
  readonly learningRate?: number;
  /** What the weights into each neuron add up to; 78 for 784 inputs, in proportion for others. */
  readonly sum?: number;
  /** Seconds with which the thresholds of excitatory neurons fall back; 10⁴. */
  readonly tauTheta?: number;
  readonly seed?: number | bigint;
  /** Seconds; 0.0005. */
  readonly dt?: number;
}

/** mV and seconds, as in the paper and its program. */
const EXCITATORY = {
  ...{ tau: 0.1, v_leak: -65, v_threshold: -72, v_reset: -65, tau_ref: 0.005, tau_e: 0.001, tau_i: 0.002 },
  ...{ e_e: 0, e_i: -100, theta_initial: 20, theta_plus: 0.05 },
};
const INHIBITORY = {
  ...{ tau: 0.01, v_leak: -60, v_threshold: -40, v_reset: -45, tau_ref: 0.002, tau_e: 0.001, tau_i: 0.002 },
  ...{ e_e: 0, e_i: -85 },
};
const EXCITES = 10.4;
/**
 * Of up to 400 neurons, of more in inverse proportion: what inhibits a neuron adds up over all that fire in one step,
 * and beyond 2τ/dt = 400 its membrane overshoots. With 17 each, 1600 neurons end in all firing all the time.
 */
const INHIBITS = 17;
const PAPER = { inputs: 784, sum: 78, neurons: 400 };

/**
 * The network of Diehl and Cook (2015), which learns to tell digits apart without labels: every excitatory neuron
 * excites an inhibitory one of its own, which inhibits all others, so that they compete; a threshold that rises with
 * every spike gives each its turn. The inputs learn by the power-law rule at post spikes, and with each sample the
 * weights into each neuron come back to their sum. Between two samples all but thresholds and weights dies away in a
 * rest.
 *
 * Input `in`; populations `excitatory` and `inhibitory`; learned connection `learned`; output `spikes`. A label is what
 * a neuron answered most to; it is assigned afterwards.
 */
export function diehlCook({
  inputs = PAPER.inputs,
  neurons = 400,
  encoder,
  presented = 0.35,
  rest = 0.15,
  learningRate = 0.01,
  sum = (PAPER.sum * inputs) / PAPER.inputs,
  tauTheta = 1e4,
  seed = 1,
  dt = 0.0005,
}: DiehlCookOptions = {}): Model {
  const net = new NetworkBuilder({ dt, seed });
  const input = net.input('in', inputs, encoder ?? { type: 'poisson', parameters: { maxRate: 63.75 } });
  const excitatory = net.population('excitatory', neurons, {
    type: 'ConductanceLIF',
    ...EXCITATORY,
    tau_theta: tauTheta,
  });
  const inhibitory = net.population('inhibitory', neurons, { type: 'ConductanceLIF', ...INHIBITORY });
  const rule: LearningDeclaration = {
    rule: 'power-law',
    parameters: { eta: learningRate, xTar: 0.4, wMax: 1, mu: 1, tauPre: 0.02 },
    bounds: [0, 1],
    normalize: { sum },
  };
  net.connect(input, excitatory, {
    name: 'learned',
    sign: 'excitatory',
    weights: drawnToSum(inputs, neurons, sum, new RandomGenerator(seed, 'first weights')),
    learning: rule,
  });
  net.connect(excitatory, inhibitory, { name: 'one-to-one', kind: 'one-to-one', sign: 'excitatory', weights: EXCITES });
  net.connect(inhibitory, excitatory, {
    name: 'all-but-one',
    kind: 'all-but-one',
    sign: 'inhibitory',
    weights: INHIBITS * Math.min(1, PAPER.neurons / neurons),
    delay: dt,
  });
  net.output('spikes', excitatory, { type: 'count', parameters: {} });
  const pause = Math.round(rest / dt);
  return net.model({
    sample: { steps: Math.round(presented / dt), ...(pause > 0 && { rest: pause }), between: 'continue' },
  });
}

/** Weights within a hundredth and 1.01 of the largest, of which those into each neuron have the sum. */
function drawnToSum(inputs: number, neurons: number, sum: number, random: RandomGenerator) {
  const rows = Array.from({ length: neurons }, () => {
    const row = Float64Array.from({ length: inputs }, () => 0.01 + random.nextUniform());
    const size = row.reduce((total, weight) => total + weight, 0);
    return row.map((weight) => (weight * sum) / size);
  });
  return (input: number, neuron: number) => rows[neuron]![input]!;
}
