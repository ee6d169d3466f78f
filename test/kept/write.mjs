#!/usr/bin/env node
// Writes the files of the current version into a folder beside this script, in a built workspace: each model, the state
// that it saves after learning on each engine, and what it is asked and answers then. Files of a release never change:
// the script refuses a folder that exists.
//
//   node test/kept/write.mjs
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { modelDigest, readModel, SpikewireError, writeModel } from '@spikewire/models';
import { LARGE, MODELS } from './models.mjs';
import { inputFor, open } from './play.mjs';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const folder = new URL(`${version}/`, import.meta.url);
const ENGINES = ['reference', 'integer', 'clocked', 'event'];

/** Teaches a model on an engine and writes its state; undefined where the engine does not run it. */
async function stateOn(engine, name, model, { taught, asked }) {
  try {
    const player = open(model, engine);
    await player.play(taught);
    const state = await player.save();
    writeFileSync(new URL(`${name}.${engine}.state`, folder), state);
    return { [engine]: await player.play(asked) };
  } catch (error) {
    if (error instanceof SpikewireError && error.code === 'unsupported') return undefined;
    throw error;
  }
}

mkdirSync(folder);
for (const [name, make] of Object.entries(MODELS)) {
  const bytes = writeModel(make());
  writeFileSync(new URL(`${name}.spike`, folder), bytes);
  const model = readModel(bytes);
  const input = inputFor(model);
  const answers = {};
  for (const engine of LARGE.includes(name) ? ['clocked'] : ENGINES)
    Object.assign(answers, await stateOn(engine, name, model, input));
  const kept = { digest: modelDigest(bytes), asked: input.asked, answers };
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(kept)}\n`);
}
process.stdout.write(`${fileURLToPath(folder)}\n`);
