import { z } from '@hono/zod-openapi';
import { UPDATE_STATES } from 'spikewire/agent';
import type {
  BaseName,
  DeviceBackup,
  DeviceDetails,
  DevicePart,
  DeviceSummary,
  Group,
  LabelKey,
  MachineDetails,
} from '../../wire/wire.ts';
import { health, labels, time } from './people.ts';
import { count, machineOrder, reportedMachine, sha256 } from './report.ts';
import type { Shape } from './shape.ts';

const text = z.string().nullable();

export const labelKey = z.object({ key: z.string(), devices: count } satisfies Shape<LabelKey>).openapi('LabelKey');

export const group = z
  .object({ value: text, devices: count, machines: count, silent: count, problem: count } satisfies Shape<Group>)
  .openapi('Group');

export const deviceSummary = z
  .object({
    ...{ id: z.string(), name: z.string(), labels, health, seen: time.nullable(), machines: count },
    bases: z.array(z.object({ sha256, name: z.string() } satisfies Shape<BaseName>)).readonly(),
    problem: text,
  } satisfies Shape<DeviceSummary>)
  .openapi('Device');

const { trial: _, ...ofMachine } = reportedMachine;

const machine = z
  .object({
    ...ofMachine,
    state: z.enum([...UPDATE_STATES, 'unknown']),
    order: machineOrder.nullable(),
    rollout: z.object({ id: z.string(), name: z.string() }).nullable(),
    reported: time,
  } satisfies Shape<MachineDetails>)
  .openapi('Machine');

const backup = z.object({ number: count, time, bytes: count } satisfies Shape<DeviceBackup>).openapi('DeviceBackup');

const part = z
  .object({ round: z.string(), time, samples: count, bytes: count } satisfies Shape<DevicePart>)
  .openapi('DevicePart');

export const deviceDetails = z
  .object({
    ...{ id: z.string(), name: z.string(), labels, health, seen: time.nullable(), joined: time },
    ...{
      version: text,
      platform: text,
      memory: count.nullable(),
      problem: text,
      machines: z.array(machine).readonly(),
    },
    ...{ backups: z.array(backup).readonly(), shared: z.array(part).readonly() },
  } satisfies Shape<DeviceDetails>)
  .openapi('DeviceDetails');
