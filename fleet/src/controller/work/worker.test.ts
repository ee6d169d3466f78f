import { describe, expect, it } from 'vitest';
import { ENGINES, newDatabase, opened } from '../database/new-database.test-data.ts';
import { Leases } from './leases.ts';
import { Worker } from './worker.ts';

describe.each(ENGINES)('work in %s', (engine) => {
  it('is done by one controller at a time, and by another one when that has ended', async (context) => {
    const address = await newDatabase(engine, context);
    const done: string[] = [];
    const workers = await Promise.all(
      ['a', 'b'].map(async (holder) => {
        const leases = new Leases({ database: await opened(address, context), holder, milliseconds: 60_000 });
        const step = async (name: string) => void done.push(`${holder} ${name}`);
        const pending = async () => ['pump', 'fan'];
        return new Worker({ leases, pending, step, milliseconds: 1, warn: expect.unreachable });
      }),
    );
    const [a, b] = workers as [Worker, Worker];
    for (const worker of [a, b, a]) await worker.tick();
    expect(done).toEqual(['a pump', 'a fan', 'a pump', 'a fan']);
    await a.run(AbortSignal.abort());
    await b.tick();
    expect(done.slice(4)).toEqual(['b pump', 'b fan']);
  });

  it('is let go when it is no longer pending, so that another controller may have it at once', async (context) => {
    const address = await newDatabase(engine, context);
    let names = ['pump'];
    const done: string[] = [];
    const [a, b] = await Promise.all(
      ['a', 'b'].map(async (holder) => {
        const leases = new Leases({ database: await opened(address, context), holder, milliseconds: 60_000 });
        const step = async () => void done.push(holder);
        return new Worker({ leases, pending: async () => names, step, milliseconds: 1, warn: expect.unreachable });
      }),
    );
    await a!.tick();
    names = [];
    await a!.tick();
    names = ['pump'];
    await b!.tick();
    expect(done).toEqual(['a', 'b']);
  });

  it('goes on with the rest where one step fails, says so once, and tries it again', async (context) => {
    const leases = new Leases({
      database: await opened(await newDatabase(engine, context), context),
      holder: 'a',
      milliseconds: 60_000,
    });
    const [done, lines]: [string[], string[]] = [[], []];
    let isBroken = true;
    const step = async (name: string) => {
      if (isBroken && name === 'pump') throw new Error('its plan cannot be read');
      done.push(name);
    };
    const pending = async () => ['pump', 'fan'];
    const worker = new Worker({ leases, pending, step, milliseconds: 1, warn: (line) => lines.push(line) });
    for (let tick = 0; tick < 3; tick++) await worker.tick();
    isBroken = false;
    await worker.tick();
    expect(done).toEqual(['fan', 'fan', 'fan', 'pump', 'fan']);
    expect(lines).toEqual(['pump: its plan cannot be read; it is tried again']);
  });
});
