import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildBoard } from '../../devices/rtl/build/boards.mjs';
import { needs } from '../services.ts';

describe('a whole board', () => {
  it.for([
    { board: 'up5k-icebreaker', line: 'uart', placer: ['nextpnr-ice40', 'fpga-icestorm'] },
    { board: 'ecp5-orangecrab', line: 'spi', placer: ['nextpnr-ecp5', 'fpga-trellis'] },
  ] as const)(
    'fits with its link and meets its clock: $board on $line, one seed',
    { timeout: 1_200_000 },
    ({ board, line, placer }, context) => {
      for (const service of ['yosys', ...placer] as const) needs(context, service);
      const folder = mkdtempSync(join(tmpdir(), 'spikewire-board-'));
      context.onTestFinished(() => rmSync(folder, { recursive: true }));
      const report = buildBoard(board, folder, { line });
      for (const [used, available] of Object.values<number[]>(report.used))
        expect(used).toBeLessThanOrEqual(available!);
      expect(report.frequencies['1']).toBeGreaterThanOrEqual(report.clock);
      const written = JSON.parse(readFileSync(join(folder, `${board}-${line}.report.json`), 'utf8'));
      expect(written).toEqual(report);
      expect(readFileSync(join(folder, `${board}-${line}.bin`))).toHaveLength(report.bytes);
    },
  );
});
