import { expect, it } from 'vitest';
import { defaultNet } from './default-net.ts';
import type { DashboardNetState } from './source.ts';

const NETS = ['b', 'a', 'c'].map((id) => ({ id, name: id, channels: [], neurons: 1 }));

function state(net: string, anomaly: boolean, ended?: number): DashboardNetState {
  const last = { from: 1, to: 1, begun: 0, ended: ended ?? 0, flags: 1, score: 9, reason: '' };
  const warmUp = { done: true, readings: 1, of: 1 };
  const rest = { learning: true, warmUp, readings: 1, flags: 0 };
  return { net, anomaly, ...rest, ...(ended === undefined ? {} : { last }) };
}

it.each([
  [[], 'a'],
  [[state('a', false), state('b', false)], 'a'],
  [[state('a', false, 5), state('b', false, 7), state('c', false, 6)], 'b'],
  [[state('a', false, 5), state('b', false, 7), state('c', true)], 'c'],
  [[state('gone', false, 7)], 'a'],
])('opens on what is unusual now, else on what was last, else on the first', (states, id) => {
  const opened = (opensOn?: string, nets = NETS) =>
    defaultNet({
      describe: () => ({ title: '', notices: [], ...(opensOn !== undefined && { opensOn }) }),
      nets: () => nets,
      net: (wanted) => nets.find((net) => net.id === wanted),
      state: (wanted) => states.find(({ net }) => net === wanted),
    });
  expect(opened()).toBe(id);
  expect(opened('b')).toBe('b');
  expect(opened('nobody')).toBe(id);
  expect(opened(undefined, [])).toBeUndefined();
});
