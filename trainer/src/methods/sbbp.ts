import { type Model, type Tensor, tensor } from '@spikewire/models';
import { netParameters } from '../architecture/parameters.ts';
import { add, filled, greater, maximum, multiply, scale, subtract } from '../graph/operations/elementwise.ts';
import { reciprocal } from '../graph/operations/functions.ts';
import { rowSums } from '../graph/operations/sums.ts';
import { sumOf } from '../graph/operations/time.ts';
import type { Value } from '../graph/operations/value.ts';
import type { Loss } from '../losses/loss.ts';
import { complement, times } from '../lowering/neurons/coefficient.ts';
import type { TrainSlope } from '../lowering/neurons/population.ts';
import { gradientParameters } from '../runs/gradient/gradient-parameters.ts';
import { method } from './method.ts';

const {
  loss: _loss,
  surrogate: _surrogate,
  resetGradient: _resetGradient,
  learn: _learn,
  ...gradient
} = gradientParameters;

/**
 * 1/V_th·(1 + f′/γ) of a neuron that spikes, 0 of one that never does: f = Σ_k e^(−(T − t_k)/τ) over its γ spikes,
 * after the last step T, and f′ = −f/τ, what the leak takes away. τ in steps: a step leaves 1 − 1/τ of a membrane.
 */
export const trainSlope: TrainSlope = (spikes, { threshold, decay }) => {
  let trace: Value | undefined;
  for (const spike of spikes) trace = trace === undefined ? spike : add(times(trace, decay), spike);
  const count = sumOf(spikes);
  const once = maximum(count, filled([], 1));
  const leak = scale(multiply(times(trace!, complement(decay)), reciprocal(once)), -1, 1);
  const fired = multiply(leak, greater(count, filled([], 0)));
  return typeof threshold === 'number' ? scale(fired, 1 / threshold) : multiply(fired, reciprocal(threshold));
};

/** ½·Σ (o − d)², o the mean membrane of an output and d = 1 for the class, otherwise 0. */
export const meanMembrane: Loss = {
  reads: 'state',
  of(answer, targets) {
    const answers = scale(sumOf(answer.parts), 1 / answer.steps);
    const error = subtract(answers, targets);
    return { losses: scale(rowSums(multiply(error, error)), 1 / 2), answers };
  },
};

/** What the initial weights of hidden layers and of the outputs are multiplied with. */
const [HIDDEN, OUTPUTS] = [1.5, 0.1];

/**
 * A new net as it begins: with weights of which most hidden neurons spike, and outputs near 0, whose error at first is
 * that they are too low. Where they begin with large errors, what is learned first is to spike less, and neurons that
 * fall silent stay so: of the 200 of the last hidden layer of 20C5-P2S-50C5-P2S-200-10 135 did.
 */
function begun(net: Model): Model {
  const weighted = [...net.graph.nodes].filter(([, { parameters }]) => parameters.weight !== undefined);
  const last = layerOf(weighted.at(-1)![0]);
  const nodes = new Map(net.graph.nodes);
  for (const [name, { type, parameters }] of weighted) {
    const { shape, data } = parameters.weight as Tensor;
    const factor = layerOf(name) === last ? OUTPUTS : HIDDEN;
    const weight = tensor(
      Float32Array.from(data, (value) => factor * value),
      shape,
    );
    nodes.set(name, { type, parameters: { ...parameters, weight } });
  }
  return { ...net, graph: { ...net.graph, nodes } };
}

/** Nodes of a layer are named `layer2` and `layer2.recurrent`. */
function layerOf(node: string): string {
  return node.split('.')[0]!;
}

/**
 * Spike-based backpropagation (Lee, Sarwar, Panda, Srinivasan and Roy 2020, eqs. 9 to 21): leaky neurons without
 * biases, pooling whose means are neurons that spike (`P2S`), and outputs that do not spike. Errors go back from the
 * membranes of the outputs through each neuron's train of spikes: ∂a/∂net = 1/V_th·(1 + f′/γ), the derivative of the
 * count of a neuron without leak and what the leak changes of it, 0 where it never spiked. Limits: a hidden neuron that
 * never spikes never learns, which is why the weights begin as they do, and the order of spikes counts for the leak
 * alone.
 */
export const sbbp = method({
  name: 'sbbp',
  summary: 'backpropagates errors of mean membranes through the spike counts of leaky neurons',
  source: 'Lee et al. 2020, Enabling spike-based backpropagation',
  parameters: {
    ...netParameters,
    steps: { ...netParameters.steps, default: 20 },
    tau: { ...netParameters.tau, default: 0.02 },
    encoder: { ...netParameters.encoder, default: 'bernoulli' },
    ...gradient,
  },
  presets: {
    mnist: {
      data: 'mnist',
      parameters: {
        arch: '20C5-P2S-50C5-P2S-200-10',
        steps: 16,
        encoder: 'direct',
        epochs: 10,
        augment: 'shift:most=1',
      },
    },
  },
  async start(site, chosen) {
    const { trainNet } = await import('../runs/gradient/train-net.ts');
    const fixed = { loss: 'membrane', surrogate: 'arctan', resetGradient: 'detached' as const, learn: undefined };
    const own = { loss: meanMembrane, spikes: { ofTrain: trainSlope }, learn: { bias: false } };
    const startOf = (net: Model) => (site.model === undefined ? { ...own, model: begun(net) } : own);
    return trainNet(site, { ...chosen, ...fixed }, startOf);
  },
});
