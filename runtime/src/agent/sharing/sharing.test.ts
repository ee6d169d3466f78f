import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomGenerator } from '@spikewire/models';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, TestController } from '../fleet/controller.test-data.ts';
import { Identity } from '../fleet/identity.ts';
import { ControllerLink } from '../fleet/link.ts';
import { sha256Of } from '../update/bases.ts';
import { readPart } from './part.ts';
import { type SharableMachine, Sharing, type SharingOptions } from './sharing.ts';
import { installed, taughtBase, teach, UNTAUGHT } from './taught-base.test-data.ts';

const BASE = await taughtBase();
const ROUND = 'a'.repeat(16);

let folder: string;
let controller: TestController;
let identity: Identity;
let pump: SharableMachine;
let lines: string[];
/** What the controller wants. */
let wanted: object[];
beforeEach(async () => {
  [lines, wanted] = [[], [want()]];
  folder = await mkdtemp(join(tmpdir(), 'spikewire-sharing-'));
  controller = await TestController.open();
  controller.manners = ({ path }, response) => {
    if (path === '/v1/wanted') return answer(response, 200, { parts: wanted, every: 600 });
    if (path === '/v1/part') return response.writeHead(204).end();
    return 'as usual';
  };
  identity = (await Identity.open(join(folder, '.fleet'), { controller: controller.address, token: 'one-time' }))!;
  await new ControllerLink(identity).join('one-time', AbortSignal.timeout(10_000));
  await identity.joined();
  pump = await installed(folder, BASE);
});
afterEach(async () => {
  await controller.close();
  await rm(folder, { recursive: true, force: true });
});

function want(change: object = {}) {
  return { round: ROUND, model: 'pump', channel: 'stable', sha256: sha256Of(BASE), fewest: 8, ...change };
}

/** Runs for so many turns; before the second and later ones, `between` may do something. */
async function run(turns: number, between: (turn: number) => unknown = () => {}, change: Partial<SharingOptions> = {}) {
  const [ending, waited] = [new AbortController(), [] as number[]];
  const sharing = new Sharing({
    ...{ folder: join(folder, '.fleet'), identity, names: ['pump'], machines: () => [pump] },
    random: new RandomGenerator(1, 'sharing'),
    ...{ say: (line) => lines.push(line), warn: (line) => lines.push(`warning: ${line}`) },
    pause: async (milliseconds) => {
      waited.push(milliseconds / 1000);
      if (waited.length > turns) ending.abort();
      else if (waited.length > 1) await between(waited.length);
    },
    ...change,
  });
  await sharing.run(ending.signal);
  return { waited, parts: sharing.parts };
}

const sent = () => controller.requests.filter(({ path }) => path === '/v1/part');
const asked = () => controller.requests.filter(({ path }) => path === '/v1/wanted');

