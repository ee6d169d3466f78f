import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import { prepareFile } from 'spikewire/cli';
import { connectDatabase, openDatabase } from '../database/database.ts';
import { nodeSqlite } from '../database/node-sqlite.ts';
import type { HistoryHead } from '../history/chain.ts';
import { checkHistory } from '../history/history.ts';

type SqliteFile = InstanceType<ReturnType<typeof nodeSqlite>['DatabaseSync']>;

/**
 * Copies a database of SQLite into a new file, also while a controller uses it, as it is at one moment. The tables stay
 * those of its release, for which it is a way back after an upgrade. Rejects with `usage`, `file` or `store`.
 */
export async function backUp(database: string, backup: string): Promise<HistoryHead> {
  await expectFile(database, 'the database of a controller');
  return writeNew(backup, (part) => copyInto(part, database));
}

/** Makes a new database of a backup, with the tables of this release. Rejects with `usage`, `file` or `store`. */
export async function restore(backup: string, database: string): Promise<HistoryHead> {
  await expectFile(backup, 'a backup of a controller');
  for (const suffix of ['-wal', '-shm']) await refuse(`${database}${suffix}`);
  return writeNew(database, async (part) => {
    const head = await copyInto(part, backup);
    await (await openDatabase(part)).close();
    return head;
  });
}

/**
 * Copies a database, and returns the newest entry of its history. Rejects with `store` where the database is damaged, or
 * not of a controller.
 */
async function copyInto(part: string, path: string): Promise<HistoryHead> {
  inSqlite(path, path, (source) => {
    source.exec('pragma busy_timeout = 5000');
    source.prepare('vacuum into ?').run(part);
  });
  inSqlite(path, part, (copy) => {
    const [row] = copy.prepare('pragma integrity_check').all() as [{ readonly integrity_check: string }];
    if (row.integrity_check !== 'ok') throw new Error(row.integrity_check);
  });
  const database = connectDatabase(part);
  try {
    const check = await checkHistory(database).catch((cause: Error) => {
      throw new SpikewireError('store', path, cause.message, 'the database of a controller', cause);
    });
    if (check.kind === 'whole') return check.head;
    throw new SpikewireError('store', path, `entry ${check.number} of its history was changed`, 'a whole history');
  } finally {
    await database.close();
  }
}

/** Writes a file that is not there yet, which only its owner may read, and puts it in its place when it is whole. */
async function writeNew<Result>(path: string, write: (part: string) => Promise<Result>): Promise<Result> {
  await refuse(path);
  await prepareFile(path);
  const part = `${path}.${process.pid}.part`;
  try {
    await (await open(part, 'wx', 0o600)).close(); // SQLite fills an empty file
    const result = await write(part);
    await synchronise(part);
    await rename(part, path);
    await synchronise(dirname(path));
    return result;
  } catch (cause) {
    for (const suffix of ['', '-wal', '-shm']) await rm(`${part}${suffix}`, { force: true }).catch(() => {});
    if (cause instanceof SpikewireError) throw cause;
    throw new SpikewireError('file', path, `cannot be written (${(cause as Error).message})`, 'another file', cause);
  }
}

async function synchronise(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

async function refuse(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  throw new SpikewireError('file', path, 'already exists', 'a name that is free');
}

async function expectFile(path: string, expected: string): Promise<void> {
  if ((await stat(path).catch(() => undefined))?.isFile() !== true)
    throw new SpikewireError('file', path, 'is not there', expected);
}

/** @param where how an error names the database */
function inSqlite(where: string, path: string, work: (file: SqliteFile) => void): void {
  const { DatabaseSync } = nodeSqlite();
  try {
    const file = new DatabaseSync(path, { readOnly: true });
    try {
      work(file);
    } finally {
      file.close();
    }
  } catch (failure) {
    throw new SpikewireError('store', where, (failure as Error).message, 'a whole database of SQLite', failure);
  }
}
