import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Hdf5Array, Hdf5Group, Hdf5Node, Hdf5Type } from '@spikewire/exchange/hdf5';
import { afterAll, type TestContext } from 'vitest';
import { needsH5py } from '../../services.ts';

const SERVER = fileURLToPath(new URL('server.py', import.meta.url));

/** An array as `server.py` knows it. */
export interface PlainArray {
  readonly shape: readonly number[];
  readonly type: string;
  readonly values: readonly (number | string)[];
}

export interface PlainGroup {
  readonly kind: 'group';
  readonly attributes: Readonly<Record<string, PlainArray>>;
  readonly children: Readonly<Record<string, PlainNode>>;
  readonly track_order?: boolean;
}

/** A tree as `server.py` knows it. */
export type PlainNode =
  | PlainGroup
  | (PlainArray & {
      readonly kind: 'dataset';
      readonly attributes: Readonly<Record<string, PlainArray>>;
      /** Of h5py's `create_dataset`. */
      readonly options?: Readonly<Record<string, unknown>>;
    })
  | { readonly kind: 'other'; readonly what: string };

/** One Python with h5py, asked one question after another. */
export class H5py {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(python: string) {
    this.#process = spawn(python, ['-B', SERVER], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  write(
    path: string,
    tree: PlainNode,
    file: { libver: readonly [string, string]; userblock?: number },
  ): Promise<unknown> {
    return this.#ask({ write: path, file, tree });
  }

  list(path: string): Promise<PlainNode> {
    return this.#ask({ list: path }) as Promise<PlainNode>;
  }

  /** A file of `cases.py`, and its tree. Widths are bytes of an address and of a length. */
  async case(
    name: string,
    path: string,
    libver: readonly [string, string],
    widths: readonly [number, number] = [8, 8],
  ): Promise<PlainNode> {
    await this.#ask({ case: name, path, libver, widths });
    return this.list(path);
  }

  close(): void {
    this.#process.stdin.end();
  }

  async #ask(request: object): Promise<unknown> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value } = await this.#lines.next();
    const { answer, error } = JSON.parse(value ?? '{"error":"has ended"}') as { answer?: unknown; error?: string };
    if (error !== undefined) throw new Error(`h5py: ${error}`);
    return answer;
  }
}

/** One h5py for all tests of a file, started by the first that needs it; those are skipped where there is none. */
export function runningH5py(): (context: TestContext) => H5py {
  let running: H5py | undefined;
  afterAll(() => running?.close());
  return (context) => {
    running ??= new H5py(needsH5py(context));
    return running;
  };
}

/** What was read, as `server.py` says it. */
export function plain(node: Hdf5Node): PlainNode {
  if (node.kind === 'other') return node;
  const attributes = entries(node.attributes, plainArray);
  if (node.kind === 'dataset') return { kind: 'dataset', ...plainArray(node), attributes };
  return { kind: 'group', attributes, children: entries(node.children, plain) };
}

function entries<T, U>(map: ReadonlyMap<string, T>, of: (value: T) => U): Record<string, U> {
  return Object.fromEntries([...map].map(([name, value]) => [name, of(value)]));
}

function plainArray({ shape, type, values }: Hdf5Array): PlainArray {
  const numbers = Array.from<number | string, number | string>(values, (value) =>
    typeof value === 'number' && !Number.isFinite(value)
      ? String(value).replace('Infinity', 'inf').toLowerCase()
      : value,
  );
  return { shape, type: typeName(type), values: numbers };
}

function typeName(type: Hdf5Type): string {
  if (type.class === 'boolean') return 'bool';
  if (type.class === 'string')
    return type.length === 'variable' ? type.characters : `${type.characters}:${type.length}`;
  if (type.class === 'other') return type.name;
  const order = type.bytes === 1 ? '|' : type.order === 'little' ? '<' : '>';
  return `${order}${type.class === 'float' ? 'f' : type.signed ? 'i' : 'u'}${type.bytes}`;
}

/** The same in the other direction. */
export function asHdf5(tree: PlainGroup): Hdf5Group {
  return hdf5Node(tree) as Hdf5Group;
}

function hdf5Node(node: PlainNode): Hdf5Node {
  if (node.kind === 'other') return node;
  const attributes = new Map(Object.entries(node.attributes).map(([name, array]) => [name, hdf5Array(array)]));
  if (node.kind === 'dataset') return { kind: 'dataset', ...hdf5Array(node), attributes };
  const children = new Map(Object.entries(node.children).map(([name, child]) => [name, hdf5Node(child)]));
  return { kind: 'group', attributes, children };
}

function hdf5Array({ shape, type, values }: PlainArray): Hdf5Array {
  const kind = typeNamed(type);
  const numbers = () => Float64Array.from(values, (value) => Number(String(value).replace('inf', 'Infinity')));
  return { shape, type: kind, values: kind.class === 'string' ? (values as string[]) : numbers() };
}

function typeNamed(name: string): Hdf5Type {
  if (name === 'bool') return { class: 'boolean' };
  const text = /^(utf-8|ascii)(?::(\d+))?$/.exec(name);
  if (text !== null) {
    const characters = text[1] as 'utf-8' | 'ascii';
    const length = text[2] === undefined ? 'variable' : Number(text[2]);
    return { class: 'string', characters, length, padding: length === 'variable' ? 'null-terminated' : 'null' };
  }
  const order = name[0] === '>' ? 'big' : 'little';
  const bytes = Number(name[2]) as 2 | 4 | 8;
  if (name[1] === 'f') return { class: 'float', bytes, order };
  return { class: 'integer', bytes, signed: name[1] === 'i', order };
}
