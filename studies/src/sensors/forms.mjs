// The nets that are measured, and the forms of each.
import { documentOf, quantise } from '../shared/spikewire.mjs';
import { inOnnx } from './in-onnx.mjs';

const ANALOGUE = ['--neuron', 'relu', '--loss', 'membrane', '--steps', '1'];
/**
 * Words that say what is learned and tested; layers, with what normalises while they are trained; passes; and the
 * percentile of methods that take one.
 */
export const rows = {
  activity: {
    data: 'hapt',
    cut: [
      ...['--group', 'folder', '--test', 'user05,user08,user15,user19,user23,user27,user30'],
      ...['--rate', '50', '--length', '128', '--hop', '64', '--pad'],
    ],
    arch: (norm) => `${norm}-16C5=-P2-${norm}-32C5=-P2-${norm}-32C5=-P2-${norm}-64-6`,
    percentile: 99.5,
    epochs: 10,
  },
  bearing: {
    data: 'cwru-load',
    cut: ['--group', 'folder', '--test', 'load2', '--rate', '12000', '--length', '1024'],
    arch: (norm) => `${norm}-8C15=-P4-16C9=-P4-32C9=-P4-64-11`,
    percentile: 95,
    epochs: 12,
  },
};
export const quickRows = { activity: { ...rows.activity, epochs: 1 } };
/** Whose accuracy others may lose, and whose time is one. */
export const REFERENCE = 'analogue, float';
export const OPPONENT = 'analogue, 8 bits, ONNX Runtime';
/** Steps of a window. */
const [FEW, MORE] = [8, 16];

/** What is measured of a net, by the row's name: a training, or something that is made of the model of another row. */
export const FORMS = {
  'analogue, float': {
    steps: 1,
    train: ({ epochs, arch }) => ['--features', 'none', ...ANALOGUE, '--epochs', `${epochs}`, '--arch', arch('bn')],
  },
  'analogue, 8 bits': { steps: 1, of: 'analogue, float', make: quantised },
  'analogue, float, ONNX Runtime': { steps: 1, of: 'analogue, float', make: (model) => inOnnx(model) },
  'analogue, 8 bits, ONNX Runtime': { steps: 1, of: 'analogue, float', make: (model) => inOnnx(model, true) },
  [`deng, T = ${FEW}, 8 bits`]: converted('deng', FEW),
  [`deng, T = ${MORE}, 8 bits`]: converted('deng', MORE),
  [`rueckauer, T = ${MORE}, 8 bits`]: converted('rueckauer', MORE),
  [`rnl, T = ${MORE}, float`]: {
    steps: MORE,
    train: ({ epochs, arch }) => [
      ...['--features', 'none', '--method', 'rnl', '--steps', `${MORE}`, '--arch', arch('bn')],
      ...['--analogue-epochs', `${epochs}`, '--epochs', '3'],
    ],
  },
  [`rnl, T = ${MORE}, 8 bits`]: { steps: MORE, of: `rnl, T = ${MORE}, float`, make: quantised },
  [`trained with spikes, T = ${FEW}, float`]: {
    steps: FEW,
    train: ({ epochs, arch }) => [
      ...['--features', 'none', '--loss', 'membrane', '--steps', `${FEW}`, '--epochs', `${epochs}`],
      ...['--arch', arch('tdbn0.33')],
    ],
  },
  [`trained with spikes, T = ${FEW}, 8 bits`]: {
    steps: FEW,
    of: `trained with spikes, T = ${FEW}, float`,
    make: quantised,
  },
  'features and 64 neurons, analogue, float': { steps: 1, train: () => ANALOGUE },
  'features and 64 neurons, trained with spikes, float': { steps: 10, train: () => [] },
};
/** A few forms of each kind. */
export const QUICK_FORMS = [REFERENCE, OPPONENT, `deng, T = ${FEW}, 8 bits`];

async function quantised({ out: from, run }, { path }) {
  return { ...(await quantise(path, from, `run:${run}`)), run };
}

function converted(method, steps) {
  const words = ({ net }) => ['--method', method, '--percentile', `${net.percentile}`, '--steps', `${steps}`];
  return {
    steps,
    of: REFERENCE,
    async make({ out: from, run }, site) {
      const out = `${site.path}.float.spike`;
      const data = ['--data', `run:${run}`, '--limit', '100', '--candidates', `${steps}`, '--overwrite'];
      await documentOf(['convert', from, ...words(site), ...data, '--out', out]);
      return quantised({ out, run }, site);
    },
  };
}
