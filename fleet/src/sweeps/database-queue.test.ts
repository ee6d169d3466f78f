import { setTimeout as pause } from 'node:timers/promises';
import type { SweepTerms, TrialQueue } from 'spikewire/extensions';
import { describe, expect, it, type TestContext } from 'vitest';
import { startPostgres } from '../../../test/postgres.ts';
import { connectDatabase, openDatabase } from '../controller/database/database.ts';
import { ENGINES, newDatabase } from '../controller/database/new-database.test-data.ts';
import { openQueue } from './database-queue.ts';
import { openSweepDatabase } from './sweep-database.ts';

const TERMS: SweepTerms = { name: 'grid', release: '1.0.0', options: '--sweep seed=1,2', data: 'abc', trials: 2 };

interface Joining {
  readonly machine?: string;
  readonly milliseconds?: number;
  readonly terms?: Partial<SweepTerms>;
  readonly signal?: AbortSignal;
  readonly warn?: (line: string) => void;
}

async function joined(address: string, context: TestContext, joining: Joining = {}): Promise<TrialQueue> {
  const { machine = 'a', milliseconds = 60_000, terms, signal = context.signal, warn = expect.unreachable } = joining;
  const options = { machine, milliseconds, signal, warn };
  const queue = await openQueue(address, { ...TERMS, ...terms }, options);
  context.onTestFinished(() => queue.close());
  return queue;
}

const figures = (accuracy: number) => ({ accuracy, digest: `of ${accuracy}` });

/** Takes away all leases, as when their machines had stood still for long. */
async function expire(address: string): Promise<void> {
  const { queries, close } = await openSweepDatabase(address);
  await queries.updateTable('trial').set({ expires: 0 }).execute();
  await close();
}

describe.each(ENGINES)('the trials of a sweep in %s', (engine) => {
  it('go each to one of many machines that want them at a time', async (context) => {
    const address = await newDatabase(engine, context);
    const { signal } = new AbortController();
    const terms = { trials: 12 };
    const queues: TrialQueue[] = [];
    for (const machine of ['a', 'b', 'c']) queues.push(await joined(address, context, { machine, terms, signal }));
    const taken = await Promise.all(queues.flatMap((queue) => Array.from({ length: 4 }, () => queue.take())));
    const numbers = taken.map((trial) => trial!.number).toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 12 }, (_, k) => k + 1));
    expect(await queues[0]!.progress()).toEqual({ done: 0, failed: 0, running: 12, machines: 3 });
  });

  it('have outcomes that each machine sees, with the model', async (context) => {
    const address = await newDatabase(engine, context);
    const [a, b] = [await joined(address, context), await joined(address, context, { machine: 'b' })];
    const [first, second] = [(await a.take())!, (await b.take())!];
    await second.finish('b-2.spike', { figures: figures(0.5) });
    await first.finish('a-1.spike', { figures: figures(0.9), model: Uint8Array.of(1, 2, 255) });
    const outcomes = [
      { number: 1, out: 'a-1.spike', machine: 'a', figures: figures(0.9) },
      { number: 2, out: 'b-2.spike', machine: 'b', figures: figures(0.5) },
    ];
    for (const queue of [a, b, await joined(address, context)]) {
      expect(await queue.outcomes()).toEqual(outcomes);
      expect(await queue.take()).toBeUndefined();
      expect(await queue.progress()).toEqual({ done: 2, failed: 0, running: 0, machines: 0 });
    }
    expect(Uint8Array.from((await b.model(1))!)).toEqual(Uint8Array.of(1, 2, 255));
    expect(await a.model(2)).toBeUndefined();
  });

  it('go to another machine when a lease has expired, and the earlier one writes nothing any more', async (context) => {
    const address = await newDatabase(engine, context);
    const terms = { trials: 1 };
    const [a, b] = [await joined(address, context, { terms }), await joined(address, context, { terms, machine: 'b' })];
    const first = (await a.take())!;
    await expire(address);
    const second = (await b.take())!;
    await first.finish('late.spike', { figures: figures(0.1) });
    await first.release();
    await second.finish('b.spike', { figures: figures(0.9) });
    await first.finish('late.spike', { problem: 'late' });
    expect(await a.outcomes()).toEqual([{ number: 1, out: 'b.spike', machine: 'b', figures: figures(0.9) }]);
  });

  it('stay with a machine that renews its leases, and tell one that has lost them', async (context) => {
    const address = await newDatabase(engine, context);
    const [terms, milliseconds] = [{ trials: 1 }, 600];
    const a = await joined(address, context, { terms, milliseconds });
    const first = (await a.take())!;
    await pause(1500);
    expect(await a.progress()).toMatchObject({ running: 1 });
    expect(first.lost.aborted).toBe(false);
    const { queries, close } = await openSweepDatabase(address);
    await queries.updateTable('trial').set({ epoch: 2 }).execute(); // as another machine does that takes it
    await close();
    await expect.poll(() => first.lost.aborted).toBe(true);
  });

  it('are free at once when they are released, and no try is counted', async (context) => {
    const address = await newDatabase(engine, context);
    const queue = await joined(address, context, { terms: { trials: 1 } });
    for (let k = 0; k < 5; k++) await (await queue.take())!.release();
    expect((await queue.take())!.number).toBe(1);
  });

  it('fail after three tries, with the line of the last', async (context) => {
    const queue = await joined(await newDatabase(engine, context), context);
    for (let k = 1; k <= 3; k++)
      for (const trial of [(await queue.take())!, (await queue.take())!])
        await trial.finish('a.spike', { problem: `${trial.number}: disk full ${k}` });
    expect(await queue.take()).toBeUndefined();
    expect(await queue.outcomes()).toMatchObject([{ problem: '1: disk full 3' }, { problem: '2: disk full 3' }]);
    expect(await queue.progress()).toEqual({ done: 0, failed: 2, running: 0, machines: 0 });
  });

  it('fail, too, where each machine that begins them vanishes', async (context) => {
    const address = await newDatabase(engine, context);
    const queue = await joined(address, context, { terms: { trials: 1 } });
    for (let k = 1; k <= 3; k++) {
      expect(await queue.take()).toMatchObject({ number: 1 });
      await expire(address);
    }
    expect(await queue.take()).toBeUndefined();
    const [outcome] = await queue.outcomes();
    expect(outcome).toMatchObject({ problem: 'was begun 3 times, and no machine came to its end' });
  });

  it('are waited for until the signal comes', async (context) => {
    const address = await newDatabase(engine, context);
    const end = new AbortController();
    const [a, b] = [await joined(address, context), await joined(address, context, { signal: end.signal })];
    await Promise.all([a.take(), a.take()]);
    const waiting = b.take();
    end.abort();
    expect(await waiting).toBeUndefined();
  });

  it('are of one release, one set of options and one set of data', async (context) => {
    const address = await newDatabase(engine, context);
    await joined(address, context);
    const join = (terms: Partial<SweepTerms>) => joined(address, context, { terms });
    await expect(join({ release: '1.1.0' })).rejects.toThrow(
      'sweep grid: was begun by release 1.0.0, and this is 1.1.0; expected the same release everywhere, or another --sweep-name',
    );
    await expect(join({ options: '--sweep seed=1,3' })).rejects.toThrow(
      'was begun with other options, --sweep seed=1,2; expected the same options everywhere',
    );
    await expect(join({ data: 'abd' })).rejects.toThrow(
      'was begun with other data; expected the same samples everywhere',
    );
    await expect(join({ name: 'x', trials: 10_001 })).rejects.toThrow('gives 10001 trainings; expected at most 10000');
    await join({ name: 'other', data: 'abd' });
  });
});

