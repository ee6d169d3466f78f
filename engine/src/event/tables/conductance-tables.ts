import { elementCount, type NeuronKind, type ResolvedNode } from '@spikewire/models';
import { retainedBytes } from '../../retained-bytes.ts';
import type { ConstantInput } from '../flow/constant-input.ts';
import { ConductanceTable, stepOfMembrane } from './conductance-table.ts';
import { parameterKeys } from './parameter-keys.ts';
import type { SilentFlow, Tables } from './silent-flow.ts';
import { GRID_BYTES } from './stretch-grid.ts';

/** Bytes of a table. */
const TABLE_BYTES = GRID_BYTES + 2 * 32;

/** The tables of a population behind synaptic conductances: one for each set of parameters. */
export class ConductanceTables implements Tables {
  readonly bytes: number;
  /** By neuron. */
  readonly #tables: readonly ConductanceTable[];
  /** Of the conductances. */
  readonly #names: readonly [string, string];
  readonly #values = new Float64Array(4);

  private constructor(tables: readonly ConductanceTable[], names: readonly [string, string], scratch: object) {
    this.#tables = tables;
    this.#names = names;
    this.bytes = new Set(tables).size * TABLE_BYTES + retainedBytes([scratch, this.#values]);
  }

  /**
   * Takes from `room` the bytes that they need. Undefined where the kind has not two conductances; why there are none,
   * where it has a floor or the room is too small.
   */
  static of(resolved: ResolvedNode, kind: NeuronKind, room: { bytes: number }): ConductanceTables | string | undefined {
    const { node, shape, semantics } = resolved;
    const size = elementCount(shape);
    // Whichever way it is integrated, these are its potentials.
    const form = kind.adaptive?.(node, size, { ...semantics, integrate: 'euler' });
    if (form === undefined || !('conductances' in form.drive)) return undefined;
    const [one, other] = form.drive.conductances;
    if (one === undefined || other === undefined || form.drive.conductances.length > 2) return undefined;
    if (form.firing.minimum !== undefined) return 'tables are for conductances without a floor under the membrane';
    const keys = parameterKeys(resolved, kind, size);
    const count = new Set(keys).size;
    if (count * TABLE_BYTES > room.bytes)
      return `it would need ${count} tables, and there is room for ${Math.floor(room.bytes / TABLE_BYTES)}`;
    room.bytes -= count * TABLE_BYTES;
    const dynamics = kind.prepare(node, size, semantics);
    const state = Object.fromEntries(Object.entries(dynamics.initial).map(([name, start]) => [name, start.slice()]));
    const nothing = [new Float64Array(size), new Float64Array(size)];
    const made = new Map<string, ConductanceTable>();
    for (const [i, key] of keys.entries()) {
      if (made.has(key)) continue;
      const neuron = {
        leak: form.leak[i]!,
        threshold: form.firing.threshold[i]!,
        share: form.share[i]!,
        reversal: [one.reversal[i]!, other.reversal[i]!],
      } as const;
      const step = stepOfMembrane(dynamics, state, ['v', one.name, other.name, 'theta'], nothing, i);
      made.set(key, new ConductanceTable(neuron, step));
    }
    const tables = keys.map((key) => made.get(key)!);
    return new ConductanceTables(tables, [one.name, other.name], [dynamics.constants, state, nothing]);
  }

  over(state: Readonly<Record<string, Float64Array>>, constants: readonly ConstantInput[]): SilentFlow {
    const [one, other] = this.#names.map((name) => state[name]!) as [Float64Array, Float64Array];
    const [v, theta] = [state.v!, state.theta!];
    const isCalm = (i: number) =>
      constants.every(({ values }) => values[i] === 0) && this.#tables[i]!.isCalm(v[i]!, theta[i]!, one[i]!, other[i]!);
    const variables = [v, one, other, theta];
    const values = this.#values;
    return {
      quietSteps: (i) => (isCalm(i) ? Number.POSITIVE_INFINITY : 0),
      forward: (i, most) => {
        if (!isCalm(i)) return 0;
        for (let k = 0; k < 4; k++) values[k] = variables[k]![i]!;
        const steps = this.#tables[i]!.forward(values, most);
        for (let k = 0; k < 4; k++) variables[k]![i] = values[k]!;
        return steps;
      },
    };
  }
}
