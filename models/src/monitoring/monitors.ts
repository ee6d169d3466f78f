import type { Model } from '../model/model.ts';
import { kindNamed } from '../parameters/kind-named.ts';
import { average } from './deviation/average.ts';
import { drift } from './deviation/drift.ts';
import { extremum } from './deviation/extremum.ts';
import { jump } from './deviation/jump.ts';
import { nextReading } from './deviation/next-reading.ts';
import { rate } from './deviation/rate.ts';
import { silence } from './deviation/silence.ts';
import { spread } from './deviation/spread.ts';
import { stay } from './deviation/stay.ts';
import { stuck } from './deviation/stuck.ts';
import type { MonitorKind } from './monitor/monitor.ts';
import { pairNovelty } from './novelty/pair-novelty.ts';
import { relation } from './novelty/relation.ts';
import { sequence } from './novelty/sequence.ts';
import { surprise } from './novelty/surprise.ts';

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
