import type { Connectivity } from '@spikewire/models';
import { FloatWeights } from '../../learn/weights/float-weights.ts';
import type { Arrivals } from './arrivals.ts';

/**
 * How what arrives at one input of a connection gets to its outputs: the cost is the synapses that it passes, and no
 * more.
 */
export interface Transmission {
  readonly bytes: number;
  /** What it keeps besides, of which some may be the model's own. */
  readonly retained: readonly object[];
  /** Adds what `value` at `input` brings to each output at `now` and returns how many synapses it passed. */
  send(input: number, value: number, target: Arrivals, now: number): number;
  /** The weights as a learner changes them; only where the transmission was made for one. */
  learnable?(): FloatWeights;
}

/** `learns`: the weights will change. */
export function createTransmission(connectivity: Connectivity, learns: boolean): Transmission {
  if (connectivity.structure === 'dense') return new DenseTransmission(connectivity);
  const isListed = learns ? connectivity.structure === 'sparse' : hasOwnWeights(connectivity);
  return isListed ? new ListedTransmission(connectivity, learns) : new VisitedTransmission(connectivity);
}

/** Whether every weight is of one synapse, so that a list of the synapses is not much larger than the weights. */
function hasOwnWeights({ inputs, weights, forEachSynapse }: Connectivity): boolean {
  if (weights === undefined) return false;
  let synapses = 0;
  for (let input = 0; input < inputs; input++) {
    forEachSynapse(input, () => {
      synapses++;
    });
  }
  return synapses <= weights.length;
}

/** A matrix, kept by input: a row of weights for each event. */
class DenseTransmission implements Transmission {
  readonly bytes: number;
  readonly retained: readonly object[];
  readonly #inputs: number;
  readonly #outputs: number;
  readonly #gain: number;
  readonly #base: ArrayLike<number> & Connectivity['weights'];
  /** [input][output]. */
  readonly #weights: Float64Array;

  constructor({ inputs, outputs, gain, weights }: Connectivity) {
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#gain = gain;
    this.#base = weights!;
    this.retained = [weights!];
    this.#weights = new Float64Array(inputs * outputs);
    this.bytes = this.#weights.byteLength;
    for (let output = 0, k = 0; output < outputs; output++) {
      for (let input = 0; input < inputs; input++, k++) this.#weights[input * outputs + output] = weights![k]!;
    }
  }

  send(input: number, value: number, target: Arrivals, now: number): number {
    const [weights, outputs, { sums, sink }] = [this.#weights, this.#outputs, target];
    const factor = this.#gain * value;
    if (sink !== undefined) {
      sink.receive(undefined, weights, input * outputs, (input + 1) * outputs, factor, now);
      return outputs;
    }
    for (let output = 0, k = input * outputs; output < outputs; output++, k++) sums[output]! += factor * weights[k]!;
    target.touched.addAll();
    target.any = true;
    return outputs;
  }

  learnable(): FloatWeights {
    const layout = { rowLength: this.#inputs, rowStride: 1, columnStride: this.#outputs };
    return new FloatWeights(this.#weights, this.#base!, layout);
  }
}

/**
 * Synapses listed by input, each with a weight of its own. Fetching them is most of the work, so they are kept small.
 */
class ListedTransmission implements Transmission {
  readonly bytes: number;
  readonly retained: readonly object[];
  readonly #first: Int32Array;
  readonly #output: Uint16Array | Int32Array;
  /** Float32 where that loses nothing, as of most files, and nothing learns. */
  readonly #weight: Float32Array | Float64Array;
  readonly #gain: number;
  /** The model's weights, where they are learned. */
  readonly #base: Connectivity['weights'];

  /** `learns`: the weights, in this order, are those that a learner changes. */
  constructor({ inputs, outputs, weights, gain, forEachSynapse }: Connectivity, learns: boolean) {
    const first = new Int32Array(inputs + 1);
    const output = outputs <= 2 ** 16 ? new Uint16Array(weights!.length) : new Int32Array(weights!.length);
    const isExact = !learns && weights!.every((each) => Math.fround(each) === each);
    const weight = isExact ? new Float32Array(weights!.length) : new Float64Array(weights!.length);
    let listed = 0;
    for (let input = 0; input < inputs; input++) {
      forEachSynapse(input, (each, k) => {
        output[listed] = each;
        weight[listed++] = weights![k]!;
      });
      first[input + 1] = listed;
    }
    this.#first = first;
    this.#output = output;
    this.#weight = weight;
    this.#gain = gain;
    this.#base = learns ? weights : undefined;
    this.retained = learns ? [weights!] : [];
    this.bytes = first.byteLength + output.byteLength + weight.byteLength;
  }

  send(input: number, value: number, target: Arrivals, now: number): number {
    const [output, weight, { sums, touched, sink }] = [this.#output, this.#weight, target];
    const from = this.#first[input]!;
    const to = this.#first[input + 1]!;
    const factor = this.#gain * value;
    if (sink !== undefined) {
      sink.receive(output, weight, from, to, factor, now);
      return to - from;
    }
    for (let k = from; k < to; k++) {
      const element = output[k]!;
      const before = sums[element]!;
      if (before === 0) touched.add(element);
      sums[element] = before + factor * weight[k]!;
    }
    target.any = true;
    return to - from;
  }

  learnable(): FloatWeights {
    return new FloatWeights(this.#weight, this.#base!);
  }
}

/** Any connection, by the visits of its own description: shared weights, no weights, learned ones. */
class VisitedTransmission implements Transmission {
  readonly bytes: number;
  readonly retained: readonly object[];
  readonly #connectivity: Connectivity;
  readonly #weights: Float64Array | undefined;

  // What the visit of a synapse works on; fields, so that one visitor serves every event.
  #factor = 0;
  #passed = 0;
  #target: Arrivals | undefined;
  readonly #visit: (output: number, k: number) => void;

  constructor(connectivity: Connectivity) {
    const weights = connectivity.weights === undefined ? undefined : Float64Array.from(connectivity.weights);
    this.#connectivity = connectivity;
    this.retained = [connectivity];
    this.#weights = weights;
    this.bytes = weights?.byteLength ?? 0;
    this.#visit =
      weights === undefined
        ? (output) => this.#target!.add(output, this.#factor)
        : (output, k) => {
            this.#target!.add(output, this.#factor * weights[k]!);
            this.#passed++;
          };
  }

  send(input: number, value: number, target: Arrivals): number {
    this.#factor = this.#connectivity.gain * value;
    this.#passed = 0;
    this.#target = target;
    this.#connectivity.forEachSynapse(input, this.#visit);
    return this.#passed;
  }

  learnable(): FloatWeights {
    return new FloatWeights(this.#weights!, this.#connectivity.weights!);
  }
}
