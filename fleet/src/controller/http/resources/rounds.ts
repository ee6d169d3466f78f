import { z } from '@hono/zod-openapi';
import { UnknownItemError } from '../../database/unknown-item.ts';
import type { Rounds } from '../../rounds/rounds.ts';
import type { Application } from '../base/environment.ts';
import { addRoute, describeRoute } from '../base/person-route.ts';
import { listOf, listQuery, word } from '../schemas/list.ts';
import { done } from '../schemas/people.ts';
import { roundDetails, roundRequest, roundSummary } from '../schemas/rounds.ts';

const ofRound = z.object({ id: word });

export function addRoundRoutes(application: Application, rounds: Rounds): void {
  addRoute(application, {
    ...{ method: 'get', path: '/v1/rounds', role: 'look', doc: 'rounds in which devices learn from each other' },
    query: z.object(listQuery),
    answer: listOf(roundSummary),
    answerWith: ({ query }) => rounds.list(query),
  });
  addRoute(application, {
    ...{ method: 'post', path: '/v1/rounds', role: 'release', doc: 'begins a round' },
    body: roundRequest,
    answer: z.object({ id: z.string() }),
    answerWith: async ({ body, person }) => ({ id: await rounds.begin(body, person.name) }),
  });
  addRoute(application, {
    ...{ method: 'get', path: '/v1/rounds/{id}', role: 'look', doc: 'a round, and how many parts came' },
    params: ofRound,
    answer: roundDetails,
    answerWith: async ({ params: { id } }) => {
      const round = await rounds.get(id);
      if (round === undefined) throw new UnknownItemError('round', id);
      return round;
    },
  });
  addRoute(application, {
    ...{ method: 'post', path: '/v1/rounds/{id}/close', role: 'release' },
    doc: 'lets a round take no more parts: it gets a result if enough have come',
    params: ofRound,
    answer: done,
    answerWith: async ({ params: { id }, person }) => {
      await rounds.close(id, person.name);
      return {};
    },
  });
  addResultRoute(application, rounds);
}

function addResultRoute(application: Application, rounds: Rounds): void {
  const about = { role: 'release', doc: 'the model file that a round has made; nobody has signed it' } as const;
  const type = 'application/octet-stream';
  const expectRole = describeRoute(application, '/v1/rounds/{id}/result', { ...about, type, params: ofRound });
  application.get('/v1/rounds/:id/result', expectRole, async (context) => {
    const content = await rounds.takeResult(context.req.param('id'), context.var.person.name);
    return context.body(new Uint8Array(content), 200, { 'content-type': type });
  });
}
