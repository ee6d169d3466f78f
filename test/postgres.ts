import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';
import { lacks } from './services.ts';

const run = promisify(execFile);

/** Where Debian keeps the release, whatever stands in the search path. */
export const POSTGRES_PROGRAMS = '/usr/lib/postgresql/17/bin';

export interface TestPostgres {
  /** Address of an empty database. */
  readonly address: string;
  /** Ends it as a power failure would, and starts it again. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a server of PostgreSQL 17 on a free port, with a new data folder. Where that release is not installed, the
 * calling test is skipped, or fails if `SPIKEWIRE_REQUIRE` names postgresql-17.
 */
export async function startPostgres(context: TestContext): Promise<TestPostgres> {
  needsPostgres(context);
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-postgres-'));
  const [data, sockets] = [join(folder, 'data'), join(folder, 'sockets')];
  await mkdir(sockets);
  const owner = await postgresOwner([folder, sockets]);
  await initialisePostgres(owner, data);
  const port = await freePort();
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${sockets}`;
  const control = [`${POSTGRES_PROGRAMS}/pg_ctl`, '-D', data, '-w'];
  const start = () => runCommand(...owner, ...control, '-o', settings, '-l', join(folder, 'log'), 'start');
  await start();
  const end = (mode: string) => runCommand(...owner, ...control, '-m', mode, 'stop');
  return {
    address: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async restart() {
      await end('immediate');
      await start();
    },
    close: async () => {
      await end('fast');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Ends the calling test where PostgreSQL 17 is not installed, as `startPostgres` does. */
export function needsPostgres(context: TestContext): void {
  if (!existsSync(POSTGRES_PROGRAMS))
    lacks(context, 'postgresql-17', 'postgresql-17, which this machine does not have');
}

/** Makes a data folder that lets every user of this machine in. */
export async function initialisePostgres(owner: readonly string[], data: string): Promise<void> {
  const settings = ['-A', 'trust', '-U', 'postgres', '--locale=C.UTF-8', '-N'];
  await runCommand(...owner, `${POSTGRES_PROGRAMS}/initdb`, '-D', data, ...settings);
}

/**
 * What stands before a command of PostgreSQL, which gets the folders. The server refuses to run as root: there it runs
 * as the user that the package makes.
 */
export async function postgresOwner(folders: readonly string[]): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const { stdout } = await run('id', ['-u', 'postgres']);
  for (const folder of folders) await chown(folder, Number(stdout), -1);
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--'];
}

function runCommand(...[program, ...words]: string[]): Promise<unknown> {
  return run(program!, words);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
