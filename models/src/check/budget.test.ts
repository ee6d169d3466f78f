import { describe, expect, it } from 'vitest';
import { teachable } from '../coding/decoders/teachable.ts';
import { parseModel } from '../file/text/model.ts';
import { monitorKinds } from '../monitoring/monitors.ts';
import { RandomGenerator } from '../random/generator.ts';
import { resolveGraph } from '../resolve/resolve.ts';
import { demandOf } from './budget.ts';

describe('demandOf', () => {
  it('counts the synapses that the connections have', () => {
    const model = parseModel({
      nodes: {
        in: { type: 'Input', shape: [2, 6, 6] },
        conv: { type: 'Conv2d', weight: [1, 2, 3].map(() => [1, 2].map(() => [1, 2, 3].map(() => [1, 1, 1]))) },
        pool: { type: 'AvgPool2d', kernel_size: 2, stride: 2 },
        flat: { type: 'Flatten' },
        fc: { type: 'Linear', weight: [new Array(12).fill(1), new Array(12).fill(2)] },
        lif: { type: 'LIF', tau: 0.02, v_threshold: 1 },
        out: { type: 'Output' },
      },
      edges: [
        ['in', 'conv'],
        ['conv', 'pool'],
        ['pool', 'flat'],
        ['flat', 'fc'],
        ['fc', 'lif', { delay: 5 }],
        ['lif', 'out'],
      ],
    });
    const graph = resolveGraph(model.graph, model.semantics);
    let synapses = 0;
    for (const { kind, node, inputShape } of graph.nodes) {
      if (kind.role !== 'connection') continue;
      const connectivity = kind.connect(node, inputShape);
      for (let input = 0; input < connectivity.inputs; input++) connectivity.forEachSynapse(input, () => synapses++);
    }
    expect(demandOf(model, graph)).toMatchObject({ neurons: 2, synapses });
  });

  it.each([
    [
      'scalars over a large shape',
      { in: { type: 'Input', shape: [1000, 1000] }, n: { type: 'LIF', tau: 1, v_threshold: 1 } },
      'n',
    ],
    [
      'a frame around one pixel',
      { in: { type: 'Input', shape: [1, 1, 1] }, n: { type: 'Conv2d', weight: [[[[1]]]], padding: 2000 } },
      'n',
    ],
  ])('names the node that takes most: %s', (_what, nodes, name) => {
    const text = {
      nodes: { ...nodes, out: { type: 'Output' } },
      edges: [
        ['in', name],
        [name, 'out'],
      ],
    };
    const refused = expect.objectContaining({ code: 'budget', where: expect.stringContaining(`node "${name}"`) });
    expect(() => parseModel(text, { budget: { bytes: 2 ** 26 } })).toThrow(refused);
    expect(() => parseModel(text, { budget: { bytes: 2 ** 26 } })).toThrow(/ MB .* expected at most 67.1 MB in all$/);
  });

  const demandIn = (text: object) => {
    const model = parseModel({ nodes: { in: { type: 'Input', shape: [10] }, out: { type: 'Output' } }, ...text });
    return demandOf(model, resolveGraph(model.graph, model.semantics)).bytes;
  };
  const edges = [['in', 'out']];

  it('grows with what an edge holds back, with the window of a code, and with nothing that was not asked for', () => {
    const plain = demandIn({ edges });
    expect(demandIn({ edges: [['in', 'out', { delay: 7000 }]] }) - plain).toBeGreaterThan(8 * 7000 * 10);
    const sample = { steps: 5000, between: 'reset' };
    expect(demandIn({ edges, sample })).toBe(plain);
    const coded = demandIn({ edges, sample, encoder: { in: { type: 'direct' } } });
    expect(coded - plain).toBeGreaterThan(20 * 5000 * 20);
  });

  it('grows with the longest delay of a node that delays each element by its own time', () => {
    const demandOfDelay = (longest: number) => {
      const delay = Array.from({ length: 10 }, (_, k) => (k === 3 ? longest : 0.001));
      const nodes = { in: { type: 'Input', shape: [10] }, late: { type: 'Delay', delay }, out: { type: 'Output' } };
      const edges = [
        ['in', 'late'],
        ['late', 'out'],
      ];
      return demandIn({ nodes, edges, semantics: { dt: 0.001 } });
    };
    expect(demandOfDelay(7) - demandOfDelay(1)).toBeGreaterThan(8 * 6000 * 10);
  });

  it('has 32 MiB for all tables of a net, where there may be any', () => {
    const demandOfCells = (...cells: object[]) => {
      const named = Object.fromEntries(cells.map((cell, k) => [`cell ${k}`, cell]));
      const wired = Object.keys(named).flatMap((name) => [
        ['in', name],
        [name, 'out'],
      ]);
      const ends = { in: { type: 'Input', shape: [10] }, out: { type: 'Output' } };
      return demandIn({ nodes: { ...ends, ...named }, edges: wired });
    };
    const [linear, other] = [{ type: 'LIF', tau: 0.02, v_threshold: 1 }, { type: 'Izhikevich' }];
    expect(demandOfCells(linear)).toBeLessThan(2 ** 20);
    expect(demandOfCells(other) - demandOfCells(linear)).toBeGreaterThan(2 ** 25 - 2 ** 14);
    expect(demandOfCells(other, other) - demandOfCells(other)).toBeLessThan(2 ** 20);
  });

  const window = { type: 'window', length: 65_536 };
  const mean = { type: 'mean' };
  const bands = { type: 'band-energies', sampleRate: 1, bands: 1 };

  it.each([
    ['windows of many inputs', 10, 16, [window, mean]],
    ['windows in a row', 1, 1, new Array(8).fill([window, mean]).flat()],
    ['spectra side by side', 1, 64, [window, new Array(64).fill(bands)]],
    ['ranges of very many channels', 1, 100_000, [{ type: 'range', range: 'auto', warmUp: 2 }]],
    ['fixed ranges of very many channels', 1, 100_000, [{ type: 'range', range: [0, 1] }]],
    ['differences', 16, 100_000, [{ type: 'difference' }]],
  ])('refuses %s in a short text before they are allocated', (_what, inputs, size, stages) => {
    const names = Array.from({ length: inputs }, (_, k) => `in${k}`);
    const each = (value: unknown) => Object.fromEntries(names.map((name) => [name, value]));
    const text = {
      nodes: { ...each({ type: 'Input', shape: [size] }), out: { type: 'Output' } },
      edges: names.map((name) => [name, 'out']),
      encoder: each({ type: 'direct' }),
    };
    const bytes = demandIn(text) + 2 ** 22;
    const before = process.memoryUsage();
    expect(() => parseModel({ ...text, features: each(stages) }, { budget: { bytes } })).toThrow(
      expect.objectContaining({
        code: 'budget',
        message: expect.stringMatching(/^features\["in\d+"\].* would keep \d+ numbers; expected at most \d+$/),
      }),
    );
    const after = process.memoryUsage();
    // What the encoders of the first inputs keep is there before it is refused; garbage is gathered when Node likes.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 25);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(2 ** 25);
  });

  it('refuses monitors of very many channels in a short text before they are allocated', () => {
    const text = {
      nodes: { in: { type: 'Input', shape: [100_000] }, out: { type: 'Output' } },
      edges,
      encoder: { in: { type: 'direct', range: [0, 1] } },
      decoder: { out: { type: 'linear' } },
    };
    const monitors = (count: number) =>
      Array.from({ length: count }, (_, k) => ({ type: 'next-reading', name: `m${k}` }));
    const read = (count: number) => parseModel({ ...text, monitor: monitors(count) }, { budget: { bytes: 2 ** 30 } });
    expect(read(1).monitors).toHaveLength(1);
    expect(() => read(16)).toThrow(/^monitor: takes up to 61\d0 MB of the \d+ MB that the model may need/);
    expect(() => read(17)).toThrow('monitor: has 17 entries; expected at most 16');
  });

  it('knows what monitors keep of each channel', () => {
    const channels = Array.from({ length: 1000 }, (_, k) => `c${k}`);
    for (const kind of monitorKinds) {
      const { state } = kind.prepare({}, { channels, outputs: 1000 });
      const kept = Object.values(state).reduce((sum, { view }) => sum + view.byteLength, 0);
      expect(kept).toBeLessThan(8192 + 1000 * (kind.channelBytes ?? 0));
    }
  });

  it('knows what a decoder that is taught keeps, and what taking a lesson back needs', () => {
    const demandWith = (size: number, decoder: object) =>
      demandIn({
        nodes: { in: { type: 'Input', shape: [size] }, out: { type: 'Output' } },
        edges,
        encoder: { in: { type: 'direct', range: [0, 1] } },
        decoder: { out: decoder },
      });
    for (const readout of ['experts', 'rls', 'delta', 'prototypes']) {
      for (const [size, own] of [
        [2, {}],
        [512, { mostClasses: 2 }],
        [1024, { views: 2, mostClasses: 256 }],
        [64, { replay: 4096 }],
      ] as const) {
        const parameters = { readout, ...own };
        const random = new RandomGenerator(1, 'decoder');
        const { state } = teachable.prepare(parameters, { size, steps: 1, dt: 1, random });
        const kept = Object.values(state!).reduce((sum, { view }) => sum + view.byteLength, 0);
        const demand = demandWith(size, { type: 'teachable', ...parameters }) - demandWith(size, { type: 'linear' });
        expect(demand).toBeGreaterThan(2 * kept);
        if (readout === 'experts') expect(demand).toBeLessThan(2.2 * kept + 2 ** 17);
      }
    }
  });

  it('refuses a decoder that takes more than there is before it is allocated', () => {
    const text = {
      nodes: { in: { type: 'Input', shape: [4096] }, out: { type: 'Output' } },
      edges,
      encoder: { in: { type: 'direct', range: [0, 1] } },
      decoder: { out: { type: 'teachable', views: 2, mostClasses: 256, replay: 4096 } },
    };
    const before = process.memoryUsage().arrayBuffers;
    expect(() => parseModel(text, { budget: { bytes: 64e6 } })).toThrow(expect.objectContaining({ code: 'budget' }));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it('refuses a sample of 2^31 steps, which no window holds', () => {
    const sample = { steps: 2 ** 31 - 1, between: 'reset' };
    expect(() => demandIn({ edges, sample, encoder: { in: { type: 'direct' } } })).toThrow(
      expect.objectContaining({ code: 'budget' }),
    );
  });
});
