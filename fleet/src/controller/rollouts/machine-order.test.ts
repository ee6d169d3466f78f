import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MachineRow } from '../database/device-rows.ts';
import { type Membership, machineOrder } from './machine-order.ts';
import { DEFAULT_PLAN } from './plan.ts';
import { NOTHING_COUNTED } from './trial-counts.ts';

const [OLD, NEW, LATER] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];

function machine(change: Partial<MachineRow> = {}): MachineRow {
  return {
    ...{ device: 'd', machine: 'pump', model: 'pump', channel: 'stable', groups: '[]', state: 'idle', base: OLD },
    ...{ baseName: 'pump', carrying: null, since: null, former: null, candidate: null, refused: '[]', readings: 0 },
    ...{ right: null, rightOf: null, lessons: 0, alarms: 0, drift: 0, pinned: 0, unoffered: null, problem: null },
    ...change,
  };
}

function membership(change: Partial<Membership> = {}): Membership {
  return {
    ...{
      rollout: 'r',
      device: 'd',
      machine: 'pump',
      place: 0,
      standing: 'open',
      state: 'waiting',
      told: 0,
      exposed: 0,
    },
    ...{
      reported: 0,
      ...NOTHING_COUNTED,
      model: 'pump',
      channel: 'stable',
      sha256: NEW,
      machines: 1000,
      waves: 0,
      wavePlaces: '[50, 250]',
    },
    ...{ plan: JSON.stringify(DEFAULT_PLAN), phase: 'shadow', paused: 0 },
    ...change,
  };
}

const KEEP = { kind: 'keep' };
const WAIT = { kind: 'wait' };
const NOON = 12 * 3_600_000;
const hoursOf = (from: string, to: string) => JSON.stringify({ ...DEFAULT_PLAN, hours: { from, to, zone: 'UTC' } });
const [NIGHT, LUNCH] = [hoursOf('22:00', '05:00'), hoursOf('11:00', '13:00')];
const ASKING = JSON.stringify({ ...DEFAULT_PLAN, questionsPerDay: 3 });
const TRY = { kind: 'try', sha256: NEW, carrying: 'carry' };
const WATCHED = { kind: 'install', sha256: NEW, carrying: 'carry', watch: true };
const LATE = { ...WATCHED, watch: false };
const LEAVE = { kind: 'leave', sha256: NEW };
const has = { base: NEW, former: OLD };
const refused = JSON.stringify([{ sha256: NEW, cause: 'model', reason: 'it is worse' }]);

