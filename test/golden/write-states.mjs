// Writes the states of `data/states/` with the build that stands: node test/golden/write-states.mjs
// A new version of a state's form gets files of its own, and those of earlier versions stay as they are.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { nextReadingModel, quantize, readModel, readSafetensors, writeModel } from '@spikewire/models';
import { engineNamed } from 'spikewire';
import { InProcessExecutor } from 'spikewire/executor';
import { Session } from 'spikewire/session';

const folder = new URL('data/states/', import.meta.url);
const reading = (k) => ({ time: 1000 * k, values: Float64Array.of(20 + Math.sin(k / 3)) });

/** The model's file, which is kept too: a later build may make another model of the same options. */
function model(name, make) {
  const file = new URL(`${name}.spike`, folder);
  if (!existsSync(file)) writeFileSync(file, writeModel(make()));
  return readModel(readFileSync(file));
}

const float = model('float', () =>
  nextReadingModel({ channels: [{ name: 'level', unit: 'm' }], neurons: 6, rangeWarmUp: 20, monitor: { warmUp: 20 } }),
);
const int8 = model('int8', () => quantize(float, { bits: 8, calibration: {} }));

for (const [form, engine] of [
  ['float', 'reference'],
  ['float', 'clocked'],
  ['float', 'event'],
  ['int8', 'clocked'],
]) {
  const executor = new InProcessExecutor(engineNamed(engine), form === 'float' ? float : int8);
  const session = new Session(form === 'float' ? float : int8, executor);
  for (let k = 0; k < 60; k++) await session.feed(reading(k));
  const state = await session.save(() => 'notes');
  const weights = [...executor.network.readWeights('reading/decode')];
  const results = [];
  for (let k = 60; k < 65; k++) results.push([...(await session.feed(reading(k))).result]);
  const { version } = readSafetensors(state, { allowNonFinite: true }).metadata;
  const name = `${form}-${engine}`;
  writeFileSync(new URL(`${version}-${name}.state`, folder), state);
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ weights, results })}\n`);
}
