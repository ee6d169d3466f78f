import {
  type Edge,
  elementCount,
  type Graph,
  type GraphNode,
  RandomGenerator,
  type Semantics,
  type Shape,
  SpikewireError,
  tensor,
} from '@spikewire/models';
import { type LayerSite, type LayerWord, NEURONS } from '../layer-words/word.ts';
import { layerWords } from '../layer-words/words.ts';
import type { Placement } from '../lowering/placed.ts';
import type { TrainingNode } from '../lowering/training-node.ts';
import { trainingWords } from '../training-nodes/training-words.ts';
import type { NeuronChoice, NeuronNumbers } from './neurons.ts';

/** What the data asks of a net. */
export interface Task {
  /** Of a sample, or of each of its frames. */
  readonly inputShape: Shape;
  readonly frames?: number | undefined;
  /** Or numbers, where these are the answer. */
  readonly classes: number;
}

/** What an architecture leaves open. */
export interface ArchitectureOptions extends Task {
  readonly neuron: NeuronChoice;
  readonly numbers: NeuronNumbers;
  readonly semantics: Semantics;
  /** What the last population hands out. */
  readonly answer: 'spikes' | 'state';
  readonly seed: number;
  /** Whether layers have biases. */
  readonly biases: boolean;
  /**
   * Numbers of a sample for so many elements of the Input, as its encoder has it; throws where there is no such
   * encoder.
   */
  channelsOf(elements: number): number;
}

/** What a line says: a graph, and what stands in it only while it is trained. */
export interface ArchitectureNet {
  readonly graph: Graph;
  readonly trainingNodes: readonly Placement[];
}

const knownWords = [...layerWords, ...trainingWords];

/**
 * A net from a line: layers from input to output, joined by dashes. `784-256-10` names its inputs first; one that
 * begins with another layer (`12C5-P2-32C5-P2-10`) takes images and signals as they are. Weights are drawn uniformly
 * from ±√(3/fan-in), which have the variance 1/fan-in; biases are 0. Throws `usage`, naming the word that does not fit.
 */
export function netOf(text: string, options: ArchitectureOptions): ArchitectureNet {
  const { inputShape, frames = 1, classes, channelsOf } = options;
  const words = text.split('-');
  const writer = new GraphWriter(options);
  let shape = inputShape;
  if (/^\d+$/.test(words[0]!)) {
    const elements = Number(words.shift());
    const inputs = elementCount(inputShape);
    if (elements === 0 || channelsOf(elements) !== inputs * frames) {
      throw wrong(text, 'does not begin with the inputs of the data', `${inputs}-…`);
    }
    shape = [elements];
  }
  const found = words.map((word) => findWord(text, word));
  if (shape === inputShape && shape.length === 1 && found[0]?.kind.slides) shape = [1, ...shape];
  writer.append('in', terminal('Input', shape));
  let layers = 0;
  for (const [index, { kind, match }] of found.entries()) {
    const isLayer = layerWords.includes(kind);
    if (isLayer) layers++;
    shape = kind.write(writer.layer(`layer${layers}`, shape, index === words.length - 1), match);
    if (isLayer) writer.leave(shape);
  }
  const endsWithLayer = found.length > 0 && layerWords.includes(found.at(-1)!.kind);
  if (!endsWithLayer || elementCount(shape) !== classes) {
    throw wrong(text, 'does not end with the classes of the data', `…-${classes}`);
  }
  if (shape.length > 1) writer.append('flat', { type: 'Flatten', parameters: {} });
  writer.append('out', terminal('Output', [classes]));
  return writer;
}

function findWord(text: string, word: string): { readonly kind: LayerWord; readonly match: RegExpExecArray } {
  for (const kind of knownWords) {
    const match = kind.pattern.exec(word);
    if (match !== null && !match.slice(1).map(Number).includes(0)) return { kind, match };
  }
  throw wrong(text, `has the unknown layer "${word}"`, knownWords.map(({ example }) => example).join(', '));
}

function wrong(text: string, problem: string, expected: string): SpikewireError {
  return new SpikewireError('usage', `architecture ${text}`, problem, expected);
}

function terminal(type: string, shape: Shape): GraphNode {
  return { type, parameters: { shape: tensor(Float64Array.from(shape)) } };
}

/** Weights of a connection that are trained: with their gradients and moments they take a gigabyte. */
const MOST_WEIGHTS = 2 ** 26;

/** A chain of nodes that layers add to. */
class GraphWriter implements ArchitectureNet {
  readonly trainingNodes: Placement[] = [];
  readonly graph = { nodes: new Map<string, GraphNode>(), edges: [] as Edge[] };
  readonly #options: ArchitectureOptions;
  #last: string | undefined;
  /** What each layer ends with. */
  readonly #left: { readonly name: string; readonly shape: Shape }[] = [];
  /** What waits for the next neurons. */
  #waiting: TrainingNode[] = [];

  constructor(options: ArchitectureOptions) {
    this.#options = options;
  }

  append(name: string, node: GraphNode): void {
    this.graph.nodes.set(name, node);
    if (this.#last !== undefined) this.#connect(this.#last, name);
    this.#last = name;
  }

  /** Notes where a layer ends, and with what. */
  leave(shape: Shape): void {
    this.#left.push({ name: this.#last!, shape });
  }

  layer(name: string, inputShape: Shape, isLast: boolean): LayerSite {
    const { neuron, numbers, semantics, answer, seed, biases } = this.#options;
    const before = this.#last!;
    return {
      inputShape,
      weights: (suffix, shape, fanIn) => {
        const count = elementCount(shape);
        if (count > MOST_WEIGHTS) throw wrong(name, `has ${count} weights`, `at most ${MOST_WEIGHTS} in a connection`);
        return drawn(shape, fanIn, new RandomGenerator(seed, `weights ${name}${suffix}.weight`));
      },
      biases: (outputs) => (biases ? { bias: tensor(new Float32Array(outputs)) } : {}),
      random: (suffix) => new RandomGenerator(seed, name + suffix),
      dt: semantics.dt,
      append: (suffix, node) => this.append(name + suffix, node),
      appendNeurons: () => {
        for (const node of this.#waiting.splice(0)) this.trainingNodes.push({ behind: this.#last!, node });
        const kind = isLast && answer === 'state' ? 'readOut' : 'spiking';
        const node = neuron[kind](numbers, semantics);
        if (node !== undefined) this.append(name + NEURONS, node);
      },
      branch: (source, suffix, node, target) => {
        this.graph.nodes.set(name + suffix, node);
        this.#connect(name + source, name + suffix, 1);
        this.#connect(name + suffix, name + target);
      },
      threshold: numbers.threshold,
      behind: (node) => this.trainingNodes.push({ behind: this.#last!, node }),
      beforeNeurons: (node) => this.#waiting.push(node),
      skip: (target) => this.#connect(before, name + target),
      shapeOf: (layer) => this.#left[layer - 1]?.shape,
      tap: (layer, suffix, node, target) => {
        this.graph.nodes.set(name + suffix, node);
        this.#connect(this.#left[layer - 1]!.name, name + suffix);
        this.#connect(name + suffix, name + target);
      },
    };
  }

  #connect(source: string, target: string, delay = 0): void {
    this.graph.edges.push({ source, target, delay });
  }
}

function drawn(shape: Shape, fanIn: number, random: RandomGenerator) {
  const reach = Math.sqrt(3 / fanIn);
  return tensor(
    Float32Array.from({ length: elementCount(shape) }, () => reach * (2 * random.nextUniform() - 1)),
    shape,
  );
}
