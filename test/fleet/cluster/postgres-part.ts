import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { initialisePostgres, postgresOwner } from '../../postgres.ts';
import type { Part } from './part.ts';
import { launch } from './processes.ts';
import { installedPostgres } from './programs.ts';

const run = promisify(execFile);

/** PostgreSQL 17 with an empty database. */
export function postgresPart(folder: string, port: number): Part {
  const own = join(folder, 'postgres');
  const [data, sockets] = [join(own, 'data'), join(own, 'sockets')];
  const log = join(folder, 'postgres.log');
  return {
    ...{ name: 'postgres', address: `postgres://postgres@127.0.0.1:${port}/postgres`, log },
    // Both as pg_ctl does. Parts of a server that was ended by SIGKILL would be in the way of the next one for a while.
    signals: { end: 'SIGINT', kill: 'SIGQUIT' },
    async start() {
      const programs = installedPostgres();
      if (!existsSync(own)) await mkdir(sockets, { recursive: true });
      const owner = await postgresOwner([own, sockets]);
      if (!existsSync(data)) await initialisePostgres(owner, data);
      const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${sockets}`, 'max_connections=100'];
      const words = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
      return launch([...owner, join(programs, 'postgres'), ...words], log);
    },
    answers: () =>
      run(join(installedPostgres(), 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port), '-t', '2']).then(
        () => true,
        () => false,
      ),
  };
}
