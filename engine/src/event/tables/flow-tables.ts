import { elementCount, type NeuronDynamics, type NeuronKind, type ResolvedNode } from '@spikewire/models';
import { retainedBytes } from '../../retained-bytes.ts';
import type { ConstantInput } from '../flow/constant-input.ts';
import { COARSE, FINE, FlowTable, type PlanarNeuron, TABLE_BYTES } from './flow-table.ts';
import { parameterKeys } from './parameter-keys.ts';
import { isFaithful } from './rehearsal.ts';
import type { SilentFlow, Tables } from './silent-flow.ts';
import { visitedStates } from './visited-states.ts';

/**
 * The tables of a population: one for each set of parameters and each constant input that occurs in it, where one keeps
 * the spikes of the equations.
 */
export class FlowTables implements Tables {
  readonly bytes: number;
  readonly lacking: string | undefined;
  /** By the constant input of the population, then by neuron. */
  readonly #byInput: ReadonlyMap<Float64Array, readonly (FlowTable | undefined)[]>;

  /** Name of the second state variable. */
  readonly #second: string;
  readonly #pair = new Float64Array(2);

  private constructor(
    second: string,
    size: number,
    byInput: ReadonlyMap<Float64Array, readonly (FlowTable | undefined)[]>,
    scratch: object,
  ) {
    const all = [...byInput.values()].flat();
    this.#second = second;
    this.#byInput = byInput;
    this.bytes =
      new Set(all.filter((table) => table !== undefined)).size * TABLE_BYTES + retainedBytes([scratch, this.#pair]);
    const without = new Set(
      [...byInput.values()].flatMap((tables) => [...tables.keys()].filter((i) => tables[i] === undefined)),
    ).size;
    if (without > 0) this.lacking = `${without} of ${size} ${SENSITIVE}`;
  }

  /**
   * Takes from `room` the bytes that they need. Why there are none, where the kind has not two real state variables and
   * one port, or the room is too small.
   */
  static of(
    resolved: ResolvedNode,
    kind: NeuronKind,
    constants: readonly Float64Array[],
    room: { bytes: number },
  ): FlowTables | string {
    const size = elementCount(resolved.shape);
    const dynamics = kind.prepare(resolved.node, size, resolved.semantics);
    const [second, ...others] = Object.keys(dynamics.initial).filter((name) => name !== 'v' && name !== 'refractory');
    const isPlanar = second !== undefined && others.length === 0 && kind.isWhole !== true;
    if (!isPlanar || kind.emits !== 'spikes' || (kind.ports?.length ?? 1) > 1)
      return 'tables are for spiking neurons of two state variables, which are real numbers';
    const parameters = parameterKeys(resolved, kind, size);
    const keyOf = (i: number, input: number) => `${parameters[i]} ${input}`;
    const wanted = new Map<string, { readonly i: number; readonly input: number }>();
    for (const values of constants) {
      for (let i = 0; i < size; i++) wanted.set(keyOf(i, values[i]!), { i, input: values[i]! });
    }
    if (wanted.size * TABLE_BYTES > room.bytes)
      return `it would need ${wanted.size} tables, and there is room for ${Math.floor(room.bytes / TABLE_BYTES)}`;
    const population = new PlanarPopulation(dynamics, second);
    const made = new Map([...wanted].map(([key, { i, input }]) => [key, tableOf(population, i, input)]));
    if ([...made.values()].every((table) => table === undefined)) return SENSITIVE;
    const byInput = constants.map((values) => {
      return [values, Array.from(values, (input, i) => made.get(keyOf(i, input)))] as const;
    });
    room.bytes -= [...made.values()].filter((table) => table !== undefined).length * TABLE_BYTES;
    return new FlowTables(second, size, new Map(byInput), population.retained);
  }

  over(
    { v, [this.#second]: u }: Readonly<Record<string, Float64Array>>,
    [constant]: readonly ConstantInput[],
  ): SilentFlow {
    const pair = this.#pair;
    const tableOf = (i: number) => {
      pair[0] = v![i]!;
      pair[1] = u![i]!;
      return this.#byInput.get(constant!.values)![i];
    };
    return {
      quietSteps: (i) => tableOf(i)?.quietSteps(pair) ?? 0,
      forward: (i, most) => {
        const steps = tableOf(i)?.forward(pair, most) ?? 0;
        v![i] = pair[0]!;
        u![i] = pair[1]!;
        return steps;
      },
    };
  }
}

const SENSITIVE = 'spike at other steps after the smallest change, so that no table keeps their spikes';

/** The coarsest table that passes its rehearsal. */
function tableOf(population: PlanarPopulation, i: number, input: number): FlowTable | undefined {
  const advance = population.neuron(i, input);
  const start = population.startOf(i);
  const box = visitedStates((drive) => population.neuron(i, input + drive), start);
  for (const precision of [COARSE, FINE]) {
    const table = new FlowTable({ advance, box }, precision);
    if (isFaithful(table, advance, start)) return table;
  }
  return undefined;
}

/** The equations of a population of two state variables, one neuron at a time from any state. */
class PlanarPopulation {
  readonly #dynamics: NeuronDynamics;
  readonly #second: string;
  readonly #state: Readonly<Record<string, Float64Array>>;
  readonly #inputs: readonly [Float64Array];

  constructor(dynamics: NeuronDynamics, second: string) {
    const { initial } = dynamics;
    this.#dynamics = dynamics;
    this.#second = second;
    this.#state = Object.fromEntries(Object.entries(initial).map(([name, start]) => [name, start.slice()]));
    this.#inputs = [new Float64Array(initial.v!.length)];
  }

  get retained(): object {
    return [this.#dynamics, this.#state, this.#inputs];
  }

  startOf(i: number): Float64Array {
    return Float64Array.of(this.#dynamics.initial.v![i]!, this.#dynamics.initial[this.#second]![i]!);
  }

  /** A step of neuron `i` under a constant input. */
  neuron(i: number, input: number): PlanarNeuron['advance'] {
    const { v, [this.#second]: u, refractory } = this.#state;
    const [drive] = this.#inputs;
    return (pair) => {
      drive[i] = input;
      v![i] = pair[0]!;
      u![i] = pair[1]!;
      // The rest that follows a spike is the caller's.
      if (refractory !== undefined) refractory[i] = 0;
      const spikes = this.#dynamics.step(i, this.#inputs, this.#state);
      pair[0] = v![i]!;
      pair[1] = u![i]!;
      return spikes > 0;
    };
  }
}
