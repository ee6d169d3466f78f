import { rangesOf, unitOf } from '../samples/ranges.ts';
import { method } from './method.ts';

/**
 * Known limits: it needs nonnegative channels that are silent where nothing is, as the pixels of digits are; and a
 * window of 350 ms in steps of half a millisecond makes an answer 700 steps.
 */
export const diehlCook = method({
  name: 'diehl-cook',
  summary: 'neurons compete for patterns; labels only name the winners afterwards',
  source: 'Diehl and Cook 2015, Unsupervised learning of digit recognition using spike-timing-dependent plasticity',
  parameters: {
    neurons: { doc: 'excitatory neurons, and as many inhibitory ones', form: 'integer', default: 400, minimum: 2 },
    epochs: { doc: 'epochs', form: 'integer', default: 1, minimum: 1 },
    batch: { doc: 'samples per step', form: 'integer', default: 500, minimum: 1 },
    learningRate: { doc: 'learning rate: how far a spike moves the weights', form: 'number', default: 0.01, above: 0 },
    presented: { doc: 'presentation time of a sample, in seconds', unit: 's', form: 'number', default: 0.35, above: 0 },
    rest: { doc: 'pause between two samples, in seconds', unit: 's', form: 'number', default: 0.15, minimum: 0 },
    tauTheta: {
      doc:
        'time constant with which thresholds decay; ' +
        'without it, 25 s times the number of neurons (10⁴ s for 400, as in the paper)',
      unit: 's',
      form: 'number',
      above: 0,
      optional: true,
    },
    vote: {
      doc:
        'vote of a spike: its probability for every class, or, as in the paper, the class to which its neuron ' +
        'responds most',
      form: 'word',
      default: 'probability',
      words: ['probability', 'class'],
    },
  },
  presets: {
    'mnist-100': { data: 'mnist', parameters: { neurons: 100 } },
    'mnist-400': { data: 'mnist', parameters: { neurons: 400 } },
    'mnist-1600': { data: 'mnist', parameters: { neurons: 1600 } },
  },
  startsAnew: true,
  async start({ data, ...site }, { epochs, batch, tauTheta, ...net }) {
    const { Competition } = await import('../runs/stream/competition.ts');
    const { StreamRun } = await import('../runs/stream/stream.ts');
    const learned = data.training ?? data;
    const range = rangesOf(learned, data);
    const toUnit = unitOf(range);
    const { samples } = learned;
    const lit =
      samples.reduce((sum, sample) => sum + toUnit(sample).reduce((own, unit) => own + unit), 0) / samples.length;
    const lessons = new Competition({
      ...net,
      tauTheta: tauTheta ?? 25 * net.neurons,
      classes: data.classes.length,
      channels: samples[0]!.length,
      range,
      toUnit,
      lit,
      seed: site.seed,
    });
    return StreamRun.open({ ...site, data, epochs, batch, lessons, model: lessons.model });
  },
});
