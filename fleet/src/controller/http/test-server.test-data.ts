import type { TestContext } from 'vitest';
import type { Database } from '../database/database.ts';
import { newDatabase, opened } from '../database/new-database.test-data.ts';
import { Registry } from '../devices/registry.ts';
import type { Live } from '../live/live.ts';
import { Offers } from '../offers/offers.ts';
import { People } from '../people/people.ts';
import { PERSON_ROLES } from '../people/role.ts';
import { Rollouts } from '../rollouts/stored-rollouts.ts';
import { Rounds } from '../rounds/rounds.ts';
import type { Role } from '../wire/wire.ts';
import { newApplication } from './application.ts';
import type { Application } from './base/environment.ts';
import { Changes } from './changes/changes.ts';
import { type LimitRules, Limits, limitRules } from './limits/limits.ts';
import { Counters } from './metrics/counters.ts';
import { startServer } from './server.ts';

/** A document of any form, as `JSON.parse` gives it. */
export type Json = ReturnType<typeof JSON.parse>;

export interface TestServer {
  readonly database: Database;
  readonly registry: Registry;
  readonly people: People;
  readonly application: Application;
  readonly address: string;
  /** By role: the token of a person who has it. */
  readonly tokens: Readonly<Record<Role, string>>;
  readonly warnings: readonly string[];
  /** A request by a person with the role, or by a stranger. */
  ask(by: Role | undefined, method: string, path: string, body?: unknown): Promise<Response>;
  /** The answer to a request by the administrator, which has to succeed. */
  done(method: string, path: string, body?: unknown): Promise<Json>;
}

/**
 * A controller behind a real socket. The test is skipped where the engine of its database is not here.
 * @param existing address of its database; absent: a new one
 */
export async function startTestServer(
  engine: Database['engine'],
  context: TestContext,
  {
    rules = {},
    offers = new Offers(undefined),
    live,
    backupSpace,
    existing,
  }: { rules?: Partial<LimitRules>; offers?: Offers; live?: Live; backupSpace?: number; existing?: string } = {},
): Promise<TestServer> {
  const database = await opened(existing ?? (await newDatabase(engine, context)), context);
  const [people, ending] = [new People(database), new AbortController()];
  const registry = new Registry(database, undefined, backupSpace);
  const warnings: string[] = [];
  const application = newApplication({
    ...{ database, people, registry, offers, rollouts: new Rollouts(database), changes: new Changes(database), live },
    rounds: new Rounds(database, offers),
    ...{ counters: new Counters(), limits: new Limits({ ...limitRules(), ...rules }), page: undefined },
    ...{ ending: ending.signal, warn: (line: string) => warnings.push(line) },
  });
  const server = await startServer(application, '127.0.0.1', 0);
  context.onTestFinished(async () => {
    ending.abort();
    await server.close(100);
  });
  const address = `http://127.0.0.1:${server.port}`;
  const tokens = await tokensOf(people);
  const ask: TestServer['ask'] = (by, method, path, body) =>
    fetch(address + path, {
      method,
      headers: {
        ...(by && { authorization: `Bearer ${tokens[by]}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    ...{ database, registry, people, application, address, tokens, warnings, ask },
    async done(method, path, body) {
      const response = await ask('administer', method, path, body);
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return response.json();
    },
  };
}

async function tokensOf(people: People): Promise<Record<Role, string>> {
  const entries: [Role, string][] = [];
  for (const role of PERSON_ROLES)
    entries.push([role, (await people.add({ name: `who ${role}`, role, by: 'test' })).token]);
  return Object.fromEntries(entries) as Record<Role, string>;
}
