import { z } from '@hono/zod-openapi';
import type { Registry } from '../../devices/registry.ts';
import type { Application } from '../base/environment.ts';
import { addRoute } from '../base/person-route.ts';
import { listOf, listQuery, pageOfAll, word } from '../schemas/list.ts';
import { done, joinToken, labels, time } from '../schemas/people.ts';

const tokenRequest = z
  .object({
    labels: labels.openapi({ description: 'that devices get by it' }),
    hours: z.number().openapi({ description: 'for which it can be used' }),
    uses: z.number().int().openapi({ description: 'devices that can join by it' }),
  })
  .openapi('TokenRequest');

export function addTokenRoutes(application: Application, registry: Registry): void {
  addRoute(application, {
    ...{ method: 'get', path: '/v1/tokens', role: 'operate', doc: 'tokens by which devices can join' },
    query: z.object(listQuery),
    answer: listOf(joinToken),
    answerWith: async ({ query }) => pageOfAll(await registry.tokens(), ({ id }) => id, query),
  });
  addRoute(application, {
    ...{ method: 'post', path: '/v1/tokens', role: 'operate', doc: 'makes a token; nobody can read it again' },
    body: tokenRequest,
    answer: z.object({ token: z.string(), expires: time }),
    answerWith: ({ body, person }) => registry.makeToken({ ...body, by: person.name }),
  });
  addRoute(application, {
    ...{ method: 'delete', path: '/v1/tokens/{id}', role: 'operate', doc: 'withdraws a token' },
    params: z.object({ id: word }),
    answer: done,
    answerWith: async ({ params, person }) => {
      await registry.withdrawToken(params.id, person.name);
      return {};
    },
  });
}
