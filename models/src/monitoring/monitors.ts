import type { Model } from '../model/model.ts';
import { kindNamed } from '../parameters/kind-named.ts';
import { average } from './average.ts';
import { drift } from './drift.ts';
import { extremum } from './extremum.ts';
import { jump } from './jump.ts';
import type { MonitorKind } from './monitor.ts';
import { nextReading } from './next-reading.ts';
import { pairNovelty } from './pair-novelty.ts';
import { rate } from './rate.ts';
import { relation } from './relation.ts';
import { sequence } from './sequence.ts';
import { silence } from './silence.ts';
import { spread } from './spread.ts';
import { stay } from './stay.ts';
import { stuck } from './stuck.ts';
import { surprise } from './surprise.ts';

/** Every monitor. A new one is a file of its own and a line here. */
export const monitorKinds: readonly MonitorKind[] = [
  nextReading,
  silence,
  spread,
  stuck,
  jump,
  drift,
  rate,
  extremum,
  pairNovelty,
  surprise,
  sequence,
  relation,
  stay,
  average,
];

/** The monitor of a type name, or a `graph` error that says where and lists the types there are. */
export function monitorKindOf(type: string, where: string): MonitorKind {
  return kindNamed('monitor', monitorKinds, type, where);
}

/** Whether the answers of a net are predictions of its next sample. */
export function predictsReadings({ monitors = [] }: Pick<Model, 'monitors'>): boolean {
  return monitors.some(({ type }) => monitorKindOf(type, 'monitor').predicts);
}
