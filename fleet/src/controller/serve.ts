import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SpikewireError } from '@spikewire/models';
import { RepositoryClient, sourceOfRepository, TrustFolder } from 'spikewire/agent';
import type { BrokerAccess } from 'spikewire/cli';
import { PageFiles } from 'spikewire/dashboard';
import { type Database, openDatabase } from './database/database.ts';
import { expectNoneLater } from './database/upgrade.ts';
import { Registry } from './devices/registry.ts';
import { Hints } from './hints/hints.ts';
import { MqttHints } from './hints/mqtt-hints.ts';
import { newApplication } from './http/application.ts';
import { Changes } from './http/changes/changes.ts';
import { Limits, limitRules } from './http/limits/limits.ts';
import { Counters } from './http/metrics/counters.ts';
import { startServer } from './http/server.ts';
import { Live } from './live/live.ts';
import { MqttLive } from './live/mqtt-live.ts';
import { Offers } from './offers/offers.ts';
import { People } from './people/people.ts';
import { writeTokenFile } from './people/token-file.ts';
import { RolloutWork } from './rollouts/rollout-work.ts';
import { Rollouts } from './rollouts/stored-rollouts.ts';
import { aggregate } from './rounds/aggregating.ts';
import { resultInThread } from './rounds/result-in-thread.ts';
import { RoundWork } from './rounds/round-work.ts';
import { Rounds } from './rounds/rounds.ts';
import { Leases } from './work/leases.ts';
import { Worker } from './work/worker.ts';

export interface ControllerOptions {
  /** With the database, unless another one is given, and the administrator's token. */
  readonly folder: string;
  /** A file, or `postgres://…`. Default: `controller.db` in the folder. */
  readonly database?: string | undefined;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Folder or URL of the repository of models, and the root that is trusted. */
  readonly repository?: { readonly address: string; readonly root: Uint8Array } | undefined;
  /** Mean time between two reports of a device, in seconds. */
  readonly every?: number | undefined;
  /** Bytes that the backups of all devices may take. */
  readonly backupSpace?: number | undefined;
  /** Whether a proxy names the addresses of clients in `x-forwarded-for`. */
  readonly isBehindProxy?: boolean | undefined;
  /** Whether the administrator gets another token. */
  readonly renewsToken?: boolean | undefined;
  /** By it devices hear that their orders have changed, and send live values; without it they hear when they report. */
  readonly broker?: BrokerAccess | undefined;
  readonly warn: (line: string) => void;
}

export interface Controller {
  readonly port: number;
  /** File with the token of the administrator, where this start has written one. */
  readonly tokenFile: string | undefined;
  /** Rejects with `store` when a later release has changed the database: then this one is to be closed. */
  readonly outdated: Promise<never>;
  /** Ends requests and work, and lets other controllers go on with it at once. */
  close(): Promise<void>;
}

export const TOKEN_FILE = 'administrator.token';
export const DATABASE_FILE = 'controller.db';

/** How long the work of a controller that was killed waits at most for another one. */
export const LEASE_MILLISECONDS = 10_000;
const TICK_MILLISECONDS = 1000;
const CLOSING_MILLISECONDS = 5000;

/**
 * Starts a controller: its database, its work, and all that it answers over HTTP. Rejects with `usage`, `store`, `file`
 * or `link` where it cannot.
 */
export async function startController(options: ControllerOptions): Promise<Controller> {
  const { folder, database: address = join(folder, DATABASE_FILE) } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
    throw new SpikewireError('file', folder, `cannot be made (${cause.code})`, 'a folder for the controller', cause);
  });
  const database = await openDatabase(address);
  try {
    return await startWith(database, options);
  } catch (failure) {
    await database.close();
    throw failure;
  }
}

