import { z } from '@hono/zod-openapi';
import {
  CARRYING,
  type DeviceReport,
  type MachineOrder,
  type MachineReport,
  MOST_REPORTED_MACHINES,
  type Orders,
  type ReportedBase,
  type ReportedRefusal,
  type ReportedTrial,
  type ReportedWay,
  UPDATE_STATES,
} from 'spikewire/agent';
import type { JoinRequest } from '../../devices/joining.ts';
import type { Shape } from './shape.ts';

// Members that a later release adds are left out; `reports/machine-row.ts` bounds texts and numbers.
export const carrying = z.enum(CARRYING);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0);

const way = z.object({
  carrying,
  ...{ compared: count, differed: count, labelled: count, gained: count, lost: count },
  ended: z.string().nullable(),
} satisfies Shape<ReportedWay>);

const trial = z.object({
  sha256,
  ways: z.array(way),
  begun: z.string().max(64).optional(),
} satisfies Shape<ReportedTrial>);

const base = z.object({
  ...{ sha256, name: z.string(), carrying: carrying.nullable(), since: z.string() },
} satisfies Shape<ReportedBase>);

const refusal = z.object({
  ...{ sha256, cause: z.enum(['model', 'machine', 'base']), reason: z.string() },
} satisfies Shape<ReportedRefusal>);

export const reportedMachine = {
  ...{ machine: z.string(), model: z.string(), channel: z.string(), groups: z.array(z.string()) },
  ...{ state: z.enum(UPDATE_STATES), base: base.nullable(), former: sha256.nullable() },
  ...{ candidate: sha256.nullable(), trial: trial.nullable(), refused: z.array(refusal), readings: count },
  accuracy: z.object({ right: count, of: count }).nullable(),
  ...{ lessons: count, alarms: count, drift: z.boolean(), pinned: z.boolean(), problem: z.string().nullable() },
  unoffered: sha256.nullable().optional(),
} satisfies Shape<MachineReport>;

export const deviceReport = z
  .object({
    ...{ format: z.literal(1), version: z.string(), platform: z.string(), memory: count },
    machines: z.array(z.object(reportedMachine)).max(MOST_REPORTED_MACHINES),
  } satisfies Shape<DeviceReport>)
  .openapi('DeviceReport');

export const joinRequest = z
  .object({
    token: z.string().max(100),
    publicKey: z.string().regex(/^[0-9a-f]{64}$/),
    name: z.string().max(64),
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
