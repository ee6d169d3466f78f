import {
  type Encoder,
  elementCount,
  encoderKindOf,
  type Model,
  RandomGenerator,
  type ResolvedGraph,
  SpikewireError,
} from '@spikewire/models';
import { EventBuffer, type EventList } from '../engine/event-buffer.ts';

interface EncodedInput {
  readonly place: number;
  readonly name: string;
  readonly encoder: Encoder;
  readonly random: RandomGenerator;
  /** First of this encoder's channels in the sample. */
  readonly offset: number;
}

/** From a sample to the events of its window: the encoders of all Input nodes, which share the sample's channels in order. */
export class InputStage {
  /** Numbers of one sample. */
  readonly channels: number;
  readonly #inputs: readonly EncodedInput[];
  readonly #buffer: EventBuffer;

  constructor(model: Model, graph: ResolvedGraph, seed: number) {
    const inputs: EncodedInput[] = [];
    let offset = 0;
    let elements = 0;
    for (const [place, { name, kind, shape }] of graph.nodes.entries()) {
      if (kind.role !== 'input') continue;
      const declaration = model.encoder.get(name);
      if (declaration === undefined) {
        throw new SpikewireError(
          'graph',
          `node "${name}" (Input)`,
          'has no encoder',
          `an entry "${name}" in the model's "encoder"`,
        );
      }
      const random = new RandomGenerator(seed, `encoder ${name}`);
      const site = { size: elementCount(shape), steps: model.sample.steps, dt: graph.semantics.dt, random };
      const encoder = encoderKindOf(declaration.type, `encoder of "${name}"`).prepare(declaration.parameters, site);
      inputs.push({ place, name, encoder, random, offset });
      offset += encoder.channels;
      elements += site.size;
    }
    this.channels = offset;
    this.#inputs = inputs;
    this.#buffer = new EventBuffer(elements * model.sample.steps);
  }

  /** Samples of the automatic ranges' warm-up. */
  get warmUp(): { readonly done: number; readonly of: number } {
    const slowest = this.#inputs.reduce((a, b) =>
      b.encoder.range.of - b.encoder.range.samples > a.encoder.range.of - a.encoder.range.samples ? b : a,
    );
    return { done: slowest.encoder.range.samples, of: slowest.encoder.range.of };
  }

  get ready(): boolean {
    return this.#inputs.every(({ encoder }) => encoder.range.ready);
  }

  /** Encodes a sample. An `input` error leaves every encoder as it was. */
  encode(values: Float64Array): EventList {
    this.#check(values);
    this.#buffer.clear();
    for (const { place, encoder, offset } of this.#inputs) {
      const sample = values.subarray(offset, offset + encoder.channels);
      encoder.encode(sample, (step, index, value) => this.#buffer.push(step, place, index, value));
    }
    return this.#inputs.length > 1 ? sortedBySteps(this.#buffer.toList()) : this.#buffer.toList();
  }

  /** All encoders refuse together, so that no one has taken a sample that another refuses. */
  #check(values: Float64Array): void {
    if (values.length !== this.channels) {
      throw new SpikewireError('input', 'reading', `has ${values.length} values`, `${this.channels}`);
    }
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new SpikewireError('input', `reading, channel ${bad}`, `is ${values[bad]}`, 'a finite number');
  }

  /** Ends of a channel's range in sensor units. */
  rangeOf(channel: number): { readonly low: number; readonly high: number } {
    const input = this.#inputs.findLast(({ offset }) => offset <= channel)!;
    const { low, high } = input.encoder.range;
    return { low: low[channel - input.offset]!, high: high[channel - input.offset]! };
  }

  /** Everything that changes, as views for saving and restoring. */
  get state(): Readonly<Record<string, Float64Array | Uint32Array>> {
    const views = this.#inputs.flatMap(({ name, encoder, random }) => [
      [`encoder.${name}.random`, random.state] as const,
      ...Object.entries(encoder.state).map(([key, values]) => [`encoder.${name}.${key}`, values] as const),
    ]);
    return Object.fromEntries(views);
  }
}

function sortedBySteps(list: EventList): EventList {
  const order = Array.from(list.step.keys()).sort((a, b) => list.step[a]! - list.step[b]! || a - b);
  return {
    step: Int32Array.from(order, (k) => list.step[k]!),
    node: Int32Array.from(order, (k) => list.node[k]!),
    index: Int32Array.from(order, (k) => list.index[k]!),
    value: Float64Array.from(order, (k) => list.value[k]!),
  };
}
