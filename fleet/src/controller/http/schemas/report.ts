import { z } from '@hono/zod-openapi';
import {
  CARRYING,
  type Carrying,
  type MachineOrder,
  MOST_REPORTED_GROUPS,
  MOST_REPORTED_MACHINES,
  type Orders,
  type ReportedBase,
  type ReportedRefusal,
  type ReportedTrial,
  type ReportedWay,
  UPDATE_STATES,
} from 'spikewire/agent';
import { isName, LONGEST_TOKEN } from '../../database/text.ts';
import { type JoinRequest, LONGEST_DEVICE_NAME } from '../../devices/joining.ts';
import type { ReadMachine, ReadReport } from '../../reports/read-report.ts';
import type { Shape } from './shape.ts';

// What a later release adds is left out: members, and words that this release does not know. `reports/machine-row.ts`
// bounds texts.
export const carrying = z.enum(CARRYING);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const count = z.number().int().min(0);

/** One of the words; `other` where a later release says another one. */
function wordOf<Word extends string, Other>(words: readonly Word[], other: Other) {
  return z
    .string()
    .transform((said): Word | Other => words.find((word) => word === said) ?? other)
    .openapi({ description: `${words.join(', ')}; others are of later releases` });
}

const way = z.object({
  carrying: wordOf(CARRYING, null),
  ...{ compared: count, differed: count, labelled: count, gained: count, lost: count },
  ended: z.string().nullable(),
} satisfies Shape<Omit<ReportedWay, 'carrying'> & { carrying: Carrying | null }>);

const trial = z.object({
  sha256,
  ways: z
    .array(way)
    .transform((ways) => ways.flatMap(({ carrying, ...counts }) => (carrying === null ? [] : { carrying, ...counts }))),
  begun: z.string().max(64).optional(),
} satisfies Shape<ReportedTrial>);

const base = z.object({
  ...{ sha256, name: z.string(), carrying: wordOf(CARRYING, null).nullable(), since: z.string() },
} satisfies Shape<ReportedBase>);

/** Whatever another cause is, the base did not stay. */
const refusal = z.object({
  ...{ sha256, cause: wordOf(['model', 'machine', 'base'], 'model'), reason: z.string() },
} satisfies Shape<ReportedRefusal>);

/** Words that cannot be the name of a group are left out. */
const groups = z
  .array(z.string())
  .transform((said) => said.filter((group) => isName(group)).slice(0, MOST_REPORTED_GROUPS));

export const reportedMachine = {
  ...{ machine: z.string(), model: z.string(), channel: z.string(), groups },
  ...{ state: wordOf(UPDATE_STATES, 'unknown'), base: base.nullable(), former: sha256.nullable() },
  ...{ candidate: sha256.nullable(), trial: trial.nullable(), refused: z.array(refusal), readings: count },
  accuracy: z.object({ right: count, of: count }).nullable(),
  ...{ lessons: count, alarms: count, drift: z.boolean(), pinned: z.boolean(), problem: z.string().nullable() },
  unoffered: sha256.nullable().optional(),
} satisfies Shape<ReadMachine>;

export const deviceReport = z
  .object({
    ...{ format: z.literal(1), version: z.string(), platform: z.string(), memory: count },
    boot: z
      .string()
      .regex(/^[0-9a-f]{16}$/)
      .optional(),
    machines: z.array(z.object(reportedMachine)).max(MOST_REPORTED_MACHINES),
  } satisfies Shape<ReadReport>)
  .openapi('DeviceReport');

export const joinRequest = z
  .object({
    token: z.string().max(LONGEST_TOKEN),
    publicKey: z.string().regex(/^[0-9a-f]{64}$/),
    name: z.string().max(LONGEST_DEVICE_NAME),
  } satisfies Shape<JoinRequest>)
  .openapi('JoinRequest');

export const machineOrder: z.ZodType<MachineOrder> = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('keep') }),
    z.object({ kind: z.literal('wait') }),
    z.object({ kind: z.literal('try'), sha256, carrying, questionsPerDay: z.number().optional() }),
    z.object({ kind: z.literal('install'), sha256, carrying, watch: z.boolean() }),
    z.object({ kind: z.literal('leave'), sha256 }),
  ])
  .openapi('MachineOrder');

export const orders = z
  .object({ machines: z.record(z.string(), machineOrder), every: z.number() } satisfies Shape<Orders>)
  .openapi('Orders');
