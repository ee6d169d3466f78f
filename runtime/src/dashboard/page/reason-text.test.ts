import { expect, it } from 'vitest';
import type { DashboardMonitor } from '../source.ts';
import { plainReason, reasonWithLimits } from './reason-text.ts';

const rest = { about: '', limit: 10, isOn: true, isChanged: false, settings: [] };
const monitors: DashboardMonitor[] = [
  { ...rest, name: 'jump', title: 'sudden jump', limitReasons: [{ kind: 'set', to: 15, from: 10 }] },
  { ...rest, name: 'drift', title: 'slow drift', limitReasons: [] },
];
const reason = 'sudden jump: level changes by 90, usually by 3 at most; slow drift: level drifts up';

it('says what is unusual without the names of monitors', () => {
  expect(plainReason(reason)).toBe('level changes by 90, usually by 3 at most; level drifts up');
  expect(plainReason('Level 2 is 5')).toBe('Level 2 is 5');
  expect(plainReason('')).toBe('');
});

it('says why the limit is another one, where a monitor flags that has such a limit', () => {
  expect(reasonWithLimits(reason, monitors, 0)).toBe(
    'level changes by 90, usually by 3 at most (limit set by hand instead of 10); level drifts up',
  );
  expect(reasonWithLimits(reason, [], 0)).toBe(plainReason(reason));
});
