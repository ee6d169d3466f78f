import {
  type CodingDeclaration,
  type Emit,
  type Encoder,
  type EncoderKind,
  elementCount,
  encoderKindOf,
  type Model,
  type RandomGenerator,
  type ResolvedGraph,
  SpikewireError,
} from '@spikewire/models';

/** An Input that is to be encoded. */
export interface InputSite {
  readonly name: string;
  readonly elements: number;
}

/** An Input and its encoder. */
export interface EncodedInput extends InputSite {
  readonly kind: EncoderKind;
  readonly encoder: Encoder;
  /** What the encoder draws from. */
  readonly random: RandomGenerator;
  /** First of its numbers in a sample. */
  readonly offset: number;
}

export interface EncodingOptions {
  /** Steps of a sample, of which encoders of some kinds may be asked for fewer. */
  readonly steps: (kind: EncoderKind) => number;
  /** Step in seconds. */
  readonly dt: number;
  /** The stream of random numbers for the encoder of an Input. */
  readonly randomOf: (name: string) => RandomGenerator;
}

/**
 * The encoders of a net's Inputs, which share the numbers of a sample in order: the one way from samples to events,
 * whether a net runs or is trained.
 */
export class InputEncoders {
  /** Numbers of a sample. */
  readonly channels: number;
  /** In the order of the Inputs. */
  readonly inputs: readonly EncodedInput[];

  /** Throws `graph` for an Input without an encoder, `parameter` for one that it does not fit. */
  constructor(declared: Model['encoder'], sites: Iterable<InputSite>, { steps, dt, randomOf }: EncodingOptions) {
    const inputs: EncodedInput[] = [];
    let offset = 0;
    for (const { name, elements } of sites) {
      const { kind, parameters } = declaredEncoder(declared, name);
      const random = randomOf(name);
      const encoder = kind.prepare(parameters, { size: elements, steps: steps(kind), dt, random });
      inputs.push({ name, elements, kind, encoder, random, offset });
      offset += encoder.channels;
    }
    this.channels = offset;
    this.inputs = inputs;
  }

  /**
   * Encodes a sample, Input by Input, each in order of steps; `takerOf` says what takes the events of the one at an
   * index.
   */
  encode(sample: ArrayLike<number>, takerOf: (input: number) => Emit): void {
    const { inputs } = this;
    for (let k = 0; k < inputs.length; k++) {
      const { encoder, offset } = inputs[k]!;
      encoder.encode(this.#part(sample, offset, encoder.channels), takerOf(k));
    }
  }

  /** The numbers of one Input. */
  #part(sample: ArrayLike<number>, offset: number, channels: number): ArrayLike<number> {
    if (this.inputs.length === 1) return sample;
    if (sample instanceof Float64Array) return sample.subarray(offset, offset + channels);
    return Array.prototype.slice.call(sample, offset, offset + channels);
  }
}

/** The Inputs of a graph, in its order, with their indices there. */
export function inputsOf(graph: ResolvedGraph): (InputSite & { readonly node: number })[] {
  return [...graph.nodes.entries()].flatMap(([node, { name, kind, shape }]) =>
    kind.role === 'input' ? [{ node, name, elements: elementCount(shape) }] : [],
  );
}

/** The encoder that a model declares for an Input, with its kind; throws `graph` where there is none. */
export function declaredEncoder(
  declared: Model['encoder'],
  name: string,
): CodingDeclaration & { readonly kind: EncoderKind } {
  const declaration = declared.get(name);
  if (declaration === undefined) {
    const expected = `an entry "${name}" in the model's "encoder"`;
    throw new SpikewireError('graph', `node "${name}" (Input)`, 'has no encoder', expected);
  }
  return { ...declaration, kind: encoderKindOf(declaration.type, `encoder of "${name}"`) };
}
