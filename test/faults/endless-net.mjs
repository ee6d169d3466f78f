import { createHash } from 'node:crypto';
import { parseModel, quantize, RandomGenerator } from '@spikewire/models';
import { EventBuffer, engineNamed } from 'spikewire';

const [INPUTS, NEURONS, OUTPUTS] = [6, 12, 2];
/** Steps between two teaching signals. */
export const WINDOW = 1000;

/** A recurrent net with delays and rests that learns: everything that a state has to hold. */
function endlessModel() {
  const random = new RandomGenerator(1, 'endless');
  const matrix = (rows, columns, low, high) =>
    Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => low + (high - low) * random.nextUniform()),
    );
  return parseModel({
    nodes: {
      in: { type: 'Input', shape: [INPUTS] },
      enter: { type: 'Linear', weight: matrix(NEURONS, INPUTS, -0.2, 0.8) },
      neurons: { type: 'LIF', tau: 0.02, r: 8, v_threshold: 1, v_reset: 0, tau_ref: 0.002, v_min: -1 },
      back: { type: 'Linear', weight: matrix(NEURONS, NEURONS, -0.3, 0.2) },
      decode: { type: 'Linear', weight: matrix(OUTPUTS, NEURONS, -0.01, 0.01) },
      filter: { type: 'Lowpass', tau: 0.01 },
      out: { type: 'Output', shape: [OUTPUTS] },
    },
    edges: [
      ['in', 'enter'],
      ['enter', 'neurons', { delay: 1 }],
      ['neurons', 'back', { delay: 3 }],
      ['back', 'neurons'],
      ['neurons', 'decode'],
      ['decode', 'filter'],
      ['filter', 'out'],
    ],
    learning: { decode: { rule: 'pes', learningRate: 0.01, tauPre: 0.005, bounds: [-0.5, 0.5] } },
    semantics: { dt: 0.001, reset: 'subtract' },
  });
}

/** @param {string} engine @param {boolean} integer */
export function openNet(engine, integer) {
  const model = endlessModel();
  return engineNamed(engine).load(integer ? quantize(model, { bits: 8, headroom: 4 }) : model, { seed: 5 });
}

/**
 * Runs and teaches window after window, whose input follows from the number of the step alone.
 *
 * @param {ReturnType<typeof openNet>} net
 * @param {number} steps
 * @returns {string} a digest of every event and of the weights at the end
 */
export function runOn(net, steps) {
  const hash = createHash('sha256');
  const input = new EventBuffer(WINDOW * INPUTS);
  const output = new EventBuffer(WINDOW * OUTPUTS);
  const raster = new EventBuffer(WINDOW * NEURONS);
  for (let done = 0; done < steps; done += WINDOW) {
    fill(input, net.step);
    output.clear();
    raster.clear();
    net.run(WINDOW, input, output, raster);
    if (output.dropped + raster.dropped > 0) throw new Error('events were lost');
    for (const { step, index, value } of [output.toList(), raster.toList()]) {
      for (const array of [step, index, value]) hash.update(new Uint8Array(array.buffer));
    }
    const phase = net.step / 20_000;
    net.teach('decode', [Math.sin(phase), Math.cos(3 * phase)]);
  }
  hash.update(new Uint8Array(net.readWeights('decode').buffer));
  return `${hash.digest('hex')} ${net.step} ${net.counters.spikes}`;
}

function fill(input, step) {
  const random = new RandomGenerator(step, 'input');
  const node = 0;
  input.clear();
  for (let t = 0; t < WINDOW; t++) {
    for (let index = 0; index < INPUTS; index++) {
      if (random.nextUniform() < 0.05) input.push(t, node, index, 1);
    }
  }
}
