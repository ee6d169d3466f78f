// What is run: a net in real numbers, its int8 form, and samples as events, the same for every contestant.
import { readFileSync } from 'node:fs';
import { dequantize, parseModel, quantize, RandomGenerator, readModel } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';
import { loadDataSet, windowsOf } from 'spikewire/data';
import { countSpikes } from './spikes.mjs';

const [INPUTS, HIDDEN, CLASSES] = [784, 256, 10];
const SAMPLES = 32;
/** Spikes per element and step of the balanced net, of its input and of its hidden layer; and of its output. */
const ACTIVITY = 0.1;
const OUTPUT_ACTIVITY = 0.15;
const BALANCED_STEPS = 25;
/** Weights of the balanced net are multiples of this, so that sums in float32 are exact in any order. */
const GRID = 2 ** -12;

/** Every workload; one that this machine cannot have says so. A new one is a function here. */
export async function workloads() {
  return [balanced(), await trained()];
}

/** Random weights, set so that every layer fires as often as wanted; spikes as input. */
export function balanced() {
  const model = balancedModel();
  return {
    name: 'balanced',
    title: `784-256-10, T = ${BALANCED_STEPS}, random weights, ${100 * ACTIVITY} % of the inputs spike in a step`,
    model,
    integerModel: quantize(model, { bits: 8 }),
    steps: BALANCED_STEPS,
    samples: randomSamples(new RandomGenerator(2, 'samples')),
    held: false,
  };
}

/** The classifier of models/zoo on the first MNIST test digits, which enter as a current that stays for the sample. */
async function trained() {
  const title = 'models/zoo/mnist-784-256-10, T = 10, MNIST test digits as direct current';
  const file = new URL('../../../models/zoo/mnist-784-256-10.spike', import.meta.url);
  const integerModel = readModel(readFileSync(file));
  try {
    const { samples } = await loadDataSet('mnist');
    const windows = [...windowsOf(integerModel, { samples: samples.slice(0, SAMPLES) })];
    return {
      name: 'trained',
      title,
      model: dequantize(integerModel),
      integerModel,
      steps: integerModel.sample.steps,
      samples: windows.map(({ input }) => input),
      held: true,
    };
  } catch (error) {
    return { name: 'trained', title, skipped: error.message };
  }
}

function randomSamples(random) {
  const node = 0;
  return Array.from({ length: SAMPLES }, () => {
    const sample = new EventBuffer(BALANCED_STEPS * INPUTS);
    for (let step = 0; step < BALANCED_STEPS; step++) {
      for (let index = 0; index < INPUTS; index++) {
        if (random.nextUniform() < ACTIVITY) sample.push(step, node, index, 1);
      }
    }
    return sample;
  });
}

/** Spreads the weights of each layer until it fires as often as wanted. */
function balancedModel() {
  const samples = randomSamples(new RandomGenerator(1, 'balance')).slice(0, 4);
  const spread = [0, 0];
  for (const [layer, wanted] of [ACTIVITY, OUTPUT_ACTIVITY].entries()) {
    let [low, high] = [0, 2];
    for (let round = 0; round < 12; round++) {
      spread[layer] = (low + high) / 2;
      const { hidden, output } = activityOf({ model: modelWith(spread), samples, steps: BALANCED_STEPS });
      if ([hidden, output][layer] < wanted) low = spread[layer];
      else high = spread[layer];
    }
  }
  return modelWith(spread);
}

function modelWith(spread) {
  const random = new RandomGenerator(3, 'weights');
  const weights = (rows, columns, deviation) =>
    Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => Math.round((deviation * random.nextNormal()) / GRID) * GRID),
    );
  // τ and R such that v ← 0.9·v + input.
  const cell = { type: 'LIF', tau: 0.01, r: 10, v_threshold: 1, v_reset: 0 };
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      first: { type: 'Linear', weight: weights(HIDDEN, INPUTS, spread[0]) },
      hidden: cell,
      second: { type: 'Linear', weight: weights(CLASSES, HIDDEN, spread[1]) },
      classes: cell,
      out: { type: 'Output', shape: [CLASSES] },
    },
    edges: [
      ['in', 'first'],
      ['first', 'hidden'],
      ['hidden', 'second'],
      ['second', 'classes'],
      ['classes', 'out'],
    ],
    semantics: { dt: 0.001, reset: 'subtract' },
  });
}

/** Events of the input, and spikes of the two populations, per element and step. */
export function activityOf({ model, samples, steps }) {
  const network = engineNamed('clocked').load(model);
  const counts = samples.map((sample) => countSpikes(network, sample, steps));
  const perStep = (events, elements) => events / (steps * samples.length * elements);
  const output = counts.flat().reduce((sum, count) => sum + count, 0);
  return {
    input: perStep(
      samples.reduce((sum, sample) => sum + sample.length, 0),
      INPUTS,
    ),
    hidden: perStep(network.counters.spikes - output, HIDDEN),
    output: perStep(output, CLASSES),
  };
}