/** Of 1000 machines, 200 try the base; the first wave has 50. */
describe('the order of a machine', () => {
  it.each([
    ['in no rollout', {}, undefined, KEEP],
    ['in the shadow', {}, { place: 199 }, TRY],
    ['in a shadow that asks little', {}, { plan: ASKING }, { ...TRY, questionsPerDay: 3 }],
    ['behind the shadow', {}, { place: 200 }, KEEP],
    ['in the shadow, without a base to compare with', { base: null }, {}, WAIT],
    ['behind the first wave, without any base', { base: null }, { phase: 'waves', waves: 1, place: 50 }, WAIT],
    ['without any base, in a pause', { base: null }, { paused: 1, phase: 'waves', waves: 1, place: 49 }, WAIT],
    ['without any base, after the end', { base: null }, { phase: 'done', waves: 3 }, LATE],
    ['in the shadow, with the base by itself', has, {}, KEEP],
    ['that has refused the base', { refused }, {}, KEEP],
    ['that had no way to the base', { refused: refused.replace('model', 'base') }, {}, TRY],
    ['that failed', {}, { state: 'failed', phase: 'waves', waves: 1 }, KEEP],
    ['while the rollout is held before its waves', {}, { phase: 'held' }, TRY],
    ['in the first wave', {}, { phase: 'waves', waves: 1, place: 49 }, WATCHED],
    ['in the first wave, with the base', has, { phase: 'waves', waves: 1, place: 49 }, WATCHED],
    ['in the first wave, without any base', { base: null }, { phase: 'waves', waves: 1, place: 49 }, WATCHED],
    ['in the first wave, in its hours', {}, { plan: LUNCH, phase: 'waves', waves: 1 }, WATCHED],
    ['in the first wave, outside its hours', {}, { plan: NIGHT, phase: 'waves', waves: 1 }, TRY],
    ['that was told in its hours', {}, { plan: NIGHT, told: 1, phase: 'waves', waves: 1 }, WATCHED],
    ['that has the base, outside its hours', has, { plan: NIGHT, phase: 'waves', waves: 1 }, WATCHED],
    ['without any base, outside its hours', { base: null }, { plan: NIGHT, phase: 'waves', waves: 1 }, WAIT],
    ['that comes late, outside its hours', {}, { plan: NIGHT, phase: 'done', waves: 3 }, KEEP],
    ['with the base of a stopped rollout, outside its hours', has, { plan: NIGHT, phase: 'stopped' }, LEAVE],
    ['behind the first wave', {}, { phase: 'waves', waves: 1, place: 50 }, TRY],
    ['while a wave is held', has, { phase: 'held', waves: 1, place: 49 }, WATCHED],
    ['that has not begun, in a pause', {}, { paused: 1 }, KEEP],
    ['that tries the base, in a pause', { candidate: NEW }, { paused: 1 }, TRY],
    ['that tries the base, in a pause of its wave', { candidate: NEW }, { paused: 1, phase: 'waves', waves: 1 }, TRY],
    ['that has the base, in a pause', has, { paused: 1, phase: 'waves', waves: 1 }, WATCHED],
    ['with the base, after the end', has, { phase: 'done', waves: 3 }, KEEP],
    ['that comes late, after the end', {}, { phase: 'done', waves: 3, place: 999 }, LATE],
    ['that has refused the base, after the end', { refused }, { phase: 'done', waves: 3 }, KEEP],
    ['with the base of a stopped rollout', has, { phase: 'stopped' }, LEAVE],
    ['that tries the base of a stopped rollout', { candidate: NEW }, { phase: 'stopped' }, LEAVE],
    ['that has nothing of a stopped rollout', {}, { phase: 'stopped' }, KEEP],
    ['whose first base is that of a stopped rollout', { base: NEW, former: null }, { phase: 'stopped' }, KEEP],
    ['that has another model by now', has, { model: 'fan', phase: 'stopped' }, KEEP],
    ['that follows another channel by now', {}, { channel: 'beta' }, KEEP],
  ] as const)('%s', (_, row, change, expected) => {
    const memberships = change === undefined ? [] : [membership(change as Partial<Membership>)];
    const isProven = memberships.every(({ phase }) => phase === 'done');
    expect(machineOrder(machine(row as Partial<MachineRow>), memberships, isProven, NOON)).toEqual(expected);
  });

  it('that has left a base is not told by an earlier rollout to install it again', () => {
    const stopped = membership({ standing: 'ended', phase: 'stopped' });
    const done = membership({ rollout: 'before', standing: 'ended', phase: 'done' });
    const first = membership({ rollout: 'first', standing: 'ended', phase: 'done', sha256: LATER });
    expect(machineOrder(machine(has), [stopped, done], true, NOON)).toEqual(LEAVE);
    expect(machineOrder(machine(), [stopped, done], true, NOON)).toEqual(KEEP);
    expect(machineOrder(machine(), [stopped, done, first], true, NOON)).toEqual({ ...LATE, sha256: LATER });
  });

  it('without a base is to wait only where the newest rollout for it has not proven its base', () => {
    expect(machineOrder(machine({ base: null }), [], false, NOON)).toEqual(WAIT);
    expect(machineOrder(machine({ base: null }), [], true, NOON)).toEqual(KEEP);
  });

  it('is first to leave a stopped base, then what newer rollouts want', () => {
    const stopped = membership({ phase: 'stopped', rollout: 'earlier' });
    const open = membership({ sha256: LATER });
    expect(machineOrder(machine(has), [open, stopped], false, NOON)).toEqual(LEAVE);
    expect(machineOrder(machine(), [open, stopped], false, NOON)).toEqual({ ...TRY, sha256: LATER });
    expect(machineOrder(machine({ candidate: NEW }), [membership(), stopped], false, NOON)).toEqual(TRY);
    const done = membership({ phase: 'done', sha256: LATER, rollout: 'first' });
    expect(machineOrder(machine(), [stopped, done], false, NOON)).toEqual({ ...LATE, sha256: LATER });
  });

  it('names no base that is stopped, refused or of no rollout, whatever is the case', () => {
    const sha256 = fc.constantFrom(OLD, NEW, LATER);
    const phase = fc.constantFrom('shadow', 'waves', 'held', 'done', 'stopped');
    const some = fc.record({
      ...{ sha256, phase, waves: fc.nat({ max: 3 }), place: fc.nat({ max: 999 }), paused: fc.constantFrom(0, 1) },
      state: fc.constantFrom('waiting', 'trying', 'installed', 'failed', 'pinned', 'left', 'gone'),
      model: fc.constantFrom('pump', 'fan'),
    });
    const row = fc.record({
      ...{ base: fc.option(sha256), former: fc.option(sha256), candidate: fc.option(sha256) },
      refused: sha256.map((each) => JSON.stringify([{ sha256: each, cause: 'model', reason: '' }])),
    });
    fc.assert(
      fc.property(row, fc.array(some, { maxLength: 4 }), (change, list) => {
        const memberships = list.map((each) => membership(each as Partial<Membership>));
        const order = machineOrder(machine(change), memberships, false, NOON);
        if (order.kind === 'keep' || order.kind === 'wait') return;
        const named = list.filter((each) => each.sha256 === order.sha256 && each.model === 'pump');
        expect(named.length).toBeGreaterThan(0);
        if (order.kind === 'leave') {
          expect([change.base, change.candidate]).toContain(order.sha256);
          expect(named[0]!.phase).toBe('stopped');
          return;
        }
        expect(named.some((each) => each.phase !== 'stopped')).toBe(true);
        expect(change.refused).not.toContain(order.sha256);
      }),
    );
  });
});
