import { declaredEncoder, InputEncoders, inputsOf } from '@spikewire/engine/coding';
import { type Emit, type Model, RandomGenerator, type ResolvedGraph, SpikewireError } from '@spikewire/models';
import type { NumberArrays } from '../backend/backend.ts';

/** The array of a batch that an Input of the net under training is given. */
interface InputArray {
  /** Under which the program is given it. */
  readonly name: string;
  /** [steps·batch, elements], or [batch, elements] where all steps are the same. */
  values: Float32Array;
}

/** The Inputs whose encoders emit the same in every step. */
export function steadyInputs(model: Model, graph: ResolvedGraph): ReadonlySet<string> {
  const names = inputsOf(graph).map(({ name }) => name);
  return new Set(names.filter((name) => declaredEncoder(model.encoder, name).kind.steady));
}

/** The encoders of a model, run over the samples of a batch. */
export class BatchEncoding {
  readonly #encoders: InputEncoders;
  /** The state of the one generator from which all encoders draw: two of them never draw the same numbers. */
  readonly #random = new Uint32Array(4);
  /** One for each of its inputs. */
  readonly #arrays: readonly InputArray[];
  readonly #batch: number;

  /** Throws `unsupported` for features in front of an encoder. */
  constructor(model: Model, graph: ResolvedGraph, batch: number) {
    if (model.features !== undefined && model.features.size > 0) {
      throw new SpikewireError(
        'unsupported',
        'the model to train',
        'has features',
        'samples as its encoders take them',
      );
    }
    const { steps } = model.sample;
    this.#encoders = new InputEncoders(model.encoder, inputsOf(graph), {
      steps: (kind) => (kind.steady ? 1 : steps),
      dt: graph.semantics.dt,
      randomOf: (name) => new RandomGenerator(0, name, this.#random),
    });
    this.#arrays = this.#encoders.inputs.map(({ name, kind, elements }) => ({
      name: `input/${name}`,
      values: new Float32Array((kind.steady ? 1 : steps) * batch * elements),
    }));
    this.#batch = batch;
  }

  /** Numbers of a sample. */
  get channels(): number {
    return this.#encoders.channels;
  }

  /** By the names under which the program is given its inputs. */
  get arrays(): NumberArrays {
    return Object.fromEntries(this.#arrays.map(({ name, values }) => [name, values]));
  }

  /** Writes from now on into these arrays, of which some may be for its inputs. */
  useRoom(room: NumberArrays): void {
    for (const array of this.#arrays) array.values = room[array.name] ?? array.values;
  }

  /**
   * Encodes samples into the first rows of every step; other rows are silent. What is drawn comes from `random`, which
   * goes on behind it.
   */
  write(samples: readonly ArrayLike<number>[], random: RandomGenerator): void {
    for (const { values } of this.#arrays) values.fill(0);
    this.#random.set(random.state);
    for (const [row, sample] of samples.entries()) {
      this.#encoders.encode(sample, (input) => this.#takerOf(input, row));
    }
    random.state.set(this.#random);
  }

  /** Adds events to a row of each step. */
  #takerOf(input: number, row: number): Emit {
    const { values } = this.#arrays[input]!;
    const { elements } = this.#encoders.inputs[input]!;
    const batch = this.#batch;
    return (step, index, value) => {
      values[(step * batch + row) * elements + index]! += value;
    };
  }
}
