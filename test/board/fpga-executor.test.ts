import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import { type Model, parseModel, quantize, RandomGenerator, writeModel } from '@spikewire/models';
import fc from 'fast-check';
import { EventBuffer, type EventList, engineNamed, type RunningNetwork } from 'spikewire';
import { type Executor, type ExecutorSource, executorSourceOf, inProcess } from 'spikewire/executor';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { chain } from '../chain.ts';
import { describeExecutor } from '../conformance/executor-suite.ts';
import { roomFor, windowOf } from '../conformance/play.ts';
import { arbitraryIntegerNet } from '../fpga/arbitrary-integer-net.ts';
import { has, needs } from '../services.ts';
import { boardProgram, TOOLS } from './simulated-fpga.ts';

const integer = engineNamed('integer');
const driver = acceleratorDrivers.find(({ scheme }) => scheme === 'fpga')!;
/** Random nets, and inputs of the shape of digits. */
const RUNS = Number(process.env.SPIKEWIRE_FPGA_NETS ?? 30);
const DIGITS = Number(process.env.SPIKEWIRE_FPGA_DIGITS ?? 100);
/** `uart`: bit by bit of the serial line, slower. */
const LINE = process.env.SPIKEWIRE_FPGA_LINE === 'uart' ? 'uart' : 'bytes';
const hasTools = TOOLS.every(has);

if (!hasTools)
  it('runs nets on a simulated board', (context) => {
    for (const service of TOOLS) needs(context, service);
  });

/** What a board gives in a window, beside what the integer engine gives. */
async function both(executor: Executor, network: RunningNetwork, steps: number, input: EventList, fresh = false) {
  const populations = network.graph.nodes.filter(({ kind }) => kind.role === 'neuron').map(({ name }) => name);
  const [output, raster] = [roomFor(network, steps), roomFor(network, steps)];
  network.run(steps, EventBuffer.of(input), output, raster);
  const seen = await executor.run({ steps, input, membranes: populations, raster: true, fresh });
  const expected = {
    output: output.toList(),
    raster: raster.toList(),
    membranes: Object.fromEntries(populations.map((name) => [name, network.readState(name, 'v')])),
    step: network.step,
    counters: { ...network.counters },
  };
  const { output: shown, raster: spikes, membranes, step, counters } = seen;
  return { seen: { output: shown, raster: spikes, membranes, step, counters }, expected };
}

