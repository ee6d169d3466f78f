import { type RunRecording, SpikewireError } from '@spikewire/models';
import { type Hdf5Array, type Hdf5Dataset, type Hdf5Group, type Hdf5Type, writeHdf5 } from '../../hdf5/index.ts';
import { EVENTS, GRAPH, GRIDDED, NODE, SPIKES, TYPE, VALUED } from './layout.ts';

const FLOAT: Hdf5Type = { class: 'float', bytes: 8, order: 'little' };
const INTEGER: Hdf5Type = { class: 'integer', bytes: 4, signed: true, order: 'little' };
const TEXT: Hdf5Type = { class: 'string', characters: 'utf-8', length: 'variable', padding: 'null-terminated' };

/** The level that h5py takes where it is told none. */
const GZIP = 4;

/** Observables by node, and groups of them by sub-graph. */
interface NodeTree extends Map<string, NodeTree | readonly (readonly [string, Hdf5Group])[]> {}

/**
 * A run as a file of one sample: what nodes emitted as events, their states as time-gridded data. An event of a step
 * has the time of its middle: both ⌊time/dt⌋ and ⌈time/dt⌉ − 1, in which versions of NIR differ, give that step. Throws
 * `unsupported` for names that a path of HDF5 cannot have.
 */
export function writeNirData(recording: RunRecording): Uint8Array {
  const { dt, spikes, traces } = recording;
  const root: NodeTree = new Map();
  for (const name of new Set([...Object.keys(spikes), ...Object.keys(traces)])) {
    const states = Object.entries(traces[name] ?? {}).map(
      ([variable, rows]) => [variable, gridded(rows, dt ?? 1)] as const,
    );
    const events = spikes[name] === undefined ? [] : [[SPIKES, eventsOf(name, recording)] as const];
    place(root, name, [...events, ...states]);
  }
  return writeHdf5(graphOf(root), { gzip: GZIP });
}

function place(root: NodeTree, name: string, observables: readonly (readonly [string, Hdf5Group])[]): void {
  const refuse = (problem: string) => new SpikewireError('unsupported', `node "${name}"`, problem, 'another name');
  const path = name.split('/');
  if (path.some((part) => ['', '.', '..'].includes(part))) throw refuse('has a name that HDF5 cannot have');
  const last = path.pop()!;
  let tree = root;
  for (const part of path) {
    const inner: NodeTree | readonly unknown[] = tree.get(part) ?? new Map();
    if (!(inner instanceof Map)) throw refuse(`lies in "${part}", which is a node itself`);
    tree.set(part, inner);
    tree = inner;
  }
  if (tree.has(last)) throw refuse('is a sub-graph too');
  tree.set(last, observables);
}

function graphOf(tree: NodeTree): Hdf5Group {
  const nodes = [...tree].map(([name, node]) => {
    return [name, node instanceof Map ? graphOf(node) : typed(NODE, [['observables', group(node)]])] as const;
  });
  return typed(GRAPH, [['nodes', group(nodes)]]);
}

function gridded(rows: readonly (readonly number[])[], dt: number): Hdf5Group {
  const data = Float64Array.from(rows.flat());
  const shape = [1, rows.length, rows[0]?.length ?? 0];
  return typed(GRIDDED, [['data', dataset(FLOAT, shape, data)]], [['dt', scalar(FLOAT, dt)]]);
}

function eventsOf(name: string, { dt, seconds, sizes, spikes }: RunRecording): Hdf5Group {
  const events = spikes[name]!;
  const isValued = events.some(([, , value = 1]) => value !== 1);
  // At least one, that of padding: an array without elements has no chunks.
  const padded: readonly (readonly number[])[] = events.length > 0 ? events : [[Number.POSITIVE_INFINITY, -1, 0]];
  const shape = [1, padded.length];
  const times = padded.map(([when]) => (dt === undefined ? when! : (when! + 0.5) * dt));
  const arrays: [string, Hdf5Dataset][] = [
    [
      'idx',
      dataset(
        INTEGER,
        shape,
        Int32Array.from(padded, ([, index]) => index!),
      ),
    ],
    ['time', dataset(FLOAT, shape, Float64Array.from(times))],
  ];
  if (isValued)
    arrays.push([
      'value',
      dataset(
        FLOAT,
        shape,
        Float64Array.from(padded, ([, , value = 1]) => value),
      ),
    ]);
  return typed(isValued ? VALUED : EVENTS, arrays, [
    ['n_neurons', scalar(INTEGER, sizes.get(name) ?? 0)],
    ['t_max', scalar(FLOAT, dt === undefined ? seconds : endOf(Math.round(seconds / dt), dt))],
  ]);
}

/** So many steps in seconds, not rounded to less: readers take ⌊t_max/dt⌋. */
function endOf(steps: number, dt: number): number {
  const end = steps * dt;
  return end / dt < steps ? end * (1 + 2 ** -51) : end;
}

function typed(
  type: string,
  children: Iterable<readonly [string, Hdf5Group | Hdf5Dataset]>,
  attributes: readonly (readonly [string, Hdf5Array])[] = [],
): Hdf5Group {
  const own: Hdf5Array = { shape: [], type: TEXT, values: [type] };
  return { kind: 'group', attributes: new Map([[TYPE, own], ...attributes]), children: new Map(children) };
}

function group(children: Iterable<readonly [string, Hdf5Group]>): Hdf5Group {
  return { kind: 'group', attributes: new Map(), children: new Map(children) };
}

function dataset(type: Hdf5Type, shape: readonly number[], values: Float64Array | Int32Array): Hdf5Dataset {
  return { kind: 'dataset', attributes: new Map(), type, shape, values };
}

function scalar(type: Hdf5Type, value: number): Hdf5Array {
  return { shape: [], type, values: Float64Array.of(value) };
}
