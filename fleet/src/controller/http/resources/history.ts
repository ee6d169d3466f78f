import { z } from '@hono/zod-openapi';
import type { Database } from '../../database/database.ts';
import type { HistoryCheck } from '../../history/chain.ts';
import { checkHistory, entriesBehind } from '../../history/history.ts';
import { listHistory } from '../../history/history-list.ts';
import type { Application } from '../base/environment.ts';
import { addRoute } from '../base/person-route.ts';
import { chainEntry, historyCheck, historyEntry } from '../schemas/history.ts';
import { listOf, listQuery, word } from '../schemas/list.ts';

export function addHistoryRoutes(application: Application, database: Database): void {
  addRoute(application, {
    ...{ method: 'get', path: '/v1/history', role: 'look', doc: 'what was done, the newest first' },
    query: z.object({
      ...listQuery,
      subject: word.optional().openapi({ description: 'id of the device or rollout that it is about' }),
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
    ...{ method: 'get', path: '/v1/history/chain', role: 'look' },
    doc: 'entries from the oldest on, as their hashes are computed: for whoever checks the history by himself',
    query: z.object({ after: entryNumber.openapi({ description: 'number of the last entry that you have; or 0' }) }),
    answer: z.object({ items: z.array(chainEntry).readonly() }),
    answerWith: async ({ query }) => ({ items: await entriesBehind(database, query.after) }),
  });
  let running: Promise<HistoryCheck> | undefined;
  addRoute(application, {
    ...{ method: 'get', path: '/v1/history/check', role: 'look' },
    doc: 'checks the chain of hashes over the history; one check at a time, whose answer all get that ask meanwhile',
    answer: historyCheck,
    answerWith: () => {
      running ??= checkHistory(database).finally(() => (running = undefined));
      return running;
    },
  });
}

const entryNumber = z.coerce.number().int().min(0).default(0);
