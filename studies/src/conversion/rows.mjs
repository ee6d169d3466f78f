const RECTIFIERS = ['--neuron', 'relu', '--loss', 'membrane', '--steps', '1'];
const analogue = (data, arch, ...more) => ['--data', data, '--arch', arch, ...RECTIFIERS, ...more];
/** By name: how an analogue net is trained. */
export const NETS = {
  digits: analogue('digits', '64-48-10', '--epochs', '10'),
  cnn: analogue('mnist', '12C5-bn-P2-32C5-bn-P2-10', '--batch', '64', '--epochs', '4'),
  'no biases': analogue('mnist', '12C5-P2-32C5-P2-10', '--bias', 'no', '--batch', '64', '--epochs', '4'),
  dense: analogue(
    ...['mnist', '784-1200-1200-10', '--bias', 'no', '--dropout', '0.5', '--epochs', '12'],
    ...['--augment', 'shift:most=1'],
  ),
  fashion: analogue(
    ...['fashion-mnist', '16C5-bn-P2-40C5-bn-P2-128-10', '--batch', '64', '--epochs', '12'],
    ...['--augment', 'shift:most=1'],
  ),
};

/**
 * By name: a net, a method with what is chosen of it, points that may be lost with so many steps, and per cent that are
 * to be right with the most that all run.
 */
export const rows = {
  rueckauer: { net: 'cnn', method: 'rueckauer', lost: { 32: 0.3 } },
  'rueckauer, hard reset': { net: 'cnn', method: 'rueckauer', given: { reset: 'value' } },
  deng: { net: 'cnn', method: 'deng', lost: { 8: 1, 32: 0.3 } },
  'deng, percentile 99': { net: 'cnn', method: 'deng', given: { percentile: 99 }, lost: { 8: 1, 32: 0.3 } },
  rmp: { net: 'cnn', method: 'rmp', lost: { 32: 0.3 } },
  'rmp, by the largest': { net: 'cnn', method: 'rmp', given: { percentile: 100 }, lost: { 32: 0.3 } },
  rnl: { train: ['--method', 'rnl', '--preset', 'mnist'], lost: { 8: 1, 32: 0.3 } },
  'diehl, cao': { net: 'cnn', method: 'diehl' },
  'spike-norm': { net: 'cnn', method: 'spike-norm' },
  'rueckauer, no biases': { net: 'no biases', method: 'rueckauer', lost: { 32: 0.3 } },
  'rmp, no biases': { net: 'no biases', method: 'rmp', lost: { 32: 0.3 } },
  'diehl, no biases': { net: 'no biases', method: 'diehl' },
  'spike-norm, no biases': { net: 'no biases', method: 'spike-norm' },
  'diehl 784-1200-1200-10': { net: 'dense', method: 'diehl', asked: 98.5 },
  'diehl 784-1200-1200-10, by the model': { net: 'dense', method: 'diehl', given: { norm: 'model' }, asked: 98.5 },
  'fashion, rueckauer': { net: 'fashion', method: 'rueckauer', lost: { 32: 1 } },
  'fashion, rueckauer, hard reset': { net: 'fashion', method: 'rueckauer', given: { reset: 'value' } },
  'fashion, deng': { net: 'fashion', method: 'deng', lost: { 8: 2, 32: 1 } },
  'fashion, rueckauer, percentile 98': {
    net: 'fashion',
    method: 'rueckauer',
    given: { percentile: 98 },
    lost: { 32: 1 },
  },
  'fashion, deng, percentile 98': { net: 'fashion', method: 'deng', given: { percentile: 98 }, lost: { 8: 2, 32: 1 } },
  'fashion, rmp': { net: 'fashion', method: 'rmp', lost: { 32: 1 } },
  'fashion, rmp, percentile 98': { net: 'fashion', method: 'rmp', given: { percentile: 98 }, lost: { 32: 1 } },
  'fashion, rnl': {
    train: [
      ...['--method', 'rnl', '--data', 'fashion-mnist', '--arch', '16C5-bn-P2-40C5-bn-P2-128-10'],
      ...['--analogue-epochs', '12', '--epochs', '2', '--augment', 'shift:most=1'],
    ],
    lost: { 8: 2, 32: 1 },
  },
  'fashion, diehl, cao': { net: 'fashion', method: 'diehl' },
  'fashion, spike-norm': { net: 'fashion', method: 'spike-norm' },
};

export const quickRows = { 'digits, rueckauer': { net: 'digits', method: 'rueckauer', lost: { 32: 1 } } };
