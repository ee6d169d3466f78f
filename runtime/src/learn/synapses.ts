import type { Connectivity } from '@spikewire/models';

/** Where the neuron is whose synapses are meant. */
export type Side = 'pre' | 'post';

/** Takes synapse number `synapse`, from input to output, whose weight has index k. */
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
  readonly count: number;
  /** By side, for tight loops; only where each synapse has a weight of its own. */
  readonly lists: Readonly<Record<Side, SynapseList>> | undefined;
  forEachLeaving(input: number, visit: VisitSynapse): void;
  forEachEntering(output: number, visit: VisitSynapse): void;
}

export function synapsesOf(connectivity: Connectivity): Synapses & { readonly bytes: number } {
  return connectivity.structure === 'dense'
    ? new DenseSynapses(connectivity.inputs, connectivity.outputs)
    : new ListedSynapses(connectivity);
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
