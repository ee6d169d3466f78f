import { checkInput, type EventBuffer, type RunningNetwork } from '@spikewire/engine/network';
import { elementCount, type LearnedState, SpikewireError } from '@spikewire/models';
import { newCounters } from 'spikewire/state';
import { type ChipModel, modelOf } from './chip-model.ts';
import type { Mapping } from './mapping.ts';
import { type Activity, checkSpikes, runSteps } from './steps.ts';

/** A mapped net on the chip in software: what it answers, the chip answers to the bit. */
export class SoftwareNet implements Pick<RunningNetwork, 'counters' | 'step' | 'resetActivity' | 'saveLearned'> {
  readonly #mapping: Mapping;
  readonly #model: ChipModel;
  readonly #activity: Activity = { step: 0, coming: new Map(), counters: newCounters() };

  constructor(mapping: Mapping) {
    const { chip, image } = mapping;
    this.#mapping = mapping;
    this.#model = modelOf(chip);
    this.#model.neurons.set(image.neurons);
    this.#model.synapses.set(image.synapses);
    for (const [register, value] of chip.settings(image.inhibitory)) this.#model.setRegister(register, value);
    this.#model.setRegister(chip.registers.openLoop, 1);
    this.#model.serve(chip.leakAll);
  }

  get counters() {
    return this.#activity.counters;
  }

  get step(): number {
    return this.#activity.step;
  }

  run(steps: number, input: EventBuffer, output: EventBuffer, raster?: EventBuffer): void {
    checkInput(this.#mapping.graph, steps, input);
    const list = input.toList();
    checkSpikes(this.#mapping, list);
    const course = runSteps(this.#mapping, this.#activity, { steps, input: list, output, raster });
    for (let next = course.next(); !next.done; ) {
      next = course.next(next.value.flatMap((event) => this.#model.serve(event)));
    }
  }

  /** The membranes of a population. Throws `input` where the node is none. */
  readState(node: string): Float64Array {
    const { chip, cells } = this.#mapping;
    return membranesOf(this.#mapping, node, (column) => {
      const at = column * chip.neuronBytes;
      return chip.membraneOf(chip.state.map(({ byte }) => this.#model.neurons[at + byte]!)) * cells[column]!.unit;
    });
  }

  resetActivity(): void {
    const { chip, cells } = this.#mapping;
    this.#activity.coming.clear();
    for (let n = 0; n < cells.length; n++)
      for (const { byte, others } of chip.state) this.#model.neurons[n * chip.neuronBytes + byte]! &= others;
    this.#model.serve(chip.leakAll);
  }

  saveLearned(): LearnedState {
    return this.#mapping.learned(this.#model.synapses);
  }
}

/** By neuron of a population what is asked of its column. Throws `input` where the node is none. */
export function membranesOf({ graph, cells }: Mapping, name: string, of: (column: number) => number): Float64Array {
  const node = graph.nodes.findIndex((each) => each.name === name);
  const first = cells.findIndex((cell) => cell.node === node);
  if (first < 0) throw new SpikewireError('input', `node "${name}"`, 'has no membrane', 'a population of the net');
  return Float64Array.from({ length: elementCount(graph.nodes[node]!.shape) }, (_, k) => of(first + k));
}

/** The columns of a population. */
export function columnsOf(mapping: Mapping, name: string): number[] {
  return [...membranesOf(mapping, name, (column) => column)];
}
