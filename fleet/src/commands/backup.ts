import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SpikewireError } from '@spikewire/models';
import type { CommandArguments } from 'spikewire/cli';
import type { Action } from './action.ts';

/** Where `fleet serve` has its database, too. */
const DEFAULT_FOLDER = 'controller';
const DATABASE_FILE = 'controller.db';

export const backupAction: Action = {
  name: 'backup',
  doc: 'copy the SQLite database of a controller into a file, even while the controller runs',
  subject: { name: 'file', doc: 'new file for the backup' },
  options: ['folder', 'database'],

  async run(file, args, console) {
    const database = databaseFile(args, 'pg_dump --format=custom --file=<file> <address>');
    const { backUp } = await import('../controller/backup/sqlite-backup.ts');
    const { number, hash } = await backUp(database, file);
    const { size } = await stat(file);
    console.result({ database, file, bytes: size, head: { number, hash } }, () => [
      `${file}: ${size} bytes; the history in it has ${number} entries`,
    ]);
  },
};

export const restoreAction: Action = {
  name: 'restore',
  doc: 'make the SQLite database of a controller from a backup, for a controller that does not run',
  subject: { name: 'file', doc: 'backup that "spikewire fleet backup" made' },
  options: ['folder', 'database'],

  async run(file, args, console) {
    const database = databaseFile(args, 'pg_restore --clean --if-exists --dbname=<address> <file>');
    const { restore } = await import('../controller/backup/sqlite-backup.ts');
    const { number, hash } = await restore(file, database);
    console.result({ file, database, head: { number, hash } }, () => [
      `${database}: as it was at entry ${number} of its history`,
      'what people did after the backup is lost: revoke devices again whose keys are stolen, and let devices join ' +
        'again that joined later',
    ]);
  },
};

/** Throws `usage` for PostgreSQL, which has its own programs. */
function databaseFile(args: CommandArguments, program: string): string {
  const database = args.text('database') ?? join(args.text('folder') ?? DEFAULT_FOLDER, DATABASE_FILE);
  if (!/^[a-z]+:\/\//.test(database)) return database;
  throw new SpikewireError('usage', '--database', 'is not a file of SQLite', `a file; for PostgreSQL use "${program}"`);
}
