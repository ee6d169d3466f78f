import { readdirSync, readFileSync } from 'node:fs';
import { formats } from '@spikewire/exchange/formats';
import { readHdf5, writeHdf5 } from '@spikewire/exchange/hdf5';
import { modelDigest, readModel, readWith, SpikewireError, writeModel } from '@spikewire/models';
import { mutateHdf5, sealedFile } from '../hdf5-mutations.mjs';
import { pick } from '../mutations.mjs';
import { mutateNir } from '../nir-mutations.mjs';

const MOST_BYTES = 16e6;
const nir = formats.find(({ name }) => name === 'nir');
/** What has no nearest: nodes without a size, types without a likeness, names without a place in a file. */
const NOT_NEAR = ['has no edge', 'is not a NIR type', 'has no name for a NIR file', 'has a "/" in its name'];
const RULES = [undefined, ...Object.keys(nir.stepRules)];

/**
 * Nets of NIR under the rule of any framework, with damaged trees and damaged files: a model that comes back from its
 * own file, and from the NIR file that comes closest, or one clear error.
 */
export const nirFiles = {
  name: 'nir',
  create() {
    const seeds = filesOf('nir').concat(filesOf('nir-wild'));
    const [trees, sealed] = [seeds.map(plainTree), seeds.map(sealedFile)];
    return (random) => {
      const isTree = random.nextInteger(8) > 0;
      const bytes = isTree
        ? writeHdf5(mutateNir(pick(random, trees), random))
        : mutateHdf5(pick(random, sealed), random);
      const choices = { step: { from: pick(random, RULES) }, repair: random.nextInteger(2) === 0 };
      const { model } = readWith(nir, bytes, { bytes: MOST_BYTES }, choices);
      const whole = writeModel(model);
      if (modelDigest(readModel(whole)) !== modelDigest(whole)) throw new Error('does not come back from its file');
      comesBack(model);
      return true;
    };
  },
};

/** What the nearest of a model is as a file must be read. */
function comesBack(model) {
  let bytes;
  try {
    bytes = nir.write(nir.nearest(model).model);
  } catch (error) {
    if (error instanceof SpikewireError && NOT_NEAR.some((words) => error.message.includes(words))) return;
    throw error;
  }
  try {
    readWith(nir, bytes, { bytes: 4 * MOST_BYTES });
  } catch (error) {
    if (error instanceof SpikewireError && error.code === 'budget') return;
    throw new Error(`what was written is not read: ${error.message}`);
  }
}

function filesOf(folder) {
  const place = new URL(`../../golden/data/${folder}/`, import.meta.url);
  const names = readdirSync(place).filter((name) => name.endsWith('.nir'));
  return names.map((name) => new Uint8Array(readFileSync(new URL(name, place))));
}

/** The tree of a file, with types that can be written. */
function plainTree(bytes) {
  return plain(readHdf5(bytes));
}

function plain(node) {
  if (node.kind === 'group') {
    const children = [...node.children].map(([name, child]) => [name, plain(child)]);
    return { ...node, attributes: new Map(), children: new Map(children) };
  }
  const { shape, type, values } = node;
  const isHalf = type.class === 'float' && type.bytes === 2;
  return { kind: 'dataset', attributes: new Map(), shape, values, type: isHalf ? { ...type, bytes: 4 } : type };
}
