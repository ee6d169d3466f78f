#!/usr/bin/env node
// Makes the models of models/zoo that need no training; the cards beside them say how the others are made.
//
//   node scripts/zoo.mjs [folder]        in a built workspace
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NEXT_READING_HEADROOM, nextReadingModel, quantize, writeModel } from '@spikewire/models';
import { EventBuffer, recordSelfTests } from 'spikewire';

const ZOO = fileURLToPath(new URL('../models/zoo', import.meta.url));

/** Channels of each predictor, by the name of its model. */
const PREDICTORS = {
  'next-reading-1': [{ name: 'value', unit: '' }],
  'next-reading-2': [
    { name: 'temperature', unit: '°C' },
    { name: 'humidity', unit: '%' },
  ],
};

/** Writes the predictors into `folder` and returns the paths of their files. The same bytes every time. */
export function writePredictors(folder) {
  mkdirSync(folder, { recursive: true });
  return Object.entries(PREDICTORS).map(([name, channels]) => {
    const path = join(folder, `${name}.spike`);
    writeFileSync(path, writeModel(predictor(channels)));
    return path;
  });
}

/** As it was released: devices have states that belong to its digest. */
function predictor(channels) {
  const model = learningInReals(quantize(nextReadingModel({ channels }), { bits: 8, headroom: NEXT_READING_HEADROOM }));
  return { ...model, selfTests: recordSelfTests(model, readings(channels.length, model.sample.steps), 3) };
}

/** The same model with rules that learn in real numbers, as they did before rules had an integer form. */
export function learningInReals(model) {
  const rulesOf = (rules) => rules.map(({ arithmetic, ...rest }) => rest);
  return { ...model, learning: new Map([...model.learning].map(([name, rules]) => [name, rulesOf(rules)])) };
}

/**
 * Windows with neighbouring channels at opposite ends of their ranges, the other way round, and changing halfway. Ends
 * are whole numbers.
 */
function* readings(channels, steps) {
  for (const valueAt of [() => 1, () => -1, (step) => (2 * step < steps ? 1 : -1)]) {
    const input = new EventBuffer(steps * channels);
    for (let step = 0; step < steps; step++) {
      for (let channel = 0; channel < channels; channel++) {
        input.push(step, 0, channel, channel % 2 === 0 ? valueAt(step) : -valueAt(step));
      }
    }
    yield { steps, input };
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const path of writePredictors(process.argv[2] ?? ZOO)) process.stdout.write(`${path}\n`);
}
