import type { Connectivity, ConvolutionConnectivity } from '@spikewire/models';

/** Where the neuron is whose synapses are meant. */
export type Side = 'pre' | 'post';

/** Takes synapse number `synapse`, from input to output, whose weight has index k; −1 where they have no numbers. */
export type VisitSynapse = (input: number, output: number, k: number, synapse: number) => void;

/** Synapses in the order of the neurons on one side: those of neuron n are the entries from[n] … from[n + 1] − 1. */
export interface SynapseList {
  readonly from: Int32Array;
  /** By entry: the neuron on the other side. */
  readonly other: Int32Array;
  /**
   * By entry: the number of the synapse, which is also the index of its weight; absent where it is the entry itself.
   */
  readonly synapse: Int32Array | undefined;
}

/**
 * The synapses of a connection as learning rules walk them: forward from an arriving spike, backward from a post spike.
 */
export interface Synapses {
  /** Of those that have numbers. */
  readonly count: number;
  /** By side, for tight loops; only where each synapse has a weight of its own. */
  readonly lists: Readonly<Record<Side, SynapseList>> | undefined;
  forEachLeaving(input: number, visit: VisitSynapse): void;
  forEachEntering(output: number, visit: VisitSynapse): void;
}

/**
 * Without `listed` nothing asks for numbers of synapses, nor for many walks from inputs: those of a convolution, many
 * times its weights, then take no memory.
 */
export function synapsesOf(connectivity: Connectivity, listed: boolean): Synapses & { readonly bytes: number } {
  const { structure, inputs, outputs } = connectivity;
  if (structure === 'dense') return new DenseSynapses(inputs, outputs);
  if (structure === 'convolution' && connectivity.transposed === undefined && !listed) {
    return new SlidingSynapses(connectivity);
  }
  return new ListedSynapses(connectivity);
}

/** Every input to every output: indices are arithmetic. */
class DenseSynapses implements Synapses {
  readonly bytes = 0;
  readonly count: number;
  readonly lists = undefined;
  readonly #inputs: number;
  readonly #outputs: number;

  constructor(inputs: number, outputs: number) {
    this.count = inputs * outputs;
    this.#inputs = inputs;
    this.#outputs = outputs;
  }

  forEachLeaving(input: number, visit: VisitSynapse): void {
    for (let output = 0; output < this.#outputs; output++) {
      const k = output * this.#inputs + input;
      visit(input, output, k, k);
    }
  }

  forEachEntering(output: number, visit: VisitSynapse): void {
    for (let input = 0; input < this.#inputs; input++) {
      const k = output * this.#inputs + input;
      visit(input, output, k, k);
    }
  }
}

/** A window that slides over images: indices are arithmetic. */
class SlidingSynapses implements Synapses {
  readonly bytes = 0;
  readonly count = 0;
  readonly lists = undefined;
  readonly #connectivity: ConvolutionConnectivity;

  constructor(connectivity: ConvolutionConnectivity) {
    this.#connectivity = connectivity;
  }

  forEachLeaving(input: number, visit: VisitSynapse): void {
    this.#connectivity.forEachSynapse(input, (output, k) => visit(input, output, k, -1));
  }

  forEachEntering(output: number, visit: VisitSynapse): void {
    const { inputChannels, outputChannels, groups, inputSize, outputSize, kernel, stride, padding, dilation } =
      this.#connectivity.geometry;
    const pixel = output % (outputSize[0] * outputSize[1]);
    const channel = (output - pixel) / (outputSize[0] * outputSize[1]);
    const perGroup = inputChannels / groups;
    const first = Math.floor((channel * groups) / outputChannels) * perGroup;
    const top = Math.floor(pixel / outputSize[1]) * stride[0] - padding[0];
    const left = (pixel % outputSize[1]) * stride[1] - padding[1];
    for (let c = 0; c < perGroup; c++) {
      for (let ky = 0; ky < kernel[0]; ky++) {
        const row = top + ky * dilation[0];
        if (row < 0 || row >= inputSize[0]) continue;
        for (let kx = 0; kx < kernel[1]; kx++) {
          const column = left + kx * dilation[1];
          if (column < 0 || column >= inputSize[1]) continue;
          const input = ((first + c) * inputSize[0] + row) * inputSize[1] + column;
          visit(input, output, ((channel * perGroup + c) * kernel[0] + ky) * kernel[1] + kx, -1);
        }
      }
    }
  }
}

/** Any other structure: its synapses listed once by input, and once more by output as indices in the first list. */
class ListedSynapses implements Synapses {
  readonly bytes: number;
  readonly count: number;
  readonly lists: Synapses['lists'];
  readonly #leavingFrom: Int32Array;
  readonly #enteringFrom: Int32Array;
  readonly #output: Int32Array;
  /** By synapse; absent where each has a weight of its own, in this order. */
  readonly #weight: Int32Array | undefined;
  /** In the order of outputs: inputs, and indices in the first list. */
  readonly #input: Int32Array;
  readonly #listed: Int32Array;

  constructor(connectivity: Connectivity) {
    const { inputs, outputs } = connectivity;
    this.#leavingFrom = new Int32Array(inputs + 1);
    this.#enteringFrom = new Int32Array(outputs + 1);
    for (let input = 0; input < inputs; input++) {
      let count = 0;
      connectivity.forEachSynapse(input, (output) => {
        this.#enteringFrom[output + 1]!++;
        count++;
      });
      this.#leavingFrom[input + 1] = this.#leavingFrom[input]! + count;
    }
    for (let output = 0; output < outputs; output++) this.#enteringFrom[output + 1]! += this.#enteringFrom[output]!;

    const total = this.#leavingFrom[inputs]!;
    this.count = total;
    this.#output = new Int32Array(total);
    this.#input = new Int32Array(total);
    this.#listed = new Int32Array(total);
    const weights = new Int32Array(total);
    const next = this.#enteringFrom.slice();
    let listed = 0;
    for (let input = 0; input < inputs; input++) {
      connectivity.forEachSynapse(input, (output, weight) => {
        const entry = next[output]!++;
        this.#output[listed] = output;
        weights[listed] = weight;
        this.#input[entry] = input;
        this.#listed[entry] = listed++;
      });
    }
    const haveOwn = weights.every((weight, synapse) => weight === synapse);
    this.#weight = haveOwn ? undefined : weights;
    if (haveOwn) {
      this.lists = {
        pre: { from: this.#leavingFrom, other: this.#output, synapse: undefined },
        post: { from: this.#enteringFrom, other: this.#input, synapse: this.#listed },
      };
    }
    this.bytes = 4 * (inputs + outputs + 2 + (haveOwn ? 3 : 4) * total);
  }

  forEachLeaving(input: number, visit: VisitSynapse): void {
    const end = this.#leavingFrom[input + 1]!;
    for (let listed = this.#leavingFrom[input]!; listed < end; listed++) {
      visit(input, this.#output[listed]!, this.#weight?.[listed] ?? listed, listed);
    }
  }

  forEachEntering(output: number, visit: VisitSynapse): void {
    const end = this.#enteringFrom[output + 1]!;
    for (let entry = this.#enteringFrom[output]!; entry < end; entry++) {
      const listed = this.#listed[entry]!;
      visit(this.#input[entry]!, output, this.#weight?.[listed] ?? listed, listed);
    }
  }
}
