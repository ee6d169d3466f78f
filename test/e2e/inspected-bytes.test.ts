import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baseOf, classifierModel, modelDecoder, RandomGenerator, writeModel } from '@spikewire/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';

const PROGRAM = fileURLToPath(new URL('session-bytes.mjs', import.meta.url));
const ZOO = fileURLToPath(new URL('../../models/zoo', import.meta.url));
/** How far off `inspect` may be. */
const TOLERANCE = 0.02;

const NEW = [
  'anomaly --channel level',
  'anomaly --channels temperature,humidity --unit °C,%',
  'anomaly --channels a,b,c,d,e,f,g,h',
  'classifier --channel power --labels off,washing,spinning',
  'classifier --channels a,b,c,d --neurons 20',
  'classifier --channel vibration --block 2048 --labels off,on',
  'classifier --channels x,y,z --block 1024 --rate 1000 --labels a,b',
  'classifier --channel sound --block 1024 --features rms,kurtosis,difference,below-largest --neurons 100',
  'classifier --channels x,y --block 512 --rate 4000 --features velocity,envelope-energies --warm-up 9',
];

describe('the bytes that inspect says', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spikewire-inspected-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function expectRight(file: string): Promise<void> {
    const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', PROGRAM, file]);
    expect(stderr.toString()).toBe('');
    const { opened, taught }: { opened: number; taught?: number } = JSON.parse(stdout.toString());
    const { memoryBytes, memory } = JSON.parse((await runCommand(['inspect', file, '--json'], folder)).stdout);
    expect(Math.abs(memoryBytes / opened - 1)).toBeLessThan(TOLERANCE);
    expect(memory.undo > 0).toBe(taught !== undefined);
    if (taught === undefined) return;
    expect(Math.abs((memoryBytes + memory.undo) / taught - 1)).toBeLessThan(TOLERANCE);
  }

  it.each(NEW)('are those of all buffers: new %s', async (words) => {
    const file = join(folder, 'new.spike');
    const made = await runCommand(['new', ...words.split(' '), '--out', file, '--overwrite'], folder);
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
    await expectRight(file);
  });

  it('are those of all buffers: a classifier that knows something', async () => {
    const neurons = 50;
    const blank = classifierModel({ channels: [{ name: 'x', unit: '' }], labels: ['a', 'b'], neurons });
    const random = new RandomGenerator(1, 'counts');
    const decoder = modelDecoder(blank, 'out', { size: 2 * neurons, dt: 0.001, random });
    for (let k = 0; k < 40; k++) {
      const counts = Uint8Array.from({ length: 2 * neurons }, () => random.nextInteger(20));
      decoder.teachable!.decodeCounts(counts);
      decoder.teachable!.teach(counts, 'ab'[k % 2]!);
    }
    decoder.teachable!.settle();
    const file = join(folder, 'knowing.spike');
    writeFileSync(file, writeModel({ ...blank, base: new Map([['out', baseOf(decoder)]]) }));
    await expectRight(file);
  });

  it.each(readdirSync(ZOO).filter((name) => name.endsWith('.spike')))('are those of all buffers: %s', (name) =>
    expectRight(join(ZOO, name)),
  );
});
