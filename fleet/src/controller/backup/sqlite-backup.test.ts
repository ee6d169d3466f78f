import { rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { newDatabase } from '../database/new-database.test-data.ts';
import { nodeSqlite } from '../database/node-sqlite.ts';
import { backUp, restore } from './sqlite-backup.ts';

it.for([
  ['with tables of another program', 'create table invoice (id integer)'],
  ['without tables', 'vacuum'],
] as const)('a database %s is neither backed up nor restored', async ([_, statement], context) => {
  const database = await newDatabase('sqlite', context);
  const { DatabaseSync } = nodeSqlite();
  const foreign = join(dirname(database), 'foreign.db');
  const file = new DatabaseSync(foreign);
  file.exec(statement);
  file.close();
  const refusal = {
    code: 'store',
    message: `${foreign}: no such table: history; expected the database of a controller`,
  };
  await expect(restore(foreign, database)).rejects.toMatchObject(refusal);
  await expect(backUp(foreign, database)).rejects.toMatchObject(refusal);
  for (const suffix of ['', '-wal', '-shm', `.${process.pid}.part`])
    expect(await stat(`${database}${suffix}`).catch(() => 'none')).toBe('none');
  await rm(foreign);
});
