import { formats } from '@spikewire/exchange/formats';
import { writeHdf5 } from '@spikewire/exchange/hdf5';
import { modelDigest, readModel, readWith, writeModel } from '@spikewire/models';
import { mutateNir } from '../nir-mutations.mjs';

const MOST_BYTES = 16e6;
const netx = formats.find(({ name }) => name === 'netx');

/** Layers of lava-dl with changes that a net notices: a model that comes back from its own file, or one clear error. */
export const netxFiles = {
  name: 'netx',
  create() {
    const seed = group(sound());
    return (random) => {
      const choices = { step: { from: [undefined, ...Object.keys(netx.stepRules)][random.nextInteger(3)] } };
      const { model } = readWith(netx, writeHdf5(mutateNir(seed, random)), { bytes: MOST_BYTES }, choices);
      const whole = writeModel(model);
      if (modelDigest(readModel(whole)) !== modelDigest(whole)) throw new Error('does not come back from its file');
      return true;
    };
  },
};

/** An image through a layer of each type. */
function sound() {
  const neuron = { type: 'CUBA', iDecay: [1024], vDecay: [128], vThMant: [80], refDelay: [1] };
  const window = { kernelSize: [2, 2], stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
  return {
    layer: {
      0: { type: 'input', shape: [2, 4, 4] },
      1: { type: 'conv', shape: [2, 3, 3], neuron, ...window, groups: [2], weight: [4, [2, 1, 2, 2]], bias: [1, 2] },
      2: { type: 'pool', shape: [2, 2, 2], neuron, ...window, weight: [8, [1, 1, 2, 2, 1]], delay: [1, 0] },
      3: { type: 'flatten', shape: [8, 1, 1] },
      4: { type: 'dense', shape: [3], neuron, inFeatures: [8], outFeatures: [3], weight: [2, [3, 8]] },
    },
  };
}

function group(parts) {
  const children = Object.entries(parts).map(([name, part]) => [name, isGroup(part) ? group(part) : dataset(part)]);
  return { kind: 'group', attributes: new Map(), children: new Map(children) };
}

const isGroup = (part) => typeof part === 'object' && !Array.isArray(part);

/** A text, numbers in a row, or [value, shape]. */
function dataset(part) {
  if (typeof part === 'string') {
    const type = { class: 'string', characters: 'ascii', length: 'variable', padding: 'null-terminated' };
    return { kind: 'dataset', attributes: new Map(), shape: [], values: [part], type };
  }
  const [value, shape] = Array.isArray(part[1]) ? part : [undefined, [part.length]];
  const size = shape.reduce((product, length) => product * length, 1);
  const values = value === undefined ? Float64Array.from(part) : new Float64Array(size).fill(value);
  return { kind: 'dataset', attributes: new Map(), shape, values, type: { class: 'float', bytes: 8, order: 'little' } };
}
