import { z } from '@hono/zod-openapi';
import type { GateRules } from 'spikewire/agent';
import { DAYS, type Hours } from '../../rollouts/hours.ts';
import { APPROVERS, type Approval, type Plan } from '../../rollouts/plan.ts';
import type {
  AnswerCounts,
  RolloutDetails,
  RolloutMachine,
  RolloutRequest,
  RolloutSummary,
  WaveMark,
} from '../../wire/wire.ts';
import { labels, time } from './people.ts';
import { carrying, count, sha256 } from './report.ts';
import type { Shape } from './shape.ts';

const gates = z
  .object({
    ...{ abortMargin: z.number(), goMargin: z.number(), abortEvidence: z.number(), goEvidence: z.number() },
  } satisfies Shape<GateRules>)
  .strict()
  .openapi('Gates');

const hours = z
  .object({
    ...{
      from: z.string(),
      to: z.string(),
      zone: z.string().max(64),
      days: z.array(z.enum(DAYS)).max(7).readonly().optional(),
    },
  } satisfies Shape<Hours>)
  .strict();
const approval = z.object({ by: z.enum(APPROVERS), people: z.number() } satisfies Shape<Approval>).strict();

/** Its values are checked by `checkPlan`. */
export const plan = z
  .object({
    ...{
      carrying,
      shadow: z.number(),
      questionsPerDay: z.number().nullable().default(null),
      shadowDays: z.number(),
      approval: z.union([z.boolean(), approval]),
      waves: z.array(z.number()).readonly(),
    },
    hours: hours.nullable().default(null),
    ...{ waveHours: z.number(), gates, mostFailed: z.number(), mostSilent: z.number() },
  } satisfies Shape<Plan>)
  .strict()
  .openapi('Plan');

export const rolloutRequest = z
  .object({
    name: z.string(),
    ...{ model: z.string(), channel: z.string(), sha256, plan },
    labels: labels.openapi({ description: 'of the devices; none: all devices' }),
  } satisfies Shape<RolloutRequest>)
  .strict()
  .openapi('RolloutRequest');

export const rolloutSummary = z
  .object({
    ...{ id: z.string(), name: z.string(), model: z.string(), channel: z.string(), sha256, labels },
    phase: z.enum(['shadow', 'waves', 'held', 'done', 'stopped']),
    ...{
      waves: count,
      since: time,
      reason: z.string().nullable(),
      approvals: z.array(z.string()).readonly(),
      paused: z.boolean(),
      begun: time,
    },
    ...{ begunBy: z.string(), ended: time.nullable(), machines: count, installed: count },
  } satisfies Shape<RolloutSummary>)
  .openapi('Rollout');

export const machineState = z.enum([
  'waiting',
  'trying',
  'installed',
  'failed',
  'silent',
  'pinned',
  'unoffered',
  'left',
  'gone',
]);

const answerCounts = {
  ...{ compared: count, differed: count, labelled: count, gained: count, lost: count },
} satisfies Shape<AnswerCounts>;

const mark = z.object({
  ...{ share: z.number(), machines: count, begun: time.nullable() },
} satisfies Shape<WaveMark>);

export const rolloutDetails = z
  .object({
    ...rolloutSummary.shape,
    ...{ plan, states: z.record(machineState, count), counts: z.object(answerCounts), judging: count },
    evidence: z
      .object({ worse: z.number(), notWorse: z.number() })
      .openapi({ description: 'e-values; their limits are gates of the plan' }),
    ...{
      exposed: count,
      marks: z.array(mark).readonly(),
      expectedEnd: time.nullable(),
      waitsUntil: z.string().nullable(),
    },
  } satisfies Shape<RolloutDetails>)
  .openapi('RolloutDetails');

export const rolloutMachine = z
  .object({
    ...{ device: z.string(), name: z.string(), machine: z.string(), place: count, state: machineState },
    ...{ ...answerCounts, reported: time.nullable(), problem: z.string().nullable() },
  } satisfies Shape<RolloutMachine>)
  .openapi('RolloutMachine');
