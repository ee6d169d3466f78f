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
  /** Ends it as a power failure would. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** A PostgreSQL 17 of its own, on a free port; the calling test is skipped, or fails, where there is none. */
export async function startPostgres(context: TestContext): Promise<TestPostgres> {
  if (!existsSync(PROGRAMS)) lacks(context, 'postgresql-17', 'postgresql-17, which this machine does not have');
  const folder = await mkdtemp(join(tmpdir(), 'spikewire-postgres-'));
  const [data, sockets] = [join(folder, 'data'), join(folder, 'sockets')];
  await mkdir(sockets);
  const asOwner = await ownerOf([folder, sockets]);
  const port = await freePort();
  await asOwner(`${PROGRAMS}/initdb`, '-D', data, '-A', 'trust', '-U', 'postgres', '--locale=C.UTF-8', '-N');
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${sockets}`;
  await asOwner(`${PROGRAMS}/pg_ctl`, '-D', data, '-o', settings, '-l', join(folder, 'log'), '-w', 'start');
  const end = (mode: string) => asOwner(`${PROGRAMS}/pg_ctl`, '-D', data, '-m', mode, '-w', 'stop');
  return {
    address: `postgres://postgres@127.0.0.1:${port}/postgres`,
    kill: async () => void (await end('immediate')),
    close: async () => {
      await end('fast').catch(() => {}); // it was killed
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
