import { z } from '@hono/zod-openapi';
import type { RoundDetails, RoundRequest, RoundSummary } from '../../wire/wire.ts';
import { labels, time } from './people.ts';
import { count, sha256 } from './report.ts';
import type { Shape } from './shape.ts';

const method = z.enum(['checked-sum', 'sum']).openapi({
  description: '`checked-sum` adds parts up, without those that their check finds wrong; `sum` checks none',
});

/** Its values are checked where it begins. */
export const roundRequest = z
  .object({
    ...{ model: z.string(), channel: z.string(), base: sha256 },
    labels: labels.openapi({ description: 'of the devices; none: all devices' }),
    method: method.default('checked-sum'),
    cohort: z.number().openapi({ description: 'devices that a result needs, at least; 3 or more' }),
    most: z.number().openapi({ description: 'parts with which it closes' }),
    fewest: z.number().openapi({ description: 'lessons in a part, at least; 8 or more' }),
    days: z.number().openapi({ description: 'days after which it closes at the latest' }),
  } satisfies Shape<RoundRequest>)
  .strict()
  .openapi('RoundRequest');

export const roundSummary = z
  .object({
    ...{ id: z.string(), model: z.string(), channel: z.string(), base: sha256, labels, method },
    ...{ cohort: count, most: count, fewest: count, deadline: time, parts: count, taken: count },
    phase: z.enum(['open', 'closing', 'done', 'empty']),
    ...{ reason: z.string().nullable(), begun: time, begunBy: z.string(), ended: time.nullable() },
    resultSha256: sha256.nullable(),
  } satisfies Shape<RoundSummary>)
  .openapi('Round');

export const roundDetails = z
  .object({
    ...roundSummary.shape,
    lessons: count,
    leftOut: z.array(z.object({ reason: z.string(), parts: count })).readonly(),
  } satisfies Shape<RoundDetails>)
  .openapi('RoundDetails');
