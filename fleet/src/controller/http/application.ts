import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { OpenAPIHono } from '@hono/zod-openapi';
import { programVersion } from 'spikewire/cli';
import { type PageFiles, Refusal, SECURITY_HEADERS } from 'spikewire/dashboard';
import type { Database } from '../database/database.ts';
import type { Registry } from '../devices/registry.ts';
import type { Live } from '../live/live.ts';
import type { Offers } from '../offers/offers.ts';
import type { People } from '../people/people.ts';
import type { Rollouts } from '../rollouts/stored-rollouts.ts';
import type { Rounds } from '../rounds/rounds.ts';
import { expectPerson } from './access.ts';
import type { Application, Environment } from './base/environment.ts';
import { EventStreams } from './base/event-streams.ts';
import { errorAnswer, HttpRefusal } from './base/refusal.ts';
import { addChangesRoute } from './changes/change-stream.ts';
import type { Changes } from './changes/changes.ts';
import { addDeviceRoutes, problemOf } from './device-routes.ts';
import { bodyLimit } from './limits/body-limit.ts';
import type { Limits } from './limits/limits.ts';
import { addLiveRoute } from './live/live-stream.ts';
import type { Counters } from './metrics/counters.ts';
import { addMetricsRoute } from './metrics/metrics.ts';
import { addOpenApi } from './open-api.ts';
import { addPartRoutes } from './part-routes.ts';
import { addDeviceActRoutes, addDeviceBackupRoute, addDeviceListRoutes } from './resources/devices.ts';
import { addHistoryRoutes } from './resources/history.ts';
import { addOfferRoutes } from './resources/offers.ts';
import { addPeopleRoutes } from './resources/people.ts';
import { addRolloutRoutes } from './resources/rollouts.ts';
import { addRoundRoutes } from './resources/rounds.ts';
import { addStatusRoute } from './resources/status.ts';
import { addTokenRoutes } from './resources/tokens.ts';

/** What a controller answers with. */
export interface Parts {
  readonly database: Database;
  readonly registry: Registry;
  readonly rollouts: Rollouts;
  readonly rounds: Rounds;
  readonly people: People;
  readonly offers: Offers;
  readonly changes: Changes;
  /** Undefined where there is no broker. */
  readonly live: Live | undefined;
  readonly limits: Limits;
  readonly counters: Counters;
  /** The page for browsers; undefined where it was not built. */
  readonly page: PageFiles | undefined;
  /** Aborted when streams have to end. */
  readonly ending: AbortSignal;
  readonly warn: (line: string) => void;
}

/** All that a controller answers over HTTP. */
export function newApplication(parts: Parts): Application {
  const application: Application = new OpenAPIHono<Environment>({
    defaultHook: (result) => {
      if (!result.success) throw new HttpRefusal(400, problemOf(result.error));
    },
  });
  answerErrors(application, parts);
  guard(application, parts);
  addDeviceRoutes(application, parts.registry, parts.limits);
  addPartRoutes(application, parts.registry, parts.rounds, parts.limits);
  application.use('/openapi.json', parts.limits.ofStrangers);
  addOpenApi(application);
  addPeoplesRoutes(application, parts);
  addPage(application, parts);
  return application;
}

/** One line of JSON for each error. */
function answerErrors(application: Application, { warn }: Parts): void {
  application.onError((error, context) => {
    const { status, headers, body } = errorAnswer(error);
    if (status >= 500) warn(`${context.req.method} ${context.req.path}: ${error.message}`);
    return context.json(body, status as 500, { ...headers });
  });
  application.notFound((context) => context.json({ error: 'no such page or request' }, 404));
}

/** What comes before every answer: headers, counts, and limits, before anything of a body is read. */
function guard(application: Application, { limits, counters }: Parts): void {
  application.use(async (context, next) => {
    await next();
    counters.countAnswer(context.req.path, context.res.status);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.header(name, value);
    if (context.req.path.startsWith('/v1/')) context.header('cache-control', 'no-store');
  });
  application.use(limits.ofAll);
  application.use(bodyLimit);
}

function addPeoplesRoutes(application: Application, parts: Parts): void {
  const { database, registry, rollouts, rounds, people, offers, changes, live, counters, limits, ending } = parts;
  const streams = new EventStreams(people, ending);
  application.use('/v1/*', expectPerson(people, limits));
  application.use('/metrics', expectPerson(people, limits));
  addStatusRoute(application, database, registry, programVersion());
  addDeviceListRoutes(application, registry);
  addDeviceActRoutes(application, registry);
  addDeviceBackupRoute(application, registry);
  addTokenRoutes(application, registry);
  addRolloutRoutes(application, rollouts, offers);
  addRoundRoutes(application, rounds);
  addOfferRoutes(application, registry, offers);
  addHistoryRoutes(application, database);
  addPeopleRoutes(application, people);
  addChangesRoute(application, changes, streams);
  addLiveRoute(application, registry, live, streams);
  addMetricsRoute(application, database, registry, counters);
}

function addPage(application: Application, { page, limits }: Parts): void {
  application.get('*', limits.ofStrangers, async (context) => {
    if (page === undefined) return context.notFound();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.env.outgoing.setHeader(name, value);
    try {
      await page.reply(context.env.incoming, context.env.outgoing, context.req.path);
    } catch (failure) {
      if (failure instanceof Refusal) throw new HttpRefusal(failure.status, failure.message);
      throw failure;
    }
    return RESPONSE_ALREADY_SENT;
  });
}
