import { anomalyModel, type Model } from '@spikewire/models';
import { expect, it } from 'vitest';
import type { Desk } from '../../desk/desk.ts';
import { HostActivity } from './host-activity.ts';

const BASE = anomalyModel({ channels: [{ name: 'level', unit: 'm' }], seed: 1 });
const watchedBy = (...monitors: object[]): Model => ({ ...BASE, monitors: monitors as Model['monitors'] & object });

it('tells that a monitor for drift is alarmed, by its name in the base that answers now', () => {
  const observers: Record<string, (...what: unknown[]) => void> = {};
  const observe = (name: string) => (observer: (...what: unknown[]) => void) => {
    observers[name] = observer;
    return () => {};
  };
  const pool = { model: watchedBy({ type: 'drift', parameters: {} }), observeReplaced: observe('replaced') };
  const activity = new HostActivity({
    ...{ pool, observe: observe('readings'), observeAlarms: observe('alarms'), observeLessons: observe('lessons') },
    readings: { given: 0, done: 0 },
  } as unknown as Desk);
  const driftAfter = (monitor: string) => {
    observers.readings!('', {}, { verdicts: [{ monitor, anomaly: true, alarm: false, score: 3 }] });
    return activity.figures.drift;
  };
  expect([driftAfter('drift'), driftAfter('error')]).toEqual([true, false]);
  pool.model = watchedBy({ type: 'average', parameters: { name: 7 } }, { type: 'error', parameters: {} });
  observers.replaced!();
  expect([driftAfter('7'), driftAfter('drift'), driftAfter('error')]).toEqual([true, false, false]);
});
