import { decoderError } from './decoder-error.mjs';

const preset = (method, name) => ['--method', method, '--preset', name];
/** Rectifiers, for one step. */
const RECTIFIERS = ['--neuron', 'relu', '--steps', '1', '--loss', 'membrane'];
/** Layers of them, in the place of those that spike. */
const analogue = (arch, ...more) => ['--arch', arch, ...RECTIFIERS, ...more];
/** Points that whole numbers may lose. */
const EIGHT_BITS = { lost: 0.2, quantize: ['--bits', '8'] };
/** What a converted net is before it learns on: it learns as good as nothing. */
const UNLEARNED = ['--epochs', '1', '--learning-rate', '1e-12'];
/** Rounded while it learns on. */
const FOUR_BITS = [
  ...['--data', 'mnist', '--bits', '4', '--epochs', '4', '--learning-rate', '0.002'],
  ...['--loss', 'membrane', '--surrogate', 'superspike:slope=3'],
];

/**
 * By name: what is asked, in per cent, or as points that may be `lost` of the net beside it; words of `train`, or of
 * `quantize`, for a net `of` another row; words of the analogue net beside it; a data set in one piece that is tested
 * in `folds`, or one of `people`, with those of each test; seeds, if others than asked for.
 */
export const rows = {
  'stbp 784-256-10': {
    train: ['--data', 'mnist', '--arch', '784-256-10', '--epochs', '5'],
    beside: analogue('784-256-10', '--data', 'mnist', '--epochs', '5'),
  },
  'stbp 784-256-10, 8 bits': { of: 'stbp 784-256-10', ...EIGHT_BITS },
  'stbp mnist-mlp': {
    asked: 98.7,
    train: preset('stbp', 'mnist-mlp'),
    beside: analogue(
      ...['784-800-10', '--data', 'mnist', '--epochs', '25', '--dropout', '0.1', '--augment', 'shift:most=1'],
    ),
  },
  'stbp mnist-cnn': {
    asked: 99.3,
    train: preset('stbp', 'mnist-cnn'),
    beside: analogue(
      ...['bn-15C5-P2-bn-40C5-P2-bn-300-10', '--data', 'mnist', '--epochs', '15', '--augment', 'shift:most=2'],
    ),
  },
  'stbp mnist-cnn, 8 bits': { of: 'stbp mnist-cnn', ...EIGHT_BITS },
  'stbp mnist-rows': {
    asked: 97,
    train: preset('stbp', 'mnist-rows'),
    beside: analogue('784-256-10', '--data', 'mnist'),
  },
  'stbp mnist-rows, 8 bits': { of: 'stbp mnist-rows', ...EIGHT_BITS },
  'stbp mnist-rows, 4 bits': { of: 'stbp mnist-rows', lost: 1, train: FOUR_BITS },
  'sbbp mnist': {
    asked: 99.3,
    train: preset('sbbp', 'mnist'),
    beside: analogue(...['20C5-P2-50C5-P2-200-10', '--data', 'mnist', '--epochs', '5', '--augment', 'shift:most=1']),
  },
  'sbbp mnist, 8 bits': { of: 'sbbp mnist', ...EIGHT_BITS },
  'diet mnist': {
    asked: 99,
    train: preset('diet', 'mnist'),
    beside: analogue(...['20C5-P2-50C5-P2-200-10', '--data', 'mnist', '--epochs', '6', '--augment', 'shift:most=1']),
  },
  'diet mnist, 8 bits': { of: 'diet mnist', ...EIGHT_BITS },
  'diet mnist, not trained on': { train: [...preset('diet', 'mnist'), ...UNLEARNED] },
  'kd mnist': {
    train: preset('kd', 'mnist'),
    beside: analogue(...['12C5-P2-32C5-P2-10', '--data', 'mnist', '--epochs', '6', '--augment', 'shift:most=1']),
  },
  'kd mnist, 8 bits': { of: 'kd mnist', ...EIGHT_BITS },
  'kd mnist, not trained on': { train: [...preset('kd', 'mnist'), ...UNLEARNED] },
  'rathi mnist': {
    train: preset('rathi', 'mnist'),
    beside: analogue('20C5-P2-50C5-P2-200-10', '--data', 'mnist', '--epochs', '6'),
  },
  'rathi mnist, 8 bits': { of: 'rathi mnist', ...EIGHT_BITS },
  'rathi mnist, not trained on': { train: [...preset('rathi', 'mnist'), ...UNLEARNED] },
  'whetstone mnist': {
    asked: 99,
    train: preset('whetstone', 'mnist'),
    beside: analogue(
      ...['bn-32C5-P2-bn-64C5-P2-bn-10', '--data', 'mnist', '--epochs', '15'],
      ...['--augment', 'shift:most=2+rotate:most=10'],
    ),
  },
  'whetstone mnist, 8 bits': { of: 'whetstone mnist', ...EIGHT_BITS },
  'rnl mnist': {
    train: preset('rnl', 'mnist'),
    beside: analogue('12C5-P2-32C5-P2-10', '--data', 'mnist', '--epochs', '6'),
  },
  'softlif mnist': {
    train: preset('softlif', 'mnist'),
    beside: analogue('12C5-P2-32C5-P2-10', '--data', 'mnist', '--epochs', '6'),
  },
  'bp-stdp iris': { asked: 95, train: preset('bp-stdp', 'iris'), beside: analogue('4-30-3', '--data', 'iris') },
  'bp-stdp iris, five folds': {
    asked: 95,
    train: preset('bp-stdp', 'iris'),
    beside: analogue('4-30-3'),
    folds: 'iris',
  },
  'bp-stdp mnist': {
    asked: 96,
    train: preset('bp-stdp', 'mnist'),
    beside: analogue('784-1000-10', '--data', 'mnist', '--epochs', '4'),
  },
  'bp-stdp mnist-deep': {
    asked: 97,
    train: preset('bp-stdp', 'mnist-deep'),
    beside: analogue('784-500-150-10', '--data', 'mnist', '--epochs', '5'),
  },
  'spikeprop xor': { asked: 100, train: preset('spikeprop', 'xor'), seeds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
  'spikeprop iris': { asked: 95, train: preset('spikeprop', 'iris'), beside: analogue('4-10-3', '--data', 'iris') },
  'spikeprop iris, five folds': {
    asked: 95,
    train: preset('spikeprop', 'iris'),
    beside: analogue('4-10-3'),
    folds: 'iris',
  },
  'spikeprop breast-cancer': {
    asked: 96,
    train: preset('spikeprop', 'breast-cancer'),
    beside: analogue('9-15-2', '--data', 'breast-cancer'),
  },
  'spikeprop breast-cancer, five folds': {
    asked: 96,
    train: preset('spikeprop', 'breast-cancer'),
    beside: analogue('9-15-2'),
    folds: 'breast-cancer',
  },
  'diehl-cook mnist-100': { asked: 80, train: preset('diehl-cook', 'mnist-100') },
  'diehl-cook mnist-400': { asked: 87, train: preset('diehl-cook', 'mnist-400') },
  'diehl-cook mnist-1600': { asked: 91, train: preset('diehl-cook', 'mnist-1600'), seeds: [1] },
  'kheradpisheh mnist': { asked: 97.5, train: preset('kheradpisheh', 'mnist') },
  'nef decoders': { most: 1e-6, check: decoderError, seeds: [1] },
  'spoken digits by speaker': {
    lost: 1,
    people: { data: 'fsdd', tests: ['jackson', 'nicolas', 'theo', 'yweweler'] },
    train: ['--rate', '8000', '--length', '4096', '--pad'],
    beside: ['--rate', '8000', '--length', '4096', '--pad', ...RECTIFIERS],
  },
  'activity by user': {
    lost: 1,
    people: {
      data: 'hapt',
      tests: [
        'user01,user06,user11,user16,user21,user25,user28',
        'user03,user07,user14,user17,user22,user26,user29',
        'user05,user08,user15,user19,user23,user27,user30',
      ],
    },
    train: ['--rate', '50', '--length', '128', '--hop', '64'],
    beside: ['--rate', '50', '--length', '128', '--hop', '64', ...RECTIFIERS],
  },
};

export const quickRows = {
  'bp-stdp iris': rows['bp-stdp iris'],
  'bp-stdp iris, five folds': rows['bp-stdp iris, five folds'],
  'nef decoders': rows['nef decoders'],
};
