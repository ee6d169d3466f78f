import { z } from '@hono/zod-openapi';
import { HEALTHS } from '../../devices/health.ts';
import { PERSON_ROLES } from '../../people/role.ts';
import type { ControllerStatus, Health, JoinToken, Labels, Person } from '../../wire/wire.ts';
import { count } from './report.ts';
import type { Shape } from './shape.ts';

export const time = z.number().int().openapi({ description: 'milliseconds since 1970 by the clock of the database' });
export const labels: z.ZodType<Labels> = z.record(z.string(), z.string());
export const role = z.enum(PERSON_ROLES);

export const done = z.object({}).openapi('Done');

export const health = z.enum(HEALTHS);

export const status = z
  .object({
    ...{ person: z.string(), role, version: z.string(), now: time, silentAfter: count, openRollouts: count },
    devices: z.object({
      ...{ reporting: count, problem: count, silent: count, retired: count, revoked: count },
    } satisfies Shape<Record<Health, number>>),
  } satisfies Shape<ControllerStatus>)
  .openapi('Status');

export const person = z
  .object({ id: z.string(), name: z.string(), role, made: time, madeBy: z.string() } satisfies Shape<Person>)
  .openapi('Person');

export const joinToken = z
  .object({
    ...{ id: z.string(), labels, expires: time, uses: count, madeBy: z.string(), made: time },
  } satisfies Shape<JoinToken>)
  .openapi('JoinToken');
