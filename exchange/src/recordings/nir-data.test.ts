import { type RunRecording, SpikewireError } from '@spikewire/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Hdf5Array, type Hdf5Group, type Hdf5Node, type Hdf5Type, writeHdf5 } from '../hdf5/index.ts';
import { readNirData } from './nir-data/read.ts';
import { writeNirData } from './nir-data/write.ts';

const MEMORY = 50_000_000;
const FLOAT: Hdf5Type = { class: 'float', bytes: 8, order: 'little' };
const SINGLE: Hdf5Type = { class: 'float', bytes: 4, order: 'little' };
const TEXT: Hdf5Type = { class: 'string', characters: 'utf-8', length: 'variable', padding: 'null-terminated' };

const array = (
  values: readonly (number | string)[],
  shape: readonly number[] = [],
  type: Hdf5Type = FLOAT,
): Hdf5Array => ({
  shape,
  type: typeof values[0] === 'string' ? TEXT : type,
  values: typeof values[0] === 'string' ? (values as string[]) : Float64Array.from(values as number[]),
});
const group = (children: Record<string, Hdf5Node>, attributes: Record<string, number | string> = {}): Hdf5Group => ({
  kind: 'group',
  children: new Map(Object.entries(children)),
  attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, array([value])])),
});
const dataset = (...of: Parameters<typeof array>): Hdf5Node => ({
  kind: 'dataset',
  attributes: new Map(),
  ...array(...of),
});
const node = (observables: Record<string, Hdf5Node>) =>
  group({ observables: group(observables) }, { __type__: 'NIRNodeData' });
const graph = (nodes: Record<string, Hdf5Node>) => group({ nodes: group(nodes) }, { __type__: 'NIRGraphData' });
const gridded = (dt: number, shape: readonly number[], values: readonly number[], more = {}) =>
  group({ data: dataset(values, shape) }, { __type__: 'TimeGriddedData', dt, ...more });
const events = (
  [idx, time, value]: readonly (readonly number[])[],
  { samples = 1, type = FLOAT, ...attributes }: { samples?: number; type?: Hdf5Type; [name: string]: unknown } = {},
) => {
  const shape = [samples, idx!.length / samples];
  return group(
    {
      idx: dataset(idx!, shape),
      time: dataset(time!, shape, type),
      ...(value === undefined ? {} : { value: dataset(value, shape) }),
    },
    {
      __type__: value === undefined ? 'EventData' : 'ValuedEventData',
      n_neurons: 3,
      t_max: 0.01,
      ...(attributes as Record<string, number>),
    },
  );
};

function read(root: Hdf5Group, { dt = 0.001, sample = 0, size = 3, memory = MEMORY } = {}) {
  return readNirData(writeHdf5(root), { dt, sample, inputs: new Map([['in', size]]) }, memory);
}

