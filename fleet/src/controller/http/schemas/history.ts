import { z } from '@hono/zod-openapi';
import type { HistoryHead } from '../../history/history.ts';
import type { HistoryEntry } from '../../wire/wire.ts';
import { time } from './people.ts';
import type { Shape } from './shape.ts';

const count = z.number().int();

export const historyEntry = z
  .object({
    ...{ number: count, time, actor: z.string(), action: z.string(), subject: z.string() },
    details: z.unknown().openapi({ description: 'a JSON document' }),
  } satisfies Shape<HistoryEntry>)
  .openapi('HistoryEntry');

export const historyCheck = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('whole'),
      head: z.object({ number: count, hash: z.string() } satisfies Shape<HistoryHead>),
    }),
    z.object({ kind: z.literal('broken'), number: count }),
  ])
  .openapi('HistoryCheck');
