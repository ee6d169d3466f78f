import {
  type Model,
  nextReadingModel,
  parseModel,
  quantize,
  readLearned,
  SpikewireError,
  writeModel,
} from '@spikewire/models';
import { engineNamed, engines } from 'spikewire';
import {
  describeAbilities,
  executorSourceOf,
  InferenceWorker,
  inProcess,
  placementOn,
  splitOver,
} from 'spikewire/executor';
import { NetPool } from 'spikewire/session';
import { describe, expect, it, vi } from 'vitest';
import { chain } from '../chain.ts';
import { describeExecutor } from './executor-suite.ts';
import { ForeignBoard } from './foreign-board.ts';
import { SimulatedBoard } from './simulated-board.ts';

for (const engine of engines) {
  // Whole numbers leave `auto` no choice.
  const answers = engine.name === 'auto' ? engineNamed('clocked') : engine;
  for (const threads of engine.name === 'clocked' ? [0, 1, 3] : [0, 1]) {
    const name = `${engine.name} in ${threads} threads`;
    describeExecutor({ name, engine: answers, open: () => executorSourceOf(engine.name, { threads }) });
  }
}
describeExecutor({
  name: 'a board',
  engine: engineNamed('integer'),
  open: () => executorSourceOf('simulated:0', { drivers: [new SimulatedBoard()] }),
});

describeExecutor({
  name: 'a board and this machine',
  engine: engineNamed('integer'),
  open: async () => {
    const board = await executorSourceOf('simulated:0', { drivers: [new SimulatedBoard()] });
    const layerAlone = { ...board, abilities: { ...board.abilities, kinds: ['Linear', 'LIF'], rules: [] } };
    return splitOver(layerAlone, await executorSourceOf('integer'));
  },
});

const foreign = new ForeignBoard();
describeExecutor({
  name: 'a board with its own arithmetic',
  engine: engineNamed('integer'),
  abilities: foreign.abilities,
  leavesOut: [
    'holds its weights through a window that asks for it, and learns again in the next',
    'forgets what it has learned',
    'learns again after a window that held its weights and failed',
  ],
  open: () => executorSourceOf('foreign:0', { drivers: [foreign] }),
});

const single = new SimulatedBoard(1);
describeExecutor({
  name: 'a board for one net',
  engine: engineNamed('integer'),
  abilities: single.abilities,
  leavesOut: ['keeps its nets apart'],
  open: () => single.open('0'),
});

describe('an address', () => {
  it.each([
    ['steam', /^device "steam": is not an engine; expected one of reference, integer, .*, or <driver>:<board>$/],
    ['clocked+thread', /^device "clocked\+thread": is not an engine/],
    ['loom:3', /^device "loom:3": needs the driver "loom", which is not installed; expected one of simulated$/],
  ])('%s means nothing here', async (address, line) => {
    await expect(executorSourceOf(address, { drivers: [new SimulatedBoard()] })).rejects.toThrow(line);
  });
});

const channels = [{ name: 'level', unit: 'm' }];
const model = quantize(nextReadingModel({ channels, neurons: 20, rangeWarmUp: 10, monitor: { warmUp: 10 } }), {
  bits: 8,
});
const reading = (k: number) => ({ time: 1000 * k, values: Float64Array.of(Math.sin(k / 9)) });

/** A layer that a board which learns nothing runs, too. */
function layerOf(neurons: number): Model {
  const weight = Array.from({ length: neurons }, (_, k) => [Math.sin(k)]);
  const float = parseModel({
    nodes: {
      in: { type: 'Input', shape: [1] },
      fc: { type: 'Linear', weight },
      cells: { type: 'LIF', tau: 0.02, v_threshold: 1 },
      out: { type: 'Output' },
    },
    edges: chain('in', 'fc', 'cells', 'out'),
    semantics: { dt: 0.001 },
    encoder: { in: { type: 'bernoulli', range: [-1, 1] } },
    decoder: { out: { type: 'count' } },
  });
  return quantize(float, { bits: 8, calibration: { inputs: new Map([['in', 'spikes' as const]]) } });
}
const layer = (neurons: number) => writeModel(layerOf(neurons));

