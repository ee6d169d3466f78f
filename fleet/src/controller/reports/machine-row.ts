import { printableLine, SpikewireError } from '@spikewire/models';
import {
  CARRYING,
  type DeviceReport,
  LONGEST_REPORTED_TEXT,
  type MachineReport,
  MOST_REPORTED_MACHINES,
  type ReportedBase,
  type ReportedRefusal,
  UPDATE_STATES,
} from 'spikewire/agent';
import type { MachineRow } from '../database/device-rows.ts';
import { expectName } from '../database/text.ts';

const MOST_GROUPS = 32;
export const MOST_REPORTED_REFUSALS = 8;

/** The rows of the machines in a report. Throws `input` for the first value that no device of this release reports. */
export function machineRows(device: string, { machines }: DeviceReport): MachineRow[] {
  if (machines.length > MOST_REPORTED_MACHINES)
    throw wrong('machines', machines.length, `at most ${MOST_REPORTED_MACHINES}`);
  if (new Set(machines.map(({ machine }) => machine)).size < machines.length)
    throw wrong('machines', 'several with the same name', 'different names');
  return machines.map((machine) => machineRow(device, machine));
}

function machineRow(device: string, reported: MachineReport): MachineRow {
  const { machine, model, channel, groups, state, refused, accuracy, problem } = reported;
  for (const name of [machine, model, channel]) expectName('report', name);
  if (!UPDATE_STATES.includes(state)) throw wrong(`${machine}, state`, state, UPDATE_STATES.join(', '));
  if (groups.length > MOST_GROUPS) throw wrong(`${machine}, groups`, groups.length, `at most ${MOST_GROUPS}`);
  for (const group of groups) expectName(`report, ${machine}, groups`, group);
  return {
    ...{ device, machine, model, channel, groups: JSON.stringify(groups), state },
    ...columnsOfBase(reported.base),
    former: digestIn(reported.former),
    candidate: digestIn(reported.candidate),
    refused: JSON.stringify(refused.slice(-MOST_REPORTED_REFUSALS).map(readRefusal)),
    readings: countIn('readings', reported.readings),
    right: accuracy && countIn('accuracy', accuracy.right),
    rightOf: accuracy && countIn('accuracy', accuracy.of),
    lessons: countIn('lessons', reported.lessons),
    alarms: countIn('alarms', reported.alarms),
    drift: reported.drift ? 1 : 0,
    pinned: reported.pinned ? 1 : 0,
    unoffered: digestIn(reported.unoffered ?? null),
    problem: problem === null ? null : shownText(problem),
  };
}

function columnsOfBase(base: ReportedBase | null): Pick<MachineRow, 'base' | 'baseName' | 'carrying' | 'since'> {
  if (base === null) return { base: null, baseName: null, carrying: null, since: null };
  const { sha256, name, carrying, since } = base;
  if (carrying !== null && !CARRYING.includes(carrying)) throw wrong('carrying', carrying, CARRYING.join(', '));
  return { base: digestIn(sha256), baseName: shownText(name), carrying, since: shownText(since) };
}

function readRefusal({ sha256, cause, reason }: ReportedRefusal): ReportedRefusal {
  if (!['model', 'machine', 'base'].includes(cause)) throw wrong('cause', cause, 'model, machine or base');
  return { sha256: digestIn(sha256)!, cause, reason: shownText(reason) };
}

function digestIn(sha256: string | null): string | null {
  if (sha256 !== null && !/^[0-9a-f]{64}$/.test(sha256)) throw wrong('base', sha256, 'a SHA-256 in hex');
  return sha256;
}

export function countIn(name: string, count: number): number {
  if (!Number.isSafeInteger(count) || count < 0) throw wrong(name, count, 'a whole number from 0 on');
  return count;
}

/** A text for people, as one printable line of bounded length. */
export function shownText(text: string): string {
  return printableLine(text.slice(0, LONGEST_REPORTED_TEXT));
}

function wrong(where: string, value: unknown, expected: string): SpikewireError {
  return new SpikewireError('input', `report, ${where}`, `is ${JSON.stringify(value)?.slice(0, 80)}`, expected);
}
