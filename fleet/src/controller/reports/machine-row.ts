import { printableLine, SpikewireError } from '@spikewire/models';
import { LONGEST_REPORTED_TEXT, MOST_REPORTED_REFUSALS, type ReportedBase } from 'spikewire/agent';
import type { MachineRow } from '../database/device-rows.ts';
import { expectName } from '../database/text.ts';
import type { ReadMachine, ReadReport } from './read-report.ts';

/** The rows of the machines in a report. Throws `input` for names that no device gives. */
export function machineRows(device: string, { machines }: ReadReport): MachineRow[] {
  if (new Set(machines.map(({ machine }) => machine)).size < machines.length)
    throw new SpikewireError('input', 'report, machines', 'several have the same name', 'different names');
  return machines.map((machine) => machineRow(device, machine));
}

function machineRow(device: string, reported: ReadMachine): MachineRow {
  const { machine, model, channel, groups, state, former, candidate, refused, accuracy, problem } = reported;
  const { readings, lessons, alarms } = reported;
  for (const name of [machine, model, channel]) expectName('report', name);
  const newest = refused.slice(-MOST_REPORTED_REFUSALS).map((each) => ({ ...each, reason: shownText(each.reason) }));
  return {
    ...{ device, machine, model, channel, groups: JSON.stringify(groups), state },
    ...columnsOfBase(reported.base),
    ...{ former, candidate, refused: JSON.stringify(newest), readings },
    right: accuracy?.right ?? null,
    rightOf: accuracy?.of ?? null,
    ...{ lessons, alarms, drift: reported.drift ? 1 : 0, pinned: reported.pinned ? 1 : 0 },
    unoffered: reported.unoffered ?? null,
    problem: problem === null ? null : shownText(problem),
  };
}

function columnsOfBase(base: ReportedBase | null): Pick<MachineRow, 'base' | 'baseName' | 'carrying' | 'since'> {
  if (base === null) return { base: null, baseName: null, carrying: null, since: null };
  const { sha256, name, carrying, since } = base;
  return { base: sha256, baseName: shownText(name), carrying, since: shownText(since) };
}

/** A text for people, as one printable line of bounded length. */
export function shownText(text: string): string {
  return printableLine(text.slice(0, LONGEST_REPORTED_TEXT));
}