describe.runIf(hasTools)('a simulated FPGA board', async () => {
  vi.stubEnv('SPIKEWIRE_FPGA_SIMULATOR', boardProgram({ line: LINE }));
  const [listed] = await driver.list();
  let source: ExecutorSource;
  beforeAll(async () => {
    source = await driver.open('sim');
  });
  afterAll(async () => {
    await source.close();
    vi.unstubAllEnvs();
  });

  describeExecutor({
    name: listed!.address,
    engine: integer,
    abilities: listed!.abilities,
    // All of this file share one board.
    open: async () => ({ ...source, close: async () => {} }),
  });

  it(`gives every bit of the integer engine in ${RUNS} random nets, and hands them over in mid-stream`, async () => {
    let [spikes, saturated] = [0, 0];
    const property = fc.asyncProperty(arbitraryIntegerNet, async ({ model, steps, stimulus }) => {
      const there = integer.load(model);
      const executor = await source.open(writeModel(model));
      try {
        const windows = [0, 1, 2].map((k) => ({ from: k * steps, input: () => windowOf(there, stimulus, 0, steps) }));
        for (const { input } of windows) {
          const { seen, expected } = await both(executor, there, steps, input().toList());
          expect(seen).toEqual(expected);
          // From the board to the engine, and back.
          const back = integer.load(model);
          back.restore(await executor.save());
          expect(await executor.restore(there.save())).toBeUndefined();
          const onward = await both(executor, back, steps, input().toList());
          expect(onward.seen).toEqual(onward.expected);
          await executor.restore(there.save());
        }
      } finally {
        await executor.close();
      }
      spikes += there.counters.spikes;
      saturated += there.counters.saturatedHigh + there.counters.saturatedLow;
    });
    await fc.assert(property, { numRuns: RUNS });
    expect(spikes).toBeGreaterThan(100);
    expect(saturated).toBeGreaterThan(100);
  });

  it('runs a net whose inputs are longer than a frame', async () => {
    const [inputs, random] = [6000, new RandomGenerator(4, 'long')];
    const weight = Array.from({ length: 4 }, () => Array.from({ length: inputs }, () => random.nextNormal() + 0.1));
    const float = parseModel({
      nodes: {
        in: { type: 'Input', shape: [inputs] },
        fc: { type: 'Linear', weight },
        cells: { type: 'LIF', tau: 0.01, r: 1, v_threshold: 20, v_leak: 0 },
        out: { type: 'Output', shape: [4] },
      },
      edges: chain('in', 'fc', 'cells', 'out'),
      semantics: { dt: 0.001 },
    });
    const model = quantize(float, { bits: 8, calibration: { inputs: new Map([['in', 'spikes' as const]]) } });
    const network = integer.load(model);
    const executor = await source.open(writeModel(model));
    const input = new EventBuffer(20 * inputs);
    for (let step = 0; step < 20; step++) {
      // Some steps have few events, which fit into a frame.
      const share = step % 3 === 0 ? 0.001 : 0.4;
      for (let k = 0; k < inputs; k++) if (random.nextUniform() < share) input.push(step, 0, k, 1);
    }
    const { seen, expected } = await both(executor, network, 20, input.toList());
    expect(seen).toEqual(expected);
    expect(network.counters.spikes).toBeGreaterThan(10);
    await executor.close();
  });

  it('runs a net of 784, 64 and 10 with every spike and every membrane of the integer engine', async () => {
    const model = digitsNet();
    const network = integer.load(model);
    const executor = await source.open(writeModel(model));
    const random = new RandomGenerator(5, 'pixels');
    const started = performance.now();
    for (let digit = 0; digit < DIGITS; digit++) {
      const input = new EventBuffer(16 * 784);
      for (let step = 0; step < 16; step++) {
        for (let pixel = 0; pixel < 784; pixel++) if (random.nextUniform() < 0.1) input.push(step, 0, pixel, 1);
      }
      network.resetActivity();
      const { seen, expected } = await both(executor, network, 16, input.toList(), true);
      expect(seen).toEqual(expected);
    }
    const milliseconds = Math.round(performance.now() - started);
    console.log(`${DIGITS} inputs of 16 steps in ${milliseconds} ms, ${network.counters.spikes} spikes`);
    expect(network.counters.spikes).toBeGreaterThan(DIGITS * 100);
    await executor.close();
  });
});

describe.runIf(hasTools)('an FPGA board that is gone', () => {
  it('ends its window with one line, and its nets continue in whole numbers to the bit', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'spikewire-gone-'));
    context.onTestFinished(() => rm(folder, { recursive: true }));
    // Says which process it is.
    const program = join(folder, 'board');
    const script = `#!/bin/sh\necho $$ > ${folder}/pid\nexec ${boardProgram({ line: LINE })}\n`;
    await writeFile(program, script, { mode: 0o755 });
    vi.stubEnv('SPIKEWIRE_FPGA_SIMULATOR', program);
    context.onTestFinished(() => void vi.unstubAllEnvs());
    const board = await driver.open('sim');
    context.onTestFinished(() => board.close());
    const model = digitsNet();
    const bytes = writeModel(model);
    const [executor, network] = [await board.open(bytes), integer.load(model)];
    const window = (seed: number) => {
      const random = new RandomGenerator(seed, 'pixels');
      const input = new EventBuffer(784);
      for (let pixel = 0; pixel < 784; pixel++) if (random.nextUniform() < 0.3) input.push(0, 0, pixel, 1);
      return input.toList();
    };
    const first = await both(executor, network, 5, window(1));
    expect(first.seen).toEqual(first.expected);
    const state = await executor.save();
    expect(board.isGone).toBe(false);

    process.kill(Number(await readFile(join(folder, 'pid'), 'utf8')), 'SIGKILL');
    const lost = executor.run({ steps: 5, input: window(2) });
    await expect(lost).rejects.toThrow(/^\/dev\/pts\/\d+: is gone; expected a board that is attached$/);
    expect(board.isGone).toBe(true);
    await executor.close();

    const onward = await inProcess(integer, {}).open(bytes);
    expect(await onward.restore(state)).toBeUndefined();
    const second = await both(onward, network, 5, window(2));
    expect(second.seen).toEqual(second.expected);
    await onward.close();
  });
});

