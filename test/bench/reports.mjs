import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withTypeScript } from '../typescript.mjs';

export const title =
  'reports: what a controller stores in a second where devices report one by one, and many at a time (Node 24 or later)';

/** With SQLite, or with the empty database of PostgreSQL that `SPIKEWIRE_BENCH_DATABASE` names. About ten seconds. */
export async function run({ quick = false } = {}) {
  if (process.getBuiltinModule?.('node:sqlite') === undefined) return {};
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-reports-'));
  const address = process.env.SPIKEWIRE_BENCH_DATABASE ?? join(folder, 'controller.db');
  try {
    return await withTypeScript([new URL('reports/stored-reports.ts', import.meta.url)], ({ storedReports }) =>
      storedReports(address, quick ? 400 : 2000),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function table({ engine, oneByOne, together, ratio }) {
  if (engine === undefined) return 'needs SQLite, which this release of Node does not have: nothing is measured\n';
  const line = (name, { perSecond, processorMilliseconds }) =>
    `${name}: ${perSecond} reports a second, ${processorMilliseconds.toFixed(2)} ms of the processor each`;
  return `${[
    `${engine}, 200 devices in a rollout`,
    line('one by one', oneByOne),
    line('200 at a time', together),
    `${ratio.toFixed(1)} times as many`,
  ].join('\n')}\n`;
}
