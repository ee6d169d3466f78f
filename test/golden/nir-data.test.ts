import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordings } from '@spikewire/exchange/recordings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlainArray, type PlainGroup, type PlainNode, runningH5py } from './h5py/h5py.ts';

const [nirData] = recordings;
const MEMORY = 50_000_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spikewire-nirdata-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const h5pyFor = runningH5py();

const scalar = (type: string, value: number | string): PlainArray => ({ shape: [], type, values: [value] });
const group = (children: Record<string, PlainNode>, attributes: Record<string, PlainArray> = {}): PlainGroup => ({
  kind: 'group',
  attributes,
  children,
});
const typed = (type: string, children: Record<string, PlainNode>, attributes: Record<string, PlainArray> = {}) =>
  group(children, { __type__: scalar('utf-8', type), ...attributes });
/** As `nir.write_data` makes datasets. */
const dataset = (type: string, shape: readonly number[], values: readonly (number | string)[]): PlainNode => ({
  kind: 'dataset',
  shape,
  type,
  values,
  attributes: {},
  options: { compression: 'gzip' },
});
const node = (observables: Record<string, PlainNode>) => typed('NIRNodeData', { observables: group(observables) });

const file = typed('NIRGraphData', {
  nodes: group({
    in: node({
      spikes: typed(
        'EventData',
        {
          idx: dataset('<i8', [2, 3], [0, 1, -1, 1, -1, -1]),
          time: dataset('<f8', [2, 3], [0, 0.003, 'inf', 0.001, 'inf', 'inf']),
        },
        { n_neurons: scalar('<i8', 2), t_max: scalar('<f8', 0.005) },
      ),
    }),
    grid: node({
      spikes: typed(
        'TimeGriddedData',
        { data: dataset('bool', [1, 2, 2], [0, 1, 1, 0]) },
        { dt: scalar('<f4', 0.001) },
      ),
    }),
    inner: typed('NIRGraphData', {
      nodes: group({
        lif: node({
          v: typed('TimeGriddedData', { data: dataset('<f4', [1, 2, 1], [0.5, 0]) }, { dt: scalar('<f8', 0.001) }),
        }),
      }),
    }),
  }),
});

describe('NIRData', () => {
  it('of h5py is read', async (context) => {
    const path = join(folder, 'h5py.nir');
    await h5pyFor(context).write(path, file, { libver: ['earliest', 'latest'] });
    const inputs = new Map([
      ['in', 2],
      ['grid', 2],
      ['inner/lif', 1],
    ]);
    const read = (sample: number, names: readonly string[]) =>
      nirData!.read!(
        readFileSync(path),
        { dt: 0.001, inputs: new Map([...inputs].filter(([name]) => names.includes(name))), sample },
        MEMORY,
      );
    expect(read(0, [...inputs.keys()])).toEqual({
      steps: 5,
      input: {
        in: [
          [0, 0, 1],
          [3, 1, 1],
        ],
        grid: [
          [0, 1, 1],
          [1, 0, 1],
        ],
        'inner/lif': [[0, 0, 0.5]],
      },
      others: [],
      notes: [],
    });
    expect(read(1, ['in'])).toMatchObject({ input: { in: [[1, 1, 1]] }, others: ['grid', 'inner/lif'] });
  });

  it('that is written here is read by h5py, in NIR’s layout', async (context) => {
    const h5py = h5pyFor(context);
    const path = join(folder, 'own.nirdata');
    const spikes = {
      lif: [
        [0, 1],
        [4, 0],
      ],
      'inner/out': [[2, 0, 0.5]],
      silent: [],
    };
    const traces = { lif: { v: [[0.25, -1]] } };
    const sizes = new Map([
      ['lif', 2],
      ['inner/out', 1],
      ['silent', 3],
    ]);
    writeFileSync(path, nirData!.write!({ dt: 0.5, seconds: 2.5, sizes, spikes, traces }));
    const root = (await h5py.list(path)) as PlainGroup;
    const at = (path: string) =>
      path.split('/').reduce<PlainNode>((each, name) => (each as PlainGroup).children[name]!, root);
    const typeOf = (path: string) => (at(path) as PlainGroup).attributes.__type__;
    const numbers = (path: string) => (at(path) as PlainArray).values;
    expect(root.attributes.__type__).toEqual(scalar('utf-8', 'NIRGraphData'));
    expect(typeOf('nodes/inner')).toEqual(scalar('utf-8', 'NIRGraphData'));
    expect(typeOf('nodes/lif')).toEqual(scalar('utf-8', 'NIRNodeData'));
    const events = 'nodes/lif/observables/spikes';
    expect((at(events) as PlainGroup).attributes).toEqual({
      __type__: scalar('utf-8', 'EventData'),
      n_neurons: scalar('<i4', 2),
      t_max: scalar('<f8', 2.5),
    });
    expect([numbers(`${events}/idx`), numbers(`${events}/time`)]).toEqual([
      [1, 0],
      [0.25, 2.25],
    ]);
    expect(typeOf('nodes/inner/nodes/out/observables/spikes')).toEqual(scalar('utf-8', 'ValuedEventData'));
    expect(numbers('nodes/inner/nodes/out/observables/spikes/value')).toEqual([0.5]);
    expect(numbers('nodes/silent/observables/spikes/idx')).toEqual([-1]);
    expect(numbers('nodes/silent/observables/spikes/time')).toEqual(['inf']);
    expect(at('nodes/lif/observables/v/data')).toMatchObject({ shape: [1, 1, 2], values: [0.25, -1], type: '<f8' });
  });
});
