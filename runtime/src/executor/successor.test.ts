import { referenceEngine } from '@spikewire/engine';
import type { Executor, ExecutorSource } from '@spikewire/engine/executor';
import { inProcess, refuseMisfits, splitOver } from '@spikewire/engine/executor';
import { type Model, parseModel, readAnyModel, writeModel } from '@spikewire/models';
import { SpikewireError } from '@spikewire/models/error';
import { expect, it } from 'vitest';
import { chain } from '../../../test/chain.ts';
import { knowingFailures, withSuccessor } from './successor.ts';

const model = new Uint8Array(0);

/** A source that opens nets until it is told that it is gone, and counts how often it is closed. */
function mortal(name: string) {
  const state = { isGone: false, closed: 0 };
  const source: ExecutorSource = {
    ...inProcess(referenceEngine),
    name,
    async open() {
      if (state.isGone) throw new SpikewireError('unsupported', name, 'is gone');
      return { name } as Executor;
    },
    async close() {
      state.closed++;
    },
  };
  return { state, source };
}

it('a successor that cannot be had is asked for again, and what is open can be closed', async () => {
  const [board, here] = [mortal('board'), mortal('here')];
  const lines: string[] = [];
  let fails = true;
  const successor = async () => {
    if (fails) throw new SpikewireError('unsupported', 'successor', 'has no memory');
    return here.source;
  };
  const source = withSuccessor(board.source, successor, (line) => lines.push(line));
  await source.open(model);
  board.state.isGone = true;
  for (let k = 0; k < 2; k++) await expect(source.open(model)).rejects.toThrow('successor: has no memory');
  fails = false;
  expect((await Promise.all([source.open(model), source.open(model)])).map(({ name }) => name)).toEqual([
    'here',
    'here',
  ]);
  expect(lines).toEqual(['board: is gone; nets continue on here']);
  await source.close();
  expect([board.state.closed, here.state.closed]).toEqual([1, 1]);
});

it('rests, lies and can run as whoever opens its nets', async () => {
  const [board, here] = ['board', 'here'].map((name) => {
    const { state, source } = mortal(name);
    const rests = { now: false };
    const placed: ExecutorSource = {
      ...source,
      abilities: { neurons: name.length, weightBits: [32], runs: 'windows' },
      get rests() {
        return rests.now;
      },
      placement: async () => ({ executor: name, fits: true, nodes: [], problems: [] }),
    };
    return { state, rests, source: placed };
  });
  for (const seen of [knowingFailures(board!.source).source, splitOver(board!.source, here!.source)]) {
    board!.rests.now = true;
    expect(seen.rests).toBe(true);
    board!.rests.now = false;
    expect(seen.rests).toBe(false);
  }
  const source = withSuccessor(board!.source, async () => here!.source);
  const seen = async () => [source.rests, (await source.placement!({} as Model)).executor, source.abilities.neurons];
  await source.open(model);
  board!.rests.now = true;
  expect(await seen()).toEqual([true, 'board', 5]);
  board!.state.isGone = true;
  await source.open(model);
  expect(await seen()).toEqual([false, 'here', 4]);
  here!.rests.now = true;
  expect(await seen()).toEqual([true, 'here', 4]);
});

it('closes also while its successor fails', async () => {
  const board = mortal('board');
  let fail: (problem: Error) => void = () => {};
  const source = withSuccessor(board.source, () => new Promise((_, reject) => (fail = reject)));
  await source.open(model);
  board.state.isGone = true;
  const opening = source.open(model);
  const refused = expect(opening).rejects.toThrow('no memory');
  await new Promise(setImmediate);
  const closing = source.close();
  fail(new Error('no memory'));
  await refused;
  await closing;
  expect(board.state.closed).toBe(1);
});

it('refuses a model that is beyond the source, and leaves its nets there', async () => {
  const { source: endless } = mortal('board');
  const abilities = { neurons: 2, weightBits: [32], runs: 'windows' } as const;
  const board = withSuccessor(
    {
      ...endless,
      abilities,
      open: async (bytes, options) => {
        await refuseMisfits({ name: 'board', abilities }, readAnyModel(bytes));
        return inProcess(referenceEngine).open(bytes, options);
      },
    },
    () => Promise.reject(new Error('no successor')),
  );
  const cells = (size: number) =>
    writeModel(
      parseModel({
        nodes: {
          in: { type: 'Input', shape: [size] },
          cells: { type: 'IF', r: 1, v_threshold: 1 },
          out: { type: 'Output' },
        },
        edges: chain('in', 'cells', 'out'),
      }),
    );
  await board.open(cells(2));
  await expect(board.open(cells(3))).rejects.toThrow('model: has 3 neurons; it has room for 2');
  await board.open(cells(1));
});