describe('a device that shares', () => {
  it('gives a round the sums of its lessons, and keeps in its status what has left', async () => {
    await teach(pump, BASE, [0, 30]);
    const { parts, waited } = await run(1);
    expect(asked()[0]!.body).toEqual({ bases: [{ model: 'pump', channel: 'stable', sha256: sha256Of(BASE) }] });
    const { round, base, sums } = readPart(sent()[0]!.bytes);
    expect([round, base, sums.samples, sums.inputs, sums.classes]).toEqual([ROUND, sha256Of(BASE), 30, 25, 3]);
    expect([...sums.targets.subarray(0, 3)]).toEqual([10, 10, 10]);
    expect(sums.products[0]).toBe(30);
    const bytes = sent()[0]!.bytes.length;
    expect(parts).toEqual([
      {
        ...{ round: ROUND, machines: ['pump'], lessons: { off: 10, on: 10, idle: 10 }, bytes },
        ...{ time: expect.any(String), acknowledged: true },
      },
    ]);
    expect(lines).toEqual([`controller: round ${ROUND} got the sums of 30 lessons (10 off, 10 on, 10 idle) of pump`]);
    expect(waited[1]! / 600).toBeCloseTo(1, 0);
  });

  it('sends nothing and asks nothing unless its owner has said so', async () => {
    await teach(pump, BASE, [0, 30]);
    await run(2, () => {}, { names: [] });
    await run(2, () => {}, { names: ['mixer'] });
    await run(2, () => {}, { machines: () => [{ ...pump, share: false }] });
    expect(asked()).toEqual([]);
    await run(1, () => {}, { names: [], machines: () => [{ ...pump, share: true }] });
    expect(sent()).toHaveLength(1);
  });

  it('stops at once when it no longer may', async () => {
    await teach(pump, BASE, [0, 30]);
    let share = true;
    wanted = [];
    const stop = () => {
      [share, wanted] = [false, [want()]];
    };
    await run(3, stop, { names: [], machines: () => [{ ...pump, share }] });
    expect([asked().length, sent().length]).toEqual([1, 0]);
  });

  it.each([1, 2, 7])('never sends a part of %i lessons, whatever the controller asks for', async (lessons) => {
    wanted = [want({ fewest: 1 })];
    await teach(pump, BASE, [0, lessons], { label: () => 'on' });
    const { parts } = await run(2);
    expect([sent(), parts]).toEqual([[], []]);
    expect(lines).toEqual([expect.stringContaining('gets nothing yet of pump: ')]);
  });

  it('sends no fewer lessons than the round wants', async () => {
    wanted = [want({ fewest: 31 })];
    await teach(pump, BASE, [0, 30]);
    await run(1);
    expect(sent()).toEqual([]);
  });

  it('leaves out lessons of a class with fewer than four, and of classes that the base does not have', async () => {
    const label = (k: number) => (k < 3 ? 'off' : k < 13 ? 'on' : 'new here');
    await teach(pump, BASE, [0, 30], { label });
    const { parts } = await run(1);
    expect(parts[0]!.lessons).toEqual({ on: 10 });
    expect(readPart(sent()[0]!.bytes).sums.samples).toBe(10);
  });

  it('sends the same lessons to the next round, or with enough new ones that none can be told', async () => {
    await teach(pump, BASE, [0, 30]);
    await run(1);
    const next = (digit: string) => [want({ round: digit.repeat(16) })];
    wanted = next('b');
    await run(1);
    await teach(pump, BASE, [30, 1]);
    wanted = next('c');
    await run(1);
    expect(sent()).toHaveLength(2);
    expect(lines.at(-1)).toContain('1 lessons since the last part');
    await teach(pump, BASE, [31, 11]);
    await run(1);
    expect(sent().map(({ bytes }) => readPart(bytes).sums.samples)).toEqual([30, 30, 42]);
  });

  it('sends a part again until the controller has acknowledged it', async () => {
    await teach(pump, BASE, [0, 30]);
    let tries = 0;
    controller.manners = ({ path }, response) => {
      if (path === '/v1/wanted') return answer(response, 200, { parts: wanted, every: 600 });
      if (path !== '/v1/part') return 'as usual';
      if (++tries === 1) return response.destroy();
      if (tries === 2) return answer(response, 503, { error: 'busy' }, { 'retry-after': '60' });
      wanted = [];
      return response.writeHead(204).end();
    };
    const first = await run(1);
    expect(first.parts).toMatchObject([{ acknowledged: false }]);
    const { parts } = await run(3);
    expect([tries, parts.length]).toEqual([3, 1]);
    expect(parts).toMatchObject([{ acknowledged: true }]);
    expect(sent()[1]!.bytes).toEqual(sent()[0]!.bytes);
  });

  it('does not send again what the controller refuses, and says why', async () => {
    await teach(pump, BASE, [0, 30]);
    controller.manners = ({ path }, response) => {
      if (path === '/v1/wanted') return answer(response, 200, { parts: wanted, every: 600 });
      if (path === '/v1/part') return answer(response, 422, { error: 'round aaaa: is closed' });
      return 'as usual';
    };
    const { parts } = await run(3);
    expect(parts).toMatchObject([{ refused: 'round aaaa: is closed' }]);
    expect(sent()).toHaveLength(1);
  });

  it('sends nothing of another base, and nothing of one that knows no classes', async () => {
    await teach(pump, BASE, [0, 30]);
    wanted = [want({ sha256: sha256Of(UNTAUGHT) })];
    await run(1);
    pump = await installed(folder, UNTAUGHT, 'new');
    await teach(pump, UNTAUGHT, [0, 30]);
    await run(1);
    expect(sent()).toEqual([]);
    expect(lines).toEqual([expect.stringContaining('has no read-out that was taught')]);
  });

  it('sends nothing if it cannot know what has left before', async () => {
    await teach(pump, BASE, [0, 30]);
    await writeFile(join(folder, '.fleet', 'shared.json'), '{');
    await run(2);
    expect(sent()).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(await readFile(join(folder, '.fleet', 'shared.json'), 'utf8')).toBe('{');
  });

  it('asks a controller of an earlier release once a day', async () => {
    await teach(pump, BASE, [0, 30]);
    controller.manners = ({ path }, response) =>
      path === '/v1/wanted' ? answer(response, 404, { error: 'no such page or request' }) : 'as usual';
    const { waited } = await run(1);
    expect(waited[1]! / 86_400).toBeCloseTo(1, 0);
    expect(lines).toEqual([]);
  });
});
