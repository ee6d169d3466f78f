import { type GraphNode, type Semantics, scalar } from '@spikewire/models';
import type { Named } from '../kinds/kind.ts';
import { integrator } from './summed-outputs.ts';

/** What an architecture takes for all its neurons. */
export interface NeuronNumbers {
  /** Time constant of the membrane in seconds, above dt. */
  readonly tau: number;
  readonly threshold: number;
}

/**
 * Neurons of the nets that `--arch` writes: one entry each. Their gain is such that a membrane takes up the current of
 * a step as it is.
 */
export interface NeuronChoice extends Named {
  spiking(numbers: NeuronNumbers, semantics: Semantics): GraphNode;
  /** The read-out of such a net, the same without spikes; undefined where the last connection is the answer. */
  readOut(numbers: NeuronNumbers, semantics: Semantics): GraphNode | undefined;
}

/** 1/(share of the way to its end that a state goes in a step): a current I then adds I. */
function gainOf({ tau }: NeuronNumbers, { dt, integrate }: Semantics): number {
  return 1 / (1 - (integrate === 'euler' ? 1 - dt / tau : Math.exp(-dt / tau)));
}

function leaky(numbers: NeuronNumbers, semantics: Semantics) {
  return { tau: scalar(numbers.tau), r: scalar(gainOf(numbers, semantics)), v_leak: scalar(0) };
}

function readOut(numbers: NeuronNumbers, semantics: Semantics): GraphNode {
  return { type: 'LI', parameters: leaky(numbers, semantics) };
}

/** Time constant and rise of adapting thresholds. */
const [TAU_THETA, THETA_PLUS] = [0.02, 0.1];

export const neuronChoices: readonly NeuronChoice[] = [
  {
    name: 'lif',
    summary: 'leaky integrate-and-fire',
    spiking: (numbers, semantics) => ({
      type: 'LIF',
      parameters: { ...leaky(numbers, semantics), v_threshold: scalar(numbers.threshold) },
    }),
    readOut,
  },
  {
    name: 'if',
    summary: 'integrate-and-fire without leak',
    spiking: ({ threshold }, { dt }) => ({
      type: 'IF',
      parameters: { r: scalar(1 / dt), v_threshold: scalar(threshold) },
    }),
    readOut: (_, semantics) => integrator(semantics),
  },
  {
    name: 'cubalif',
    summary: 'leaky integrate-and-fire behind an exponential synapse of the same time constant',
    spiking(numbers, semantics) {
      const gain = scalar(gainOf(numbers, semantics));
      const tau = scalar(numbers.tau);
      const parameters = { tau_syn: tau, tau_mem: tau, r: gain, w_in: gain, v_threshold: scalar(numbers.threshold) };
      return { type: 'CubaLIF', parameters };
    },
    readOut,
  },
  {
    name: 'alif',
    summary:
      `leaky integrate-and-fire whose threshold rises by ${THETA_PLUS} ` +
      `with a spike and falls back in ${1000 * TAU_THETA} ms`,
    spiking: (numbers, semantics) => ({
      type: 'ALIF',
      parameters: {
        ...leaky(numbers, semantics),
        v_threshold: scalar(numbers.threshold),
        theta_plus: scalar(THETA_PLUS),
        tau_theta: scalar(TAU_THETA),
      },
    }),
    readOut,
  },
  {
    name: 'relu',
    summary: 'rectifiers: an analogue net, for one step',
    spiking: () => ({ type: 'ReLU', parameters: {} }),
    readOut: () => undefined,
  },
];
