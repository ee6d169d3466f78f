import { SpikewireError } from '../error.ts';
import type { Model } from '../model/model.ts';
import { RandomGenerator } from '../random/generator.ts';
import { shuffled } from '../random/shuffled.ts';
import { weightOfPeak } from './exponential-current.ts';
import type { Group } from './group.ts';
import { NetworkBuilder } from './network-builder.ts';

export interface LiquidOptions {
  /** Spike trains that enter. */
  readonly inputs: number;
  /** Columns, rows and layers of the grid that the neurons stand on; [3, 3, 15]. */
  readonly grid?: readonly [number, number, number];
  /** λ: the distance over which connections thin out, in steps of the grid; 2. */
  readonly lambda?: number;
  /**
   * A factor of all weights inside the liquid; 1. With half of it the states of different pasts become equal within a
   * second.
   */
  readonly strength?: number;
  /** Neurons that each input reaches, as a share; 0.3. */
  readonly inputProbability?: number;
  /** Time constant in seconds of the states that are read; 0.03. */
  readonly tauState?: number;
  readonly seed?: number | bigint;
  /** Seconds; 0.0001, of which the paper's delays are whole numbers. */
  readonly dt?: number;
}

/** Potentials in mV above rest, currents so that R = 1; seconds. */
const NEURON = { tau: 0.03, v_threshold: 15, v_reset: 13.5, v_leak: 13.5 };
const REST = { excitatory: 0.003, inhibitory: 0.002 };
const SYNAPSE = { excitatory: 0.003, inhibitory: 0.006 };
const EXCITATORY_SHARE = 0.8;

/**
 * C in C·e^(−(D/λ)²), how far one spike moves the target in mV on average, and its way in seconds, by kind of source
 * and target.
 */
const LINKS = {
  excitatory: {
    excitatory: { c: 0.3, peak: 0.35, delay: 0.0015 },
    inhibitory: { c: 0.2, peak: 0.7, delay: 0.0008 },
  },
  inhibitory: {
    excitatory: { c: 0.4, peak: 0.45, delay: 0.0008 },
    inhibitory: { c: 0.1, peak: 0.45, delay: 0.0008 },
  },
} as const;
const INPUT_PEAK = { excitatory: 1.2, inhibitory: 0.6 } as const;

type Kind = keyof typeof LINKS;
const kinds: readonly Kind[] = ['excitatory', 'inhibitory'];

/**
 * A liquid state machine (Maass, Natschläger and Markram 2002): LIF neurons on a grid, four in five excitatory,
 * connected with the probability C·e^(−(D/λ)²) of their distance D. Its state, the low-passed spikes, holds the inputs
 * of the last moments and combinations of them, so that a linear read-out of it solves what one of the inputs cannot.
 * Weights are constant: the paper's synapses besides adapt within a second.
 *
 * Input `in`; outputs `spikes` (excitatory neurons first) and `state`, one number for each neuron in every step, in Hz.
 */
export function liquidStateMachine(options: LiquidOptions): Model {
  const { inputs, lambda = 2, strength = 1, inputProbability = 0.3, tauState = 0.03, seed = 1, dt = 0.0001 } = options;
  const positions = shuffledGrid(options.grid ?? [3, 3, 15], new RandomGenerator(seed, 'grid'));
  const neurons = positions.length;
  const excitatory = Math.round(EXCITATORY_SHARE * neurons);
  if (excitatory === 0 || excitatory === neurons) {
    throw new SpikewireError('parameter', 'grid', `has ${neurons} neurons`, 'at least 3: two kinds, four to one');
  }
  const net = new NetworkBuilder({ dt, seed, semantics: { integrate: 'exact' } });
  const random = new RandomGenerator(seed, 'first potentials');
  const liquid = net.population('liquid', neurons, {
    type: 'LIF',
    ...NEURON,
    tau_ref: Float64Array.from({ length: neurons }, (_, i) => REST[i < excitatory ? 'excitatory' : 'inhibitory']),
    v_initial: Float64Array.from({ length: neurons }, () => 13.5 + 1.5 * random.nextUniform()),
  });
  const parts: Record<Kind, Group> = {
    excitatory: liquid.slice(0, excitatory),
    inhibitory: liquid.slice(excitatory, neurons),
  };
  const positionsOf = ({ first, size }: Group) => positions.slice(first, first + size);
  const input = net.input('in', inputs);
  for (const to of kinds) {
    net.connect(input, parts[to], {
      name: `in-${to}`,
      kind: 'random',
      probability: inputProbability,
      weights: gamma(INPUT_PEAK[to] * peakWeight('excitatory', dt), new RandomGenerator(seed, `weights in ${to}`)),
      synapse: SYNAPSE.excitatory,
    });
    for (const from of kinds) {
      const [sources, targets] = [positionsOf(parts[from]), positionsOf(parts[to])];
      const { c, peak, delay } = LINKS[from][to];
      net.connect(parts[from], parts[to], {
        name: `${from}-${to}`,
        kind: 'random',
        probability: (i, j) =>
          sources[i] === targets[j] ? 0 : c * Math.exp(-((distance(sources[i]!, targets[j]!) / lambda) ** 2)),
        sign: from,
        weights: gamma(strength * peak * peakWeight(from, dt), new RandomGenerator(seed, `weights ${from} ${to}`)),
        synapse: SYNAPSE[from],
        delay,
      });
    }
  }
  net.output('spikes', liquid);
  const traces = net.population('traces', neurons, { type: 'Lowpass', tau: tauState });
  net.connect(liquid, traces, { name: 'liquid-traces', kind: 'one-to-one', weights: 1 / dt });
  net.output('state', traces);
  return net.model();
}

type Position = readonly [number, number, number];

/** All positions of a grid, in random order. */
function shuffledGrid([columns, rows, layers]: Position, random: RandomGenerator): Position[] {
  const positions: Position[] = [];
  for (let x = 0; x < columns; x++) {
    for (let y = 0; y < rows; y++) for (let z = 0; z < layers; z++) positions.push([x, y, z]);
  }
  return shuffled(positions, random);
}

function distance(a: Position, b: Position): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function peakWeight(from: Kind, dt: number): number {
  return weightOfPeak({ tauSynapse: SYNAPSE[from], tauMembrane: NEURON.tau, dt });
}

/**
 * Weights of a gamma distribution with a deviation of all of the mean, as in the paper: it is then the exponential one.
 */
function gamma(mean: number, random: RandomGenerator): () => number {
  return () => -mean * Math.log(1 - random.nextUniform());
}
