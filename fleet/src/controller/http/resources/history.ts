import { z } from '@hono/zod-openapi';
import type { Database } from '../../database/database.ts';
import { checkHistory } from '../../history/history.ts';
import { listHistory } from '../../history/history-list.ts';
import type { Application } from '../base/environment.ts';
import { addRoute } from '../base/person-route.ts';
import { historyCheck, historyEntry } from '../schemas/history.ts';
import { listOf, listQuery } from '../schemas/list.ts';

const known = {
  number: z.coerce.number().int().min(1).optional().openapi({ description: 'number of an entry that you have kept' }),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .openapi({ description: 'its hash' }),
};

export function addHistoryRoutes(application: Application, database: Database): void {
  addRoute(application, {
    ...{ method: 'get', path: '/v1/history', role: 'look', doc: 'what was done, the newest first' },
    query: z.object({
      ...listQuery,
      subject: z.string().max(200).optional().openapi({ description: 'id of the device or rollout that it is about' }),
    }),
    answer: listOf(historyEntry),
    answerWith: async ({ query }) => {
      const page = await listHistory(database, query);
      const items = page.items.map(({ details, previous: _, hash: __, ...entry }) => ({
        ...entry,
        details: JSON.parse(details) as unknown,
      }));
      return { items, next: page.next };
    },
  });
  addRoute(application, {
    ...{ method: 'get', path: '/v1/history/check', role: 'look', doc: 'checks the chain of hashes over the history' },
    query: z.object(known),
    answer: historyCheck,
    answerWith: ({ query: { number, hash } }) =>
      checkHistory(database, number === undefined || hash === undefined ? undefined : { number, hash }),
  });
}
