import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acceleratorDrivers } from '@spikewire/devices/accelerators';
import { expect, it } from 'vitest';
import { ensembleModel, playCourse } from './ensembles.mjs';
import { fakeSshRig } from './rig.mjs';

const STEPS = 60_000;
const LOSS = 0.05;

it('learns for a minute of 1 kHz as the reference with the same lessons, though 5 % of the packets are lost', {
  timeout: 15 * 60_000,
}, async () => {
  const rig = await fakeSshRig();
  const source = await acceleratorDrivers.find(({ scheme }) => scheme === 'nengofpga')!.open(rig.file);
  try {
    const file = join(rig.folder, 'decoders.json');
    await rig.setFaults({ loss: LOSS, seed: 1, decoders: file });
    const model = ensembleModel({ inputs: 2, outputs: 2, neurons: 50, learningRate: 0.01 });
    const { worst, wrong, learned, decoders, counts, errors } = await playCourse(source, model, STEPS);
    expect(wrong).toBe(0);
    expect(worst).toBeLessThan(1e-4);
    expect(learned).toBeLessThan(1e-9);
    const onBoard = JSON.parse(await readFile(file, 'utf8')) as number[];
    const largest = Math.max(...decoders.map(Math.abs));
    for (const [k, d] of decoders.entries()) expect(Math.abs(onBoard[k]! - d)).toBeLessThan(1e-3 * largest);
    expect(errors[1]).toBeLessThan(errors[0]! / 5);
    // A packet or its answer is lost with 1 − 0.95²; half of the lost ones with a lesson never came.
    const lost = counts.sent * (1 - (1 - LOSS) ** 2);
    expect(counts.silences).toBeGreaterThan(lost - 5 * Math.sqrt(lost));
    expect(counts.resent).toBeGreaterThan(0.9 * LOSS * STEPS);
    expect(counts.repeated).toBe(0);
  } finally {
    await source.close();
    await rig.close();
  }
});
