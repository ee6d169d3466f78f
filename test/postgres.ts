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
const PROGRAMS = '/usr/lib/postgresql/17/bin';

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
  if (!existsSync(PROGRAMS)) lacks(context, 'postgresql-17', 'postgresql-17, which this machine does not have');
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-postgres-'));
  const [data, sockets] = [join(folder, 'data'), join(folder, 'sockets')];
  await mkdir(sockets);
  const asOwner = await ownerOf([folder, sockets]);
  await asOwner(`${PROGRAMS}/initdb`, '-D', data, '-A', 'trust', '-U', 'postgres', '--locale=C.UTF-8', '-N');
  const port = await freePort();
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${sockets}`;
  const control = [`${PROGRAMS}/pg_ctl`, '-D', data, '-w'];
  const start = () => asOwner(...control, '-o', settings, '-l', join(folder, 'log'), 'start');
  await start();
  const end = (mode: string) => asOwner(...control, '-m', mode, 'stop');
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

/** The server refuses to run as root: there it runs as the user that the package makes. */
async function ownerOf(folders: readonly string[]): Promise<(...command: string[]) => Promise<unknown>> {
  if (process.getuid?.() !== 0) return (program, ...rest) => run(program!, rest);
  const { stdout } = await run('id', ['-u', 'postgres']);
  for (const folder of folders) await chown(folder, Number(stdout), -1);
  const asPostgres = ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--'];
  return (...command) => run('setpriv', [...asPostgres, ...command]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