async function startWith(database: Database, options: ControllerOptions): Promise<Controller> {
  const { host, port, isBehindProxy, broker, warn } = options;
  const people = new People(database);
  const tokenFile = await giveFirstToken(people, options);
  const ending = new AbortController();
  const counters = new Counters();
  const live = broker && new Live(new MqttLive(broker), counters.live);
  const offers = new Offers(clientOf(options), options.repository && sourceOfRepository(options.repository.address));
  const application = newApplication({
    ...{ database, people, counters, live, warn, ending: ending.signal },
    registry: new Registry(database, options.every, options.backupSpace),
    rollouts: new Rollouts(database),
    ...{ offers, rounds: new Rounds(database, offers, options.every) },
    changes: new Changes(database),
    limits: new Limits(limitRules({ every: options.every, isBehindProxy })),
    page: pageFiles(warn),
  });
  const server = await startServer(application, host, port);
  const outdated = outdating(database, ending.signal);
  outdated.catch(() => ending.abort()); // no work meanwhile
  const holder = `${hostname()} ${process.pid} ${randomUUID()}`;
  const workers = workOf(database, holder, counters, warn);
  const work = Promise.all(workers.map((worker) => worker.run(ending.signal)));
  const hints = hint(database, holder, counters, options, ending.signal);
  return {
    ...{ port: server.port, tokenFile, outdated },
    async close() {
      ending.abort();
      await Promise.all([work, hints, server.close(CLOSING_MILLISECONDS)]);
      await Promise.all([live?.close(), database.close()]);
    },
  };
}

/** Rejects with `store` when a later release has changed the database, and does not end before. */
async function outdating({ queries }: Database, signal: AbortSignal): Promise<never> {
  while (!signal.aborted) {
    await pause(TICK_MILLISECONDS, undefined, { signal }).catch(() => {}); // ended
    await expectNoneLater(queries).catch((failure: Error) => {
      if (failure instanceof SpikewireError) throw failure; // others are of a database that is away for a while
    });
  }
  return new Promise(() => {});
}

/** The file into which it was written; undefined where there are people already. */
async function giveFirstToken(people: People, { folder, renewsToken }: ControllerOptions): Promise<string | undefined> {
  const file = join(folder, TOKEN_FILE);
  const keep = (token: string) => writeTokenFile(file, token);
  if (await people.addFirst(keep)) return file;
  if (renewsToken !== true) return undefined;
  await people.renewFirst(keep);
  return file;
}

function clientOf({ folder, repository }: ControllerOptions): RepositoryClient | undefined {
  if (repository === undefined) return undefined;
  const { address, root } = repository;
  return new RepositoryClient({
    source: sourceOfRepository(address),
    folder: new TrustFolder(join(folder, 'trusted')),
    root,
  });
}

function pageFiles(warn: (line: string) => void): PageFiles | undefined {
  try {
    return new PageFiles(fileURLToPath(new URL('page', import.meta.url)));
  } catch (failure) {
    warn((failure as Error).message);
    return undefined;
  }
}

/** Until the signal ends it, where there is a broker. */
async function hint(
  database: Database,
  holder: string,
  { hints: counts }: Counters,
  { broker: access, warn }: ControllerOptions,
  signal: AbortSignal,
): Promise<void> {
  if (access === undefined) return;
  const broker = new MqttHints(access, warn);
  await new Hints({ database, holder, broker, counts, warn }).run(signal);
  await broker.close();
}

function workOf(database: Database, holder: string, counters: Counters, warn: (line: string) => void): Worker[] {
  const leases = new Leases({ database, holder, milliseconds: LEASE_MILLISECONDS });
  const rollouts = new RolloutWork(database);
  const rounds = new RoundWork(database, (of, round) => aggregate(of, round, resultInThread));
  const shared = { leases, milliseconds: TICK_MILLISECONDS, warn };
  return [
    new Worker({ ...shared, step: rollouts.step, pending: () => counters.timeTick(rollouts.pending) }),
    new Worker({ ...shared, step: rounds.step, pending: rounds.pending }),
  ];
}
