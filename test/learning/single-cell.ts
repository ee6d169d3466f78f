import { parseModel, type RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed, type RunningNetwork } from 'spikewire';
import { chain } from '../chain.ts';

/** Longest run in steps, and most events of one. */
const MOST = 100_000;

/** One LIF neuron behind inputs that learn, in steps of 1 ms. */
export class SingleCell {
  readonly #net: RunningNetwork;
  readonly #input = new EventBuffer(MOST);
  readonly #output = new EventBuffer(MOST);
  readonly #inputs: number;

  constructor(weights: readonly number[], learning: object) {
    this.#inputs = weights.length;
    this.#net = engineNamed('clocked').load(
      parseModel({
        nodes: {
          in: { type: 'Input', shape: [weights.length] },
          learned: { type: 'Linear', weight: [weights] },
          cell: { type: 'LIF', tau: 0.02, r: 20, v_threshold: 1, tau_ref: 0.002 },
          out: { type: 'Output' },
        },
        edges: chain('in', 'learned', 'cell', 'out'),
        semantics: { dt: 0.001 },
        learning: { learned: learning },
      }),
    );
  }

  set learning(on: boolean) {
    this.#net.learning = on;
  }

  /** Runs with Poisson trains of the inputs' rates in Hz; the spikes of the neuron. */
  run(steps: number, random: RandomGenerator, rateOf: (input: number) => number): number {
    this.#input.clear();
    this.#output.clear();
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < this.#inputs; i++) {
        if (random.nextUniform() < rateOf(i) / 1000) this.#input.push(step, 0, i, 1);
      }
    }
    this.#net.run(steps, this.#input, this.#output);
    return this.#output.length;
  }
}
