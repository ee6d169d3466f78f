import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('endless-run.mjs', import.meta.url));
const STEPS = 1_000_000;

describe('a net whose process ended goes on from its saved state', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spikewire-endless-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['reference', 'float'],
    ['integer', 'int8'],
    ['clocked', 'float'],
    ['clocked', 'int8'],
  ])('%s, %s: the next million steps are those of the net that never stopped', (engine, form) => {
    const file = join(folder, `${engine}-${form}`);
    const uninterrupted = live(engine, form, file, 'save');
    expect(live(engine, form, file, 'restore')).toBe(uninterrupted);
    const [, step, spikes] = uninterrupted.split(' ').map(Number);
    expect(step).toBe(STEPS + 20_000);
    // It did not fall silent: more than one spike in a hundred steps of each of the twelve neurons.
    expect(spikes).toBeGreaterThan((12 * STEPS) / 100);
  });
});

/** What the program prints: a digest of the steps after the save, the step, the spikes. */
function live(engine: string, form: string, file: string, life: 'save' | 'restore'): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM, engine, form, file, life, String(STEPS)]);
  expect(stderr.toString()).toBe('');
  expect(status).toBe(0);
  return stdout.toString().trim();
}
