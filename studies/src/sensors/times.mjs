// Times of a window on one thread, in blocks that take turns, from ready input: events of a window in the engine,
// float32 in ONNX Runtime.
import { readFileSync } from 'node:fs';
import { readModel } from '@spikewire/models';
import { interleave, median } from '@spikewire/test/bench/infer/interleave.mjs';
import { EventBuffer, engineNamed } from 'spikewire';
import { windowsOf } from 'spikewire/data';
import { OPPONENT } from './forms.mjs';
import { openOnnx, setOf } from './in-onnx.mjs';

const TIMING = { rounds: 9, blockMilliseconds: 400, samples: 64 };

/** A contestant over the first test windows, ready. */
async function contestant(name, { out, run }, isOnnx, isWhole) {
  const { samples } = await setOf(run);
  const windows = samples.filter((_, k) => k % Math.floor(samples.length / TIMING.samples) === 0);
  if (isOnnx) {
    const { session, feedOf } = await openOnnx({ out, run }, isWhole);
    const feeds = windows.map(feedOf);
    return { name, run: (sample) => session.run(feeds[sample]) };
  }
  const model = readModel(readFileSync(out));
  const network = engineNamed('clocked').load(model);
  network.learning = false;
  const inputs = [...windowsOf(model, { samples: windows })];
  const output = new EventBuffer(model.sample.steps * 64);
  return {
    name,
    run(sample) {
      network.resetActivity();
      output.clear();
      network.run(inputs[sample].steps, inputs[sample].input, output);
    },
  };
}

/** Microseconds of a window by form, of documents by form, and how many times those of ONNX Runtime in 8 bits. */
export async function timed(documents) {
  const entries = [];
  for (const [form, document] of Object.entries(documents)) {
    const isOnnx = form.endsWith('ONNX Runtime');
    entries.push(await contestant(form, document, isOnnx, form === OPPONENT));
  }
  const rates = await interleave(entries, TIMING);
  const others = rates.get(OPPONENT);
  return Object.fromEntries(
    [...rates].map(([form, own]) => {
      return [form, { us: median(own), ratio: median(own.map((rate, round) => rate / others[round])) }];
    }),
  );
}
