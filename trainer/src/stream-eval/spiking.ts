import {
  baseOf,
  bytesOf,
  type Decoder,
  type Model,
  modelDecoder,
  RandomGenerator,
  resolveGraph,
  type TeachableCost,
} from '@spikewire/models';
import type { Counts } from './front.ts';
import type { StreamLearner } from './prequential.ts';

/**
 * The read-out of a classifier, taught a base of spike counts. What is returned gives a learner for the counts of a
 * stream that goes on from there, as from the base in a model's file, anew each time.
 */
export function taughtReadout(model: Model, base: Counts, labels: ArrayLike<number>) {
  const [output] = model.decoder.keys();
  const taught = { ...model, base: new Map([[output!, baseOf(taughtDecoder(model, base, labels))]]) };
  return (counts: Counts): ReadoutLearner => new ReadoutLearner(newReadout(taught), counts, model.labels);
}

/** The read-out of a classifier that was taught spike counts of its front, as its base. */
export function taughtDecoder(model: Model, base: Counts, labels: ArrayLike<number>): Decoder {
  const decoder = newReadout(model);
  for (const [n, counts] of base.entries()) {
    decoder.teachable!.decodeCounts(counts);
    decoder.teachable!.teach(counts, model.labels[labels[n]!]!);
  }
  decoder.teachable!.settle();
  return decoder;
}

/** A read-out on its way through the counts of a stream. */
export class ReadoutLearner implements StreamLearner {
  readonly #decoder: Decoder;
  readonly #counts: Counts;
  readonly #classes: readonly string[];

  constructor(decoder: Decoder, counts: Counts, classes: readonly string[]) {
    this.#decoder = decoder;
    this.#counts = counts;
    this.#classes = classes;
  }

  answer(index: number) {
    const teachable = this.#decoder.teachable!;
    const { winner, confidence } = teachable.decodeCounts(this.#counts[index]!);
    return { winner, confidence: confidence ?? 0, strangeness: teachable.strangeness };
  }

  learn(index: number, label: number): void {
    this.#decoder.teachable!.teach(this.#counts[index]!, this.#classes[label]!);
  }

  /** The class that it would take these counts for. */
  winnerOf(counts: Uint8Array): number {
    return this.#decoder.teachable!.winnerOf(counts);
  }

  /** Bytes of its state. */
  get bytes(): number {
    return bytesOf(this.#decoder.state!);
  }

  /** What it computes for an answer and a lesson. */
  get cost(): TeachableCost {
    return this.#decoder.teachable!.cost;
  }
}

/** As a session makes it: the decoder of the model's output. */
function newReadout(model: Model): Decoder {
  const { nodes, semantics } = resolveGraph(model.graph, model.semantics);
  const size = nodes.find(({ name }) => name === 'front')!.shape[0]!;
  const [output] = model.decoder.keys();
  return modelDecoder(model, output!, { size, dt: semantics.dt, random: new RandomGenerator(1, 'decoder') });
}
