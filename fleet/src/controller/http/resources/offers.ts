import { z } from '@hono/zod-openapi';
import type { Registry } from '../../devices/registry.ts';
import type { Offers } from '../../offers/offers.ts';
import { DEFAULT_PLAN } from '../../rollouts/plan.ts';
import type { OfferSummary } from '../../wire/wire.ts';
import type { Application } from '../base/environment.ts';
import { addRoute } from '../base/person-route.ts';
import { listOf, listQuery, pageOfAll, word } from '../schemas/list.ts';
import { carrying } from '../schemas/report.ts';
import { plan } from '../schemas/rollouts.ts';
import type { Shape } from '../schemas/shape.ts';

const count = z.number().int();

const offer = z
  .object({
    ...{ sha256: z.string(), name: z.string(), model: z.string(), channel: z.string(), form: z.string() },
    ...{
      groups: z.array(z.string()).readonly(),
      carrying: z.array(carrying).readonly(),
      machines: count,
      installed: count,
    },
  } satisfies Shape<OfferSummary>)
  .openapi('Offer');

export function addOfferRoutes(application: Application, registry: Registry, offers: Offers): void {
  addRoute(application, {
    ...{ method: 'get', path: '/v1/offers', role: 'look', doc: 'bases that the repository of models offers now' },
    query: z.object({ ...listQuery, model: word.optional(), channel: word.optional() }),
    answer: listOf(offer).extend({
      plan: plan.openapi({ description: 'of a rollout, where nobody says otherwise' }),
      problem: z.string().nullable().openapi({ description: 'why the repository cannot be read' }),
    }),
    answerWith: async ({ query }) => {
      const { offers: known, problem } = await offers.now();
      const { model: wanted, channel: followed } = query;
      const meant = known.filter(
        ({ model, channel }) => model === (wanted ?? model) && channel === (followed ?? channel),
      );
      const page = pageOfAll(meant, ({ target }) => target.name, query);
      const items: OfferSummary[] = [];
      for (const { target, model, channel, groups, form, carrying: ways } of page.items) {
        const { sha256, name } = target;
        const machines = await registry.machinesFor({ model, channel, sha256 });
        items.push({ ...{ sha256, name, model, channel, groups, form, carrying: ways }, ...machines });
      }
      return { items, next: page.next, plan: DEFAULT_PLAN, problem };
    },
  });
}
