import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelDigest } from '@spikewire/models';
import { afterAll, beforeAll, expect, it, type TestContext, vi } from 'vitest';
import { startPostgres } from '../postgres.ts';
import { runCommand, startCommand } from './command.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spikewire-sweep-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const LONG = ['--epochs', '250', '--patience', '250'];
const GRID = ['--sweep', 'arch=4-8-3,4-3', '--sweep', 'seed=1,2'];
const WORDS = ['train', '--data', 'iris', '--batch', '16', '--out', 'grid.spike', '--json'];

interface Trained {
  readonly out: string;
  readonly digest: string;
  readonly machine?: string;
}

/** What a table says of trainings, wherever and however fast they ran. */
function figuresIn(stdout: string) {
  const { runs } = JSON.parse(stdout) as { readonly runs: readonly object[] };
  return runs.map((trained) =>
    Object.fromEntries(Object.entries(trained).filter(([key]) => !['seconds', 'run', 'machine'].includes(key))),
  );
}

async function machine(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  return path;
}

/** Those that were begun by a process. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

it('a sweep gives the same figures in one process, and in three on PostgreSQL of which one is killed', async (context) => {
  const postgres = await startPostgres(context);
  context.onTestFinished(() => postgres.close());
  const [one, a, b] = await Promise.all(['one', 'a', 'b'].map(machine));
  const alone = await runCommand([...WORDS, ...LONG, ...GRID], one);
  expect(alone.code, alone.stderr).toBe(0);

  const shared = [...WORDS, ...LONG, ...GRID, '--database', postgres.address];
  const killed = startCommand(shared, a);
  await vi.waitFor(() => stat(join(a!, 'grid-1.run', 'last.safetensors')), { timeout: 60_000, interval: 5 });
  const children = await childrenOf(killed.process.pid!);
  expect(children.length).toBeGreaterThan(0);
  killed.process.kill('SIGKILL');
  // Its trainings end with it: nobody else may find them at work in these folders.
  await expect
    .poll(() => Promise.allSettled(children.map((pid) => stat(`/proc/${pid}`))))
    .toEqual(children.map(() => expect.objectContaining({ status: 'rejected' })));
  // One goes on where the killed one was, and the other is another machine.
  const both = [startCommand(shared, a), startCommand(shared, b)];
  for (const command of both) {
    expect(await command.ended, command.stderr()).toBe(0);
    expect(figuresIn(command.stdout())).toEqual(figuresIn(alone.stdout));
  }
  expect(both[0]!.stdout()).toBe(both[1]!.stdout());

  const [best] = JSON.parse(both[0]!.stdout()).runs as Trained[];
  for (const place of [a!, b!]) expect(modelDigest(await readFile(join(place, best!.out)))).toBe(best!.digest);
  // Whoever comes later sees the same, and trains nothing.
  const late = await runCommand(shared, await machine('late'));
  expect(late.stdout).toBe(both[0]!.stdout());
});

function needSqlite(context: TestContext): void {
  if (process.getBuiltinModule?.('node:sqlite') === undefined) context.skip('needs SQLite, which this Node has not');
}

it('a sweep that is stopped lets others have its trainings at once', async (context) => {
  needSqlite(context);
  const place = await machine('stopped');
  const endless = ['--epochs', '100000', '--patience', '100000', '--arch', '4-3', '--sweep', 'seed=1,2'];
  const words = [...WORDS, ...endless, '--database', '../stopped.db'];
  const checkpoint = join(place, 'grid-1.run', 'last.safetensors');
  const end = async (command: ReturnType<typeof startCommand>) => {
    command.process.kill('SIGINT');
    expect(await command.ended).toBe(0);
    expect(JSON.parse(command.stdout())).toEqual({ runs: [], stopped: true, missing: 2 });
  };
  const first = startCommand(words, place);
  await vi.waitFor(() => stat(checkpoint), { timeout: 60_000, interval: 20 });
  await end(first);
  const { mtimeMs } = await stat(checkpoint);
  const second = startCommand(words, place);
  // Sooner than a lease would expire.
  const options = { timeout: 25_000, interval: 20 };
  await vi.waitFor(async () => expect((await stat(checkpoint)).mtimeMs).toBeGreaterThan(mtimeMs), options);
  await end(second);
});

it('a sweep is joined with the same samples only, whatever folder they are in', async (context) => {
  needSqlite(context);
  const [here, same, other] = await Promise.all(['here', 'same', 'other'].map(machine));
  const rows = Array.from({ length: 60 }, (_, k) => `${k % 2},${(k * 7) % 5},${k % 2 ? 'on' : 'off'}`);
  await writeFile(join(here!, 'rows.csv'), `${rows.join('\n')}\n`);
  await mkdir(join(same!, 'deeper'));
  await writeFile(join(same!, 'deeper', 'rows.csv'), `${rows.join('\n')}\n`);
  await writeFile(join(other!, 'rows.csv'), `${rows.with(-1, '1,2.5,on').join('\n')}\n`);
  const joinIn = (place: string, data: string, ...more: readonly string[]) => {
    const words = ['train', '--data', data, '--epochs', '2', '--arch', '2-2', '--sweep', 'seed=1,2', ...more];
    return runCommand([...words, '--out', 'm.spike', '--database', '../joined.db', '--json'], place);
  };
  const first = await joinIn(here!, 'csv:rows.csv');
  expect(first.code, first.stderr).toBe(0);
  expect(await joinIn(same!, 'csv:deeper/rows.csv')).toMatchObject({ code: 0, stdout: first.stdout });
  const refused = await joinIn(other!, 'csv:rows.csv');
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(
    /^spikewire: sweep [0-9a-f]{16}: was begun with other data; expected the same samples everywhere, or another --sweep-name$/m,
  );
  expect(await joinIn(other!, 'csv:rows.csv', '--sweep-name', 'changed')).toMatchObject({ code: 0 });
});
