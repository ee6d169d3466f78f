import {
  baseOf,
  type Decoded,
  type Decoder,
  type DecoderState,
  decoderBytes,
  decoderKindOf,
  elementCount,
  type Model,
  modelDecoder,
  prefixed,
  RandomGenerator,
  type ResolvedGraph,
  SpikewireError,
  type Teachable,
} from '@spikewire/models';
import type { EventList } from '../event-buffer.ts';
import type { WindowResult } from '../executor/executor.ts';

/** From the events of a window to the answer: the decoder of the model's first Output node. */
export class OutputStage {
  /** Numbers of the answer. */
  readonly size: number;
  /** Elements of the Output node. */
  readonly elements: number;
  /** Whether an answer names a class. */
  readonly classifies: boolean;
  /** Neuron nodes whose membrane the decoder reads. */
  readonly membranes: readonly string[];
  readonly #index: number;
  readonly #name: string;
  readonly #steps: number;
  /** Steps of a window before its sample, whose events are no answer to it. */
  readonly #rest: number;
  readonly #decoder: Decoder;

  constructor(model: Model, graph: ResolvedGraph, seed: number) {
    const index = graph.nodes.findIndex(({ kind }) => kind.role === 'output');
    const node = graph.nodes[index];
    if (node === undefined)
      throw new SpikewireError('graph', 'model', 'has no Output node', 'an Output with a decoder');
    const declaration = model.decoder.get(node.name);
    if (declaration === undefined) {
      throw new SpikewireError(
        'graph',
        `node "${node.name}" (Output)`,
        'has no decoder',
        `an entry "${node.name}" in the model's "decoder"`,
      );
    }
    const kind = decoderKindOf(declaration.type, `decoder of "${node.name}"`);
    this.elements = elementCount(node.shape);
    this.classifies = kind.classifies;
    this.membranes = kind.reads === 'spikes' ? [] : neuronBefore(graph, index, kind.reads);
    this.#index = index;
    this.#name = node.name;
    this.#steps = model.sample.steps;
    this.#rest = model.sample.rest ?? 0;
    this.#decoder = modelDecoder(model, node.name, {
      size: this.elements,
      dt: graph.semantics.dt,
      random: new RandomGenerator(seed, `decoder ${node.name}`),
    });
    this.size = this.#decoder.outputs;
  }

  /** Everything that changes, for saving and restoring. */
  get state(): DecoderState {
    return prefixed(`decoder.${this.#name}`, this.#decoder.state ?? {});
  }

  /** What its decoder knows, as a model keeps it, by name of the output; undefined where that is not taught. */
  get base(): NonNullable<Model['base']> | undefined {
    return this.teachable && new Map([[this.#name, baseOf(this.#decoder)]]);
  }

  /** Bytes of the decoder's arrays, before a first lesson. */
  get bytes(): number {
    return decoderBytes(this.#decoder);
  }

  /** What can be taught of its answers. */
  get teachable(): Teachable | undefined {
    return this.#decoder.teachable;
  }

  /** Valid until the next call. `learning` and `votes` as in `DecoderWindow`. */
  decode({ output, membranes }: WindowResult, learning = true, votes?: Float64Array): Decoded {
    const membrane = this.membranes[0] === undefined ? undefined : membranes[this.membranes[0]];
    const events = eventsOf(output, this.#index, this.#rest);
    return this.#decoder.decode({ steps: this.#steps, events, membrane, learning, votes });
  }
}

/** The one neuron node whose state an Output shows; none where the decoder does without. */
function neuronBefore(graph: ResolvedGraph, output: number, reads: 'membrane' | 'either'): readonly string[] {
  const sources = graph.edges.filter(({ target }) => target === output).map(({ source }) => graph.nodes[source]!);
  if (sources.length === 1 && sources[0]!.kind.role === 'neuron') return [sources[0]!.name];
  if (reads === 'either') return [];
  const names = sources.map(({ name }) => name).join(', ');
  throw new SpikewireError(
    'graph',
    `node "${graph.nodes[output]!.name}" (Output)`,
    `is fed by ${names}`,
    'one neuron node, whose membrane its decoder reads',
  );
}

/** The events of one node as a decoder reads them: those from step `start` on, which is the first of the sample. */
function eventsOf(list: EventList, index: number, start: number) {
  const own = new Int32Array(list.step.length);
  let length = 0;
  for (let k = 0; k < own.length; k++) if (list.node[k] === index && list.step[k]! >= start) own[length++] = k;
  return {
    length,
    step: (k: number) => list.step[own[k]!]! - start,
    index: (k: number) => list.index[own[k]!]!,
    value: (k: number) => list.value[own[k]!]!,
  };
}
