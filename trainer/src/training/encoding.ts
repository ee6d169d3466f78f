import {
  type Encoder,
  elementCount,
  encoderKindOf,
  type Model,
  RandomGenerator,
  type ResolvedGraph,
  SpikewireError,
} from '@spikewire/models';
import type { NumberArrays } from '../backend/backend.ts';

/** An Input of the net under training: the model's own encoder, and the array of a batch that it writes. */
interface EncodedInput {
  /** Under which the program is given it. */
  readonly name: string;
  readonly encoder: Encoder;
  readonly random: RandomGenerator;
  readonly elements: number;
  /** First of its numbers in a sample. */
  readonly offset: number;
  /** [steps·batch, elements], or [batch, elements] where all steps are the same. */
  values: Float32Array;
}

/** The Inputs whose encoders emit the same in every step. */
export function steadyInputs(model: Model, graph: ResolvedGraph): ReadonlySet<string> {
  const inputs = graph.nodes.filter(({ kind }) => kind.role === 'input');
  return new Set(inputs.flatMap(({ name }) => (kindFor(model, name).kind.steady ? [name] : [])));
}

function kindFor(model: Model, name: string) {
  const declaration = model.encoder.get(name);
  if (declaration === undefined) {
    throw new SpikewireError('graph', `node "${name}" (Input)`, 'has no encoder', `an entry "${name}" in "encoder"`);
  }
  return { ...declaration, kind: encoderKindOf(declaration.type, `encoder of "${name}"`) };
}

/** The encoders of a model, run over the samples of a batch. */
export class BatchEncoding {
  /** Numbers of a sample. */
  readonly channels: number;
  readonly #inputs: readonly EncodedInput[];
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
    const inputs: EncodedInput[] = [];
    let offset = 0;
    for (const { name, kind: role, shape } of graph.nodes) {
      if (role.role !== 'input') continue;
      const { kind, parameters } = kindFor(model, name);
      const elements = elementCount(shape);
      const random = new RandomGenerator(0, name);
      const steps = kind.steady ? 1 : model.sample.steps;
      const encoder = kind.prepare(parameters, { size: elements, steps, dt: graph.semantics.dt, random });
      const values = new Float32Array(steps * batch * elements);
      inputs.push({ name: `input/${name}`, encoder, random, elements, offset, values });
      offset += encoder.channels;
    }
    this.channels = offset;
    this.#inputs = inputs;
    this.#batch = batch;
  }

  /** By the names under which the program is given its inputs. */
  get arrays(): NumberArrays {
    return Object.fromEntries(this.#inputs.map(({ name, values }) => [name, values]));
  }

  /** Writes from now on into these arrays, of which some may be for its inputs. */
  useRoom(room: NumberArrays): void {
    for (const input of this.#inputs) input.values = room[input.name] ?? input.values;
  }

  /**
   * Encodes samples into the first rows of every step; other rows are silent. What is drawn comes from `random`, which
   * goes on behind it.
   */
  write(samples: readonly ArrayLike<number>[], random: RandomGenerator): void {
    for (const { encoder, random: own, elements, offset, values } of this.#inputs) {
      values.fill(0);
      own.state.set(random.state);
      for (const [row, sample] of samples.entries()) {
        const part = this.#inputs.length === 1 ? sample : Array.from(sample).slice(offset, offset + encoder.channels);
        encoder.encode(part, (step, index, value) => {
          values[(step * this.#batch + row) * elements + index]! += value;
        });
      }
    }
    random.state.set(this.#inputs.at(-1)!.random.state);
  }
}
