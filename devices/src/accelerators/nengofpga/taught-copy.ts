import type { LearnedState, Model } from '@spikewire/models';
import { EventBuffer, engineNamed, type RunningNetwork } from 'spikewire';
import type { LearnedReport, LearningNetwork } from 'spikewire/state';
import type { EnsembleForm } from './ensemble.ts';
import type { Expected } from './running-board.ts';

/** How far answers may be from float64 after many lessons, relative to the sums Σ|D·a|. */
const DRIFT = 1e-3;
/** How far two answers of the same board may be apart by rounding to float32, as a share of that. */
export const ROUNDING = 0.01;

/**
 * What a board has been taught, as the engine `reference` learns it. It runs a step only for a lesson or a check:
 * without a state an input alone gives the activity of its step.
 */
export class TaughtCopy {
  readonly #form: EnsembleForm;
  readonly #network: RunningNetwork;
  readonly #input: number;
  /** Takes over what was learned first, to see whether it fits. */
  readonly #scratch: () => RunningNetwork;

  constructor(model: Model, form: EnsembleForm) {
    this.#form = form;
    this.#scratch = () => engineNamed('reference').load(model);
    this.#network = this.#scratch();
    this.#input = form.graph.nodes.findIndex(({ kind }) => kind.role === 'input');
  }

  /** What the board should answer to x. */
  expected(x: Float64Array): Expected {
    const rates = this.#rates(x);
    return { answer: this.#decoded(rates), resolution: DRIFT * Math.max(...this.#decoded(rates, Math.abs)) };
  }

  /** The same, where a difference of a few roundings counts. */
  exactly(x: Float64Array): Expected {
    const { answer, resolution } = this.expected(x);
    return { answer, resolution: 3 * ROUNDING * resolution };
  }

  /** Learns from an error for x; gives by how much the answer to x changes. Throws `learning`. */
  teach(connection: string, x: Float64Array, error: Float64Array): Float64Array {
    const rates = this.#rates(x);
    const before = this.#decoded(rates);
    this.#network.teach(connection, error);
    return this.#decoded(rates).map((value, j) => value - before[j]!);
  }

  /** What arrives at the rectifier for x, in the units of the model. */
  currents(x: Float64Array): Float64Array {
    const input = new EventBuffer(x.length);
    for (let k = 0; k < x.length; k++) if (x[k] !== 0) input.push(0, this.#input, k, x[k]!);
    this.#network.run(1, input, new EventBuffer(this.#form.results.size * this.#form.outputs));
    return this.#network.readState(this.#form.rectifier, 'v');
  }

  /** D, as the board has it. */
  decoders(): Float64Array {
    const { dt, decoder } = this.#form;
    return this.#network.readWeights(decoder).map((weight) => weight * dt);
  }

  resetLearning(): void {
    this.#network.resetLearning();
  }

  saveLearned(): LearnedState {
    return this.#network.saveLearned();
  }

  restoreLearned(learned: LearnedState): readonly LearnedReport[] {
    return this.#network.restoreLearned(learned);
  }

  /** For states that are written and read. */
  get learning(): LearningNetwork {
    return {
      save: () => this.saveLearned(),
      expectFit: (learned) => void this.#scratch().restoreLearned(learned),
      takeOver: (learned) => void this.restoreLearned(learned),
    };
  }

  /** a(x) in spikes per step. */
  #rates(x: Float64Array): Float64Array {
    return this.currents(x).map((current) => Math.max(0, current));
  }

  /** W·a, or with another form of each weight. */
  #decoded(rates: Float64Array, of: (weight: number) => number = (weight) => weight): Float64Array {
    const { decoder, outputs, neurons } = this.#form;
    const weights = this.#network.readWeights(decoder);
    return Float64Array.from({ length: outputs }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < neurons; i++) sum += of(weights[j * neurons + i]!) * rates[i]!;
      return sum;
    });
  }
}