describe.each([
  ['simulated', () => new SimulatedBoard(1), 64],
  ['foreign', () => new ForeignBoard(1), 32],
])('a %s board that holds one net', (scheme, boardOf, room) => {
  const openSource = async (warn?: (line: string) => void, split = false) =>
    executorSourceOf(`${scheme}:0`, { drivers: [boardOf()], warn, split });
  const name = `${scheme} 0`;

  it('is said to, and takes the next one once the first is closed; others run here', async () => {
    const lines: string[] = [];
    const source = await openSource((line) => lines.push(line));
    expect(describeAbilities(boardOf().abilities)).toContain('; nets at a time: 1; ');
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((key) => source.open(layer(4), { name: key })));
    expect([a, b, c].map((net) => net!.name)).toEqual([name, 'auto (worker)', 'auto (worker)']);
    expect(lines).toEqual([`net "b": ${name} holds one net at a time, now "a"; further nets run on auto (worker)`]);
    await b!.close();
    expect((await source.open(layer(4), { name: 'd' })).name).toBe('auto (worker)');
    await a!.close();
    await a!.close().catch(() => {});
    const next = await Promise.all(['e', 'f'].map((key) => source.open(layer(4), { name: key })));
    expect(next.map((net) => net.name)).toEqual([name, 'auto (worker)']);
    expect(lines).toHaveLength(1);
    await source.close();
  });

  it('refuses a model that is beyond it also while it is full', async () => {
    const source = await openSource();
    await source.open(layer(4));
    const line = `model: has ${room + 1} neurons; it has room for ${room}; expected a model for ${name}`;
    await expect(source.open(layer(room + 1))).rejects.toMatchObject({ code: 'unsupported', message: line });
    await source.close();
  });

  it('gives its place free of a net that it could not open, and of one that is closed', async () => {
    const source = await openSource();
    await expect(source.open(layer(4).subarray(0, 100))).rejects.toMatchObject({ code: 'file' });
    const lost = await source.open(layer(4));
    const [board] = [lost.name, await lost.close()];
    expect([board, (await source.open(layer(4))).name]).toEqual([name, name]);
    await source.close();
  });

  it('shares one net with this machine, and leaves it the others whole', async () => {
    const lines: string[] = [];
    const source = await openSource((line) => lines.push(line), true);
    const nets = await Promise.all(['a', 'b'].map((key) => source.open(layer(4), { name: key })));
    expect(nets.map((net) => net.name)).toEqual([name, 'auto (worker)']);
    expect(lines).toEqual([`net "b": ${name} holds one net at a time, now "a"; further nets run on auto (worker)`]);
    await source.close();
  });

  it('has its nets one after another where a pool has no other place', async () => {
    const lines: string[] = [];
    const source = await boardOf().open('0');
    const pool = new NetPool(layer(4), source, { warn: (line) => lines.push(line), selfTest: false });
    expect(pool.mostOpen).toBe(1);
    for (const key of ['a', 'b', 'a']) await pool.use(key, (kept) => kept.feed(reading(1)));
    const line = `net "b": ${name} holds one net at a time, now "a"; one is closed for each further net`;
    expect(lines[0]).toBe(line);
    expect(pool.counters).toMatchObject({ open: 1, evicted: 2 });
    await expect(pool.replaceModel(layer(room + 1))).rejects.toThrow(`has ${room + 1} neurons`);
    expect((await pool.use('a', (kept) => kept.feed(reading(2)))).sequence).toBe(2);
    await pool.replaceModel(layer(5));
    expect((await pool.use('a', (kept) => kept.feed(reading(3)))).sequence).toBe(1);
    await pool.close();
    await source.close();
  });
});