describe('NIRData', () => {
  it('comes back as it was written, for any run', () => {
    const sizes = new Map([
      ['in', 4],
      ['a/b', 3],
    ]);
    const event = fc.record({
      step: fc.nat(5000),
      index: fc.nat(2),
      value: fc.oneof(
        fc.constant(1),
        fc.double({ min: -9, max: 9, noNaN: true }).filter((value) => value !== 0),
      ),
    });
    const dt = fc.oneof(fc.constantFrom(1e-4, 1e-3, 0.1, 1 / 3), fc.double({ min: 1e-6, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.array(event, { maxLength: 5 }), dt, (given, inner, dt) => {
        const rows = (list: typeof given) =>
          list.map(({ step, index, value }) => (value === 1 ? [step, index] : [step, index, value]));
        const steps = 1 + Math.max(0, ...[...given, ...inner].map(({ step }) => step));
        const spikes = { in: rows(given), 'a/b': rows(inner) };
        const run: RunRecording = { dt, seconds: steps * dt, sizes, spikes, traces: {} };
        const bytes = writeNirData(run);
        const inputs = new Map([...sizes].filter(([name]) => name === 'in'));
        expect(readNirData(bytes, { dt, inputs, sample: 0 }, MEMORY)).toEqual({
          steps,
          input: { in: given.map(({ step, index, value }) => [step, index, value]) },
          others: ['a/b'],
          notes: [],
        });
        const nested = { dt, inputs: new Map([['a/b', 3]]), sample: 0 };
        expect(readNirData(bytes, nested, MEMORY)).toMatchObject({
          input: { 'a/b': inner.map(({ step, index, value }) => [step, index, value]) },
          others: ['in'],
        });
      }),
    );
  });

  it('states come back as time-gridded data, whatever they are', () => {
    const rows = fc.array(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 2 }),
      {
        minLength: 1,
        maxLength: 9,
      },
    );
    fc.assert(
      fc.property(rows, (v) => {
        const run = { dt: 0.001, seconds: 0.001 * v.length, sizes: new Map(), spikes: {}, traces: { in: { v } } };
        const { input, steps } = readNirData(
          writeNirData(run),
          { dt: 0.001, inputs: new Map([['in', 2]]), sample: 0 },
          MEMORY,
        );
        const back = v.map((row) => row.map(() => 0));
        for (const [step, index, value] of input.in!) back[step!]![index!] = value!;
        expect(back).toEqual(v.map((row) => row.map((value) => value + 0)));
        expect(steps).toBe(v.length);
      }),
    );
  });

  it('takes the sample that is asked for, of each kind of data', () => {
    const grid = graph({ in: node({ x: gridded(0.001, [2, 2, 3], [0, 1, 0, 0, 0, 0, 0, 0, 0.5, 0, 0, -2]) }) });
    expect(read(grid)).toMatchObject({ steps: 2, input: { in: [[0, 1, 1]] } });
    const second = [
      [0, 2, 0.5],
      [1, 2, -2],
    ];
    expect(read(grid, { sample: 1 })).toMatchObject({ input: { in: second } });
    expect(() => read(grid, { sample: 2 })).toThrow(
      '/nodes/in/observables/x: has 2 samples, and no sample 2; expected 0…1',
    );
    const list = graph({
      in: node({
        spikes: events(
          [
            [0, -1, 2, 1],
            [0, Infinity, 0.0035, 0.002],
          ],
          { samples: 2 },
        ),
      }),
    });
    expect(read(list)).toMatchObject({ steps: 10, input: { in: [[0, 0, 1]] } });
    expect(read(list, { sample: 1 })).toMatchObject({
      input: {
        in: [
          [3, 2, 1],
          [2, 1, 1],
        ],
      },
    });
    const valued = graph({
      in: node({
        spikes: events([
          [1, -1],
          [0.004, Infinity],
          [2.5, 7],
        ]),
      }),
    });
    expect(read(valued)).toMatchObject({ input: { in: [[4, 1, 2.5]] } });
  });

  it.each([FLOAT, SINGLE])('an event at a whole number of steps is in that step, at $bytes bytes', (type) => {
    for (const dt of [1e-4, 0.001, 0.1, 1 / 3]) {
      const steps = Array.from({ length: 200 }, (_, step) => step);
      const times = steps.map((step) => step * dt);
      const file = graph({ in: node({ x: events([steps.map(() => 0), times], { type, t_max: 200 * dt }) }) });
      const { input } = read(file, { dt });
      expect(input.in!.map(([step]) => step)).toEqual(steps);
    }
  });

  it('passes over attributes that it does not know, and says which events it does not use', () => {
    const more = { dimension_order: 'STN', dynamic_before_transition: 1 };
    expect(read(graph({ in: node({ x: gridded(0.001, [1, 1, 3], [1, 0, 0], more) }) })).steps).toBe(1);
    const late = read(
      graph({
        in: node({
          x: events([
            [0, 1],
            [0.0099, 0.01],
          ]),
        }),
      }),
    );
    expect(late).toMatchObject({
      input: { in: [[9, 0, 1]] },
      notes: ['/nodes/in/observables/x: 1 events at or after t_max (0.01 s) are not used'],
    });
  });

  it.each([
    ['another root', group({}), '/: has no type; expected NIRGraphData, as nir.write_data makes it'],
    ['no nodes', group({}, { __type__: 'NIRGraphData' }), '/: has no group "nodes"'],
    [
      'another type of node',
      graph({ in: group({}, { __type__: 'X' }) }),
      '/nodes/in: is of type X; expected NIRNodeData',
    ],
    ['no Input', graph({ lif: node({}) }), 'NIRData: has recordings of lif; expected of an Input of the net: in'],
    [
      'two observables',
      graph({ in: node({ a: gridded(0.001, [1, 1, 3], [0, 0, 0]), b: gridded(0.001, [1, 1, 3], [0, 0, 0]) }) }),
      '/nodes/in: has the observables a, b; expected one, or "spikes" among several',
    ],
    [
      'another step',
      graph({ in: node({ a: gridded(0.01, [1, 1, 3], [0, 0, 0]) }) }),
      '/nodes/in/observables/a: has steps of 0.01 s; expected 0.001 s, as the net has',
    ],
    [
      'another size',
      graph({ in: node({ a: gridded(0.001, [1, 3, 1], [0, 0, 0]) }) }),
      "/nodes/in/observables/a: has 1 neurons; expected 3, as the net's Input",
    ],
    [
      'two dimensions',
      graph({ in: node({ a: gridded(0.001, [1, 3], [0, 0, 0]) }) }),
      '/nodes/in/observables/a: has "data" of 2 dimensions; expected 3, the first of them samples',
    ],
    ['NaN', graph({ in: node({ a: gridded(0.001, [1, 1, 3], [0, NaN, 0]) }) }), 'has NaN in step 0; expected finite'],
    ['an index', graph({ in: node({ a: events([[3], [0]]) }) }), 'has idx 3 in event 0; expected 0…2, or −1'],
    ['a time', graph({ in: node({ a: events([[0], [-1]]) }) }), 'has time -1 in event 0; expected seconds from 0'],
    ['a value', graph({ in: node({ a: events([[0], [0], [Infinity]]) }) }), 'has value Infinity in event 0'],
    ['a length', graph({ in: node({ a: events([[0], [0]], { t_max: 1e12 }) }) }), 'ends after 1000000000000 s'],
    [
      'another kind',
      graph({ in: node({ a: group({}, { __type__: 'X' }) }) }),
      'is of type X; expected TimeGriddedData',
    ],
    [
      'no attribute',
      graph({ in: node({ a: group({ data: dataset([0, 0, 0], [1, 1, 3]) }, { __type__: 'TimeGriddedData' }) }) }),
      'has no number "dt" as an attribute',
    ],
  ])('refuses %s', (_, root, message) => {
    expect(() => read(root)).toThrow(message);
    expect(() => read(root)).toThrow(SpikewireError);
  });

  it('takes no more memory than it may, and no file that is not HDF5', () => {
    const much = graph({ in: node({ a: gridded(0.001, [1, 30_000, 3], Array(90_000).fill(1)) }) });
    expect(() => read(much, { memory: 5_000_000 })).toThrow('takes more than 5 MB to read; expected a smaller file');
    expect(() => readNirData(new Uint8Array(99), { dt: 1, sample: 0, inputs: new Map() }, MEMORY)).toThrow(
      SpikewireError,
    );
  });

  it('refuses names that a path cannot have', () => {
    const run = (spikes: RunRecording['spikes']) =>
      writeNirData({ dt: 1, seconds: 1, sizes: new Map(), spikes, traces: {} });
    expect(() => run({ '..': [] })).toThrow('node "..": has a name that HDF5 cannot have; expected another name');
    expect(() => run({ a: [], 'a/b': [] })).toThrow('node "a/b": lies in "a", which is a node itself');
    expect(() => run({ 'a/b': [], a: [] })).toThrow('node "a": is a sub-graph too');
  });

  it('is read or refused, whatever bytes change', () => {
    const whole = graph({
      in: node({
        spikes: events([
          [0, 1, -1],
          [0, 0.002, Infinity],
          [1, 2, 3],
        ]),
        v: gridded(0.001, [1, 1, 3], [1, 0, 2]),
      }),
      sub: graph({ lif: node({ x: gridded(0.001, [1, 1, 3], [1, 0, 2]) }) }),
    });
    const bytes = writeHdf5(whole);
    const inputs = new Map([
      ['in', 3],
      ['sub/lif', 3],
    ]);
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    let read = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, byte] of changes) changed[at] = byte;
        try {
          const { input } = readNirData(changed, { dt: 0.001, inputs, sample: 0 }, MEMORY);
          for (const [step, index, value] of Object.values(input).flat())
            expect(step >= 0 && index >= 0 && index < 3 && Number.isFinite(value)).toBe(true);
          read++;
        } catch (problem) {
          expect(problem).toBeInstanceOf(SpikewireError);
        }
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(0);
  });
});
