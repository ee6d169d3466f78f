import { expect, it } from 'vitest';
import { machineReport } from '../hosted/machine-report.ts';
import { EMPTY_JOURNAL } from '../update/journal.ts';
import { reporterOf } from './device-report.ts';

const DEVICE = { version: '1.0.0', memory: 1 };

function machinesOf(count: number) {
  const wish = { model: 'pump', channel: 'stable', groups: [] };
  return Array.from({ length: count }, (_, k) => machineReport(`pump ${k}`, wish, { entry: EMPTY_JOURNAL }));
}

it('reports say once, in one line, how many machines they leave out', () => {
  let count: number | undefined;
  const lines: string[] = [];
  const report = reporterOf(
    DEVICE,
    () => (count === undefined ? count : machinesOf(count)),
    (line) => lines.push(line),
  );
  expect(report()).toBeUndefined();
  count = 64;
  expect(report()!.machines).toHaveLength(64);
  expect(lines).toEqual([]);
  count = 67;
  for (let k = 0; k < 3; k++) expect(report()!.machines.at(-1)!.machine).toBe('pump 63');
  expect(lines).toEqual([
    'controller: 3 of 67 machines do not fit into a report, so no rollout reaches them: the first is "pump 64"; ' +
      'a report has at most 64 machines and 64 KiB',
  ]);
});
