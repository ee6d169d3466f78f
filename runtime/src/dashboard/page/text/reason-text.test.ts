import { expect, it } from 'vitest';
import type { DashboardMonitor } from '../../source.ts';
import { reasonWithLimits, saidText } from './reason-text.ts';

const rest = { about: '', limit: 10, isOn: true, isChanged: false, settings: [] };
const monitors: DashboardMonitor[] = [
  { ...rest, name: 'jump', title: 'Jumps; of all', limitReasons: [{ kind: 'set', to: 15, from: 10 }] },
  { ...rest, name: 'drift', title: 'slow drift', limitReasons: [] },
];
const said = [
  { title: 'Jumps; of all', reason: 'level: 2 changes by 90; usually by 3 at most' },
  { title: 'slow drift', reason: 'level drifts up', note: 'new level' },
];

it('says what is unusual without the names of monitors', () => {
  expect(saidText(said)).toBe('level: 2 changes by 90; usually by 3 at most; new level; level drifts up');
  expect(saidText([])).toBe('');
});

it('says why the limit is another one, where a monitor flags that has such a limit', () => {
  expect(reasonWithLimits(said, monitors, 0)).toBe(
    'level: 2 changes by 90; usually by 3 at most (limit set by hand instead of 10); new level; level drifts up',
  );
  expect(reasonWithLimits(said, [], 0)).toBe(saidText(said));
});