describe('a database of sweeps', () => {
  it('is no database of a controller, and that of a controller has none of sweeps in SQLite', async (context) => {
    const [sweeps, controller] = [await newDatabase('sqlite', context), await newDatabase('sqlite', context)];
    await joined(sweeps, context);
    await expect(openDatabase(sweeps)).rejects.toThrow('has tables of another program');
    await (await openDatabase(controller)).close();
    await expect(joined(controller, context)).rejects.toThrow(
      /^database: has tables of another program \(\w+\); expected a new database, or one of sweeps$/,
    );
  });

  it('may be that of a controller in PostgreSQL, whichever came first', async (context) => {
    for (const order of ['sweep first', 'controller first']) {
      const address = await newDatabase('postgres', context);
      const steps = [() => joined(address, context).then(() => {}), async () => (await openDatabase(address)).close()];
      for (const step of order === 'sweep first' ? steps : steps.reverse()) await step();
      expect(await (await joined(address, context)).take()).toMatchObject({ number: 1 });
      await (await openDatabase(address)).close();
    }
  });

  it('has nothing of another program in its schema of PostgreSQL', async (context) => {
    const address = await newDatabase('postgres', context);
    const { queries, close } = connectDatabase(address);
    await queries.schema.createSchema('spikewire_sweeps').execute();
    await queries.schema.withSchema('spikewire_sweeps').createTable('bills').addColumn('id', 'integer').execute();
    await close();
    await expect(joined(address, context)).rejects.toThrow('has tables of another program (bills)');
  });

  it('may be away for a while: what was trained meanwhile is written when it is back', async (context) => {
    const postgres = await startPostgres(context);
    context.onTestFinished(() => postgres.close());
    const lines: string[] = [];
    const queue = await joined(postgres.address, context, { warn: (line) => lines.push(line) });
    const [first, second] = [(await queue.take())!, (await queue.take())!];
    const back = postgres.restart();
    await pause(50); // it is down, or about to be
    await Promise.all([first, second].map((trial) => trial.finish('a.spike', { figures: figures(trial.number) })));
    await back;
    expect(await queue.take()).toBeUndefined();
    expect(await queue.outcomes()).toMatchObject([{ figures: figures(1) }, { figures: figures(2) }]);
    for (const line of lines) expect(line).toMatch(/^database: .*; it is asked again$/);
  });
});
