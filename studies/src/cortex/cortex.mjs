// Flash, memory and instructions of the C header of mnist-784-64-10 on a Cortex-M, beside a dense net of its shape in
// int8. Every answer and state of the header is compared with the engine `integer`.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { windowsOf } from '@spikewire/engine/data';
import { formats } from '@spikewire/exchange/formats';
import { readModel, valueFor, writeWith } from '@spikewire/models';
import { buildCortex, cores, instructionsIn, runCortex, sectionsOf } from '@spikewire/test/board/cortex.mjs';
import { EventBuffer, engineNamed } from 'spikewire';
import { loadDataSet } from 'spikewire/data';
import { mean } from '../shared/figures.mjs';
import { table } from '../shared/page.mjs';
import { denseNet } from './dense.mjs';

export const options = { digits: { default: '100', quick: '5', help: 'test digits of MNIST, at most 100' } };

const ZOO = new URL('../../../models/zoo/mnist-784-64-10.spike', import.meta.url);
const HEAD = ['core', 'program', 'code', 'constants', 'library', 'flash', 'static', 'stack', 'RAM', 'instructions'];

export async function page({ digits }) {
  const model = readModel(readFileSync(ZOO));
  const { samples } = await loadDataSet('mnist');
  const chosen = samples.slice(0, Number(digits));
  const images = chosen.map((image) => Array.from(image, Math.round));
  const header = new TextDecoder().decode(
    writeWith(
      formats.find(({ name }) => name === 'c'),
      model,
    ),
  );
  const dense = denseNet([weightsIn(header, 'w1', 784, 64), weightsIn(header, 'w3', 64, 10)], images);
  const headers = { 'net.h': header, 'dense-weights.h': dense.header };
  const truth = truthOf(model, chosen);
  const programs = {
    'net.c': { name: 'C header, whole numbers', truth },
    'classify.c': { name: 'C header, `net_classify`', truth },
    'dense.c': { name: 'dense int8 (stand-in)', truth: { scores: dense.scores, answer: dense.scores.map(largest) } },
  };
  const rows = Object.entries(cores).flatMap(([name, core]) =>
    Object.entries(programs).map(([source, program]) => {
      const { sections, stack, instructions } = measureProgram(core, source, headers, images, program.truth);
      return [name, program.name, ...cellsOf(sections, stack), whole(mean(instructions))];
    }),
  );
  return table(HEAD, rows);
}

function cellsOf(sections, stack) {
  const of = (name) => sections[name] ?? 0;
  const flash = [of('.net_code'), of('.net_constants') + of('.net_data'), of('.net_library')];
  const memory = [of('.net_data') + of('.net_bss'), stack];
  return [...flash, total(flash), ...memory, total(memory)].map(whole);
}

const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0);
const whole = (number) => Math.round(number).toLocaleString('en');
const largest = (scores) => scores.indexOf(Math.max(...scores));

/** Weights of an array of the header, which has them by input, by output. */
function weightsIn(header, name, inputs, outputs) {
  const [, text] = new RegExp(`int8_t ${name}\\[\\] = \\{([^}]*)\\}`).exec(header);
  const byInput = text.split(',').map(Number);
  const values = byInput.map((_, k) => byInput[(k % inputs) * outputs + Math.floor(k / inputs)]);
  return { values, outputs };
}

/** Runs all images, and throws where the program says anything else than the truth. */
function measureProgram(core, source, headers, images, truth) {
  const folder = mkdtempSync(join(tmpdir(), 'spikewire-cortex-'));
  try {
    for (const [name, text] of Object.entries(headers)) writeFileSync(join(folder, name), text);
    const net = readFileSync(new URL(source, import.meta.url), 'utf8');
    const program = buildCortex(core, folder, { net, main: mainFor(images) });
    const said = runCortex(core, program);
    for (const [word, rows] of Object.entries(truth)) {
      const [expected, got] = [rows.flat(), said.get(word)];
      const wrong = expected.findIndex((value, k) => value !== got[k]);
      if (wrong >= 0 || got.length !== expected.length)
        throw new Error(`${source}: ${word}[${wrong}] is ${got[wrong]}; expected ${expected[wrong]}`);
    }
    return {
      sections: sectionsOf(program),
      stack: Math.max(...said.get('stack')),
      instructions: said.get('ticks').map((ticks) => instructionsIn(core, ticks)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const mainFor = (images) => `#include "board.h"
void infer(void);
void inferred(void);
const uint8_t *image;
int answer;
static const uint8_t images[][784] = {${images.map((image) => `{${image}}`).join(',\n')}};
void program(void) {
  for (unsigned k = 0; k < sizeof images / sizeof images[0]; k++) {
    image = images[k];
    const measured result = measure(infer);
    say("answer", &answer, 1);
    say("ticks", &result.ticks, 1);
    say("stack", &result.stack, 1);
    inferred();
  }
}
`;

/** Answers and membranes of the integer engine. */
function truthOf(model, samples) {
  const network = engineNamed('integer').load(model);
  const [hidden, readout] = ['layer1.neurons', 'layer2.neurons'];
  const truth = { answer: [], hidden: [], readout: [] };
  for (const { input } of windowsOf(model, { samples })) {
    network.resetActivity();
    const [output, raster] = [new EventBuffer(1000), new EventBuffer(10_000)];
    network.run(model.sample.steps, input, output, raster);
    const sums = new Array(10).fill(0);
    for (let k = 0; k < output.length; k++) sums[output.index[k]] += output.value[k];
    truth.answer.push(largest(sums));
    truth.hidden.push(membranesOf(network, hidden));
    truth.readout.push(membranesOf(network, readout));
  }
  return truth;
}

function membranesOf(network, name) {
  const { scale, fraction } = network.model.quantization.neurons.get(name);
  const real = Array.from(network.readState(name, 'v'));
  return real.map((value, n) => Math.round(value / (valueFor(scale, n, real.length) * 2 ** -fraction)));
}
