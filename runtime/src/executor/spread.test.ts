import { referenceEngine } from '@spikewire/engine';
import type { Executor, ExecutorSource } from '@spikewire/engine/executor';
import { inProcess } from '@spikewire/engine/executor';
import { describe, expect, it } from 'vitest';
import { spreadOver } from './spread.ts';

/** A source that writes down what it opens, and refuses where it is told to. */
function noting(name: string, opened: string[], refuses: () => boolean = () => false): ExecutorSource {
  return {
    ...inProcess(referenceEngine),
    name,
    async open() {
      if (refuses()) throw new Error('refused');
      opened.push(name);
      return { name, close: async () => {} } as Executor;
    },
  };
}

const model = new Uint8Array(0);

describe('nets over several sources', () => {
  it('open where the fewest are open', async () => {
    const opened: string[] = [];
    const source = spreadOver(['a', 'b', 'c'].map((name) => noting(name, opened)));
    const nets: Executor[] = [];
    for (let k = 0; k < 6; k++) nets.push(await source.open(model));
    expect(opened).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    for (const index of [1, 4, 4]) await nets[index]!.close();
    expect((await Promise.all([1, 2, 3].map(() => source.open(model)))).map(({ name }) => name)).toEqual([
      'b',
      'b',
      'a',
    ]);
  });

  it('do not count those that could not be opened', async () => {
    const opened: string[] = [];
    let isBroken = true;
    const source = spreadOver([noting('a', opened, () => isBroken), noting('b', opened)]);
    for (let k = 0; k < 3; k++) await expect(source.open(model)).rejects.toThrow('refused');
    isBroken = false;
    await Promise.all([source.open(model), source.open(model)]);
    expect(opened).toEqual(['a', 'b']);
  });

  it('open elsewhere while a source rests, and there where all do', async () => {
    const opened: string[] = [];
    const rests = { a: true, b: false };
    const resting = (name: 'a' | 'b'): ExecutorSource => ({
      ...noting(name, opened),
      get rests() {
        return rests[name];
      },
    });
    const source = spreadOver([resting('a'), resting('b')]);
    for (let k = 0; k < 3; k++) await source.open(model);
    rests.b = true;
    await source.open(model);
    rests.a = false;
    await source.open(model);
    expect(opened).toEqual(['b', 'b', 'b', 'a', 'a']);
    expect(source.rests).toBe(false);
    rests.a = true;
    expect(source.rests).toBe(true);
  });
});