describe('a board', () => {
  it('says what it has no room for', async () => {
    const source = await executorSourceOf('simulated:0', { drivers: [new SimulatedBoard()] });
    const large = nextReadingModel({ channels, neurons: 100, rangeWarmUp: 10, monitor: { warmUp: 10 } });
    const { fits, problems } = await placementOn(source, large);
    expect(fits).toBe(false);
    expect(problems).toEqual(['101 neurons; it has room for 64', 'weights of 32 bits; it takes 8']);
  });

  it('that is pulled out in mid-stream is not the end of its nets', async () => {
    const board = new SimulatedBoard();
    const warnings: string[] = [];
    const warn = (line: string) => warnings.push(line);
    const source = await executorSourceOf('simulated:0', { drivers: [board], warn });
    const pool = new NetPool(writeModel(model), source, { warn, saveEverySeconds: 0, selfTest: false });
    const feed = (k: number) => pool.use('a', async (kept) => ({ ...(await kept.feed(reading(k))), kept }));
    for (let k = 0; k < 60; k++) await feed(k);
    const learned = () => pool.use('a', async ({ session }) => readLearned(await session.executor.save()));
    const before = await learned();
    board.isAttached = false;
    await expect(feed(60)).rejects.toThrow('simulated 0: does not answer');
    expect(await learned()).toEqual(before);
    const { kept, sequence, result } = await feed(60);
    expect(sequence).toBe(61);
    expect(result).toBeDefined();
    expect(kept.session.executor.name).toBe('auto (worker)');
    for (let k = 61; k < 70; k++) expect((await feed(k)).sequence).toBe(k + 1);
    expect(warnings).toEqual([
      'simulated 0: does not answer; expected a board that is attached; nets continue on auto (worker)',
      expect.stringMatching(
        /^net: continues with what was learned, with fresh membranes and traces: state: belongs to engine "integer"; /,
      ),
      'net "a": simulated 0: does not answer; expected a board that is attached; continues from its last state, of 60 readings, on auto (worker)',
    ]);
    await pool.close();
    await source.close();
  });

  it('that was never there is a mistake to be told, and no reason to run elsewhere', async () => {
    const board = new SimulatedBoard();
    const source = await executorSourceOf('simulated:0', { drivers: [board] });
    board.isAttached = false;
    await expect(source.open(writeModel(model))).rejects.toThrow(
      'simulated 0: does not answer; expected a board that is attached',
    );
    await source.close();
  });

  it('that shares a net with this machine is not given up where this machine fails', async () => {
    let fails: 'board' | 'here' | undefined;
    const failure = (where: string) => new SpikewireError('unsupported', where, 'is gone');
    const inside = inProcess(engineNamed('reference'));
    const board = {
      ...inside,
      name: 'half a board',
      abilities: { weightBits: [32], kinds: ['Linear', 'LIF'], runs: 'windows' } as const,
      open: (...args: Parameters<typeof inside.open>) =>
        fails === 'board' ? Promise.reject(failure('half a board')) : inside.open(...args),
    };
    const driver = { scheme: 'half', summary: 'a board of tests', list: async () => [], open: async () => board };
    const openHere = InferenceWorker.prototype.open;
    vi.spyOn(InferenceWorker.prototype, 'open').mockImplementation(function (this: InferenceWorker, ...args) {
      return fails === 'here' ? Promise.reject(failure('worker')) : openHere.apply(this, args);
    });
    const warnings: string[] = [];
    const options = { drivers: [driver], split: true, warn: (line: string) => warnings.push(line) };
    const source = await executorSourceOf('half:0', options);
    const weight = [[1]];
    const net = parseModel({
      nodes: {
        in: { type: 'Input', shape: [1] },
        first: { type: 'Linear', weight },
        cells: { type: 'LIF', tau: 0.01, r: 6, v_threshold: 1 },
        second: { type: 'Linear', weight },
        more: { type: 'IF', r: 1, v_threshold: 1 },
        out: { type: 'Output', shape: [1] },
      },
      edges: ['in', 'first', 'cells', 'second', 'more'].map((name, k, names) => [name, names[k + 1] ?? 'out']),
      semantics: { dt: 0.001 },
    });
    const open = async () => {
      const executor = await source.open(writeModel(net));
      await executor.close();
      return executor.name;
    };
    try {
      expect(await open()).toBe('half a board and auto (worker)');
      fails = 'here';
      await expect(open()).rejects.toThrow('worker: is gone');
      fails = undefined;
      expect(await open()).toBe('half a board and auto (worker)');
      expect(warnings).toEqual([]);
      fails = 'board';
      expect(await open()).toBe('auto (worker)');
      expect(warnings).toEqual(['half a board: is gone; nets continue on auto (worker)']);
    } finally {
      vi.restoreAllMocks();
      await source.close();
    }
  });
});
