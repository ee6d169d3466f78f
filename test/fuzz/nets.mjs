import {
  classifierModel,
  decoderKinds,
  encoderKinds,
  FeatureChain,
  featureKinds,
  formatModel,
  monitorKinds,
  nextReadingModel,
  parseModel,
  quantize,
  RandomGenerator,
  SpikewireError,
} from '@spikewire/models';
import { texts } from './corpus.mjs';
import { pick } from './mutations.mjs';
import { mutateTree } from './tree-mutations.mjs';

/** Work that a net may ask for, so that a million cases come to an end. */
const MOST_BYTES = 2e6;
const MOST_STEPS = 50;

const fed = texts.filter(({ encoder }) => encoder !== undefined);
const asText = (model) => JSON.parse(formatModel(model).json);
/** Monitors that any net may have. */
const watching = monitorKinds.filter(({ predicts }) => predicts === undefined);
const plain = ({ type, parameters }) => ({ type, ...parameters });

/**
 * Net number `index`, one that takes readings: a detector with any monitors, a net behind any features, encoder and
 * decoder, a classifier that people teach, or a seed of the other targets, as it is or changed.
 */
export function netOf(index) {
  const random = new RandomGenerator(index, 'net');
  for (;;) {
    const model = modelOf(pick(random, [detector, chain, coded, taught, seed])(random));
    if (model !== undefined && model.encoder.size > 0 && model.decoder.size > 0 && model.sample.steps <= MOST_STEPS)
      return model;
  }
}

function modelOf(text) {
  try {
    return parseModel(text, { budget: { bytes: MOST_BYTES } });
  } catch (error) {
    if (error instanceof SpikewireError) return undefined;
    throw error;
  }
}

function channelsOf(random) {
  return Array.from({ length: 1 + random.nextInteger(3) }, (_, k) => ({ name: `c${k}`, unit: '' }));
}

function detector(random) {
  const channels = channelsOf(random);
  const model = nextReadingModel({ channels, neurons: 6, rangeWarmUp: 3, seed: random.nextInteger(100) });
  const text = asText(random.nextInteger(3) === 0 ? quantize(model, { bits: 8, headroom: 8 }) : model);
  const some = watching.filter(() => random.nextInteger(3) === 0).map(({ type }) => ({ type, warmUp: 3 }));
  const whileFlagged = pick(random, ['learn', 'hold', 'freeze']);
  text.monitor = [{ type: 'next-reading', warmUp: 3, whileFlagged, sensitivity: pick(random, [2, 6]) }, ...some];
  return text;
}

function chain(random) {
  const { stages, outputs } = pick(
    random,
    featureKinds.flatMap(({ examples }) => examples),
  );
  const channels = channelsOf(random);
  const numbers = outputs * channels.length;
  const written = stages.map((stage) => (Array.isArray(stage) ? stage.map(plain) : plain(stage)));
  new FeatureChain('features', stages, numbers);
  const features = { in: written };
  return { ...readOut(numbers, { type: 'direct', range: 'auto', warmUp: 2 }, random), features, channels };
}

function coded(random) {
  const kind = pick(random, encoderKinds);
  const { parameters, elements = 1 } = pick(random, kind.examples);
  const channels = channelsOf(random);
  const ranges = [{}, { range: 'auto', warmUp: 2 }, { range: 'auto', warmUp: 3, follow: 5 }, { range: [-1, 1] }];
  const encoder = { type: kind.type, ...parameters, ...pick(random, ranges) };
  return { ...readOut(channels.length * elements, encoder, random), channels };
}

/** A small net for an input of such a size, with any decoder. */
function readOut(size, encoder, random) {
  const isSpiking = random.nextInteger(2) === 0;
  const cells = isSpiking
    ? { type: 'LIF', tau: 0.02, r: 4, v_threshold: 0.2, ...(random.nextInteger(2) === 0 && { tau_ref: 0.002 }) }
    : { type: 'LI', tau: 0.02 };
  const weight = Array.from({ length: 8 }, () => Array.from({ length: size }, () => 2 * random.nextUniform() - 1));
  const { type, examples } = pick(random, decoderKinds);
  const rule = pick(random, ['pes', 'rls', 'eprop', isSpiking ? 'stdp' : 'pes', undefined]);
  const given = rule === 'stdp' ? { aPlus: 0.01, aMinus: 0.012, tauPlus: 0.02, tauMinus: 0.02 } : {};
  return {
    nodes: {
      in: { type: 'Input', shape: [size] },
      learned: { type: 'Linear', weight },
      cells,
      out: { type: 'Output', shape: [8] },
    },
    edges: [
      ['in', 'learned'],
      ['learned', 'cells', ...(random.nextInteger(3) === 0 ? [{ delay: 3 }] : [])],
      ['cells', 'out'],
    ],
    ...(rule !== undefined && { learning: { learned: { rule, ...given } } }),
    encoder: { in: encoder },
    decoder: { out: { type, ...pick(random, examples).parameters } },
    sample: { steps: 8, between: pick(random, ['reset', 'continue']) },
    ...(random.nextInteger(2) === 0 && { monitor: [{ type: pick(random, watching).type, warmUp: 3 }] }),
  };
}

function taught(random) {
  const channels = channelsOf(random);
  const text = asText(classifierModel({ channels, labels: ['a', 'b'], neurons: 6, seed: 1, features: [] }));
  Object.assign(Object.values(text.decoder)[0], {
    readout: pick(random, ['experts', 'rls', 'delta', 'prototypes']),
    drift: pick(random, ['adwin', 'page-hinkley', 'none']),
    balance: pick(random, ['none', 'classes']),
    mostClasses: pick(random, [3, 32]),
    ...(random.nextInteger(2) === 0 && { replay: 4 }),
    ...(random.nextInteger(2) === 0 && { budget: 50 }),
    ...(random.nextInteger(2) === 0 && { selfTraining: 0.5 }),
  });
  return text;
}

function seed(random) {
  const text = pick(random, fed);
  return random.nextInteger(3) === 0 ? structuredClone(text) : mutateTree(text, random);
}
