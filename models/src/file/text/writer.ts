import type { JsonObject } from '../../model/model.ts';
import type { Tensor } from '../../tensor.ts';
import type { JsonTree } from './json-tree.ts';
import { Place } from './place.ts';

/** Shorter lists of float64 stand in the text even where tensors are put aside. */
const SHORT_LIST = 16;

/**
 * How a model becomes a document. Inline, for people: every number stands in the text, members in the order in which
 * the model has them. Apart, for files: tensors are put aside so that nothing is lost, and members whose order means
 * nothing are sorted, so that equal models give equal bytes.
 */
export class DocumentWriter {
  /** What was put aside. */
  readonly tensors = new Map<string, Tensor>();
  readonly #inline: boolean;

  constructor(inline: boolean) {
    this.#inline = inline;
  }

  /** The document's part for a tensor; `name` is what it is called when it is put aside. */
  tensor(tensor: Tensor, name: string): JsonTree {
    if (this.#inline || isShort(tensor)) return nestedLists(tensor);
    const free = this.#freeName(name);
    this.tensors.set(free, tensor);
    return new Map([['tensor', free]]);
  }

  /** An object of those members that are not undefined. */
  members(members: Readonly<Record<string, JsonTree | undefined>>): ReadonlyMap<string, JsonTree> {
    const entries = Object.entries(members).filter((entry): entry is [string, JsonTree] => entry[1] !== undefined);
    return new Map(this.#inline ? entries : entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** An object with a member per node. */
  byNode<T>(declarations: ReadonlyMap<string, T>, format: (declaration: T, name: string) => JsonTree): JsonTree {
    return this.members(
      Object.fromEntries([...declarations].map(([name, declaration]) => [name, format(declaration, name)])),
    );
  }

  /** Values that the model only carries; `graph` names the place of what is no JSON. */
  json(value: JsonObject, path: string): ReadonlyMap<string, JsonTree> {
    return this.#arranged(new Place(value, path).tree()) as ReadonlyMap<string, JsonTree>;
  }

  #arranged(tree: JsonTree): JsonTree {
    if (Array.isArray(tree)) return tree.map((item) => this.#arranged(item));
    if (!(tree instanceof Map)) return tree;
    const entries = [...tree].map(([key, member]): [string, JsonTree] => [key, this.#arranged(member)]);
    return this.members(Object.fromEntries(entries));
  }

  #freeName(name: string): string {
    let free = name;
    for (let copy = 2; this.tensors.has(free); copy++) free = `${name}#${copy}`;
    return free;
  }
}

function isShort({ shape, data }: Tensor): boolean {
  return data instanceof Float64Array && shape.length <= 1 && data.length <= SHORT_LIST;
}

function nestedLists({ shape, data }: Tensor): JsonTree {
  let end = 0;
  const nest = (axis: number): JsonTree => {
    if (axis === shape.length) return data[end++]!;
    return Array.from({ length: shape[axis]! }, () => nest(axis + 1));
  };
  return nest(0);
}
