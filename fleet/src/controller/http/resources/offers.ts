import { z } from '@hono/zod-openapi';
import type { Database } from '../../database/database.ts';
import type { Offers } from '../../offers/offers.ts';
import { DEFAULT_PLAN } from '../../rollouts/plan.ts';
import type { OfferSummary } from '../../wire.ts';
import type { Application } from '../environment.ts';
import { addRoute } from '../person-route.ts';
import { listOf, listQuery, pageOfAll } from '../schemas/list.ts';
import { carrying } from '../schemas/report.ts';
import { plan } from '../schemas/rollouts.ts';
import type { Shape } from '../schemas/shape.ts';

const count = z.number().int();

const offer = z
  .object({
    ...{ sha256: z.string(), name: z.string(), model: z.string(), channel: z.string(), form: z.string() },
    ...{ groups: z.array(z.string()), carrying: z.array(carrying), machines: count, installed: count },
  } satisfies Shape<OfferSummary>)
  .openapi('Offer');

export function addOfferRoutes(application: Application, database: Database, offers: Offers): void {
  addRoute(application, {
    ...{ method: 'get', path: '/v1/offers', role: 'look', doc: 'bases that the repository of models offers now' },
    query: z.object(listQuery),
    answer: listOf(offer).extend({
      plan: plan.openapi({ description: 'of a rollout, where nobody says otherwise' }),
      problem: z.string().nullable().openapi({ description: 'why the repository cannot be read' }),
    }),
    answerWith: async ({ query }) => {
      const { offers: known, problem } = await offers.now();
      const page = pageOfAll(known, ({ target }) => target.name, query);
      const counts = await machinesByBase(database);
      const items = page.items.map(({ target, model, channel, groups, form, carrying: ways }): OfferSummary => {
        const own = counts.filter((each) => each.model === model && each.channel === channel);
        return {
          ...{ sha256: target.sha256, name: target.name, model, channel, groups, form, carrying: ways },
          machines: sumOf(own),
          installed: sumOf(own.filter(({ base }) => base === target.sha256)),
        };
      });
      return { items, next: page.next, plan: DEFAULT_PLAN, problem };
    },
  });
}

/** How many machines of members run which base. */
function machinesByBase({ queries }: Database) {
  return queries
    .selectFrom('machine')
    .innerJoin('device', 'device.id', 'machine.device')
    .select(['model', 'channel', 'base'])
    .select(({ fn }) => fn.countAll<number>().as('machines'))
    .where('status', '=', 'member')
    .groupBy(['model', 'channel', 'base'])
    .execute();
}

function sumOf(rows: readonly { readonly machines: number }[]): number {
  return rows.reduce((sum, { machines }) => sum + machines, 0);
}
