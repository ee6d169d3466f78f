import { describeValue, SpikewireError } from '@spikewire/models';
import type { Hdf5Array, Hdf5Dataset, Hdf5Group, Hdf5Numbers } from '../../hdf5/index.ts';
import { TYPE } from './layout.ts';

/** A group of a NIRData file, and its path for errors. */
export class DataGroup {
  readonly path: string;
  readonly #group: Hdf5Group;

  constructor(group: Hdf5Group, path: string) {
    this.path = path;
    this.#group = group;
  }

  /** What the group says that it is; empty where it says nothing. */
  get type(): string {
    const value = this.#group.attributes.get(TYPE)?.values[0];
    return typeof value === 'string' ? value : '';
  }

  fail(problem: string, expected: string): never {
    throw new SpikewireError('file', this.path, problem, expected);
  }

  group(name: string): DataGroup {
    const child = this.#group.children.get(name);
    if (child?.kind !== 'group') return this.fail(`has no group "${name}"`, 'a file as nir.write_data makes it');
    return new DataGroup(child, `${this.path === '/' ? '' : this.path}/${name}`);
  }

  /** Its groups, by name. */
  groups(): (readonly [string, DataGroup])[] {
    return [...this.#group.children.keys()].map((name) => [name, this.group(name)] as const);
  }

  dataset(name: string, rank: number): Hdf5Dataset {
    const child = this.#group.children.get(name);
    if (child?.kind !== 'dataset') return this.fail(`has no dataset "${name}"`, 'a file as nir.write_data makes it');
    if (child.shape.length !== rank)
      this.fail(`has "${name}" of ${child.shape.length} dimensions`, `${rank}, the first of them samples`);
    return child;
  }

  /** A number in an attribute, also one in an array of one. */
  number(name: string): number {
    const attribute = this.#group.attributes.get(name);
    const value = attribute?.values.length === 1 ? attribute.values[0] : undefined;
    if (typeof value === 'number') return value;
    return this.fail(`has no number "${name}" as an attribute`, 'a file as nir.write_data makes it');
  }

  /** The numbers of a dataset. */
  numbers(array: Hdf5Array): Hdf5Numbers {
    const { values } = array;
    if (Array.isArray(values)) return this.fail(`has texts such as ${describeValue(values[0])}`, 'numbers');
    return values as Hdf5Numbers;
  }
}
