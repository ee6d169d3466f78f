import type { Executor } from '@spikewire/engine/executor';
import { SpikewireError } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bringing, Installation } from '../extensions/installation.test-data.ts';
import { acceleratorDrivers, attachedBoards } from './find-accelerators.ts';

let made: Installation;
beforeEach(() => {
  made = new Installation();
});
afterEach(() => made.remove());

const abilities = "abilities: { weightBits: [32], runs: 'windows' }";
const executor = `class {
  #bytes = 1; name = 'odd'; choice = {};
  get bytes() { return this.#bytes++; }
  async run() { throw new TypeError('no cable\\nmore'); }
  async setLearning() {} async resetLearning() {} async save() { return [1]; } restore() { throw 7; } async close() {}
}`;
const source = (open: string) => `({ name: 'odd', ${abilities}, open: ${open}, close: async () => {} })`;

async function driver(open: string, list = 'async () => []') {
  const text = `[{ scheme: 'odd', summary: 'made up', list: ${list}, open: async () => ${open} }]`;
  made.install(made.project, { odd: bringing('drivers', 'acceleratorDrivers', text) });
  return (await acceleratorDrivers({ places: made.places })).entries[0]!;
}
const line = (problem: string) => ({ code: 'unsupported', message: `odd: driver of boards "odd": ${problem}` });

describe('a board of somebody else', () => {
  it.each([
    ['undefined', 'what open gave is missing; expected an object with name, abilities, open, close'],
    [`({ name: 'odd', ${abilities}, close() {} })`, 'open of what open gave is missing; expected a function'],
    [
      "({ name: 'odd', abilities: {}, open() {}, close() {} })",
      'weightBits of abilities of what open gave is missing; expected an array',
    ],
  ])('is refused where it is %s', async (open, problem) => {
    await expect((await driver(open)).open('0')).rejects.toMatchObject(line(problem));
  });

  it('rejects with its name where it opens no net', async () => {
    const board = await (await driver(source('async () => null'))).open('0');
    await expect(board.open(new Uint8Array())).rejects.toMatchObject(
      line(
        'the net that was opened is null; expected an object with name, choice, run, setLearning, resetLearning, save, restore, close',
      ),
    );
  });

  it('has nets that reject with its name, whatever they throw and give', async () => {
    const board = await (await driver(source(`async () => new (${executor})()`))).open('0');
    const net: Executor = await board.open(new Uint8Array());
    expect([net.bytes, net.bytes, net.name, board.rests]).toEqual([1, 2, 'odd', undefined]);
    const running = net.run({} as never);
    await expect(running).rejects.toBeInstanceOf(SpikewireError);
    await expect(running).rejects.toMatchObject(line('run failed (no cable)'));
    await expect(net.save()).rejects.toMatchObject(line('what save gave is a list; expected a Uint8Array'));
    await expect(net.restore(new Uint8Array())).rejects.toMatchObject(line('restore failed (7)'));
    await net.close();
    await board.close();
  });

  it('is a problem where it is listed wrongly', async () => {
    await driver('null', "async () => [{ address: 'odd:0', name: 'odd' }]");
    const { found, problems } = await attachedBoards(made.places);
    expect(found).toEqual([]);
    expect(problems).toMatchObject([line('abilities of what list gave at 0 is missing; expected an object')]);
  });

  it.each([0, 1.5, '2'])('is a problem where it says that it holds %j nets', async (nets) => {
    const said = `{ weightBits: [32], runs: 'windows', nets: ${JSON.stringify(nets)} }`;
    await driver('null', `async () => [{ address: 'odd:0', name: 'odd', abilities: ${said} }]`);
    const { problems } = await attachedBoards(made.places);
    const message = expect.stringMatching(/nets of abilities of .* is .*; expected a whole number from 1, or nothing$/);
    expect(problems).toMatchObject([{ message }]);
  });
});
