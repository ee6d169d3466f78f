import type { FleetEnd } from './virtual-fleet.ts';
import { rollOut } from './virtual-fleet.ts';

/** The setting of the measurements from which the gates were chosen: see `RESULTS.md`. */
export const SETTING = {
  devices: 250,
  spread: 0.02,
  differing: 0.08,
  world: { readingsPerDay: 400, labelsPerDay: 5 },
  // Devices report four times a day here, and not each few minutes: all of them would be called silent.
  plan: { mostSilent: 1 },
} as const;

/** How much worse the new base is, as a share of answers. */
export const CELLS = [0, 0.02, 0.05, -0.05] as const;

export interface Cell {
  readonly worse: number;
  readonly ends: readonly FleetEnd[];
}

/** Rollouts in turn over all cells, so that an interruption leaves as many of each. */
export async function rollOutMany(rollouts: number, seed: number, say: (line: string) => void): Promise<Cell[]> {
  const cells = CELLS.map((worse) => ({ worse, ends: [] as FleetEnd[] }));
  for (let k = 0; k < rollouts; k++) {
    const { worse, ends } = cells[k % cells.length]!;
    ends.push(await rollOut({ ...SETTING, worse, seed: seed + Math.floor(k / cells.length) }));
    if ((k + 1) % cells.length === 0) say(`${k + 1} of ${rollouts} rollouts\n${tableOf(cells)}`);
  }
  return cells;
}

/** A line for each cell, in Markdown. */
export function tableOf(cells: readonly Cell[]): string {
  const lines = cells.map(({ worse, ends }) => {
    const stopped = ends.filter(({ phase }) => phase === 'stopped');
    const others = ends.filter(({ phase }) => phase !== 'stopped');
    const share = (some: readonly FleetEnd[]) => `${((100 * some.length) / ends.length).toFixed(1)} %`;
    const shadow = stopped.filter(({ exposed }) => exposed === 0);
    const all = others.filter(({ phase, installed }) => phase === 'done' && installed === SETTING.devices);
    return [
      ...[`${(100 * worse).toFixed(0)} points`, ends.length, share(stopped), share(shadow)],
      ...[median(ends.map(({ trialDays }) => trialDays)).toFixed(1), share(all)],
      ...[Math.max(0, ...stopped.map(({ exposed }) => exposed)), mean(ends.map(({ exposed }) => exposed)).toFixed(0)],
    ];
  });
  const head = [
    ...['worse by', 'rollouts', 'stopped', 'stopped in the shadow', 'median days of the trial'],
    ...['reached all devices', 'most exposed before a stop', 'exposed, mean'],
  ];
  return [head, head.map(() => '---'), ...lines].map((cell) => `| ${cell.join(' | ')} |`).join('\n');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
