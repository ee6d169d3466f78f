import { engineNamed } from '@spikewire/engine';
import { type Executor, type ExecutorSource, inProcess, type WindowRequest } from '@spikewire/engine/executor';
import { EventBuffer } from '@spikewire/engine/network';
import { nextReadingModel, quantize, RandomGenerator, writeModel } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';
import { expect, it, vi } from 'vitest';
import { type ReturningOptions, returningBoard } from './returning-board.ts';

const channels = [{ name: 'level', unit: 'm' }];
const model = quantize(nextReadingModel({ channels, neurons: 20, rangeWarmUp: 10, monitor: { warmUp: 10 } }), {
  bits: 8,
});
const bytes = writeModel(model);
const integer = engineNamed('integer');
const inputNode = integer.load(model).graph.nodes.findIndex(({ kind }) => kind.role === 'input');
const [connection] = model.learning.keys();

/** A board that computes as `integer` does, until it is unplugged. */
class Board {
  isPlugged = true;
  opened = 0;
  saves = 0;

  open(): ExecutorSource {
    if (!this.isPlugged) throw this.#gone();
    const inside = inProcess(integer);
    const state = { isGone: false };
    const check = () => {
      state.isGone ||= !this.isPlugged;
      if (state.isGone) throw this.#gone();
    };
    this.opened++;
    return {
      ...inside,
      name: 'board',
      abilities: { ...inside.abilities, weightBits: [8], twin: 'integer' },
      get isGone() {
        return state.isGone;
      },
      open: async (...args) => {
        check();
        const executor = await inside.open(...args);
        return this.#checked(executor, check);
      },
    };
  }

  #checked(executor: Executor, check: () => void): Executor {
    return {
      name: 'board',
      bytes: executor.bytes,
      choice: { engine: 'board', because: null },
      run: async (request) => {
        check();
        // A board that is unplugged in mid-window has done a part of it.
        const result = await executor.run(request);
        check();
        return result;
      },
      setLearning: async (on) => {
        check();
        return executor.setLearning(on);
      },
      resetLearning: async () => {
        check();
        return executor.resetLearning();
      },
      save: async () => {
        check();
        this.saves++;
        return executor.save();
      },
      restore: async (state) => {
        check();
        return executor.restore(state);
      },
      close: () => executor.close(),
    };
  }

  #gone() {
    return new SpikewireError('unsupported', 'board', 'is gone', 'a board that is attached');
  }
}

/** A window with a lesson, as a net gets them that learns. */
function windowOf(k: number): WindowRequest {
  const random = new RandomGenerator(k, 'window');
  const input = new EventBuffer(10);
  for (let step = 0; step < 10; step++) input.push(step, inputNode, 0, random.nextUniform());
  const teach = k === 0 ? [] : [{ connection: connection!, signal: Float64Array.of(random.nextNormal()) }];
  return { steps: 10, input: input.toList(), teach, hold: k % 11 === 5, fresh: k % 13 === 7 };
}

async function prepare(options: Partial<ReturningOptions> = {}) {
  const [board, lines] = [new Board(), [] as string[]];
  const source = returningBoard(board.open(), {
    openBoard: async () => board.open(),
    here: async () => inProcess(integer),
    warn: (line) => lines.push(line),
    wait: { first: 5, longest: 20 },
    ...options,
  });
  const stayed = await inProcess(integer).open(bytes);
  const net = await source.open(bytes, { name: 'a' });
  /** Both run the same; what they give is the same. */
  const both = async (call: (executor: Executor) => Promise<unknown>) => {
    const plain = (given: unknown) => ({ ...(given as object), chosen: undefined });
    expect(plain(await call(net))).toEqual(plain(await call(stayed)));
  };
  const run = (k: number) => both((executor) => executor.run(windowOf(k)));
  const back = () => vi.waitFor(() => expect(net.name).toBe('board'), { interval: 5 });
  const expectSame = async () => expect(await net.save()).toEqual(await stayed.save());
  return { board, lines, source, net, both, run, back, expectSame };
}

it('continues to the bit here and back on the board, with lessons and all else that a net is asked', async () => {
  const { board, lines, source, net, both, run, back, expectSame } = await prepare();
  for (let k = 0; k < 20; k++) await run(k);
  await net.save();
  for (let k = 20; k < 40; k++) {
    await run(k);
    if (k === 25) await both((executor) => executor.setLearning(false));
    if (k === 30) await both((executor) => executor.setLearning(true));
    if (k === 33) await both((executor) => executor.resetLearning());
  }
  board.isPlugged = false;
  for (let k = 40; k < 60; k++) await run(k);
  expect(net).toMatchObject({ name: 'integer', choice: { engine: 'integer' } });
  await expectSame();
  board.isPlugged = true;
  await back();
  const { chosen } = await net.run({ steps: 0, input: new EventBuffer(1).toList() });
  expect(chosen?.choice).toEqual({ engine: 'board', because: null });
  for (let k = 60; k < 80; k++) await run(k);
  await expectSame();
  expect(lines).toEqual([
    'board: is gone; expected a board that is attached; nets continue on integer',
    'board: is available again; 1 net continues on it',
  ]);
  await source.close();
});

it('continues after a learned state was restored, and with learning off', async () => {
  const { board, source, both, run, expectSame } = await prepare();
  const state = await (async () => {
    const other = await inProcess(integer).open(bytes);
    for (let k = 0; k < 7; k++) await other.run(windowOf(k));
    return other.save();
  })();
  await run(0);
  await both((executor) => executor.setLearning(false));
  await both((executor) => executor.restore(state));
  for (let k = 1; k < 5; k++) await run(k);
  board.isPlugged = false;
  for (let k = 5; k < 10; k++) await run(k);
  await expectSame();
  await source.close();
});

