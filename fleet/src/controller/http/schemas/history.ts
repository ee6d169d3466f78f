import { z } from '@hono/zod-openapi';
import type { HistoryRow } from '../../database/tables.ts';
import type { HistoryHead } from '../../history/chain.ts';
import type { HistoryEntry } from '../../wire/wire.ts';
import { time } from './people.ts';
import { count } from './report.ts';
import type { Shape } from './shape.ts';

export const historyEntry = z
  .object({
    ...{ number: count, time, actor: z.string(), action: z.string(), subject: z.string() },
    details: z.unknown().openapi({ description: 'a JSON document' }),
  } satisfies Shape<HistoryEntry>)
  .openapi('HistoryEntry');

/** As it is stored: what the hash is computed over. */
export const chainEntry = z
  .object({
    ...{ number: count, time, actor: z.string(), action: z.string(), subject: z.string() },
    details: z.string().openapi({ description: 'the text of a JSON document' }),
    previous: z.string().openapi({ description: 'hash of the entry before; 64 zeros for the first' }),
    hash: z.string().openapi({
      description: 'SHA-256 of the JSON list [number, time, actor, action, subject, details, previous]',
    }),
  } satisfies Shape<HistoryRow>)
  .openapi('ChainEntry');

export const historyCheck = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('whole'),
      head: z.object({ number: count, hash: z.string() } satisfies Shape<HistoryHead>),
    }),
    z.object({ kind: z.literal('broken'), number: count }),
  ])
  .openapi('HistoryCheck');