describe.runIf(hasTools)('several nets on an FPGA board', () => {
  it('run between each other as each alone, and where one finds no room it says by how much', async (context) => {
    vi.stubEnv('SPIKEWIRE_FPGA_SIMULATOR', boardProgram({ line: LINE }));
    context.onTestFinished(() => void vi.unstubAllEnvs());
    const board = await driver.open('sim');
    context.onTestFinished(() => board.close());
    const source = await executorSourceOf('several:0', {
      drivers: [{ scheme: 'several', summary: 'the same board', list: async () => [], open: async () => board }],
      warn: (line) => lines.push(line),
    });
    const lines: string[] = [];
    const model = digitsNet();
    const nets = await Promise.all(['a', 'b'].map((name) => source.open(writeModel(model), { name })));
    const small = await source.open(writeModel(smallNet()), { name: 'small' });
    expect([...nets, small].map(({ name }) => name)).toEqual(['fpga sim', 'fpga sim', 'fpga sim']);

    const random = new RandomGenerator(9, 'pixels');
    const alone = [model, model, smallNet()].map((one) => integer.load(one));
    for (let round = 0; round < 5; round++) {
      const windows = alone.map((network) => {
        const input = new EventBuffer(16 * 784);
        const size = network.graph.nodes[0]!.shape[0]!;
        for (let step = 0; step < 16; step++) {
          for (let k = 0; k < size; k++) if (random.nextUniform() < 0.1) input.push(step, 0, k, 1);
        }
        return input.toList();
      });
      const all = [...nets, small].map((executor, k) => both(executor, alone[k]!, 16, windows[k]!));
      for (const { seen, expected } of await Promise.all(all)) expect(seen).toEqual(expected);
    }
    expect(Math.min(...alone.map(({ counters }) => counters.spikes))).toBeGreaterThan(30);

    const large = () => board.open(writeModel(digitsNet(100)));
    await expect(large()).rejects.toMatchObject({
      code: 'budget',
      message: expect.stringMatching(
        /^fpga sim: has no room for one more net: it needs \d+ words of memory, \d+ more than are free in one piece$/,
      ),
    });
    expect((await source.open(writeModel(digitsNet(100)), { name: 'c' })).name).toBe('auto (worker)');
    expect(lines).toEqual([
      expect.stringMatching(/^net "c": fpga sim: has no room .*; it holds "a", "b", "small"; further nets run on auto/),
    ]);
    // One that is closed leaves its words.
    await nets[0]!.close();
    const next = await source.open(writeModel(model), { name: 'd' });
    expect(next.name).toBe('fpga sim');
    const fresh = await both(next, integer.load(model), 1, new EventBuffer(1).toList());
    expect(fresh.seen).toEqual(fresh.expected);
    await source.close();
  });
});

/** 784 inputs, 64 leaky neurons or another number and 10 leaky read-outs that spike, with random weights of 8 bits. */
function digitsNet(hidden = 64): Model {
  const random = new RandomGenerator(3, 'digits');
  const matrix = (rows: number, columns: number, size: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => size * (random.nextNormal() + 0.3)));
  const float = parseModel({
    nodes: {
      in: { type: 'Input', shape: [784] },
      fc1: { type: 'Linear', weight: matrix(hidden, 784, 0.1) },
      hidden: { type: 'LIF', tau: 0.01, r: 1, v_threshold: 0.2, v_leak: 0 },
      fc2: { type: 'Linear', weight: matrix(10, hidden, 0.3) },
      digit: { type: 'LIF', tau: 0.01, r: 1, v_threshold: 0.2, v_leak: 0 },
      out: { type: 'Output', shape: [10] },
    },
    edges: chain('in', 'fc1', 'hidden', 'fc2', 'digit', 'out'),
    semantics: { dt: 0.001 },
  });
  return quantize(float, { bits: 8, calibration: { inputs: new Map([['in', 'spikes' as const]]) } });
}

/** Four inputs and three neurons. */
function smallNet(): Model {
  const float = parseModel({
    nodes: {
      in: { type: 'Input', shape: [4] },
      fc: { type: 'Linear', weight: [1, 2, 3].map((k) => [0.5, 0.1 * k, -0.2, 0.9]) },
      cells: { type: 'LIF', tau: 0.01, r: 10, v_threshold: 0.2, v_leak: 0.3 },
      out: { type: 'Output', shape: [3] },
    },
    edges: chain('in', 'fc', 'cells', 'out'),
    semantics: { dt: 0.001 },
  });
  return quantize(float, { bits: 8, calibration: { inputs: new Map([['in', 'spikes' as const]]) } });
}