it('takes snapshots by itself, so that what it keeps is bounded and nothing is lost', async () => {
  const { board, lines, source, net, run, expectSame } = await prepare({ replay: 2000 });
  const before = net.bytes;
  for (let k = 0; k < 100; k++) {
    await run(k);
    expect(net.bytes - before).toBeLessThan(2000 + (await lengthOfState()));
  }
  expect(board.saves).toBeGreaterThan(10);
  expect(board.saves).toBeLessThan(60);
  board.isPlugged = false;
  await run(100);
  await expectSame();
  expect(lines).toHaveLength(1);
  await source.close();
});

async function lengthOfState(): Promise<number> {
  const executor = await inProcess(integer).open(bytes);
  await executor.run(windowOf(0));
  return (await executor.save()).length + 100;
}

it('says how many windows are lost that were larger than what it keeps', async () => {
  const { board, lines, source, net, run } = await prepare({ replay: 10 });
  for (let k = 0; k < 5; k++) await run(k);
  board.isPlugged = false;
  expect((await net.run(windowOf(5))).step).toBe(50);
  expect(lines).toEqual([
    'board: is gone; expected a board that is attached; nets continue on integer',
    'net "a": a window is lost; a replay keeps at most 10 bytes',
  ]);
  await source.close();
});

it('brings all nets back, also those that had nothing to do meanwhile, and opens new ones here', async () => {
  const { board, lines, source, net, run, back } = await prepare();
  const idle = await source.open(bytes, { name: 'idle' });
  await idle.run(windowOf(0));
  await run(0);
  board.isPlugged = false;
  await run(1);
  const late = await source.open(bytes, { name: 'late' });
  expect([net.name, idle.name, late.name]).toEqual(['integer', 'board', 'integer']);
  await late.close();
  board.isPlugged = true;
  await back();
  await vi.waitFor(() => expect(lines.at(-1)).toBe('board: is available again; 2 nets continue on it'));
  const alone = await inProcess(integer).open(bytes);
  for (const k of [0, 1]) await alone.run(windowOf(k));
  await idle.run(windowOf(1));
  expect(await idle.save()).toEqual(await alone.save());
  await source.close();
});

it('refuses what the board refuses, and does not take a bad request for a loss', async () => {
  const { board, lines, source, net, run } = await prepare();
  await run(0);
  const bad = { ...windowOf(0), input: { ...windowOf(0).input, node: new Int32Array(10).fill(77) } };
  await expect(net.run(bad)).rejects.toMatchObject({ code: 'input' });
  await run(1);
  expect(net.name).toBe('board');
  const float = writeModel(nextReadingModel({ channels, neurons: 20 }));
  board.isPlugged = false;
  await run(2);
  await expect(source.open(float)).rejects.toThrow('model: has weights of 32 bits; it takes 8');
  expect(lines).toHaveLength(1);
  await source.close();
  await expect(net.close()).resolves.toBeUndefined();
});

it('looks for a lost board ever more rarely, and no more once it is closed', async () => {
  const tries: number[] = [];
  const { board, source, run } = await prepare({
    wait: { first: 10, longest: 80 },
    openBoard: async () => {
      tries.push(performance.now());
      return board.open();
    },
  });
  await run(0);
  board.isPlugged = false;
  await run(1);
  await vi.waitFor(() => expect(tries.length).toBe(5), { interval: 5 });
  const waits = tries.slice(1).map((time, k) => time - tries[k]!);
  for (const [k, least] of [20, 40, 80, 80].entries()) expect(waits[k]).toBeGreaterThan(least - 2);
  board.isPlugged = true;
  await source.close();
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(tries).toHaveLength(5);
});

it('says once why a board that is plugged in again cannot be opened', async () => {
  let problem: string | undefined = 'is in use by process 7';
  const { board, lines, source, run, back } = await prepare({
    openBoard: async () => {
      if (problem !== undefined) throw new SpikewireError('unsupported', 'board', problem);
      return board.open();
    },
  });
  await run(0);
  board.isPlugged = false;
  await run(1);
  await vi.waitFor(() => expect(lines).toHaveLength(2));
  await new Promise((resolve) => setTimeout(resolve, 60));
  board.isPlugged = true;
  problem = undefined;
  await back();
  expect(lines.slice(1, 2)).toEqual(['board: is in use by process 7; the search for it continues']);
  expect(lines).toHaveLength(3);
  await source.close();
});

it('brings a net to the board that was opened on this machine while the board came back', async () => {
  let isSlow = false;
  const { board, source, run, back } = await prepare({
    here: async () => ({
      ...inProcess(integer),
      open: async (...args) => {
        const executor = await inProcess(integer).open(...args);
        if (isSlow) await back();
        return executor;
      },
    }),
  });
  await run(0);
  board.isPlugged = false;
  await run(1);
  isSlow = true;
  const late = source.open(bytes, { name: 'late' });
  board.isPlugged = true;
  await vi.waitFor(async () => expect((await late).name).toBe('board'), { interval: 5 });
  await source.close();
});

it('that never ran a net is a mistake to be told', async () => {
  const board = new Board();
  const source = returningBoard(board.open(), {
    openBoard: async () => board.open(),
    here: async () => inProcess(integer),
  });
  board.isPlugged = false;
  await expect(source.open(bytes)).rejects.toThrow('board: is gone; expected a board that is attached');
  await source.close();
});
