import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildBoard } from '../../devices/rtl/build/boards.mjs';
import { needs } from '../services.ts';

describe('a whole board', () => {
  it('fits with its link and meets its clock: iCEBreaker, one seed', { timeout: 1_200_000 }, (context) => {
    for (const service of ['yosys', 'nextpnr-ice40', 'fpga-icestorm'] as const) needs(context, service);
    const folder = mkdtempSync(join(tmpdir(), 'spikewire-board-'));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const report = buildBoard('up5k-icebreaker', folder);
    for (const [used, available] of Object.values<number[]>(report.used)) expect(used).toBeLessThanOrEqual(available!);
    expect(report.frequencies['1']).toBeGreaterThanOrEqual(report.clock);
    const written = JSON.parse(readFileSync(join(folder, 'up5k-icebreaker-uart.report.json'), 'utf8'));
    expect(written).toEqual(report);
    expect(readFileSync(join(folder, 'up5k-icebreaker-uart.bin'))).toHaveLength(report.bytes);
  });
});
